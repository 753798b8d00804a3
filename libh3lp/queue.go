package libh3lp

import "github.com/rollcall-go/rollcall/core"

// Queue is what guests write to, as on the vendor page "Queues".
type Queue struct {
	ID   int64  `json:"id"`
	Type string `json:"type,omitzero"`
	// Name is the node of the JID. New names have up to 40 characters; a link may
	// show one of 60.
	Name string `json:"name"`
	// Transcripts says whether transcripts are stored.
	Transcripts core.Opt[Flag]   `json:"transcripts,omitzero"`
	Email       core.Opt[string] `json:"email,omitzero"`
	// Avatar is a URL; empty for the default.
	Avatar core.Opt[string] `json:"avatar,omitzero"`
	// Show is the best availability among the operators whose links are enabled.
	Show   Show   `json:"show,omitzero"`
	Status string `json:"status"`
	// Extra holds fields this package does not know.
	Extra core.Extra `json:"-"`
}

func (q *Queue) key() (int64, string, string) { return q.ID, q.Type, q.Name }

// NewQueue is a queue to be made.
type NewQueue struct {
	// Name is required; see CheckName.
	Name string `json:"name"`
	// ParentID is the folder to make the queue in, the top level unless set. It is
	// not documented.
	ParentID core.Opt[int64] `json:"parent_id,omitzero"`
	// Extra holds further fields, by their wire name.
	Extra core.Extra `json:"-"`
}

// QueueUpdate names what to change about a queue. What is left out stays.
type QueueUpdate struct {
	Name        core.Opt[string] `json:"name,omitzero"`
	Transcripts core.Opt[Flag]   `json:"transcripts,omitzero"`
	Email       core.Opt[string] `json:"email,omitzero"`
	Avatar      core.Opt[string] `json:"avatar,omitzero"`
	// Extra holds further fields, by their wire name.
	Extra core.Extra `json:"-"`
}
