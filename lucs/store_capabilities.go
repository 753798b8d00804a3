package lucs

import (
	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/storekit"
)

const (
	howWalk = "LUCS lists users by service only: one request for the services and one per service, merged by id; users in no service that " +
		"the key sees are missing, and the server does not say so"
	howSearch = "one service after the other is searched, up to the first that has the user; that one is remembered"
	howServes = "every service is asked for its users; " + whyUnits
	howLook   = "a change that does not show yet is looked for again, one request per look"
	howCreate = "one request; if the answer does not show the user, a search follows"
	// howCreateUnnamed describes a create at a server that returns no id.
	howCreateUnnamed = "the services are searched for the address before, and if the answer does not show the user, also after"
	whyUnits         = "a key sees its organization units only, and the server does not say what is missing"
	whyNoWait        = "changes are in effect when the vendor answers, or looked for until they show"
)

// Capabilities says what this client offers: what nothing is documented of depends
// on the routes in its Dialect.
func (s *Store) Capabilities() core.Capabilities {
	caps := Capabilities()
	ops := caps.Operations

	if s.c.has(opListUsers) {
		ops[core.OpListUsers] = core.Capability{Support: core.Native, Note: whyUnits, Partial: true, Cost: core.Cost{Call: 1}}
		for _, op := range []core.Operation{core.OpGetUser, core.OpListAll} {
			c := ops[op]
			c.Via = "" // the users of the services are a second opinion on that list
			ops[op] = c
		}
	}

	look := search

	if s.c.has(opGetUser) {
		look = core.Cost{Call: 1}
		ops[core.OpGetUser] = core.Capability{Support: core.Native, Cost: look}
		ops[core.OpPresence] = core.Capability{Support: core.Native, Note: "fields of the user", Cost: look}
		for _, op := range []core.Operation{core.OpSetPresence, core.OpBlock, core.OpUnblock, core.OpLiftBlocks} {
			ops[op] = core.Capability{Support: core.Native, Note: howLook, Cost: plus(look, 2)}
		}
		ops[core.OpListByUser] = partial(core.Emulated, howServes, plus(search, 1))
	}

	ops[core.OpCreateUser] = core.Capability{Support: core.Native, Note: howCreate, Cost: plus(look, 1)}
	if s.c.dialect.CreateNamesNoID {
		ops[core.OpCreateUser] = core.Capability{Support: core.Native, Note: howCreateUnnamed, Cost: core.Cost{Call: 3, Target: 2}}
	}

	if s.c.has(opReplaceUser) {
		ops[core.OpUpdateUser] = core.Capability{Support: core.Emulated, Cost: plus(look, 2),
			Note: "by the configured route: read, change, write the whole user back; nothing guards it against others; " + howLook}
	}
	if s.c.has(opDeleteUser) {
		ops[core.OpDeleteUser] = core.Capability{Support: core.Native, Note: "by the configured route; " + howLook, Cost: plus(look, 1)}
	}

	storekit.InBucket(bucketAPI, ops)
	return caps
}

// search is the cost of reading a user through the services: the list of services, and one
// request per service. If the user's service is remembered it takes one request.
var search = core.Cost{Call: 1, Target: 1}

// plus is a cost with some further requests.
func plus(cost core.Cost, calls int) core.Cost {
	cost.Call += calls
	return cost
}

func partial(support core.Support, note string, cost core.Cost) core.Capability {
	return core.Capability{Support: support, Note: note, Partial: true, Cost: cost}
}

// Capabilities says what LUCS offers without further routes: users to be created,
// read through the services, blocked, and given a presence. The costs are those of a
// user whose service is not remembered; Cost.Target counts the services.
func Capabilities() core.Capabilities {
	// A change reads the user before and after. By then its service is remembered.
	change := core.Capability{Support: core.Native, Note: howSearch + "; " + howLook, Cost: plus(search, 2)}
	one := core.Cost{Call: 1}
	everybody := partial(core.Emulated, howWalk, search)
	everybody.Via = core.OpListUsers

	return core.Capabilities{
		Vendor: vendor,
		Operations: storekit.InBucket(bucketAPI, map[core.Operation]core.Capability{
			core.OpListUsers:  partial(core.Emulated, howWalk, search),
			core.OpGetUser:    {Support: core.Emulated, Note: howSearch, Cost: search, Via: core.OpListUsers},
			core.OpCreateUser: {Support: core.Native, Note: howCreate, Cost: plus(search, 1)},
			core.OpUpdateUser: storekit.Lacks(whyNoRoute), core.OpDeleteUser: storekit.Lacks(whyNoRoute),
			core.OpSettle:       storekit.Lacks(whyNoWait),
			core.OpListTargets:  partial(core.Native, whyUnits, one),
			core.OpListAll:      everybody,
			core.OpListByTarget: partial(core.Native, whyUnits, one),
			core.OpListByUser:   partial(core.Emulated, howServes, search),
			core.OpAssign:       storekit.Lacks(whyAssign), core.OpUnassign: storekit.Lacks(whyAssign),
			core.OpSuspend: storekit.Lacks(whySuspend), core.OpResume: storekit.Lacks(whySuspend),
			core.OpPresence:    {Support: core.Native, Note: "fields of the user, " + howSearch, Cost: search},
			core.OpSetPresence: change, core.OpBlock: change, core.OpUnblock: change, core.OpLiftBlocks: change,
		}),
		Kinds:  []core.KindCapability{{Kind: core.KindQueue, ReadOnly: true}},
		Fields: fields.Capabilities(),
	}
}
