package livepersontest

import "slices"

var lobSchema = newSchema(
	field{name: "id", kind: long, given: true},
	field{name: "deleted", kind: boolean, given: true},
	field{name: "name", kind: text, required: true},
	field{name: "description", kind: text},
	field{name: "dateUpdated", kind: text, given: true},
)

func (s *Server) lobsResource() *resource {
	return &resource{
		collection: newCollection("lob", lobSchema, "name", 23980000120),
		name:       "lobs", defaultVersion: "1.0", revisionHeaders: []string{"ac-revision", "eTag"},
		short:     []string{"id", "deleted", "name"},
		mayDelete: s.mayDeleteLOB,
	}
}

func (s *Server) mayDeleteLOB(lob object) *problem {
	id, _ := number(lob, "id")
	has := func(o object) bool { return slices.Contains(list(o, "lobIds"), id) }
	if s.anyUser(has) {
		return inUse("lob", "users")
	}
	if slices.ContainsFunc(s.skills.now.live(), has) {
		return inUse("lob", "skills")
	}
	return nil
}
