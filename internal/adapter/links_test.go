package adapter_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/storekit"
	"github.com/rollcall-go/rollcall/internal/adapter"
	"github.com/rollcall-go/rollcall/internal/evidence"
)

// desk is a vendor whose users hold the names of their queues, with a level each.
type desk struct {
	mu    sync.Mutex
	users map[string]map[string]int
	rev   int

	lag    time.Duration // of reads behind writes
	writes []write
	past   []past

	reads  int
	onRead func(user string) error
	// onWrite may refuse a write before it is made, or lose its answer after it.
	onWrite func(n int, user string, links []core.Assignment) (made bool, err error)
	answers bool // writes are answered with the new state
}

type write struct {
	user  string
	links int
}

type past struct {
	until time.Time
	users map[string]map[string]int
}

// state is a user as it was read.
type state struct {
	id     string
	queues map[string]int
	rev    int
}

func newDesk(users ...string) *desk {
	d := &desk{users: map[string]map[string]int{}}
	for _, u := range users {
		d.users[u] = map[string]int{"old": 1}
	}
	return d
}

func (d *desk) read(_ context.Context, user string) (*state, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.reads++
	if d.onRead != nil {
		if err := d.onRead(user); err != nil {
			return nil, err
		}
	}
	users := d.users
	for _, p := range d.past {
		if time.Now().Before(p.until) {
			users = p.users
			break
		}
	}
	queues, ok := users[user]
	if !ok {
		return nil, &core.Error{Class: core.ClassNotFound, Status: 404, Applied: core.AppliedNo}
	}
	return &state{user, maps.Clone(queues), d.rev}, nil
}

func (d *desk) write(_ context.Context, user string, o *state, links []core.Assignment) (adapter.Answer[*state], error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.writes = append(d.writes, write{user, len(links)})
	made, err := true, error(nil)
	if d.onWrite != nil {
		made, err = d.onWrite(len(d.writes), user, links)
	}
	if made {
		d.past = append(d.past, past{time.Now().Add(d.lag), d.snapshot()})
		d.users[user] = maps.Clone(o.queues)
	}
	if err == nil && d.answers {
		return adapter.Answer[*state]{State: &state{user, maps.Clone(o.queues), d.rev}, Shown: true}, nil
	}
	return adapter.Answer[*state]{}, err
}

func (d *desk) snapshot() map[string]map[string]int {
	out := map[string]map[string]int{}
	for u, q := range d.users {
		out[u] = maps.Clone(q)
	}
	return out
}

// assign is the engine over the desk, making links.
func (d *desk) assign() adapter.Links[string, *state] {
	return adapter.Links[string, *state]{
		Border: adapter.Border{Vendor: "desk", Account: "north"}, Op: core.OpAssign,
		Check: func(a core.Assignment) (string, error) {
			if a.UserID == "" {
				return "", core.Invalid("desk", "", "no user")
			}
			return a.UserID, nil
		},
		Read: d.read, Write: d.write,
		Edit: func(o *state, a core.Assignment) (adapter.Edit, error) {
			if a.Target.ID == "forbidden" {
				return adapter.Edit{}, &core.Error{Class: core.ClassPermission, Applied: core.AppliedNo}
			}
			level := 1
			if a.Level != nil {
				level = *a.Level
			}
			was, there := o.queues[a.Target.ID]
			e := adapter.Edit{Changed: !there || a.Level != nil && was != level}
			if there {
				e.Before = &core.Assignment{UserID: a.UserID, Target: a.Target, Level: &was}
			}
			o.queues[a.Target.ID] = level
			return e, nil
		},
	}
}

func linksOf(user string, queues ...string) (as []core.Assignment) {
	for _, q := range queues {
		as = append(as, link(user, q))
	}
	return as
}

func results(outcomes []core.Outcome) (out []core.Result) {
	for _, o := range outcomes {
		out = append(out, o.Result)
	}
	return out
}

func link(user, queue string, level ...int) core.Assignment {
	a := core.Assignment{UserID: user, Target: core.Target{Kind: core.KindQueue, ID: queue}}
	if len(level) > 0 {
		a.Level = &level[0]
	}
	return a
}

// short is the results of a call: "applied already failed/no unknown".
func short(outcomes []core.Outcome) string {
	var out []string
	for _, o := range outcomes {
		s := string(o.Result)
		if o.Result == core.ResultFailed {
			s += "/" + string(o.Applied()) + "/" + string(core.ClassOf(o.Err))
		}
		out = append(out, s)
	}
	return strings.Join(out, " ")
}

func inBubble(t *testing.T, name string, f func(t *testing.T)) {
	t.Run(name, func(t *testing.T) { synctest.Test(t, f) })
}

func TestLinks_OneWritePerOwner(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk("ana", "bo")
		outcomes, err := d.assign().Make(t.Context(), link("ana", "a"), link("bo", "a"), link("ana", "b"), link("ana", "old"))
		require.NoError(t, err)
		require.Equal(t, "applied applied applied already", short(outcomes))
		require.ElementsMatch(t, []write{{"ana", 2}, {"bo", 1}}, d.writes)
		require.Equal(t, 4, d.reads, "each is read before and after")
		require.Equal(t, link("ana", "b"), outcomes[2].Assignment)
		require.Nil(t, outcomes[0].Before)
		require.NotNil(t, outcomes[3].Before)
	})
}

func TestLinks_AnswerThatShowsTheStateNeedsNoLook(t *testing.T) {
	d := newDesk("ana")
	d.answers = true
	outcomes, err := d.assign().Make(t.Context(), link("ana", "a"))
	require.NoError(t, err)
	require.Equal(t, "applied", short(outcomes))
	require.Equal(t, 1, d.reads)
}

func TestLinks_BeforeTellsTheLevel(t *testing.T) {
	d := newDesk("ana")
	outcomes, err := d.assign().Make(t.Context(), link("ana", "old", 5))
	require.NoError(t, err)
	require.Equal(t, 1, *outcomes[0].Before.Level)
}

func TestLinks_TheSameLinkAgain(t *testing.T) {
	d := newDesk("ana")
	outcomes, err := d.assign().Make(t.Context(), link("ana", "a", 2), link("ana", "a", 2))
	require.NoError(t, err)
	require.Equal(t, "applied already", short(outcomes))
	require.Equal(t, []write{{"ana", 1}}, d.writes)

	_, err = d.assign().Make(t.Context(), link("ana", "b", 1), link("ana", "B", 5))
	require.ErrorIs(t, err, core.ErrInvalid)
	require.Len(t, d.writes, 1, "nothing was sent")
}

func TestLinks_RefusedBeforeTraffic(t *testing.T) {
	d := newDesk("ana")
	outcomes, err := d.assign().Make(t.Context(), link("ana", "a"), link("", "a"))
	require.ErrorIs(t, err, core.ErrInvalid)
	require.Nil(t, outcomes)
	require.Zero(t, d.reads)
	e, _ := errors.AsType[*core.Error](err)
	require.Equal(t, []any{"desk", "north", "assignments.add"}, []any{e.Vendor, e.Account, e.Op})
}

func TestLinks_ReadsThatLag(t *testing.T) {
	inBubble(t, "for a second", func(t *testing.T) {
		d := newDesk("ana")
		d.lag = time.Second
		outcomes, err := d.assign().Make(t.Context(), link("ana", "a"), link("ana", "b"))
		require.NoError(t, err)
		require.Equal(t, "applied applied", short(outcomes))
	})
	inBubble(t, "for ever", func(t *testing.T) {
		d := newDesk("ana")
		d.lag = time.Hour
		outcomes, err := d.assign().Make(t.Context(), link("ana", "a"))
		require.ErrorIs(t, err, core.ErrNotApplied)
		require.Equal(t, "unknown", short(outcomes))
		e, _ := errors.AsType[*core.Error](outcomes[0].Err)
		require.NotEmpty(t, e.Doubt)
	})
	inBubble(t, "for ever, and the revision has not moved", func(t *testing.T) {
		d := newDesk("ana")
		d.onWrite = func(int, string, []core.Assignment) (bool, error) { return false, nil }
		l := d.assign()
		l.Certain = func(before, now *state) bool { return before.rev == now.rev }
		outcomes, err := l.Make(t.Context(), link("ana", "a"))
		require.ErrorIs(t, err, core.ErrNotApplied)
		require.Equal(t, "failed/no/not_applied", short(outcomes))
	})
}

func TestLinks_LostAnswers(t *testing.T) {
	lost := &core.Error{Class: core.ClassUnavailable, Applied: core.AppliedUnknown, Doubt: "attempt 1: the connection was lost", Attempts: 1}
	inBubble(t, "and it was made", func(t *testing.T) {
		d := newDesk("ana")
		d.onWrite = func(int, string, []core.Assignment) (bool, error) { return true, lost }
		outcomes, err := d.assign().Make(t.Context(), link("ana", "a"))
		require.NoError(t, err)
		require.Equal(t, "applied", short(outcomes))
		require.Len(t, d.writes, 1)
	})
	inBubble(t, "and it was not made", func(t *testing.T) {
		d := newDesk("ana")
		d.onWrite = func(int, string, []core.Assignment) (bool, error) { return false, lost }
		outcomes, err := d.assign().Make(t.Context(), link("ana", "a"))
		require.ErrorIs(t, err, core.ErrUnavailable)
		require.Equal(t, "unknown", short(outcomes), "what does not show may still come")
		e, _ := errors.AsType[*core.Error](outcomes[0].Err)
		require.Equal(t, lost.Doubt, e.Doubt)
	})
	inBubble(t, "and nobody can look", func(t *testing.T) {
		d := newDesk("ana")
		d.onWrite = func(int, string, []core.Assignment) (bool, error) {
			d.onRead = func(string) error { return &core.Error{Class: core.ClassPermission, Applied: core.AppliedNo} }
			return true, lost
		}
		outcomes, _ := d.assign().Make(t.Context(), link("ana", "a"))
		require.Equal(t, "unknown", short(outcomes))
	})
}

func TestLinks_AcceptedAndUnseen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk("ana")
		d.onWrite = func(int, string, []core.Assignment) (bool, error) {
			d.onRead = func(string) error {
				return &core.Error{Class: core.ClassNotFound, Status: 404, Applied: core.AppliedNo}
			}
			return true, nil
		}
		outcomes, err := d.assign().Make(t.Context(), link("ana", "a"))
		require.NotErrorIs(t, err, core.ErrNotFound, "the look was not asked for")
		require.Equal(t, "unknown", short(outcomes))
	})
}

func TestLinks_StaleRevisionStartsOver(t *testing.T) {
	stale := &core.Error{Class: core.ClassRevision, Status: 412, Applied: core.AppliedNo, Attempts: 1}
	inBubble(t, "and succeeds", func(t *testing.T) {
		d := newDesk("ana")
		d.onWrite = func(n int, _ string, _ []core.Assignment) (bool, error) {
			if n == 1 {
				d.users["ana"]["theirs"] = 7 // another writer was faster
				return false, stale
			}
			return true, nil
		}
		l := d.assign()
		l.Tries = 3
		outcomes, err := l.Make(t.Context(), link("ana", "a"))
		require.NoError(t, err)
		require.Equal(t, "applied", short(outcomes))
		require.Equal(t, map[string]int{"old": 1, "theirs": 7, "a": 1}, d.users["ana"])
	})
	inBubble(t, "and gives up", func(t *testing.T) {
		d := newDesk("ana")
		d.onWrite = func(int, string, []core.Assignment) (bool, error) { return false, stale }
		l := d.assign()
		l.Tries = 3
		outcomes, err := l.Make(t.Context(), link("ana", "a"))
		require.ErrorIs(t, err, core.ErrRevision)
		require.Equal(t, "failed/no/revision", short(outcomes))
		require.Len(t, d.writes, 3)
	})
}

// TestLinks_LostWriteThatMovedTheRevision: its answer was lost, its repeat met a stale
// revision, and the next read shows the change: that ends it.
func TestLinks_LostWriteThatMovedTheRevision(t *testing.T) {
	doubt := &core.Error{Class: core.ClassRevision, Status: 412, Applied: core.AppliedUnknown, Attempts: 2}
	inBubble(t, "alone", func(t *testing.T) {
		d := newDesk("ana")
		d.onWrite = func(int, string, []core.Assignment) (bool, error) { return true, doubt }
		l := d.assign()
		l.Tries = 9
		outcomes, err := l.Make(t.Context(), link("ana", "a"))
		require.NoError(t, err)
		require.Equal(t, "applied", short(outcomes), "it was not so before")
		require.Len(t, d.writes, 1)
	})
	inBubble(t, "in a batch", func(t *testing.T) {
		d := newDesk("ana", "bo")
		d.onWrite = func(int, string, []core.Assignment) (bool, error) { return true, doubt }
		locked := 0
		l := d.assign()
		l.Tries, l.Batch, l.BatchTries = 9, 2, 3
		l.Lock = func(context.Context, string) (func(), error) {
			return nil, errors.New("the batch is locked as a whole")
		}
		l.LockBatch = func(context.Context) (func(), error) { locked++; return func() { locked-- }, nil }
		l.WriteMany = func(ctx context.Context, edited []adapter.Edited[string, *state]) ([]adapter.Answer[*state], []error) {
			require.Equal(t, 1, locked)
			answers, errs := make([]adapter.Answer[*state], len(edited)), make([]error, len(edited))
			for i, e := range edited {
				answers[i], errs[i] = d.write(ctx, e.Owner, e.State, e.Links)
			}
			return answers, errs
		}
		outcomes, err := l.Make(t.Context(), link("ana", "a"), link("bo", "a"))
		require.NoError(t, err)
		require.Equal(t, "applied applied", short(outcomes))
		require.Len(t, d.writes, 2)
		require.Zero(t, locked)
	})
}

// TestLinks_StaleAtOneRevision: the vendor says 412 for something else.
func TestLinks_StaleAtOneRevision(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk("ana")
		d.onWrite = func(int, string, []core.Assignment) (bool, error) {
			return false, &core.Error{Class: core.ClassRevision, Status: 412, Applied: core.AppliedNo, Attempts: 1}
		}
		l := d.assign()
		l.Tries = 40
		l.Certain = func(before, now *state) bool { return before.rev == now.rev }
		outcomes, _ := l.Make(t.Context(), link("ana", "a"))
		require.Equal(t, "failed/no/revision", short(outcomes))
		require.Len(t, d.writes, 3)
	})
}

// TestLinks_LooksPastOwnMemory: what a write stands on may hold what the client
// remembers; the look after it must not.
func TestLinks_LooksPastOwnMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk("ana")
		d.onWrite = func(int, string, []core.Assignment) (bool, error) { return false, nil }
		l := d.assign()
		l.Look = l.Read
		l.Read = func(ctx context.Context, user string) (*state, error) {
			o, err := d.read(ctx, user)
			if err == nil && len(d.writes) > 0 {
				o.queues["a"] = 1 // as remembered
			}
			return o, err
		}
		outcomes, _ := l.Make(t.Context(), link("ana", "a"))
		require.Equal(t, "unknown", short(outcomes))
	})
}

func TestLinks_SplitsARefusedWrite(t *testing.T) {
	refused := &core.Error{Class: core.ClassInvalid, Status: 400, Applied: core.AppliedNo, Attempts: 1, Message: "bad"}
	synctest.Test(t, func(t *testing.T) {
		d := newDesk("ana")
		d.onWrite = func(_ int, _ string, links []core.Assignment) (bool, error) {
			if slices.ContainsFunc(links, func(a core.Assignment) bool { return a.Target.ID == "bad" }) {
				return false, refused
			}
			return true, nil
		}
		var as []core.Assignment
		for i := range 8 {
			as = append(as, link("ana", fmt.Sprint("q", i)))
		}
		as[5] = link("ana", "bad")
		l := d.assign()
		l.Split = true
		outcomes, err := l.Make(t.Context(), as...)
		require.ErrorIs(t, err, core.ErrInvalid)
		require.Equal(t, "applied applied applied applied applied failed/no/invalid applied applied", short(outcomes))
		require.Len(t, d.users["ana"], 8)
		require.NotContains(t, d.users["ana"], "bad")
	})
}

func TestLinks_RefusedCredentialEndsTheCall(t *testing.T) {
	d := newDesk("ana", "bo", "cy")
	d.onRead = func(string) error {
		return &core.Error{Class: core.ClassUnauthenticated, Status: 401, Applied: core.AppliedNo, Attempts: 1}
	}
	l := d.assign()
	l.Workers = 1
	outcomes, err := l.Make(t.Context(), link("ana", "a"), link("bo", "a"), link("cy", "a"))
	require.ErrorIs(t, err, core.ErrUnauthenticated)
	require.Equal(t, 1, d.reads)
	e, _ := errors.AsType[*core.Error](outcomes[2].Err)
	require.Zero(t, e.Attempts)
}

func TestLinks_OneBadLinkTakesNoOtherAlong(t *testing.T) {
	d := newDesk("ana")
	outcomes, err := d.assign().Make(t.Context(), link("ana", "a"), link("ana", "forbidden"), link("nobody", "a"))
	require.ErrorIs(t, err, core.ErrPartial)
	require.Equal(t, "applied failed/no/permission failed/no/not_found", short(outcomes))
}

func TestLinks_EndedContext(t *testing.T) {
	d := newDesk("ana", "bo")
	ctx, cancel := context.WithCancel(t.Context())
	d.onWrite = func(int, string, []core.Assignment) (bool, error) { cancel(); return true, nil }
	l := d.assign()
	l.Workers = 1
	outcomes, err := l.Make(ctx, link("ana", "a"), link("bo", "a"))
	require.ErrorIs(t, err, core.ErrCanceled)
	require.Equal(t, "applied failed/no/canceled", short(outcomes), "what was under way is looked at, the rest is not sent")
	require.Len(t, d.writes, 1)
}

func TestLinks_EachLinkIsAWriteOfItsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk("ana")
		l := d.assign()
		l.Each = true
		l.Write = func(ctx context.Context, user string, _ *state, links []core.Assignment) (adapter.Answer[*state], error) {
			o, err := d.read(ctx, user)
			if err != nil {
				return adapter.Answer[*state]{}, err
			}
			o.queues[links[0].Target.ID] = 1
			if links[0].Target.ID == "b" {
				return adapter.Answer[*state]{}, &core.Error{Class: core.ClassConflict, Applied: core.AppliedNo, Attempts: 1}
			}
			return d.write(ctx, user, o, links)
		}
		l.Workers = 1
		outcomes, err := l.Make(t.Context(), link("ana", "a"), link("ana", "b"), link("ana", "c"))
		require.ErrorIs(t, err, core.ErrPartial)
		require.Equal(t, "applied failed/no/conflict applied", short(outcomes))
		require.Equal(t, []write{{"ana", 1}, {"ana", 1}}, d.writes)
	})
}

func TestLinks_PartsOfAWriteThatAreRefused(t *testing.T) {
	d := newDesk("ana")
	l := d.assign()
	l.Write = func(ctx context.Context, user string, o *state, links []core.Assignment) (adapter.Answer[*state], error) {
		delete(o.queues, "b")
		answer, err := d.write(ctx, user, o, links)
		answer.Refused = map[string]error{strings.ToLower(user + " queue:b"): &core.Error{Class: core.ClassInvalid, Applied: core.AppliedNo}}
		return answer, err
	}
	outcomes, err := l.Make(t.Context(), link("ana", "a"), link("ana", "b"))
	require.ErrorIs(t, err, core.ErrPartial)
	require.Equal(t, "applied failed/no/invalid", short(outcomes))
}

func TestLinks_ManyOwnersInOneWrite(t *testing.T) {
	many := func(d *desk, batches *[]int, judge func(n int, user string) error) func(context.Context,
		[]adapter.Edited[string, *state]) ([]adapter.Answer[*state], []error) {
		return func(ctx context.Context, edited []adapter.Edited[string, *state]) ([]adapter.Answer[*state], []error) {
			*batches = append(*batches, len(edited))
			answers, errs := make([]adapter.Answer[*state], len(edited)), make([]error, len(edited))
			for i, e := range edited {
				if errs[i] = judge(len(*batches), e.Owner); errs[i] == nil {
					answers[i], errs[i] = d.write(ctx, e.Owner, e.State, e.Links)
				}
			}
			return answers, errs
		}
	}
	users := []string{"a", "b", "c", "d", "e"}
	var as []core.Assignment
	for _, u := range users {
		as = append(as, link(u, "q"))
	}
	stale := &core.Error{Class: core.ClassRevision, Applied: core.AppliedNo, Attempts: 1}

	for _, c := range []struct {
		name    string
		judge   func(n int, user string) error
		want    string
		batches []int
	}{
		{"all", func(int, string) error { return nil }, "applied applied applied applied applied", []int{2, 2}},
		{"one alone", func(_ int, u string) error {
			if u == "b" {
				return adapter.ErrAlone
			}
			return nil
		}, "applied applied applied applied applied", []int{2, 2}},
		{"one refused", func(_ int, u string) error {
			if u == "b" {
				return &core.Error{Class: core.ClassPermission, Applied: core.AppliedNo}
			}
			return nil
		}, "applied failed/no/permission applied applied applied", []int{2, 2}},
		{"stale once", func(n int, _ string) error {
			if n == 1 {
				return stale
			}
			return nil
		}, "applied applied applied applied applied", []int{2, 2, 2}},
	} {
		inBubble(t, c.name, func(t *testing.T) {
			d := newDesk(users...)
			var batches []int
			l := d.assign()
			l.Tries, l.Batch, l.WriteMany = 3, 2, many(d, &batches, c.judge)
			outcomes, _ := l.Make(t.Context(), as...)
			require.Equal(t, c.want, short(outcomes))
			require.Equal(t, c.batches, batches, "the last of five is alone")
		})
	}
}

func TestLinks_AwaitsWhatIsCarriedOutLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk("ana", "bo", "cy", "di")
		d.lag = 3 * time.Second
		var waited [][]string
		l := d.assign()
		l.Await = func(_ context.Context, owners []string) []adapter.Awaited {
			waited = append(waited, owners)
			time.Sleep(3 * time.Second)
			out := make([]adapter.Awaited, len(owners))
			for i, u := range owners {
				switch u {
				case "bo":
					out[i].Failed = func(core.Assignment) error { return &core.Error{Class: core.ClassFailed, Applied: core.AppliedUnknown} }
				case "cy":
					out[i].Err = &core.Error{Class: core.ClassUnavailable}
				case "di":
					out[i].Deferred, out[i].Code = true, "PENDING"
				}
			}
			return out
		}
		outcomes, err := l.Make(t.Context(), link("ana", "a"), link("bo", "a"), link("cy", "a"), link("di", "a"), link("ana", "old"))
		require.ErrorIs(t, err, core.ErrFailed)
		require.Equal(t, "applied failed/unknown/failed unknown applied already", short(outcomes))
		require.True(t, outcomes[3].Deferred)
		require.Equal(t, "PENDING", outcomes[3].Code)
		require.Len(t, waited, 1, "one wait for all")
		require.Len(t, waited[0], 4)
	})
}

func TestLinks_NothingToDo(t *testing.T) {
	outcomes, err := newDesk().assign().Make(t.Context())
	require.NoError(t, err)
	require.Empty(t, outcomes)
}

// TestLinks_OvertakenIsAlready: the vendor refuses a link that another writer has made.
func TestLinks_OvertakenIsAlready(t *testing.T) {
	d := newDesk("ann")
	l := d.assign()
	l.Each = true
	l.Write = func(context.Context, string, *state, []core.Assignment) (adapter.Answer[*state], error) {
		return adapter.Answer[*state]{State: &state{queues: map[string]int{"q1": 0}}}, adapter.ErrAlready
	}
	outcomes, err := l.Make(t.Context(), link("ann", "q1"))
	require.NoError(t, err)
	require.Equal(t, core.ResultAlready, outcomes[0].Result)
	require.NotNil(t, outcomes[0].Before)
	require.Equal(t, 1, d.reads)
}

// TestLinks_VendorTellsWhatWasSoBefore: nothing is read before the write, and what the
// answer says was so is looked at.
func TestLinks_VendorTellsWhatWasSoBefore(t *testing.T) {
	d := newDesk("ann")
	l := d.assign()
	l.ReadBack = evidence.ReadBack{For: -1}
	l.Read = func(context.Context, string) (*state, error) { return &state{queues: map[string]int{}}, nil }
	l.Look = d.read
	refusal := &core.Error{Class: core.ClassInvalid, Applied: core.AppliedNo}
	l.Write = func(ctx context.Context, user string, _ *state, links []core.Assignment) (adapter.Answer[*state], error) {
		d.writes = append(d.writes, write{user, len(links)})
		d.users[user]["q1"] = 1
		said := map[string]adapter.Said{}
		for _, a := range links {
			key := strings.ToLower(a.UserID + " " + a.Target.String())
			switch a.Target.ID {
			case "old":
				said[key] = adapter.Said{Code: "DUPLICATE", Message: "was there"}
			case "q2":
				said[key] = adapter.Said{Code: "DUPLICATE"}
			case "q3":
				said[key] = adapter.Said{Code: "NO", Err: refusal}
			}
		}
		return adapter.Answer[*state]{Before: said}, nil
	}

	as := linksOf("ann", "q1", "old", "q2", "q3")
	outcomes, err := l.Make(t.Context(), as...)
	require.ErrorIs(t, err, core.ErrPartial)
	require.Equal(t, []core.Result{core.ResultApplied, core.ResultAlready, core.ResultUnknown, core.ResultFailed}, results(outcomes))
	require.Equal(t, []string{"DUPLICATE", "was there"}, []string{outcomes[1].Code, outcomes[1].Message})
	require.NotNil(t, outcomes[1].Before)
	require.ErrorIs(t, outcomes[2].Err, core.ErrNotApplied)
	require.ErrorIs(t, outcomes[3].Err, core.ErrInvalid)
	require.Equal(t, 1, d.reads)
}

func TestLinks_WritesInChunksAndLooksOnce(t *testing.T) {
	d := newDesk("ann", "bob")
	l := d.assign()
	l.Chunk = func(user string) int { return map[string]int{"ann": 2}[user] }
	outcomes, err := l.Make(t.Context(), append(linksOf("ann", "q1", "q2", "q3", "q4", "q5"), linksOf("bob", "q1", "q2", "q3")...)...)
	require.NoError(t, err)
	require.Len(t, outcomes, 8)
	slices.SortStableFunc(d.writes, func(a, b write) int { return strings.Compare(a.user, b.user) })
	require.Equal(t, []write{{"ann", 2}, {"ann", 2}, {"ann", 1}, {"bob", 3}}, d.writes)
	require.Equal(t, 4, d.reads)
}

func TestLinks_RefusalInDoubtIsLookedAt(t *testing.T) {
	d := newDesk("ann")
	l := d.assign()
	l.ReadBack = evidence.ReadBack{For: -1}
	l.Write = func(_ context.Context, user string, _ *state, links []core.Assignment) (adapter.Answer[*state], error) {
		d.users[user]["q1"] = 1
		refused := map[string]error{}
		for _, a := range links {
			refused[strings.ToLower(a.UserID+" "+a.Target.String())] = &core.Error{Class: core.ClassProtocol, Applied: core.AppliedUnknown}
		}
		return adapter.Answer[*state]{Refused: refused}, nil
	}
	outcomes, err := l.Make(t.Context(), linksOf("ann", "q1", "q2")...)
	require.ErrorIs(t, err, core.ErrProtocol)
	require.Equal(t, []core.Result{core.ResultApplied, core.ResultUnknown}, results(outcomes))
}

// TestLinks_WhatCannotBeReadKeepsItsClass: incomplete is what broke off in the middle.
func TestLinks_WhatCannotBeReadKeepsItsClass(t *testing.T) {
	cause := &core.Error{Class: core.ClassPermission, Status: 403, Applied: core.AppliedNo}
	for listed, class := range map[bool]core.Class{false: core.ClassPermission, true: core.ClassIncomplete} {
		d := newDesk("ann")
		d.onRead = func(string) error { return storekit.Incomplete("desk", "x", cause, listed) }
		outcomes, err := d.assign().Make(t.Context(), link("ann", "q1"))
		require.ErrorIs(t, err, core.ErrIncomplete)
		require.Equal(t, class, core.ClassOf(outcomes[0].Err))
		require.Equal(t, core.AppliedNo, outcomes[0].Applied())
		require.Empty(t, d.writes)
	}
}

// TestLinks_CheckAll refuses what Make would, and sends nothing.
func TestLinks_CheckAll(t *testing.T) {
	d := newDesk("ana")
	l := d.assign()
	require.NoError(t, l.CheckAll(link("ana", "a"), link("ana", "a")))
	require.ErrorIs(t, l.CheckAll(link("", "a")), core.ErrInvalid)
	one, two := link("ana", "a"), link("ana", "a")
	one.Level, two.Level = new(1), new(2)
	err := l.CheckAll(one, two)
	require.ErrorIs(t, err, core.ErrInvalid)
	require.ErrorContains(t, err, "assignments.add")
	require.Zero(t, d.reads+len(d.writes))
}
