package livepersontest

import "slices"

var skillSchema = newSchema(
	field{name: "id", kind: long, given: true},
	field{name: "deleted", kind: boolean, given: true},
	field{name: "name", kind: text, required: true},
	field{name: "description", kind: text},
	field{name: "skillOrder", kind: long},
	field{name: "maxWaitTime", kind: long, empty: int64(120)},
	field{name: "defaultPostChatSurveyId", kind: text},
	field{name: "defaultOfflineSurveyId", kind: text},
	field{name: "defaultAgentSurveyId", kind: text},
	field{name: "dateUpdated", kind: text, given: true},
	field{name: "skillRoutingConfiguration", kind: several, sub: newSchema(
		field{name: "priority", kind: long, required: true},
		field{name: "splitPercentage", kind: long, required: true},
		field{name: "agentGroupId", kind: long, required: true},
	)},
	field{name: "wrapUpTime", kind: long},
	field{name: "slaDefaultResponseTime", kind: long},
	field{name: "slaUrgentResponseTime", kind: long},
	field{name: "slaFirstTimeResponseTime", kind: long},
	field{name: "lobIds", kind: longs},
	field{name: "canTransfer", kind: boolean, empty: true},
	field{name: "skillTransferList", kind: raw}, // null, all skills, is not []
	field{name: "workingHoursId", kind: long},
	field{name: "specialOccasionId", kind: long},
	field{name: "postConversationSurveyAppInstallAssociationId", kind: text},
	field{name: "autoCloseInSeconds", kind: long},
	field{name: "transferToAgentMaxWaitInSeconds", kind: long},
	field{name: "fallbackSkill", kind: long},
	field{name: "fallbackWhenAllAgentsAreAway", kind: boolean, empty: true},
	field{name: "agentSurveyForMsgId", kind: long},
	field{name: "agentSurveyForMsgTimeoutInMinutes", kind: long},
)

func (s *Server) skillsResource() *resource {
	return &resource{
		collection: newCollection("skill", skillSchema, "name", 23590001120),
		name:       "skills", defaultVersion: "1.0", revisionHeaders: []string{"ac-revision", "eTag"},
		short: []string{"id", "deleted", "name"}, shortAlways: true,
		prepare: s.prepareSkill, mayDelete: s.mayDeleteSkill,
	}
}

func (s *Server) prepareSkill(_ *call, _, in object) *problem {
	for _, r := range parts(in, "skillRoutingConfiguration") {
		if name := skillSchema.byName["skillRoutingConfiguration"].sub.missing(r); name != "" {
			return invalid("skillRoutingConfiguration.%s is required", name)
		}
		id, _ := number(r, "agentGroupId")
		if _, ok := s.groups.now.get(id); !ok {
			return invalid("skillRoutingConfiguration: there is no agent group %d", id)
		}
	}

	if in["lobIds"] != nil {
		ids, p := s.existing("lobIds", s.lobs, list(in, "lobIds"))
		if p != nil {
			return p
		}
		in["lobIds"] = ids
	}
	return nil
}

func (s *Server) mayDeleteSkill(skill object) *problem {
	id, _ := number(skill, "id")
	if s.anyUser(func(u object) bool { return slices.Contains(list(u, "skillIds"), id) }) {
		return inUse("skill", "users")
	}
	for _, other := range s.skills.now.live() {
		if fallback, ok := number(other, "fallbackSkill"); ok && fallback == id {
			return inUse("skill", "skills")
		}
	}
	return nil
}
