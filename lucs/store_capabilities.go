package lucs

import (
	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/storekit"
)

const (
	howWalk   = "LUCS lists users by service only: one request for the services and one per service, merged by id; users in no service that the key sees are missing, and the server does not say so"
	howSearch = "looked for in one service after the other, up to the first that holds the user, which is remembered"
	whyUnits  = "a key sees its organization units only, and the server does not say what is missing"
	whyNoWait = "changes are in effect when they are answered, or looked for until they show"
)

// Capabilities says what this client offers: what nothing is documented of depends
// on the routes in its Dialect.
func (s *Store) Capabilities() core.Capabilities {
	caps := Capabilities()
	ops := caps.Operations
	if s.c.has(opListUsers) {
		ops[core.OpListUsers] = core.Capability{Support: core.Native, Note: whyUnits, Partial: true, Cost: core.Cost{Call: 1}}
	}
	if s.c.has(opGetUser) {
		ops[core.OpGetUser] = core.Capability{Support: core.Native, Cost: core.Cost{Call: 1}}
	}
	if s.c.has(opReplaceUser) {
		ops[core.OpUpdateUser] = core.Capability{Support: core.Emulated, Cost: core.Cost{Call: 3},
			Note: "by the configured route: read, change, write the whole user back; nothing guards it against others"}
	}
	if s.c.has(opDeleteUser) {
		ops[core.OpDeleteUser] = core.Capability{Support: core.Native, Note: "by the configured route", Cost: core.Cost{Call: 2}}
	}
	return caps
}

// Capabilities says what LUCS offers without further routes: users to be created,
// read through the services, blocked, and given a presence. The costs are those of a
// user whose service is remembered, and of a list with one service.
func Capabilities() core.Capabilities {
	native := func(calls int) core.Capability {
		return core.Capability{Support: core.Native, Cost: core.Cost{Call: calls}}
	}
	partial := func(support core.Support, note string, calls int) core.Capability {
		return core.Capability{Support: support, Note: note, Partial: true, Cost: core.Cost{Call: calls}}
	}
	return core.Capabilities{
		Vendor: vendor,
		Operations: map[core.Operation]core.Capability{
			core.OpListUsers:  partial(core.Emulated, howWalk, 2),
			core.OpGetUser:    {Support: core.Emulated, Note: howSearch, Cost: core.Cost{Call: 1}},
			core.OpCreateUser: native(1),
			core.OpUpdateUser: storekit.Lacks(whyNoRoute), core.OpDeleteUser: storekit.Lacks(whyNoRoute),
			core.OpSettle:       storekit.Lacks(whyNoWait),
			core.OpListTargets:  partial(core.Native, whyUnits, 1),
			core.OpListAll:      partial(core.Emulated, howWalk, 2),
			core.OpListByTarget: partial(core.Native, whyUnits, 1),
			core.OpListByUser:   partial(core.Emulated, "every service is asked for its users; "+whyUnits, 2),
			core.OpAssign:       storekit.Lacks(whyAssign), core.OpUnassign: storekit.Lacks(whyAssign),
			core.OpSuspend: storekit.Lacks(whySuspend), core.OpResume: storekit.Lacks(whySuspend),
			core.OpPresence:    {Support: core.Native, Note: "fields of the user, " + howSearch, Cost: core.Cost{Call: 1}},
			core.OpSetPresence: native(3), core.OpBlock: native(3), core.OpUnblock: native(3), core.OpLiftBlocks: native(3),
		},
		Kinds:  []core.KindCapability{{Kind: core.KindQueue, ReadOnly: true}},
		Fields: fields.Capabilities(),
	}
}
