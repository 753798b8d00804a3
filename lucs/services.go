package lucs

import (
	"context"
	"iter"
	"net/http"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/storekit"
	"github.com/rollcall-go/rollcall/internal/rest"
	"github.com/rollcall-go/rollcall/internal/wire"
)

// Services is the resource of services, the contact points with a workflow and a
// distribution policy, as named on the vendor pages "CallbackDto" and "Manage
// External Tasks".
type Services struct{ c *Client }

// Service is a contact point. Its model is not documented; what else the server
// says is in Extra.
type Service struct {
	ID     string           `json:"Id,omitzero"`
	Name   core.Opt[string] `json:"Name,omitzero"`
	SipUri SIPURI           `json:"SipUri,omitzero"`
	// DirectionType must be InboundOutbound or Outbound for callbacks.
	DirectionType core.Opt[DirectionType] `json:"DirectionType,omitzero"`
	Extra         core.Extra              `json:"-"`
}

// DirectionType says who calls whom at a service. It is open.
type DirectionType string

// The directions that were seen.
const (
	Inbound         DirectionType = "Inbound"
	Outbound        DirectionType = "Outbound"
	InboundOutbound DirectionType = "InboundOutbound"
)

// UnmarshalJSON implements json.Unmarshaler. The id and the address have more than
// one name.
func (s *Service) UnmarshalJSON(data []byte) error {
	if err := loose(data, s, &s.Extra); err != nil {
		return err
	}
	if s.ID == "" {
		s.ID = textIn(s.Extra, "ServiceId")
	}

	if s.SipUri == "" {
		if s.SipUri = SIPURI(textIn(s.Extra, "ServiceSip")); s.SipUri == "" {
			s.SipUri = SIPURI(textIn(s.Extra, "Sip"))
		}
	}
	return nil
}

// textIn returns a text of an Extra, "" if there is none.
func textIn(extra core.Extra, name string) (text string) {
	if raw, ok := lookUp(extra, name); !ok || wire.Unmarshal(raw, &text) != nil {
		return ""
	}
	return text
}

// List walks the services that the key may see, in one request. The walk is lazy
// and may be repeated; one that is cut off ends with core.ErrIncomplete.
func (s *Services) List(ctx context.Context) iter.Seq2[Service, error] {
	return list(ctx, s.c, opListServices, nil, func(s *Service) string { return s.ID })
}

// ServiceUserListOptions narrow Services.ListUsers.
type ServiceUserListOptions struct {
	// Selectable leaves out whom the system would not select now. It is asked for and
	// looked at here again, because a server may not know the parameter.
	Selectable bool
}

// ListUsers walks the users of a service, in one request. Membership follows from
// traits, profiles and organization units; there is no list to change it in. An
// unknown service is core.ErrNotFound.
//
// The walk is lazy and may be repeated. One that is cut off, or in which a row comes
// twice, ends with core.ErrIncomplete. Its memory grows by 8 bytes per row.
func (s *Services) ListUsers(ctx context.Context, serviceID string, opts ServiceUserListOptions) iter.Seq2[User, error] {
	return func(yield func(User, error) bool) {
		if err := checkGUID(opServiceUsers.Name, "the service", serviceID); err != nil {
			yield(User{}, err)
			return
		}
		s.c.Users.ofService(ctx, serviceID, opts)(yield)
	}
}

// ListTasks walks the external tasks of a service, in one request and in no order. An
// unknown service is core.ErrNotFound; a walk that is cut off ends with
// core.ErrIncomplete.
func (s *Services) ListTasks(ctx context.Context, serviceID string) iter.Seq2[Task, error] {
	return func(yield func(Task, error) bool) {
		if err := checkGUID(opServiceTasks.Name, "the service", serviceID); err != nil {
			yield(Task{}, err)
			return
		}
		list(ctx, s.c, opServiceTasks, nil, func(t *Task) string { return t.ID }, serviceID)(yield)
	}
}

// list walks a bare array, and yields each row once. A row without an id makes no
// sense, and one that comes twice may stand in place of another.
func list[T any](ctx context.Context, c *Client, op *rest.Op, prepare func(*rest.Request), id func(*T) string, args ...string) iter.Seq2[T,
	error] {
	return func(yield func(T, error) bool) {
		var none T
		call, err := c.call(op, args...)
		if err != nil {
			yield(none, err)
			return
		}
		if prepare != nil {
			prepare(&call)
		}

		var seen storekit.Seen
		repeated := false
		for v, err := range rest.List[T](ctx, c.rest, call, nil) {
			if err == nil && id(&v) == "" {
				err = nonsense(op, core.AppliedNo, "the list contains a row without an id")
			}
			if err != nil {
				yield(none, advise(err))
				return
			}
			if !seen.Add(idKey(id(&v))) {
				if repeated = true; seen.Floods() {
					break
				}
				continue
			}
			if !yield(v, nil) {
				return
			}
		}

		if repeated {
			yield(none, &core.Error{Vendor: vendor, Op: op.Name, Class: core.ClassIncomplete, Status: http.StatusOK, Attempts: 1,
				Applied: core.AppliedNo,
				Message: "the server sent a row twice, so another may be missing", Hint: "what was listed so far is correct: list again"})
		}
	}
}
