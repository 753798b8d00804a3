package hostile

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"runtime/debug"
	"strings"
	"time"

	"github.com/rollcall-go/rollcall/core"
)

// vendor is one vendor: its server, its store, and what its store is asked.
type vendor struct {
	name   string
	seed   func() *world
	routes []route
	// path is where the world keeps an object of an answer, "" where nowhere.
	path func(d doc) string
	// decides says that the vendor documents the answer to a write as the state, so that
	// an answer which shows the old one is a clear no.
	decides bool
	// pages says that the vendor's own 404 may be a page.
	pages bool
	// refuse is a refusal in the vendor's own words.
	refuse func(status int) answer
	// other is another user, as the vendor shows one.
	other string
	// store makes a client whose requests rt carries.
	store func(rt http.RoundTripper) (core.Store, error)
	ops   []op
	// lagOps are tried where reads lag alone.
	lagOps []op
}

// op is one operation of a store, and what it should do to the world.
type op struct {
	name string
	// reads says that it changes nothing, and collection that a 404 to it is about
	// nobody.
	reads, collection bool
	// waits says that it waits for an earlier change, which what stops the wait leaves
	// in doubt.
	waits bool
	// creates is the login of whom it creates.
	creates string
	// setup changes the world in which it begins.
	setup func(w *world)
	// before runs without faults before it.
	before func(ctx context.Context, s core.Store, t *trial) error
	run    func(ctx context.Context, s core.Store, t *trial) error
	// done reports whether the world is as asked for, and made whether one of several
	// assignments is; without made, done tells for each.
	done func(w *world) bool
	made func(w *world, a core.Assignment) bool
}

func (o *op) isMade(w *world, a core.Assignment) bool {
	if o.made != nil {
		return o.made(w, a)
	}
	return o.done(w)
}

// trial is what a call returned beside its error.
type trial struct {
	user  *core.User
	block *core.Block
	// made is a block from before.
	made core.Block
	// wrong says what a read that ended without error shows wrongly, and short that it
	// is rows that are missing.
	wrong string
	short bool
}

// kind is a way in which a call can be wrong.
type kind string

const (
	wrongNo     kind = "applied no, and it was done"
	wrongNil    kind = "no error, and it was not done"
	wrongYes    kind = "applied, and it was not done"
	twice       kind = "a create carried out twice"
	tooMany     kind = "more than 12 writes"
	wrongRead   kind = "a read that is silently wrong"
	wrongUser   kind = "a user who is somebody else"
	nobodyFound kind = "not found, of a page or a collection"
	badError    kind = "an error of another type or form"
	lateWrite   kind = "a write after the caller gave up"
	emptyRecord kind = "a record of a block that is empty"
	overran     kind = "it overran its time"
	panicked    kind = "it panicked"
)

var kinds = []kind{wrongNo, wrongNil, wrongYes, twice, tooMany, wrongRead, wrongUser, nobodyFound, badError, lateWrite, emptyRecord,
	overran, panicked}

// maxWrites is how many writes one call may send.
const maxWrites = 12

// patience is how long a call may take.
const patience = time.Minute

// finding is one thing that is wrong with a call. A believed one is the vendor's lie.
type finding struct {
	vendor, op, fault string
	kind              kind
	believed          bool
	detail            string
}

// refusedAfterwards are refusals that are known to come before anything was done. A creation of two
// writes that is refused so after it was done is sent again, and cannot end well.
var refusedAfterwards = regexp.MustCompile(`^(401|(423|503) with Retry-After|429( with Retry-After)?), .*, after one$`)

// excuse says why a wrong claim does not fail the tests, or "".
func (f finding) excuse() string {
	switch {
	case strings.HasPrefix(f.op, "create ") && f.kind == wrongNil && refusedAfterwards.MatchString(f.fault):
		return "a believed lie: the creation was done, and refused in words that say it was not"
	case f.op == "unblock" && f.kind == nobodyFound && strings.HasSuffix(f.fault, "the base path"):
		return "the address has answered this client before, when the block was made"
	}
	return ""
}

func (f finding) String() string {
	text := fmt.Sprintf("%s: %s: %s: %s: %s", f.vendor, f.op, f.fault, f.kind, f.detail)
	if f.believed {
		text += " (a believed lie)"
	}
	return text
}

// result is how one cell ended.
type result struct {
	findings []finding
	err      error
	struck   bool
	writes   int
	trace    []string
}

// try runs one operation through one fault. It belongs into a synctest bubble.
// A wrapper, if there is one, stands around the store.
func try(v *vendor, o *op, f *fault, wrap func(core.Store) core.Store) result {
	n := newNetwork(v)
	if o.setup != nil {
		o.setup(n.world)
	}
	store, err := v.store(n)
	if err != nil {
		panic(err)
	}
	if wrap != nil {
		store = wrap(store)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	t := &trial{}
	if o.before != nil {
		if err := o.before(ctx, store, t); err != nil {
			return result{findings: []finding{{v.name, o.name, f.name, badError, false, "before the fault: " + err.Error()}}}
		}
	}

	start := n.truth()
	n.cancel = cancel
	n.arm(f, o.reads)
	began := time.Now()
	trace, err := run(ctx, o, store, t)
	j := judge{v: v, o: o, f: f, n: n, start: start, now: n.truth(), t: t, err: err}
	if trace != "" {
		j.add(panicked, false, trace)
	} else {
		j.all(time.Since(began))
	}
	r := result{j.found, err, n.struck > 0, j.writes(), n.trace}
	if closer, ok := store.(interface{ Close(context.Context) error }); ok {
		n.arm(&fault{}, false)
		closer.Close(context.WithoutCancel(ctx))
	}
	return r
}

func run(ctx context.Context, o *op, s core.Store, t *trial) (trace string, err error) {
	defer func() {
		if p := recover(); p != nil {
			trace = fmt.Sprint(p, "\n", string(debug.Stack()))
		}
	}()
	return "", o.run(ctx, s, t)
}

// judge compares what a call claims with what is true.
type judge struct {
	v          *vendor
	o          *op
	f          *fault
	n          *network
	start, now *world
	t          *trial
	err        error
	found      []finding
}

func (j *judge) writes() int {
	j.n.mu.Lock()
	defer j.n.mu.Unlock()
	return j.n.writes
}

func (j *judge) add(k kind, believed bool, detail string) {
	if j.err != nil {
		detail += ": " + j.err.Error()
	}
	j.found = append(j.found, finding{j.v.name, j.o.name, j.f.name, k, believed, detail})
}

func (j *judge) all(took time.Duration) {
	if took > patience+time.Second {
		j.add(overran, false, took.String())
	}
	j.form(j.err)
	nobody := j.f.nobody && (j.f.base || !j.v.pages) || j.f.missing && j.o.collection
	if nobody && j.n.struck > 0 && errors.Is(j.err, core.ErrNotFound) {
		j.add(nobodyFound, false, "errors.Is(err, core.ErrNotFound)")
	}
	if j.o.reads {
		j.read()
		return
	}
	j.claims()
	j.requests()
	j.beside()
}

// form checks that an error is one of ours, and one line.
func (j *judge) form(err error) {
	if err == nil {
		return
	}
	var outcomes []core.Outcome
	switch e, partial := claimOf(err); {
	case partial != nil:
		outcomes = partial.Outcomes
	case e == nil:
		j.add(badError, false, fmt.Sprintf("a %T", err))
	case e.Applied == "":
		j.add(badError, false, "it does not say whether it was applied")
	}
	if strings.ContainsAny(err.Error(), "\r\n") {
		j.add(badError, false, "it has several lines")
	}
	for _, o := range outcomes {
		if _, ours := errors.AsType[*core.Error](o.Err); !o.Done() && !ours {
			j.add(badError, false, fmt.Sprintf("an outcome with a %T", o.Err))
		}
		if strings.ContainsAny(o.Message, "\r\n") {
			j.add(badError, false, "an outcome of several lines")
		}
	}
}

// claimOf finds the error that makes the claims of a call: the outermost of ours.
func claimOf(err error) (*core.Error, *core.PartialError) {
	switch e := err.(type) {
	case *core.Error:
		return e, nil
	case *core.PartialError:
		return nil, e
	}
	e, _ := errors.AsType[*core.Error](err)
	return e, nil
}

func (j *judge) read() {
	if j.err == nil && j.t.wrong != "" {
		// A list without some rows is a list, and "there is none" a clear word.
		j.add(wrongRead, j.t.short && j.f.plausible && j.n.likely || j.f.clear, j.t.wrong)
	}
	if !j.now.same(j.start) {
		j.add(wrongRead, false, "it changed something")
	}
}

// clearNo reports whether the vendor has said in clear words that nothing was done.
func (j *judge) clearNo() bool { return j.f.effect && (j.f.clear || j.f.old && j.v.decides) }

// claims compares what the error says, or its absence, with the world.
func (j *judge) claims() {
	believedNo := j.clearNo()
	believedYes := j.f.plausible && j.n.likely || (j.f.lie || !j.n.spoiled && j.f.place == onTarget) && !j.f.effect && j.n.struck > 0 &&
		!j.n.doubted
	e, partial := claimOf(j.err)
	changed := !j.now.same(j.start)
	switch {
	case j.err == nil && !j.o.done(j.now):
		j.add(wrongNil, believedYes, "the world is not as asked for")
	case partial != nil:
		for _, o := range partial.Outcomes {
			made := j.o.isMade(j.now, o.Assignment)
			switch {
			case o.Done() && !made:
				j.add(wrongYes, believedYes, o.Assignment.String()+" "+string(o.Result))
			case !o.Done() && o.Applied() == core.AppliedYes && !changed:
				j.add(wrongYes, believedYes, o.Assignment.String()+" "+string(o.Result)+", applied yes")
			case !o.Done() && o.Applied() == core.AppliedNo && made:
				j.add(wrongNo, believedNo, o.Assignment.String()+" "+string(o.Result))
			}
		}
	case e != nil && e.Applied == core.AppliedNo && changed:
		j.add(wrongNo, believedNo, string(e.Class))
	case e != nil && e.Applied == core.AppliedYes && !changed:
		j.add(wrongYes, believedYes, string(e.Class))
	}
}

// requests counts what was sent and carried out.
func (j *judge) requests() {
	if n := j.now.creates[j.o.creates]; j.o.creates != "" && n > 1 {
		j.add(twice, j.f.resend, fmt.Sprint(n, " times"))
	}
	if n := j.n.late; n > 0 {
		j.add(lateWrite, false, fmt.Sprint(n))
	}
	if n := j.writes(); n > maxWrites {
		j.add(tooMany, j.f.resend, fmt.Sprint(n))
	}
}

// beside looks at what was returned beside the error.
func (j *judge) beside() {
	if u := j.t.user; u != nil && j.o.creates != "" && (u.ID != "" || j.err == nil) {
		_, was := j.start.docs["users/"+u.ID]
		if was || u.ID == "" {
			j.add(wrongUser, false, fmt.Sprintf("the new user is said to have the id %q", u.ID))
		}
	} else if u != nil && j.err == nil && u.Login == "" {
		j.add(wrongUser, false, "the user has no login")
	}
	if b := j.t.block; b != nil && len(b.Changed) == 0 && j.o.done(j.now) {
		j.add(emptyRecord, j.clearNo(), "what was blocked is in no record")
	}
}
