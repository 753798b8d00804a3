package core

import "context"

// Store is everything that one vendor's adapter implements.
type Store interface {
	UserStore
	AssignmentStore
	PresenceController
	// Capabilities says in advance what the vendor offers and what it does not.
	Capabilities() Capabilities
	// Close ends the client's session where it has one, and closes idle connections.
	Close(ctx context.Context) error
}

// Operation names one thing a Store can be asked.
type Operation string

// The operations, in the order of a table.
const (
	OpListUsers    Operation = "users.list"
	OpGetUser      Operation = "users.get"
	OpCreateUser   Operation = "users.create"
	OpUpdateUser   Operation = "users.update"
	OpDeleteUser   Operation = "users.delete"
	OpListTargets  Operation = "targets.list"
	OpListAll      Operation = "assignments.list"
	OpListByUser   Operation = "assignments.list-by-user"
	OpListByTarget Operation = "assignments.list-by-target"
	OpAssign       Operation = "assignments.add"
	OpUnassign     Operation = "assignments.remove"
	OpSuspend      Operation = "assignments.suspend"
	OpResume       Operation = "assignments.resume"
	OpPresence     Operation = "presence.get"
	OpSetPresence  Operation = "presence.set"
	OpBlock        Operation = "presence.block"
	OpUnblock      Operation = "presence.unblock"
	OpLiftBlocks   Operation = "presence.lift-blocks"
	OpSettle       Operation = "users.settle"
)

// Operations lists every operation, in the order of a table.
func Operations() []Operation {
	return []Operation{
		OpListUsers, OpGetUser, OpCreateUser, OpUpdateUser, OpDeleteUser, OpSettle,
		OpListTargets, OpListAll, OpListByUser, OpListByTarget, OpAssign, OpUnassign, OpSuspend, OpResume,
		OpPresence, OpSetPresence, OpBlock, OpUnblock, OpLiftBlocks,
	}
}

// Support says how a vendor offers an operation.
type Support string

// The degrees of support. The zero value means NotOffered too, but
// adapters always say why.
const (
	Native     Support = "native"
	Emulated   Support = "emulated"
	NotOffered Support = "unsupported"
)

// Capability is what a vendor offers of one operation.
type Capability struct {
	Support Support `json:"support"`
	// Note says how an emulated operation is done, and why an unsupported one
	// is not offered.
	Note string `json:"note,omitzero"`
	// Permissions names what the credential must be allowed.
	Permissions []string `json:"permissions,omitzero"`
	// Partial means that a list can miss a user without the vendor saying so; Note says
	// whom. Absence from such a list proves nothing.
	Partial bool `json:"partial,omitzero"`
	// Total means that the vendor states how many there are, and that a list which ends
	// without an error has met that number with different rows.
	Total bool `json:"total,omitzero"`
	// Via names the listing from which the answer is made, where it is made from one.
	// Such an answer is no second opinion of that listing: who is missing there is
	// missing here.
	Via Operation `json:"via,omitzero"`
	// Cost is what the operation takes in requests when nothing goes wrong.
	Cost Cost `json:"cost,omitzero"`
	// Bucket is the rate bucket of the operation's requests, as a Governor is asked for it.
	// Empty where they fall into several, or where that is not known.
	Bucket string `json:"bucket,omitzero"`
}

// Cost is a number of requests. A call takes Call, and in addition User for each
// user and Link for each assignment that it names. A listing takes Call, and one
// request for each further page of Page rows.
type Cost struct {
	Call int `json:"call"`
	User int `json:"user,omitzero"`
	Link int `json:"link,omitzero"`
	// Target is what it takes in addition for each target that it walks: those of a
	// listing, the links of a user who is blocked, the services in which one is looked for.
	Target int `json:"target,omitzero"`
	// Batch is how many users are best given to one call, because they share requests: a
	// write that holds them all, a read of what they are linked to, a poll until their
	// changes are in effect. User then counts what each takes beside those. Zero where
	// nothing is shared.
	Batch int `json:"batch,omitzero"`
	Page  int `json:"page,omitzero"`
	// Walks means that a listing with a query that finds nobody walks the whole list: it
	// then takes as many requests as one without a query.
	Walks bool `json:"walks,omitzero"`
}

// KindCapability is what a vendor offers of one kind of assignment.
type KindCapability struct {
	Kind Kind `json:"kind"`
	// Level says what the level means; empty where there is none.
	Level string `json:"level,omitzero"`
	// Levels is the range of the level, nil where there is none. A level outside
	// it is refused as invalid before anything is sent.
	Levels *LevelRange `json:"levels,omitzero"`
	// Single means that a user has at most one: assigning moves.
	Single bool `json:"single,omitzero"`
	// ReadOnly means that it can be listed and not changed.
	ReadOnly bool `json:"readOnly,omitzero"`
	// Least is how many of the kind a user keeps: the vendor refuses to take the
	// last one away. Zero where a user can be without.
	Least int `json:"least,omitzero"`
}

// LevelRange is a range of levels, both ends included.
type LevelRange struct {
	Min int `json:"min"`
	// Max is 0 where no upper bound is documented.
	Max int `json:"max,omitzero"`
}

// Holds reports whether a level is within the range.
func (r LevelRange) Holds(level int) bool {
	return level >= r.Min && (r.Max == 0 || level <= r.Max)
}

// FieldCapability is what a vendor offers of one neutral field of a user.
type FieldCapability struct {
	Name Field `json:"name"`
	// Wire is the vendor's name of the field, empty where the vendor lacks it.
	Wire string `json:"wire,omitzero"`
	// Readable fields are shown when a user is read.
	Readable bool `json:"readable,omitzero"`
	// Settable fields can be given to a create, Changeable ones to an update.
	Settable   bool `json:"settable,omitzero"`
	Changeable bool `json:"changeable,omitzero"`
	// Required fields are invalid when a create lacks them.
	Required bool `json:"required,omitzero"`
	// Clearable fields can be emptied by an update.
	Clearable bool `json:"clearable,omitzero"`
	// Note says why a field is not offered, or what is special about it.
	Note string `json:"note,omitzero"`
}

// Capabilities is what one vendor offers.
type Capabilities struct {
	Vendor     string                   `json:"vendor"`
	Operations map[Operation]Capability `json:"operations"`
	Kinds      []KindCapability         `json:"kinds"`
	// Fields names every neutral field of a user, in the order of Fields.
	Fields []FieldCapability `json:"fields"`
	// Revisions says whether writes can be guarded against concurrent ones.
	Revisions bool `json:"revisions"`
}

// Of returns what the vendor offers of an operation.
func (c Capabilities) Of(op Operation) Capability {
	if k, ok := c.Operations[op]; ok {
		return k
	}
	return Capability{Support: NotOffered}
}

// Field returns what the vendor offers of a neutral field.
func (c Capabilities) Field(name Field) FieldCapability {
	for _, f := range c.Fields {
		if f.Name == name {
			return f
		}
	}
	return FieldCapability{Name: name}
}

// Kind returns what the vendor offers of a kind of assignment.
func (c Capabilities) Kind(k Kind) (KindCapability, bool) {
	for _, kc := range c.Kinds {
		if kc.Kind == k {
			return kc, true
		}
	}
	return KindCapability{}, false
}
