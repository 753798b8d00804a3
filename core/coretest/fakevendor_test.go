package coretest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/rollcall-go/rollcall/core"
)

// world is what is true at the fake's vendor: people, and what they are assigned to.
type world struct {
	people map[string]*person
	order  []string
	next   int
}

type person struct {
	u       core.User
	links   []core.Assignment
	present core.Availability
	blocked bool
	extra   string
}

func (w *world) clone() *world {
	c := &world{people: map[string]*person{}, order: slices.Clone(w.order), next: w.next}
	for id, p := range w.people {
		c.people[id] = p.clone()
	}
	return c
}

func (p *person) clone() *person {
	c := *p
	c.links, c.u.Roles = slices.Clone(p.links), slices.Clone(p.u.Roles)
	if on := p.u.Enabled; on != nil {
		c.u.Enabled = new(*on)
	}
	return &c
}

func (p *person) link(t core.Target) int {
	return slices.IndexFunc(p.links, func(a core.Assignment) bool { return a.Target.String() == t.String() })
}

func (w *world) add(p *person) string {
	w.next++
	id := fmt.Sprint("u", w.next)
	p.u.ID = id
	w.people[id], w.order = p, append(w.order, id)
	return id
}

// server is the fake's vendor and the way to it: it counts requests, lags and breaks.
type server struct {
	mu       sync.Mutex
	truth    *world
	past     []moment // before each write, since the lag began
	lag      time.Duration
	requests int
	refuse   bool
	repeat   bool
	strike   int // the request that is disturbed
	disturb  Disturbance
}

type moment struct {
	until time.Time
	world *world
}

func newServer() *server {
	w := &world{people: map[string]*person{}}
	for _, name := range []string{"Ada", "Bo", "Zoë"} {
		mail := strings.ToLower(name) + "@example.com"
		w.add(&person{u: core.User{Login: mail, FirstName: name, LastName: "Test", Email: mail, Roles: []string{"Agent"}, Enabled: new(true)},
			present: core.Available, extra: "x"})
	}
	return &server{truth: w}
}

// setLag lets reads lag from now on.
func (v *server) setLag(d time.Duration) { v.past, v.lag = nil, d }

// shown is the world as reads show it.
func (v *server) shown() *world {
	at := time.Now().Add(-v.lag)
	for _, m := range v.past {
		if at.Before(m.until) {
			return m.world
		}
	}
	return v.truth
}

// write changes the truth.
func (v *server) write(do func(*world) error) error {
	if v.lag > 0 {
		v.past = append(v.past, moment{time.Now(), v.truth.clone()})
	}
	return do(v.truth)
}

// request is one request of a client.
type request struct {
	read, collection bool
	do               func(*world) error
}

// send is what a good client makes of one request: what passes is repeated where that is
// safe, and of a write whose end was not seen nothing is known.
func (f *fake) send(ctx context.Context, c request) error {
	for {
		if ctx.Err() != nil && !f.is("context is ignored") {
			return &core.Error{Class: core.ClassCanceled, Err: ctx.Err(), Applied: core.AppliedNo}
		}
		v := f.server
		v.mu.Lock()
		v.requests++
		struck, d := v.requests == v.strike, v.disturb
		v.mu.Unlock()
		if v.refuse {
			return &core.Error{Class: core.ClassPermission, Status: 403, Applied: core.AppliedNo}
		}
		if !struck {
			return f.carryOut(c)
		}
		if again, err := f.struck(ctx, c, d); !again {
			return err
		}
	}
}

func (f *fake) carryOut(c request) error {
	f.server.mu.Lock()
	defer f.server.mu.Unlock()
	if c.read {
		return c.do(f.server.shown())
	}
	return f.server.write(c.do)
}

// struck is a request that is disturbed. It reports whether it is sent again.
func (f *fake) struck(ctx context.Context, c request, d Disturbance) (again bool, err error) {
	switch {
	case d.Delay > 0:
		if d.Delay < time.Minute && f.is("slow is an error") {
			return false, &core.Error{Class: core.ClassUnavailable, Applied: core.AppliedUnknown}
		}
		var end <-chan struct{}
		if !f.is("patience has no end") {
			end = ctx.Done()
		}
		select {
		case <-time.After(d.Delay):
			return false, f.carryOut(c)
		case <-end:
			return false, &core.Error{Class: core.ClassCanceled, Err: ctx.Err(), Applied: doubt(c)}
		}
	case d.Status == 429:
		if f.is("gives up on 429") {
			return false, &core.Error{Class: core.ClassRateLimited, Status: 429, Applied: core.AppliedNo}
		}
		return true, nil
	case c.read:
		return f.struckRead(c, d)
	}

	if d.LoseAnswer || d.CutBody || d.Effect {
		if refused := f.carryOut(c); refused != nil && !d.LoseAnswer && !d.Effect {
			return false, refused
		}
	}
	return false, f.struckWrite(c, d)
}

func doubt(c request) core.Applied {
	if c.read {
		return core.AppliedNo
	}
	return core.AppliedUnknown
}

func (f *fake) struckRead(c request, d Disturbance) (again bool, err error) {
	switch {
	case d.passes() && f.is("reads are not repeated"):
		return false, &core.Error{Class: core.ClassUnavailable, Status: d.Status, Applied: core.AppliedNo}
	case d.CutBody && f.is("a cut list is short") && c.collection:
		f.short = true
		return true, nil
	case d.passes():
		return true, nil
	case d.Status == 404 && (d.Body == nowhere.Body && !c.collection || f.is("a page is not found") || c.collection &&
		f.is("a 404 of a collection is not found")):
		return false, &core.Error{Class: core.ClassNotFound, Status: 404, Applied: core.AppliedNo}
	case d.Status == 200 && f.is("a page is an empty list") && c.collection:
		return false, nil
	}
	return false, &core.Error{Class: core.ClassProtocol, Status: d.Status, Applied: core.AppliedNo}
}

// struckWrite is the error of a write whose answer was disturbed.
func (f *fake) struckWrite(c request, d Disturbance) error {
	fail := func(class core.Class, applied core.Applied) error {
		return &core.Error{Class: class, Status: d.Status, Applied: applied}
	}
	page := strings.HasPrefix(d.Body, "<")
	switch {
	case d.Status == 404 && d.Body == nowhere.Body:
		if c.collection && !f.is("a 404 of a collection is not found") {
			return fail(core.ClassProtocol, core.AppliedNo)
		}
		return fail(core.ClassNotFound, core.AppliedNo)
	case d.Status == 403 && f.is("a refused page counts as a refusal"):
		return fail(core.ClassPermission, core.AppliedNo)
	case page && d.Status == 200 && f.is("a page counts as a success"), d.Status == 206 && f.is("a part counts as a success"):
		return errBelieved
	case d.Status == 400 && f.is("half a refusal counts as a refusal"):
		return fail(core.ClassInvalid, core.AppliedNo)
	case d.Status == 404 && f.is("a page is not found"):
		return fail(core.ClassNotFound, core.AppliedUnknown)
	case d.LoseAnswer && f.is("a lost answer counts as a refusal"):
		return fail(core.ClassUnavailable, core.AppliedNo)
	case d.Status == 500 && f.is("a lost answer counts as a success"):
		return fail(core.ClassNotApplied, core.AppliedYes)
	case d.Body != "":
		return fail(core.ClassProtocol, core.AppliedUnknown)
	}
	return fail(core.ClassUnavailable, core.AppliedUnknown)
}

// errBelieved marks a failure that a flaw reports as success.
var errBelieved = errors.New("believed")

var fakeTargets = []core.Target{
	{Kind: core.KindQueue, ID: "q1", Name: "Ärger"}, {Kind: core.KindQueue, ID: "q2", Name: "Sales"},
	{Kind: core.KindProfile, ID: "p1", Name: "Day"}, {Kind: core.KindProfile, ID: "p2", Name: "Night"},
	{Kind: core.KindSkill, ID: "s1", Name: "French"}, {Kind: core.KindSkill, ID: "s2", Name: "Greek"},
}

func targetsOf(kind core.Kind) (out []core.Target) {
	for _, t := range fakeTargets {
		if t.Kind == kind {
			out = append(out, t)
		}
	}
	return out
}

// fixture is the fake as the suite sees it.
func (f *fake) fixture() Fixture {
	v := f.server
	fx := Fixture{Store: f.store(), Account: "emea", UserID: "u1", OtherID: "u3", UnknownID: "u999", ImpossibleIDs: []string{"x1"},
		Fields: map[core.Field]Field{
			"login": {To: "ada.new@example.com"}, "firstName": {To: "Adele"}, "lastName": {To: "Tester"}, "email": {To: "ada.mail@example.com"},
			"employeeId": {To: "E-2"}, "enabled": {To: false}, "roles": {To: []string{"Supervisor", "Agent"}},
		},
		Spec: func(n int) core.UserSpec {
			return core.UserSpec{Login: fmt.Sprintf("new%d@example.com", n), FirstName: "New", LastName: "User",
				Password: core.NewSecret("open-sesame"), Fields: map[string]any{"badge": 12}}
		},
		Targets: map[core.Kind][]core.Target{
			core.KindQueue: targetsOf(core.KindQueue), core.KindProfile: targetsOf(core.KindProfile), core.KindSkill: targetsOf(core.KindSkill),
		},
		Levels:         map[core.Kind][2]int{core.KindQueue: {1, 2}},
		Availabilities: fakeAvailabilities,
		Requests:       func() int { return v.requests },
		Refuse:         func() { v.refuse = true },
		Repeat:         func() { v.repeat = true },
		Disturb:        func(skip int, d Disturbance) { v.strike, v.disturb = v.requests+1+skip, d },
		Lag:            v.setLag,
		BlockLog:       f.log,
		Stored: func(id string) map[string]any {
			p := v.truth.people[id]
			return map[string]any{"extra": p.extra, "roles": slices.Clone(p.u.Roles), "Wire-login": p.u.Login}
		},
	}
	if f.bare {
		fx.Targets, fx.Spec, fx.Fields = nil, nil, nil
	}
	return fx
}

// sortedKeys are the names of a set.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
