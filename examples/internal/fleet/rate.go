package fleet

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/pace"
	"github.com/rollcall-go/rollcall/core/roster"
)

// Rate is a limit that was told for an account.
type Rate struct {
	Account   string
	PerSecond float64
	Burst     int
}

// ParseRate reads ACCOUNT=PER_SECOND or ACCOUNT=PER_SECOND/BURST.
func ParseRate(text string) (Rate, error) {
	account, limit, ok := strings.Cut(text, "=")
	number, burst, hasBurst := strings.Cut(limit, "/")
	perSecond, err := strconv.ParseFloat(number, 64)
	n, err2 := strconv.Atoi(cmp.Or(burst, "1"))
	if !ok || account == "" || err != nil || err2 != nil || hasBurst && burst == "" || n < 1 || !(perSecond > 0) || math.IsInf(perSecond, 1) {
		return Rate{}, errors.New("it is ACCOUNT=PER_SECOND or ACCOUNT=PER_SECOND/BURST, for example avaya=50/10")
	}
	return Rate{account, perSecond, n}, nil
}

// Govern returns the governors of the accounts whose limits were told, for Settings. A
// limit of an account that is not there is refused, and so is a second one of an account.
func Govern(members []Member, rates []Rate) (func(Member) core.Governor, error) {
	told := map[string]Rate{}
	for _, r := range rates {
		if !slices.ContainsFunc(members, func(m Member) bool { return m.Name == r.Account }) {
			return nil, fmt.Errorf("--rate names the account %s, which is not one of those that the flags name", r.Account)
		}
		if _, twice := told[r.Account]; twice {
			return nil, fmt.Errorf("--rate names the account %s twice", r.Account)
		}
		told[r.Account] = r
	}

	return func(m Member) core.Governor {
		r, ok := told[m.Name]
		if !ok {
			return nil // the client's own
		}
		return oneBucket{pace.New(pace.Limit("", r.PerSecond, r.Burst))}
	}, nil
}

// oneBucket counts all requests of an account together: a limit that was told is the
// account's, whatever its operations are counted as.
type oneBucket struct{ all *pace.Governor }

// Wait implements core.Governor.
func (o oneBucket) Wait(ctx context.Context, _ string) error { return o.all.Wait(ctx, "all") }

// Report implements core.Governor.
func (o oneBucket) Report(_ string, v core.Verdict) { o.all.Report("all", v) }

// Forecast implements core.Forecaster.
func (o oneBucket) Forecast(_ string, n int) (time.Duration, bool) { return o.all.Forecast("all", n) }

// Forecast is what a plan takes at each account, by the pace of the account's governor.
// Where no pace is known, nor is the time: a vendor that publishes no limit has none until
// it was met, or told.
func Forecast(f roster.Fleet, p roster.Plan) map[string]roster.Forecast {
	governors := f.Governors()
	steps := map[string][]roster.Step{}
	for _, s := range p.Steps {
		steps[s.Account] = append(steps[s.Account], s)
	}

	out := map[string]roster.Forecast{}
	for account, own := range steps {
		is := f.Forecast(roster.Plan{Steps: own}, governors)
		if whole, ok := governors[account].(oneBucket); ok {
			is.Took, is.Known = whole.Forecast("", is.Calls[account])
		}
		out[account] = is
	}
	return out
}

// Total is the forecast of all accounts, which work side by side.
func Total(of map[string]roster.Forecast) roster.Forecast {
	sum := roster.Forecast{Calls: map[string]int{}, Known: true}
	for account, is := range of {
		sum.Calls[account] = is.Calls[account]
		sum.Took = max(sum.Took, is.Took)
		sum.Known = sum.Known && is.Known
	}
	if !sum.Known {
		sum.Took = 0
	}
	return sum
}
