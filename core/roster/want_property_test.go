package roster_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
)

// scope is what a want names: the plan may touch nothing else.
type scope struct {
	fields map[string]bool // person/field
	links  map[string]bool // person/target
	people map[string]core.Operation
}

// TestWantPlan_NeverLeavesWhatItNames plans random wants over random worlds.
func TestWantPlan_NeverLeavesWhatItNames(t *testing.T) {
	targets := []core.Target{q1, q2, {Kind: core.KindQueue, ID: "q3"}}
	for seed := range 300 {
		rng := rand.New(rand.NewPCG(uint64(seed), 7))
		w := newWorld()
		people := []string{}
		for i := range 3 + rng.IntN(8) {
			people = append(people, fmt.Sprintf("p%d@x.test", i))
			id := w.add(people[i])
			for _, target := range targets {
				if rng.IntN(2) == 0 {
					w.links[id][target.String()] = core.Assignment{UserID: id, Target: target, Level: new(1 + rng.IntN(3)), Suspended: rng.IntN(5) == 0}
				}
			}
			w.blocked[id] = rng.IntN(4) == 0
		}
		some := func() (out []string) {
			for _, p := range people {
				if rng.IntN(3) == 0 {
					out = append(out, p)
				}
			}
			return out
		}
		want, in := randomWant(rng, targets, some)
		if want.Check() != nil {
			continue // it contradicts itself, and is refused
		}
		p := planOf(t, w, want)
		for _, s := range p.Steps {
			person := s.Login
			switch {
			case s.Op == core.OpUpdateUser:
				for _, f := range core.Fields() {
					if _, named := s.Change.Field(f); named {
						require.True(t, in.fields[person+"/"+string(f)], "seed %d: %s changes %s", seed, s.ID, f)
					}
				}
			case s.Op == core.OpAssign || s.Op == core.OpUnassign:
				if s.Op == core.OpUnassign && in.people[person] == core.OpDeleteUser {
					continue // whoever goes leaves a target that has a floor one by one
				}
				for _, a := range s.Links {
					require.True(t, in.links[person+"/"+a.Target.String()], "seed %d: %s touches %s", seed, s.ID, a.Target)
				}
			default:
				op := in.people[person]
				require.True(t, op == s.Op || op == core.OpDeleteUser && s.Op == core.OpBlock, "seed %d: %s", seed, s.ID)
			}
		}
	}
}

func randomWant(rng *rand.Rand, targets []core.Target, some func() []string) (roster.Want, scope) {
	in := scope{map[string]bool{}, map[string]bool{}, map[string]core.Operation{}}
	var want roster.Want
	if rng.IntN(2) == 0 {
		want.Gone = some()
	}
	for _, p := range some() {
		if !slices.Contains(want.Gone, p) {
			want.Blocked = append(want.Blocked, p)
			in.people[p] = core.OpBlock
		}
	}
	for _, p := range want.Gone {
		in.people[p] = core.OpDeleteUser
	}
	want.Change = map[string]map[string]core.UserChange{}
	for _, p := range some() {
		var c core.UserChange
		for _, f := range []core.Field{"firstName", "lastName", "displayName"} {
			if rng.IntN(2) == 0 {
				c.SetField(f, fmt.Sprint("x", rng.IntN(9)))
				in.fields[p+"/"+string(f)] = true
			}
		}
		want.Change[p] = map[string]core.UserChange{"fake": c}
	}
	for _, target := range targets {
		if rng.IntN(2) == 0 {
			continue
		}
		m := roster.Members{Account: "fake", Target: target, Mode: []roster.Mode{roster.Exact, roster.Add, roster.Remove}[rng.IntN(3)],
			People: some()}
		touched := slices.Clone(m.People)
		if m.Mode == roster.Exact {
			m.Within = append(roster.Within{}, some()...)
			touched = append(touched, m.Within...)
		}
		if rng.IntN(2) == 0 {
			m.Floor = new(rng.IntN(3))
		}
		for _, p := range touched {
			in.links[p+"/"+target.String()] = true
		}
		want.Members = append(want.Members, m)
	}
	return want, in
}
