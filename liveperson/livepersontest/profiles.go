package livepersontest

import "slices"

// The profiles that every account has, one for each role.
const (
	ProfileAdministrator   int64 = 23590002010
	ProfileAgent           int64 = 23590002020
	ProfileAgentManager    int64 = 23590002030
	ProfileCampaignManager int64 = 23590002040
)

// The roles, roleTypeId of a profile. A user is an agent if one of its profiles
// has the role of an agent.
const (
	roleAdmin   int64 = 1
	roleAgent   int64 = 2
	roleManager int64 = 3
)

var roleNames = map[int64]string{1: "Administrator", 2: "Agent", 3: "Agent Manager", 4: "Campaign Manager", 5: "LPA"}

var profileSchema = newSchema(
	field{name: "id", kind: long, given: true},
	field{name: "deleted", kind: boolean, given: true},
	field{name: "name", kind: text, required: true},
	field{name: "description", kind: text},
	field{name: "roleTypeId", kind: long, required: true},
	field{name: "roleTypeName", kind: text, given: true},
	field{name: "dateUpdated", kind: text, given: true},
	field{name: "numOfAssignedUsers", kind: long, given: true},
	field{name: "permissionPackages", kind: several, required: true, sub: newSchema(
		field{name: "id", kind: long, required: true},
		field{name: "isDisplayed", kind: boolean},
		field{name: "featureKeys", kind: raw},
		field{name: "isEnabled", kind: boolean},
	)},
	field{name: "permissions", kind: longs, required: true},
	field{name: "isAssignedToLPA", kind: boolean, required: true},
)

func (s *Server) profilesResource() *resource {
	return &resource{
		collection: newCollection("profile", profileSchema, "name", 23590002050),
		name:       "profiles", defaultVersion: "1.0", revisionHeaders: []string{lastModified},
		short:   []string{"id", "deleted", "name"},
		prepare: s.prepareProfile, mayDelete: s.mayDeleteProfile, derive: s.deriveProfiles,
	}
}

func (s *Server) prepareProfile(_ *call, _, in object) *problem {
	role, _ := number(in, "roleTypeId")
	if roleNames[role] == "" {
		return invalid("roleTypeId: there is no role %d", role)
	}
	in["roleTypeName"] = roleNames[role]
	return nil
}

func (s *Server) mayDeleteProfile(profile object) *problem {
	id, _ := number(profile, "id")
	if s.anyUser(func(u object) bool { return slices.Contains(list(u, "profileIds"), id) }) {
		return inUse("profile", "users")
	}
	return nil
}

// deriveProfiles counts the users of each profile.
func (s *Server) deriveProfiles(profiles []object) []object {
	count := map[int64]int64{}
	for _, u := range s.users.now.live() {
		for _, id := range list(u, "profileIds") {
			count[id]++
		}
	}

	out := make([]object, len(profiles))
	for i, p := range profiles {
		id, _ := number(p, "id")
		out[i] = copyOf(p)
		out[i]["numOfAssignedUsers"] = count[id]
	}
	return out
}
