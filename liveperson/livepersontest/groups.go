package livepersontest

// RootGroup is the id of the agent group above all others, "Main Group".
const RootGroup int64 = -1

var groupSchema = newSchema(
	field{name: "id", kind: long, given: true, quoted: true},
	field{name: "deleted", kind: boolean, given: true, quoted: true},
	field{name: "name", kind: text, required: true},
	field{name: "description", kind: text},
	field{name: "parentGroupId", kind: long, quoted: true},
	field{name: "isEnabled", kind: boolean, required: true, quoted: true},
	field{name: "dateUpdated", kind: text, given: true},
)

func (s *Server) groupsResource() *resource {
	return &resource{
		collection: newCollection("agentGroup", groupSchema, "name", 27700000010),
		name:       "agentGroups", defaultVersion: "1.0", revisionHeaders: []string{"eTag"},
		short:   []string{"id", "deleted", "name"},
		prepare: s.prepareGroup, mayDelete: s.mayDeleteGroup,
	}
}

func (s *Server) prepareGroup(_ *call, old, in object) *problem {
	self, exists := number(old, "id")
	parent, ok := number(in, "parentGroupId")
	switch {
	case exists && self == RootGroup:
		if ok {
			return invalid("parentGroupId: the root has none")
		}
		return nil
	case !ok:
		return invalid("parentGroupId is required")
	}

	// The way up from the parent ends at the root, and never at the group itself.
	for up := parent; up != RootGroup; {
		g, found := s.groups.now.get(up)
		if !found {
			return invalid("parentGroupId: there is no agent group %d", up)
		}
		if exists && up == self {
			return invalid("parentGroupId: a group cannot be below itself")
		}
		up, _ = number(g, "parentGroupId")
	}
	return nil
}

func (s *Server) mayDeleteGroup(group object) *problem {
	id, _ := number(group, "id")
	if id == RootGroup {
		return invalid("the main group cannot be deleted")
	}

	for _, g := range s.groups.now.live() {
		if parent, ok := number(g, "parentGroupId"); ok && parent == id {
			return inUse("agentGroup", "agentGroups")
		}
	}

	for _, skill := range s.skills.now.live() {
		for _, r := range parts(skill, "skillRoutingConfiguration") {
			if r["agentGroupId"] == id {
				return inUse("agentGroup", "skills")
			}
		}
	}

	if s.anyUser(func(u object) bool {
		for _, m := range append([]object{part(u, "memberOf")}, parts(u, "managerOf")...) {
			if m["agentGroupId"] == id {
				return true
			}
		}
		return false
	}) {
		return inUse("agentGroup", "users")
	}

	return nil
}
