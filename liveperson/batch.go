package liveperson

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest"
	"github.com/rollcall-go/rollcall/internal/wire"
)

// BatchError reports a write of several users that the vendor answered with only
// some of them, or of which some could not be read again. It is core.ErrPartial.
type BatchError struct {
	Op string
	// Results has one entry for each user of the call, in order.
	Results []BatchResult
	// Err is the error in the words of package core.
	Err *core.Error
}

// BatchResult is what became of one user.
type BatchResult struct {
	ID        int64 // 0 for a user that was to be created and is not known to exist
	LoginName string
	// Done is true where the answer has the user. Where it is false, the vendor
	// says nothing: most likely it did not know the user, or left it as it was.
	Done bool
	// Err is why a user that the answer has, but not whole, could not be read again:
	// it was written, and is not returned.
	Err error
}

// Error names the users that are missing from the answer.
func (e *BatchError) Error() string { return e.Err.Error() }

// Unwrap returns the error in the words of package core.
func (e *BatchError) Unwrap() error { return e.Err }

type batch struct {
	op      *rest.Op
	res     rest.Response
	results []BatchResult
	missing int
	unread  error // the first of those in results
}

func newBatch(op *rest.Op, n int, res rest.Response) *batch {
	return &batch{op: op, res: res, results: make([]BatchResult, n), missing: n}
}

func (b *batch) done(i int, id int64) {
	b.results[i].ID, b.results[i].Done = id, true
	b.missing--
}

// lost records a user that is in the answer and could not be read again.
func (b *batch) lost(i int, id int64, err error) {
	b.done(i, id)
	if b.results[i].Err = err; b.unread == nil {
		b.unread = err
	}
}

// err returns the error of a batch that is not complete.
func (b *batch) err(applied core.Applied) error {
	if b.missing == 0 && b.unread == nil {
		return nil
	}
	var names []string
	for _, r := range b.results {
		if r.Done {
			continue
		}
		name := r.LoginName
		if r.ID != 0 {
			name = itoa(r.ID)
		}
		if names = append(names, name); len(names) == 10 {
			names = append(names, "…")
			break
		}
	}
	e := about(b.res, &core.Error{
		Vendor: vendor, Op: b.op.Name, Class: core.ClassPartial, Applied: applied,
		Message: fmt.Sprintf("the vendor answered for %d of %d users; missing: %s", len(b.results)-b.missing, len(b.results), strings.Join(names, ", ")),
		Hint:    "look at the users that are missing before repeating the change for them",
	})
	if e.Err = b.unread; b.missing == 0 {
		e.Applied, e.Hint = core.AppliedYes, ""
		e.Message = "the vendor accepted the change of all users; some could not be read again: " + b.unread.Error()
	}
	return &BatchError{Op: b.op.Name, Results: b.results, Err: e}
}

// deleted is the set of ids in the answer to a deletion of several users: of
// entities, as documented, or bare.
type deleted map[int64]bool

// UnmarshalJSON implements json.Unmarshaler. What is no list says nothing.
func (d *deleted) UnmarshalJSON(data []byte) error {
	*d = deleted{}
	data = bytes.TrimSpace(data)
	if len(data) == 0 || data[0] != '[' {
		return nil
	}
	var ids []int64
	if wire.Unmarshal(data, &ids) == nil {
		for _, id := range ids {
			(*d)[id] = true
		}
		return nil
	}
	var entities []struct {
		ID int64 `json:"id"`
	}
	if err := wire.Unmarshal(data, &entities); err != nil {
		return err
	}
	for _, e := range entities {
		(*d)[e.ID] = true
	}
	return nil
}
