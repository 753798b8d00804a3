package libh3lp

import (
	"slices"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/storekit"
)

// Capabilities says what LibraryH3lp offers.
func (s *Store) Capabilities() core.Capabilities { return Capabilities() }

// kinds are what a user can be assigned to.
var kinds = []core.KindCapability{{Kind: core.KindQueue}}

// perCall is the best number of users for one call that changes links: the operators of a
// queue are then read once for all of them.
const perCall = 100

const (
	admin    = "the top-level account, or a user who manages the users and queues"
	whyTwice = "one request; where there are no links, a second one checks that the owner exists"
	whyRead  = "links are read again where the answer does not show what was written"
)

// Capabilities says what LibraryH3lp offers: users, their queues, suspended or not,
// and presence to be read.
func Capabilities() core.Capabilities {
	native := func(cost core.Cost) core.Capability {
		return core.Capability{Support: core.Native, Permissions: []string{admin}, Cost: cost}
	}
	emulated := func(how string, cost core.Cost) core.Capability {
		return core.Capability{Support: core.Emulated, Note: how, Permissions: []string{admin}, Cost: cost}
	}
	noted := func(note string, cost core.Cost) core.Capability {
		c := native(cost)
		c.Note = note
		return c
	}
	// Links are read before and after, from the side that takes fewer reads. A block
	// reads once more if an answer does not show what was written.
	lists, side, linked := core.Cost{Call: 1}, core.Cost{Call: 2}, core.Cost{User: 2, Link: 1, Batch: perCall}
	block := core.Cost{Call: 2, Target: 1}

	return core.Capabilities{
		Vendor: vendor,
		Operations: storekit.InBucket(bucketAPI, map[core.Operation]core.Capability{
			core.OpListUsers:  emulated("the vendor returns all users; the client looks for a login or e-mail among them", lists),
			core.OpGetUser:    native(lists),
			core.OpCreateUser: emulated("an e-mail address is set by a second write, and links by one write per link", core.Cost{Call: 2, Link: 2}),
			core.OpUpdateUser: noted("a precondition costs one more read", core.Cost{Call: 1}),
			core.OpDeleteUser: native(core.Cost{Call: 2}),
			core.OpSettle:     storekit.Lacks("changes are in effect when the vendor answers"),

			core.OpListTargets:  native(lists),
			core.OpListAll:      emulated("the operators of each queue, one request per queue", core.Cost{Call: 1, Target: 1}),
			core.OpListByUser:   noted(whyTwice, side),
			core.OpListByTarget: noted(whyTwice, side),
			core.OpAssign:       native(linked), core.OpUnassign: native(linked),
			core.OpSuspend: noted(whyRead, linked), core.OpResume: noted(whyRead, linked),

			core.OpPresence: {Support: core.Native, Note: "from the public presence service", Permissions: []string{admin},
				Cost: core.Cost{Call: 3}},
			core.OpSetPresence: storekit.Lacks(whySetPresence),
			core.OpBlock:       emulated("every enabled link of the user is suspended, one write per link; the user can opt in again", block),
			core.OpUnblock:     emulated("the links of the record are enabled, one write per link", block),
			core.OpLiftBlocks:  emulated("all links of the user are enabled, one write per link", block),
		}, core.OpPresence),
		Fields: fields.Capabilities(),
		Kinds:  slices.Clone(kinds),
	}
}
