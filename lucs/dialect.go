package lucs

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/rollcall-go/rollcall/core"
)

// Dialect is everything about a LUCS server that its public documentation leaves
// open. Each field that is empty has the default that stands beside it; the zero
// Dialect is all defaults. What a server really speaks is on its own Swagger page:
// where it differs, set the field.
type Dialect struct {
	// Version is the first segment of every path, below the base URL: "v1.0". The
	// word "-" stands for none.
	Version string
	// Routes are the methods and paths.
	Routes Routes

	// CreateNamesNoID says that the server answers a create without the user's id. The
	// client then looks for the SipUri in the services before a create, so that who shows
	// afterwards is known to be new. Without it such a create is in doubt.
	CreateNamesNoID bool

	// PresenceEncoding says how setpresence is told the presence: PresenceAsObject.
	PresenceEncoding PresenceEncoding
	// PresenceField is the member of PresenceAsObject: "PresenceState".
	PresenceField string
	// PresenceParameter is the parameter of PresenceAsQuery: "presence".
	PresenceParameter string
	// PresenceWords are the words that setpresence is told.
	PresenceWords PresenceWords
	// PresenceNames are the members of a user that may hold its presence, the first
	// that is there wins: "PresenceState", "Presence", "CurrentPresence" and
	// "PresenceStatus", in any case.
	PresenceNames []string

	// SelectableParameter asks for the selectable users of a service only:
	// "isSelectable". The answer is filtered here too, because a server may not know
	// the parameter.
	SelectableParameter string
	// ExternalTaskParameter asks for the callbacks of an ExternalTaskId:
	// "externalTaskId".
	ExternalTaskParameter string
	// SearchFrom and SearchTo are the members of a search for callbacks that bound
	// its time span: "From" and "To".
	SearchFrom, SearchTo string
}

// Routes are the method and path of each operation, below the version:
// "POST /users/{userId}/block". The method may be left out, and the path may have
// a query. Parameters in braces may stand anywhere, and each of them must.
//
// An empty route is the default that stands beside it. The last five have none:
// nothing of the kind is documented, and without a route the operation is
// core.ErrUnsupported.
type Routes struct {
	Services     string // GET /services
	ServiceUsers string // GET /services/{serviceId}/users
	ServiceTasks string // GET /services/{serviceId}/tasks

	CreateUser  string // POST /users
	BlockUser   string // POST /users/{userId}/block
	UnblockUser string // POST /users/{userId}/unblock
	SetPresence string // POST /users/{userId}/setpresence

	CreateTask string // POST /tasks
	Task       string // GET /tasks/{taskIdentifier}

	CreateCallback  string // POST /callbacks
	Callbacks       string // GET /callbacks
	Callback        string // GET /callbacks/{callbackId}
	CancelCallback  string // POST /callbacks/{callbackId}/cancel
	SearchCallbacks string // POST /callbacks/search

	Users       string // none; perhaps GET /users
	User        string // none; perhaps GET /users/{userId}
	ReplaceUser string // none; perhaps POST /users/{userId}
	DeleteUser  string // none; perhaps DELETE /users/{userId}
}

// PresenceEncoding is how setpresence is told the presence.
type PresenceEncoding string

// The encodings.
const (
	PresenceAsObject PresenceEncoding = "object" // {"PresenceState":"DoNotDisturb"}
	PresenceAsString PresenceEncoding = "string" // "DoNotDisturb", a JSON text
	PresenceAsQuery  PresenceEncoding = "query"  // ?presence=DoNotDisturb, without a body
)

// PresenceWords are the server's words for the presences that can be set. Only
// DoNotDisturb is documented.
type PresenceWords struct {
	Available PresenceState // "Online"
	Busy      PresenceState // "Busy"
	Away      PresenceState // "Away"
	DND       PresenceState // "DoNotDisturb"
	// Offline has no default: nobody has seen a server that sets it, and without a
	// word it is core.ErrUnsupported.
	Offline PresenceState
}

// of returns the word for an availability, "" where there is none.
func (w PresenceWords) of(a core.Availability) PresenceState {
	switch a {
	case core.Available:
		return w.Available
	case core.Busy:
		return w.Busy
	case core.Away:
		return w.Away
	case core.DND:
		return w.DND
	case core.Offline:
		return w.Offline
	}
	return ""
}

// none is the word for something missing.
const none = "-"

func (d *Dialect) fill() {
	or := func(field *string, value string) { *field = cmp.Or(*field, value) }
	or(&d.Version, "v1.0")
	d.PresenceEncoding = cmp.Or(d.PresenceEncoding, PresenceAsObject)
	or(&d.PresenceField, "PresenceState")
	or(&d.PresenceParameter, "presence")
	w := &d.PresenceWords
	w.Available, w.Busy = cmp.Or(w.Available, PresenceOnline), cmp.Or(w.Busy, PresenceBusy)
	w.Away, w.DND = cmp.Or(w.Away, PresenceAway), cmp.Or(w.DND, PresenceDoNotDisturb)
	if len(d.PresenceNames) == 0 {
		d.PresenceNames = []string{"PresenceState", "Presence", "CurrentPresence", "PresenceStatus"}
	}

	d.PresenceNames = slices.Clone(d.PresenceNames)
	or(&d.SelectableParameter, "isSelectable")
	or(&d.ExternalTaskParameter, "externalTaskId")
	or(&d.SearchFrom, "From")
	or(&d.SearchTo, "To")
}

// check says what is wrong with a completed dialect, or "".
func (d *Dialect) check() string {
	if strings.ContainsAny(d.Version, "?#{} \\") {
		return fmt.Sprintf("Dialect.Version %q is not a path segment", d.Version)
	}
	switch d.PresenceEncoding {
	case PresenceAsObject, PresenceAsString, PresenceAsQuery:
	default:
		return fmt.Sprintf("Dialect.PresenceEncoding %q is not one", d.PresenceEncoding)
	}
	return ""
}
