package jobs

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
)

func TestExit_SaysHowARunEnded(t *testing.T) {
	report := func(c roster.Counts, gaps ...roster.Gap) *roster.Report { return &roster.Report{Counts: c, Gaps: gaps} }
	unfinished := func(r *roster.Report) (*roster.Report, error) { return r, &roster.Unfinished{Report: r} }
	for _, c := range []struct {
		want int
		do   func() (*roster.Report, error)
	}{
		{ExitDone, func() (*roster.Report, error) { return report(roster.Counts{}), nil }},
		{ExitPartial, func() (*roster.Report, error) { return report(roster.Counts{}, roster.Gap{}), nil }},
		{ExitPartial, func() (*roster.Report, error) { return unfinished(report(roster.Counts{Failed: 1, Moved: 1})) }},
		{ExitPartial, func() (*roster.Report, error) { return unfinished(report(roster.Counts{Unknown: 1})) }},
		{ExitMoved, func() (*roster.Report, error) { return unfinished(report(roster.Counts{Moved: 1})) }},
		{ExitPartial, func() (*roster.Report, error) { return unfinished(report(roster.Counts{Moved: 1}, roster.Gap{})) }},
		{ExitPartial, func() (*roster.Report, error) {
			return report(roster.Counts{Open: 1}), &core.Error{Class: core.ClassCanceled}
		}},
		{ExitFailed, func() (*roster.Report, error) { return nil, &core.Error{Class: core.ClassCanceled} }},
		{ExitOver, func() (*roster.Report, error) { return nil, fmt.Errorf("apply: %w", &roster.OverBudget{}) }},
		{ExitUsage, func() (*roster.Report, error) { return nil, fmt.Errorf("x: %w", roster.ErrRefused) }},
		{ExitFailed, func() (*roster.Report, error) { return nil, &roster.Ambiguous{} }},
		{ExitFailed, func() (*roster.Report, error) { return nil, errors.New("the disk is full") }},
	} {
		r, err := c.do()
		require.Equal(t, c.want, Exit(r, err), "%v", err)
	}
}
