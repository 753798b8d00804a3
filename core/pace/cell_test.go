package pace

import (
	"fmt"
	"slices"
	"time"

	"github.com/rollcall-go/rollcall/core/internal/herd"
)

// cell collects the results of several seeds.
type cell struct {
	ideal   time.Duration
	ratios  []float64
	refused []int
	lost    int
}

func (c *cell) add(r herd.Result) {
	c.ratios = append(c.ratios, r.Time.Seconds()/c.ideal.Seconds())
	c.refused = append(c.refused, r.Refused)
	c.lost += r.Lost
}

// worst is the third worst of the seeds: which of the waiting goroutines runs first
// is not the seed's to say, and one or two unlucky draws must not fail a build.
func (c *cell) worst() (ratio float64, refused int) {
	slices.Sort(c.ratios)
	slices.Sort(c.refused)
	n := len(c.ratios)
	return c.ratios[max(0, n-3)], c.refused[max(0, n-3)]
}

func (c *cell) median() (ratio float64, refused int) {
	slices.Sort(c.ratios)
	slices.Sort(c.refused)
	return c.ratios[len(c.ratios)/2], c.refused[len(c.refused)/2]
}

func (c *cell) String() string {
	mr, mn := c.median()
	wr, wn := c.worst()
	return fmt.Sprintf("%.2f (%.2f) / %3d (%3d) / %d", mr, wr, mn, wn, c.lost)
}
