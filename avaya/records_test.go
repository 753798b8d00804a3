package avaya_test

import (
	"reflect"
	"testing"

	"github.com/rollcall-go/rollcall/avaya"
	"github.com/rollcall-go/rollcall/internal/rest/resttest"
)

func TestRecords(t *testing.T) {
	resttest.CheckRecords(t, reflect.TypeFor[avaya.Client](), resttest.Exceptions{
		Composed: map[string][]string{
			"Users.Modify": {"Users.Get", "Users.Replace"}, "Users.Settle": {"Users.ListStatuses", "Users.Get"},
			"Profiles.Modify": {"Profiles.Get", "Profiles.Replace"}, "Profiles.Settle": {"Profiles.ListStatuses", "Profiles.Get"},
			"Groups.ListMembers": {"Groups.Get"}, "Categories.ListAttributes": {"Categories.List"},
		},
		Private: []string{"Token"},
		Reads:   []string{"Users.Search", "Users.ListStatuses", "Profiles.ListStatuses"},
	})
	resttest.CheckQueries(t)
}
