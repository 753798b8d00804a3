package lucs

import (
	"bytes"
	"cmp"
	"maps"
	"net/http"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest"
	"github.com/rollcall-go/rollcall/internal/wire"
)

// laidOver returns the user that was sent, overlaid with what the answer shows.
func laidOver(sent, answer *User) (*User, error) {
	members := wire.Members(sent)
	maps.Copy(members, wire.Members(answer))
	doc, err := wire.Marshal(members)
	if err != nil {
		return nil, err
	}
	full := new(User)
	return full, wire.Unmarshal(doc, full)
}

// answered is the answer of an operation on one user: the user, a list with the user in
// it, a few of its fields, its id, or nothing usable.
type answered struct {
	users []User
	id    string
}

// ReadBody implements rest.BodyReader.
func (a *answered) ReadBody(body []byte) error {
	*a = answered{}
	switch body = decoded(body); {
	case len(body) == 0:
		return nil
	case body[0] == '{', body[0] == '[':
		return wire.Unmarshal(body, (*wire.OneOrMany[User])(&a.users))
	}

	const maxGUID = 64 // in braces and quotes
	if len(body) <= maxGUID {
		if text := bare(string(bytes.Trim(body, `"`))); isGUID(text) {
			a.id = text
			return nil
		}
	}

	if body[0] == '<' {
		return errPage
	}
	return nil
}

// of returns what the answer shows of a user, nil if it omits the user.
func (a *answered) of(op *rest.Op, id string, applied core.Applied) (*User, error) {
	for i := range a.users {
		if sameID(a.users[i].ID, id) {
			return &a.users[i], nil
		}
	}

	switch {
	case len(a.users) != 1:
		return nil, nil
	case a.users[0].ID != "":
		return nil, nonsense(op, applied, "the answer is about another user")
	}
	return &a.users[0], nil
}

// nonsense is the error of an answer that does not fit the request.
func nonsense(op *rest.Op, applied core.Applied, why string) *core.Error {
	return &core.Error{Vendor: vendor, Op: op.Name, Class: core.ClassProtocol, Status: http.StatusOK, Attempts: 1, Applied: applied,
		Message: why}
}

// made returns the user in the answer to a create: nil if the answer names none, and an
// error if it is about others. A user without an address counts if it is the only one.
func (a *answered) made(sip SIPURI) (u *User, foreign bool) {
	for i := range a.users {
		u := &a.users[i]
		if u.SipUri.Same(sip) || u.SipUri == "" && len(a.users) == 1 {
			if sameID(u.ID, noGUID) {
				u.ID = ""
			}
			return u, false
		}
		foreign = foreign || u.SipUri != ""
	}

	if a.id != "" && !sameID(a.id, noGUID) {
		return &User{ID: a.id}, false
	}
	return nil, foreign
}

// noGUID is .NET's empty GUID.
const noGUID = "00000000-0000-0000-0000-000000000000"

// refusal returns the server's words if the answer to a create is an object that is not
// a user and has a message, or that denies success.
func refusal(body []byte) *core.Error {
	var a answered
	if a.ReadBody(body) != nil || len(a.users) != 1 {
		return nil
	}
	u := &a.users[0]
	if u.ID != "" && !sameID(u.ID, noGUID) {
		return nil
	}

	e := &core.Error{Class: core.ClassProtocol, Applied: core.AppliedUnknown}
	explainMembers(u.Extra, e)
	raw, _ := lookUp(u.Extra, "Success")
	switch success := string(raw); {
	case success == "false":
		e.Message = cmp.Or(e.Message, "Success: false")
	case success == "true", u.SipUri != "", e.Message == "":
		return nil
	}
	return e
}
