package libh3lp

import (
	"fmt"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/wire"
)

// Link is one user staffing one queue: an assignment of the user, and an operator
// of the queue. It has no id; the two ids are its key.
type Link struct {
	QueueID   int64  `json:"queueId"`
	Queue     string `json:"queue"`
	QueueShow Show   `json:"queueShow"`
	UserID    int64  `json:"userId"`
	User      string `json:"user"`
	UserShow  Show   `json:"userShow"`
	// Enabled is off where the user is suspended from the queue: it does not count
	// for its availability and gets none of its chats.
	Enabled Flag `json:"enabled"`
	// Extra holds fields this package does not know.
	Extra core.Extra `json:"-"`
}

// UnmarshalJSON implements json.Unmarshaler.
func (l *Link) UnmarshalJSON(data []byte) error {
	if err := wire.UnmarshalFields(data, l); err != nil {
		return err
	}
	delete(l.Extra, "enabled") // null is a value here, and kept
	if len(l.Extra) == 0 {
		l.Extra = nil
	}
	return nil
}

// MarshalJSON implements json.Marshaler.
func (l Link) MarshalJSON() ([]byte, error) { return wire.MarshalFields(l) }

// pair is the key of a link.
type pair struct{ user, queue int64 }

func (p pair) String() string { return fmt.Sprintf("user %d in queue %d", p.user, p.queue) }

// state names a link and whether it is enabled.
func (l *Link) state() string { return l.pair().String() + ", " + onOff(l.Enabled) }

func (l *Link) pair() pair { return pair{l.UserID, l.QueueID} }

// side is an owner of links: a user, or a queue.
type side struct {
	queue bool
	id    int64
}

// owner is the place of the side's id in a link.
func (s side) owner(l *Link) *int64 {
	if s.queue {
		return &l.QueueID
	}
	return &l.UserID
}

// folder reports a row that is not a link: the vendor's lists may contain folders.
func (l *Link) folder() bool { return strings.EqualFold(text(l.Extra["type"]), "folder") }

func onOff(f Flag) string {
	if f {
		return "enabled"
	}
	return "suspended"
}
