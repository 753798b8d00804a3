package webex

import (
	"context"
	"fmt"
	"slices"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/storekit"
	"github.com/rollcall-go/rollcall/internal/adapter"
)

// Store speaks for one organisation, and one tier of it, in the words of package
// core.
type Store struct {
	c      *Client
	border adapter.Border
	users  *adapter.Users[Person]
}

var _ core.Store = (*Store)(nil)

// Store returns the adapter to package core. It shares everything with the Client.
func (c *Client) Store() *Store {
	border := adapter.Border{Vendor: vendor, Account: c.options.Account, Base: c.base, Customer: string(c.org), Pace: c.rest.Governor()}
	return &Store{c: c, border: border, users: usersOf(border)}
}

// Fingerprint names the vendor, the origin and the account there, and no credential.
func (s *Store) Fingerprint() string { return s.border.Fingerprint() }

// Governor is what paces the client's requests.
func (s *Store) Governor() core.Governor { return s.border.Governor() }

// Close is Client.Close.
func (s *Store) Close(ctx context.Context) error { return s.c.Close(ctx) }

// Capabilities says what this client offers: what Webex does.
func (s *Store) Capabilities() core.Capabilities { return Capabilities() }

// levels are those of a queue that routes by skill. No upper bound is documented.
var levels = core.LevelRange{Min: 1}

// kinds are what a user can be assigned to.
var kinds = []core.KindCapability{
	{Kind: core.KindQueue, Level: "skill level, 1 is the best; where the queue routes by skill", Levels: &levels},
	{Kind: core.KindSupervisor},
}

const (
	whySuspend = "a supervisor's agent cannot be suspended; only the join state of a queue's agent can"
	whySettle  = "changes are in effect when the vendor answers"
)

// The permissions that the operations need.
var (
	peopleRead  = []string{"spark-admin:people_read"}
	peopleWrite = []string{"spark-admin:people_write", "spark-admin:people_read", "full or user administrator"}
	linksRead   = []string{"spark-admin:telephony_config_read"}
	linksWrite  = []string{"spark-admin:telephony_config_write", "spark-admin:telephony_config_read", "full administrator"}
)

// Capabilities says what Webex offers: users, the agents of supervisors and
// queues, blocks, and presence to be read.
func Capabilities() core.Capabilities {
	const aPage = "another request for each further page"
	costing := func(c core.Capability, cost core.Cost) core.Capability {
		c.Cost = cost
		return c
	}
	native := func(permissions []string, cost core.Cost) core.Capability {
		return costing(storekit.Offers(permissions...), cost)
	}
	emulated := func(how string, permissions []string, cost core.Cost) core.Capability {
		return costing(storekit.Emulates(how, permissions...), cost)
	}

	// Upper bounds: each link has another owner, and each list by position ends with an
	// empty page. The queues of an agent end with a 404, twice.
	assign := emulated("supervisor: one incremental write for many agents, looked at afterwards; queue: read, change, replace the list of "+
		"agents, read again",
		linksWrite, core.Cost{Call: 3, Link: 3, Batch: 1000})
	join := emulated("queue only: the join state of the agent. "+whySuspend, linksWrite, core.Cost{User: 7, Link: 1})
	login := func(how string) core.Capability {
		return emulated("loginEnabled of the person"+how, peopleWrite, core.Cost{User: 3})
	}

	caps := core.Capabilities{
		Vendor: vendor,
		Operations: storekit.InBucket(bucketPeople, map[core.Operation]core.Capability{
			core.OpListUsers:  native(peopleRead, core.Cost{Call: 1, Page: maxCalling}),
			core.OpGetUser:    native(peopleRead, core.Cost{Call: 1}),
			core.OpCreateUser: native(peopleWrite, core.Cost{Call: 4, Link: 5}),
			core.OpUpdateUser: emulated("the vendor only replaces whole people: read with calling data, change, write back", peopleWrite,
				core.Cost{Call: 3}),
			core.OpDeleteUser: native(peopleWrite, core.Cost{Call: 2}),
			core.OpSettle:     storekit.Lacks(whySettle),

			core.OpListTargets: native(linksRead, core.Cost{Call: 6, Page: telephonyPage}),
			core.OpListAll: emulated("the agents of each queue and of each supervisor; "+aPage, linksRead, core.Cost{Call: 6, Target: 2,
				Page: telephonyPage}),
			core.OpListByUser: emulated("queues: one look-up, and the queues for the levels; supervisors: a list of all, and the agents of each",
				append(slices.Clone(linksRead), peopleRead...), core.Cost{Call: 7, Target: 2, Page: telephonyPage}),
			core.OpListByTarget: native(linksRead, core.Cost{Call: 3, Page: telephonyPage}),
			core.OpAssign:       assign,
			core.OpUnassign:     assign,
			core.OpSuspend:      join,
			core.OpResume:       join,

			core.OpPresence:    native(peopleRead, core.Cost{Call: 1}),
			core.OpSetPresence: storekit.Lacks(whySetPresence),
			core.OpBlock:       login(": it cannot log in; what its desk phone then does is not documented"),
			core.OpUnblock:     login(""),
			core.OpLiftBlocks:  login(""),
		}, append(ofLinks(), core.OpCreateUser)...),
		Kinds:  slices.Clone(kinds),
		Fields: usersOf(adapter.Border{Vendor: vendor}).Fields.Capabilities(),
	}
	for _, op := range ofLinks() {
		if c := caps.Operations[op]; c.Support != core.NotOffered {
			c.Bucket = bucketTelephony
			caps.Operations[op] = c
		}
	}
	return caps
}

// ofLinks are the operations whose requests count as calling. The links of a new user
// count there too, so a creation is in two buckets.
func ofLinks() []core.Operation {
	return []core.Operation{core.OpListTargets, core.OpListAll, core.OpListByUser, core.OpListByTarget,
		core.OpAssign, core.OpUnassign, core.OpSuspend, core.OpResume}
}

// checkTarget refuses an impossible target.
func (s *Store) checkTarget(op core.Operation, t core.Target) error {
	kind := TypePerson
	switch t.Kind {
	case core.KindSupervisor:
	case core.KindQueue:
		kind = TypeCallQueue
	case "":
		return s.border.Invalid(op, "neither a user nor a target is named")
	default:
		return s.border.Unsupported(op, fmt.Sprintf("Webex assigns users to supervisors and queues, not to a %s", t.Kind))
	}

	_, err := ID(t.ID).check(string(op), "the "+string(t.Kind), kind)
	return err
}
