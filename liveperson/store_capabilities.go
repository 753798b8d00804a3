package liveperson

import (
	"slices"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/storekit"
)

// Capabilities says what this client offers: presence depends on WithAgentView.
func (s *Store) Capabilities() core.Capabilities {
	caps := Capabilities()
	if !s.c.agentView {
		caps.Operations[core.OpPresence] = storekit.Lacks(whyPresence)
	}
	return caps
}

// kinds are what a user can be assigned to. None of them has a level.
var kinds = []core.KindCapability{
	{Kind: core.KindSkill},
	{Kind: core.KindGroup, Single: true},
	{Kind: core.KindManagedGroup},
	{Kind: core.KindProfile, Least: 1},
	{Kind: core.KindLOB},
}

const (
	readUsers  = "users: read (OAuth 2 scope users.external or users.read)"
	adminUsers = "user administration (package 10001; OAuth 2 scope users.external or users.write)"
)

// Capabilities says what LivePerson offers: users, their assignments, blocks, and
// presence to be read.
func Capabilities() core.Capabilities {
	// The hosts of reads, of writes and of the agent view are looked up at the Domain API
	// every ten minutes. The costs include the look-ups for writes and for the view.
	const lookUp = 1
	// Each user is read, and all are written in one request.
	links := costs(storekit.Emulates("a field of the user: read, change, full replacement under the revision; many users in one request",
		adminUsers),
		core.Cost{Call: lookUp + 1, User: 1, Batch: perBatch})
	modifies := core.Cost{Call: lookUp + 2}
	walk := costs(storekit.Emulates("one walk over all users", readUsers), core.Cost{Call: 1})
	walk.Via = core.OpListUsers
	return core.Capabilities{
		Vendor: vendor,
		Operations: storekit.InBucket(bucketAPI, map[core.Operation]core.Capability{
			core.OpListUsers: costs(storekit.Emulates("the vendor returns all users; the client looks for a login or e-mail among them", readUsers),
				core.Cost{Call: 1}),
			core.OpGetUser:    costs(storekit.Offers(readUsers), core.Cost{Call: 1}),
			core.OpCreateUser: costs(storekit.Offers(adminUsers), core.Cost{Call: lookUp + 1, Batch: perBatch}),
			core.OpUpdateUser: costs(storekit.Emulates("the vendor only replaces whole users: read, change, write back under the revision; many "+
				"users in one request", adminUsers), core.Cost{Call: lookUp + 1, User: 1, Batch: perBatch}),
			// with a read, if the answer is empty
			core.OpDeleteUser: costs(storekit.Offers(adminUsers), core.Cost{Call: lookUp + 1, User: 1, Batch: perBatch}),
			core.OpSettle:     storekit.Lacks("changes are in effect when the vendor answers"),

			core.OpListTargets:  costs(storekit.Offers("skills, agent groups, profiles, lobs: read"), core.Cost{Call: 4}),
			core.OpListAll:      walk,
			core.OpListByUser:   costs(storekit.Offers(readUsers), core.Cost{Call: 1}),
			core.OpListByTarget: walk,
			core.OpAssign:       links, core.OpUnassign: links,
			core.OpSuspend: storekit.Lacks(whySuspend), core.OpResume: storekit.Lacks(whySuspend),

			core.OpPresence: {Support: core.Native, Note: "where the client is allowed to ask the report (WithAgentView)",
				Permissions: []string{"Key Messaging Metrics (category Data)"}, Cost: core.Cost{Call: lookUp + 2}},
			core.OpSetPresence: storekit.Lacks(whySetPresence),
			core.OpBlock: costs(storekit.Emulates("isEnabled of the user: it cannot log in; many users in one request", adminUsers),
				core.Cost{Call: lookUp + 1, User: 1, Batch: perBatch}),
			core.OpUnblock:    costs(storekit.Emulates("isEnabled of the user", adminUsers), modifies),
			core.OpLiftBlocks: costs(storekit.Emulates("isEnabled of the user", adminUsers), modifies),
		}, core.OpPresence),
		Fields:    fields.Capabilities(),
		Kinds:     slices.Clone(kinds),
		Revisions: true,
	}
}

func costs(c core.Capability, cost core.Cost) core.Capability {
	c.Cost = cost
	return c
}
