package roster_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
)

func lastName(name string) roster.Want {
	return roster.Want{Change: map[string]map[string]core.UserChange{"p000@x.test": {"fake": {LastName: core.Set(name)}}}}
}

func TestDrift_TellsWhoChangedIt(t *testing.T) {
	w, people := crowd(3)
	j := newJournal(t)
	f := roster.Fleet{"fake": store{w}}
	member := roster.Want{Members: []roster.Members{{Account: "fake", Target: q2, Mode: roster.Add, People: people[:1], Level: new(3)}}}
	causes := func(w roster.Want) (out []roster.Cause) {
		findings, err := w.Drift(take(t, f, roster.KnownTo(j)))
		require.NoError(t, err)
		for _, f := range findings {
			out = append(out, f.Cause)
		}
		return out
	}
	apply := func(w roster.Want) {
		p, err := w.Plan(take(t, f, roster.KnownTo(j)))
		require.NoError(t, err)
		_, err = roster.Run{Fleet: f, Journal: j}.Apply(t.Context(), p)
		require.NoError(t, err)
	}
	edit := func(name string) {
		u := w.users["u1"]
		u.LastName = name
		w.users["u1"] = u
	}

	assert.Equal(t, []roster.Cause{roster.CauseNew}, causes(lastName("Ours")))
	assert.Equal(t, []roster.Cause{roster.CauseNew}, causes(member))
	apply(lastName("Ours"))
	apply(member)
	assert.Empty(t, causes(lastName("Ours")))
	assert.Equal(t, []roster.Cause{roster.CauseOurs}, causes(lastName("Other")), "we changed our mind")
	edit("Theirs")
	assert.Equal(t, []roster.Cause{roster.CauseTheirs}, causes(lastName("Ours")), "somebody else changed it")
	assert.Equal(t, []roster.Cause{roster.CauseBoth}, causes(lastName("Other")))

	delete(w.links["u1"], q2.String())
	findings, err := member.Drift(take(t, f, roster.KnownTo(j)))
	require.NoError(t, err)
	require.Len(t, findings, 1)
	assert.Equal(t, roster.CauseTheirs, findings[0].Cause)
	assert.Equal(t, "queue:q2", findings[0].What)
	assert.Len(t, findings[0].Times, 1)
	assert.Nil(t, findings[0].Is)
}

func TestDrift_AFightIsFrozen(t *testing.T) {
	w, people := crowd(3)
	j := newJournal(t)
	f := roster.Fleet{"fake": store{w}}
	now := time.Date(2026, 11, 30, 3, 0, 0, 0, time.UTC)
	wants := []roster.Want{lastName("Ours"),
		{Members: []roster.Members{{Account: "fake", Target: q1, Mode: roster.Remove, People: people[1:2]}}},
		{Blocked: people[2:3]}}
	rounds := 0
	for ; rounds < 10; rounds++ {
		now = now.Add(time.Hour)
		steps := 0
		for _, want := range wants {
			p, err := want.Plan(take(t, f, roster.KnownTo(j), roster.Fights(2), roster.WithPresence()))
			require.NoError(t, err)
			steps += len(p.Steps)
			if len(p.Steps) == 0 {
				require.Len(t, p.Gaps, 1)
				assert.Contains(t, p.Gaps[0].Why, "is frozen: it was applied 4 times (2026-11-30T04:00:00Z, 2026-11-30T05:00:00Z,")
				continue
			}
			_, err = roster.Run{Fleet: f, Journal: j, Now: func() time.Time { return now }}.Apply(t.Context(), p)
			require.NoError(t, err)
		}
		if steps == 0 {
			break
		}
		u := w.users["u1"] // somebody else changes all of it back
		u.LastName = "Theirs"
		w.users["u1"] = u
		w.links["u2"][q1.String()] = core.Assignment{UserID: "u2", Target: q1, Level: new(1)}
		w.blocked["u3"] = false
	}
	assert.Equal(t, 4, rounds, "three times it was changed back, which is more than two")

	findings, err := wants[0].Drift(take(t, f, roster.KnownTo(j), roster.Fights(2)))
	require.NoError(t, err)
	require.Len(t, findings, 1)
	assert.Equal(t, roster.CauseFight, findings[0].Cause)
	assert.Len(t, findings[0].Times, 4)
	assert.Equal(t, "Theirs", findings[0].Is)

	// Another value is no fight: we gave in, or settled it.
	p, err := lastName("Agreed").Plan(take(t, f, roster.KnownTo(j), roster.Fights(2)))
	require.NoError(t, err)
	assert.Len(t, p.Steps, 1)
}
