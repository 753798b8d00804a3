package webex

import (
	"context"
	"errors"
	"iter"
	"slices"

	"github.com/rollcall-go/rollcall/core"
)

// Store speaks for one organisation, and one tier of it, in the words of package
// core.
type Store struct {
	c *Client
	assignmentRules
}

// assignmentRules are what StoreOptions say about assignments.
type assignmentRules struct {
	createSupervisors bool // where a user has none
	deleteSupervisors bool // by removing the last agent
	verify            bool // read back what a write did
	chunk             int  // agents in one write; zero: all
}

// StoreOption adjusts the adapter.
type StoreOption func(*Store)

// WithCreateSupervisor lets Assign make a person a supervisor who is none yet.
// Without it that is a failed outcome.
func WithCreateSupervisor() StoreOption { return func(s *Store) { s.createSupervisors = true } }

// WithDeleteSupervisor lets Unassign take a supervisor's last agent away, with
// which the vendor deletes the supervisor. Without it that is refused.
func WithDeleteSupervisor() StoreOption { return func(s *Store) { s.deleteSupervisors = true } }

// WithVerify reads a supervisor's agents back after each write. By the vendor's
// documentation an agent that an answer does not mention was done; nothing else
// says so.
func WithVerify() StoreOption { return func(s *Store) { s.verify = true } }

// WithChunk sends at most n agents of a supervisor in one write. The vendor names
// no limit; without this option all go in one.
func WithChunk(n int) StoreOption { return func(s *Store) { s.chunk = max(n, 0) } }

var _ core.Store = (*Store)(nil)

// Store returns the adapter to package core. It shares everything with the Client.
func (c *Client) Store(opts ...StoreOption) *Store {
	s := &Store{c: c}
	for _, o := range opts {
		o(s)
	}
	return s
}

// Capabilities says what this client offers: what Webex does.
func (s *Store) Capabilities() core.Capabilities { return Capabilities() }

// kinds are what a user can be assigned to.
var kinds = []core.KindCapability{
	{Kind: core.KindSupervisor},
	{Kind: core.KindQueue, Level: "skill level, 1 is the best, where the queue routes by skill"},
}

const (
	whySuspend = "a supervisor's agent cannot be suspended; only the join state of a queue's agent can"
	whySettle  = "changes are in effect when they are answered"
)

// Capabilities says what Webex offers: users, the agents of supervisors and
// queues, blocks, and presence to be read.
func Capabilities() core.Capabilities {
	people := []string{"spark-admin:people_read"}
	admin := []string{"spark-admin:people_write", "spark-admin:people_read", "full or user administrator"}
	read := []string{"spark-admin:telephony_config_read"}
	write := []string{"spark-admin:telephony_config_write", "spark-admin:telephony_config_read", "full administrator"}
	native := func(permissions []string) core.Capability {
		return core.Capability{Support: core.Native, Permissions: permissions}
	}
	emulated := func(how string, permissions []string) core.Capability {
		return core.Capability{Support: core.Emulated, Note: how, Permissions: permissions}
	}
	none := func(why string) core.Capability { return core.Capability{Support: core.NotOffered, Note: why} }
	assign := emulated("supervisor: one incremental write for many agents; queue: read, change, replace the list of agents", write)
	join := emulated("queue only: the join state of the agent. "+whySuspend, write)
	return core.Capabilities{
		Vendor: vendor,
		Operations: map[core.Operation]core.Capability{
			core.OpListUsers: native(people), core.OpGetUser: native(people),
			core.OpCreateUser: native(admin), core.OpDeleteUser: native(admin),
			core.OpUpdateUser:   emulated("the vendor only replaces whole people: read with calling data, change, write back", admin),
			core.OpSettle:       none(whySettle),
			core.OpListByUser:   emulated("queues: one look-up; supervisors: a list of all, and the agents of each", read),
			core.OpListByTarget: native(read),
			core.OpAssign:       assign, core.OpUnassign: assign,
			core.OpSuspend: join, core.OpResume: join,
			core.OpPresence:    native(people),
			core.OpSetPresence: none(whySetPresence),
			core.OpBlock:       emulated("loginEnabled of the person: it cannot log in; the desk phone still rings", admin),
			core.OpUnblock:     emulated("loginEnabled of the person", admin),
		},
		Kinds: slices.Clone(kinds),
	}
}

// ListUsers implements core.UserStore.
func (s *Store) ListUsers(ctx context.Context, q core.UserQuery) iter.Seq2[core.User, error] {
	return failedList[core.User](errors.ErrUnsupported)
}

// GetUser implements core.UserStore.
func (s *Store) GetUser(ctx context.Context, id string) (core.User, error) {
	return core.User{}, errors.ErrUnsupported
}

// CreateUser implements core.UserStore.
func (s *Store) CreateUser(ctx context.Context, spec core.UserSpec) (core.User, error) {
	return core.User{}, errors.ErrUnsupported
}

// UpdateUser implements core.UserStore.
func (s *Store) UpdateUser(ctx context.Context, id string, change core.UserChange) (core.User, error) {
	return core.User{}, errors.ErrUnsupported
}

// DeleteUser implements core.UserStore.
func (s *Store) DeleteUser(ctx context.Context, id string) error { return errors.ErrUnsupported }
