package jobs

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
	"github.com/rollcall-go/rollcall/examples/internal/meant"
)

// BudgetFlags defines the flags of a budget that may be given several times, --most,
// --share and --protect, and --over.
func BudgetFlags(fs *flag.FlagSet, b *roster.Budget) {
	fs.Func("most", "", func(text string) error { return addLimit(b, text, mostOf) })
	fs.Func("share", "", func(text string) error { return addLimit(b, text, shareOf) })
	fs.Func("protect", "", func(text string) error { b.Protect = append(b.Protect, text); return nil })
	fs.DurationVar(&b.Over, "over", 0, "")
}

// addLimit reads OP=N.
func addLimit(b *roster.Budget, text string, value func(string, *roster.Limit) error) error {
	op, number, ok := strings.Cut(text, "=")
	if !ok {
		return errors.New("it is OP=NUMBER, for example users.delete=5")
	}

	l := roster.Limit{Op: core.Operation(op)}
	if !roster.Performs(l.Op) {
		return fmt.Errorf("no plan has steps of %q; there are %s%s", op, strings.Join(Performed(), ", "), meant.Perhaps(op, Performed(), nil))
	}

	if err := value(number, &l); err != nil {
		return err
	}
	b.Limits = append(b.Limits, l)
	return nil
}

// Performed are the operations that a plan can have steps of.
func Performed() []string {
	var names []string
	for _, op := range core.Operations() {
		if roster.Performs(op) {
			names = append(names, string(op))
		}
	}
	return names
}

func mostOf(text string, l *roster.Limit) error {
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return errors.New("the number is a whole one, from 0 on")
	}
	l.Most = n
	return nil
}

func shareOf(text string, l *roster.Limit) error {
	percent, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(percent) || percent < 0 || percent > 100 {
		return errors.New("the share is a number of per cent, from 0 to 100")
	}
	l.Share = percent / 100
	return nil
}

// WithOver puts the limits that a plan exceeds into the JSON object of an error.
func WithOver(object []byte, over *roster.OverBudget) []byte {
	list, err := json.Marshal(over.Over)
	if err != nil {
		return object
	}
	return fmt.Appendf(object[:len(object)-1:len(object)-1], `,"over":%s}`, list)
}
