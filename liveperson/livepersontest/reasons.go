package livepersontest

import (
	"net/http"
	"slices"
)

var reasonSchema = newSchema(
	field{name: "id", kind: long, given: true},
	field{name: "text", kind: text, required: true},
	field{name: "state", kind: text, required: true},
	field{name: "enabled", kind: boolean, empty: true},
	field{name: "order", kind: long},
	field{name: "deleted", kind: boolean, given: true},
)

func (s *Server) reasonsResource() *resource {
	return &resource{
		collection: newCollection("statusReason", reasonSchema, "text", 72500003120),
		name:       "statusReasons", defaultVersion: "1.0",
		revisionHeaders: []string{"ac-revision"}, created: http.StatusOK,
		prepare: func(_ *call, _, in object) *problem {
			if len(word(in, "text")) > 100 {
				return invalid("text: longer than 100 characters")
			}
			if !slices.Contains([]string{"Online", "Occupied", "Away"}, word(in, "state")) {
				return invalid("state: %q is neither Online, Occupied nor Away", word(in, "state"))
			}
			return nil
		},
	}
}
