package jobs

import (
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
)

// TestAgain_NothingIsToBeDone: people who were hired are hired again, by the same rows and
// by rows that spell the same names otherwise. Nothing differs, so nothing is planned.
func TestAgain_NothingIsToBeDone(t *testing.T) {
	spellings := map[string]func(string) string{
		"the same": func(s string) string { return s }, "in capitals": strings.ToUpper,
		"with blanks": func(s string) string {
			if s == "" {
				return s
			}
			return " " + s + "  "
		},
	}
	for _, vendor := range siteNames {
		t.Run(vendor, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				c := hired(t, vendor, dir)
				defer c.close()
				for name, spell := range spellings {
					var again roster.Want
					for i := range 5 {
						h := c.hire(i)
						h.Spec.Login, h.Spec.Email, h.Person = spell(h.Spec.Login), spell(h.Spec.Email), spell(h.Person)
						again.Have = append(again.Have, h)
					}
					plan := planOf(t, c.fleet(), again)
					for _, s := range plan.Steps {
						t.Errorf("%s: %s would be done: %+v", name, s.ID, s.Change)
					}
					for _, g := range plan.Gaps {
						if vendor != "webex" || !strings.Contains(g.Why, "disabled") { // whom the row says so of
							t.Errorf("%s: a gap of %s: %s", name, g.Person, g.Why)
						}
					}
				}
			})
		})
	}
}

// hired makes a town of five people who were hired.
func hired(t *testing.T, vendor, dir string) *town {
	t.Helper()
	c := &town{site: newSite(t, vendor), path: filepath.Join(dir, "j")}
	c.connectAgain(t)
	var want roster.Want
	for i := range 5 {
		want.Have = append(want.Have, c.hire(i))
	}
	c.plan = planOf(t, c.fleet(), want)
	report, err := c.apply(t)
	require.NoError(t, err, notDone(report))
	return c
}

// TestAgain_WhatTheVendorNeverShows: a name that LivePerson masks is changed by a row where
// the journal tells that another one was applied, and by a change in any case.
func TestAgain_WhatTheVendorNeverShows(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		c := hired(t, "liveperson", dir)
		defer c.close()
		row := c.hire(0)
		row.Spec.LastName = "Another"
		again := roster.Want{Have: []roster.Hire{row}}
		assert.Empty(t, planOf(t, c.fleet(), again).Steps, "without a journal the earlier name is not known")

		j, err := roster.OpenFile(c.path)
		require.NoError(t, err)
		defer j.Close()
		planKnown := func(w roster.Want) roster.Plan {
			census, err := roster.Take(t.Context(), c.fleet(), roster.KnownTo(j))
			require.NoError(t, err)
			p, err := w.Plan(census)
			require.NoError(t, err)
			return p
		}
		p := planKnown(again)
		require.Len(t, p.Steps, 1)
		assert.Equal(t, core.UserChange{FirstName: core.Set("New"), LastName: core.Set("Another")}, *p.Steps[0].Change)
		_, err = c.run(j).Apply(t.Context(), p)
		require.NoError(t, err)
		assert.Empty(t, planKnown(again).Steps, "once is enough")
		assert.Len(t, planKnown(roster.Want{Have: []roster.Hire{c.hire(0)}}).Steps, 1, "and back")

		change := roster.Want{Change: map[string]map[string]core.UserChange{row.Person: {"liveperson": {FirstName: core.Set("New"),
			LastName: core.Set("User")}}}}
		assert.Len(t, planOf(t, c.fleet(), change).Steps, 1)
	})
}
