package libh3lp

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/evidence"
	"github.com/rollcall-go/rollcall/internal/rest"
	"github.com/rollcall-go/rollcall/internal/wire"
)

// accepted is a write of an entry's fields that the vendor did not refuse, with what
// the vendor shows of them.
type accepted[T any, P entry[T]] struct {
	c     *Client
	o     ops
	op    *rest.Op
	id    int64
	res   rest.Response
	sent  evidence.Object
	said  bool // the vendor reported success
	isNew bool // the entry was just created: not found means not yet

	value P // as it was last shown
	shown evidence.Object
	found comparison
}

// answered compares the answer with what was sent. A field that the answer omits is not
// shown.
func (a *accepted[T, P]) answered(v P, raw json.RawMessage) {
	a.value, a.shown = v, members(raw)
	a.found = compare(nil, a.sent, a.shown)
}

// settle decides about the write: by the answer, which is documented as the new state.
// If the answer does not show all that was sent, reads follow until they do.
func (a *accepted[T, P]) settle(ctx context.Context) error {
	certain := a.value != nil && len(a.found.hidden) == 0
	if certain {
		return a.verdict(true)
	}
	if _, err := a.c.readBack(a.op.Name).Look(ctx, a.look); err != nil {
		return a.c.unseen(a.op, err)
	}
	return a.verdict(false)
}

// look reads the entry, and reports whether it shows all that was sent.
func (a *accepted[T, P]) look(ctx context.Context) (bool, error) {
	now, err := read[T, P](ctx, a.c, a.o, a.id)
	if a.isNew && errors.Is(err, core.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}

	raw, err := wire.Marshal(now)
	if err != nil {
		return false, a.c.invalid(a.op, "what was read cannot be compared")
	}
	a.value, a.shown = now, members(raw)
	a.found = compare(a.o.fields, a.sent, a.shown) // a field of the pages that is left out is empty
	return a.found.holds(), nil
}

// cleared reads back a write that is in doubt. A field that is never shown cannot clear
// a doubt.
func (a *accepted[T, P]) cleared(ctx context.Context, doubt error) (P, error) {
	if a.found = compare(a.o.fields, a.sent, nil); len(a.found.silent) > 0 || ctx.Err() != nil {
		return nil, doubt
	}
	if shown, _ := a.c.readBack(a.op.Name).Look(ctx, a.look); shown {
		return a.value, nil
	}
	return nil, doubt
}

// verdict is the error of fields that differ from what was sent, or nil. It is certain
// if the vendor documents the answer as the state.
func (a *accepted[T, P]) verdict(certain bool) error {
	f := a.found
	unclear := "it does not say whether it took " + strings.Join(f.silent, ", ")
	switch {
	case f.holds() && (a.said || len(f.silent) == 0):
		return nil
	case f.holds():
		return a.c.unsaid(a.op, a.res, core.AppliedUnknown, "the vendor did not refuse; "+unclear)
	}

	answered := "the vendor did not refuse"
	if a.said {
		answered = "the vendor reported success"
	}
	e := a.c.unsaid(a.op, a.res, core.AppliedNo, answered)
	e.Class = core.ClassNotApplied
	switch {
	case len(f.as) > 0:
		e.Applied = core.AppliedYes
	case !certain, len(f.silent) > 0, len(f.hidden) > 0:
		e.Applied, e.Doubt = core.AppliedUnknown, "the change does not show yet, and may still take effect"
	}

	if len(f.other) > 0 {
		e.Message += " and did not take " + strings.Join(a.others(), ", ")
	}
	if len(f.hidden) > 0 {
		e.Message += "; it does not show " + strings.Join(f.hidden, ", ")
	}

	if len(f.silent) > 0 && !a.said {
		e.Message += "; " + unclear
	}
	return e
}

// others names the fields that differ, with their values.
func (a *accepted[T, P]) others() []string {
	var out []string
	for _, name := range a.found.other {
		out = append(out, name+" (it is "+a.c.rest.Text(string(a.shown[name]))+")")
	}
	return out
}
