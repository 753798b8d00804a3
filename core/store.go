package core

// Store is everything that one vendor's adapter implements.
type Store interface {
	UserStore
	AssignmentStore
	PresenceController
	// Capabilities says in advance what the vendor offers and what it does not.
	Capabilities() Capabilities
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
	OpSettle       Operation = "users.settle"
)

// Operations lists every operation, in the order of a table.
func Operations() []Operation {
	return []Operation{
		OpListUsers, OpGetUser, OpCreateUser, OpUpdateUser, OpDeleteUser, OpSettle,
		OpListByUser, OpListByTarget, OpAssign, OpUnassign, OpSuspend, OpResume,
		OpPresence, OpSetPresence, OpBlock, OpUnblock,
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
}

// Offers is the Capability of an operation that the vendor has itself, for
// credentials with the permissions.
func Offers(permissions ...string) Capability {
	return Capability{Support: Native, Permissions: permissions}
}

// Emulates is the Capability of an operation that the adapter makes of others;
// how says of which.
func Emulates(how string, permissions ...string) Capability {
	return Capability{Support: Emulated, Note: how, Permissions: permissions}
}

// Lacks is the Capability of an operation that cannot be had; why says why not.
func Lacks(why string) Capability { return Capability{Support: NotOffered, Note: why} }

// KindCapability is what a vendor offers of one kind of assignment.
type KindCapability struct {
	Kind Kind `json:"kind"`
	// Level says what the level means and its range; empty where there is none.
	Level string `json:"level,omitzero"`
	// Single means that a user has at most one: assigning moves.
	Single bool `json:"single,omitzero"`
	// ReadOnly means that it can be listed and not changed.
	ReadOnly bool `json:"readOnly,omitzero"`
}

// Capabilities is what one vendor offers.
type Capabilities struct {
	Vendor     string                   `json:"vendor"`
	Operations map[Operation]Capability `json:"operations"`
	Kinds      []KindCapability         `json:"kinds"`
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

// Kind returns what the vendor offers of a kind of assignment.
func (c Capabilities) Kind(k Kind) (KindCapability, bool) {
	for _, kc := range c.Kinds {
		if kc.Kind == k {
			return kc, true
		}
	}
	return KindCapability{}, false
}
