package liveperson_test

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/rollcall-go/rollcall/internal/rest/resttest"
	"github.com/rollcall-go/rollcall/liveperson"
)

func TestRecords(t *testing.T) {
	resttest.CheckRecords(t, reflect.TypeFor[liveperson.Client](), resttest.Exceptions{
		Composed: map[string][]string{
			"Users.Modify": {"Users.Get", "Users.Replace"}, "Users.GetIfChanged": {"Users.Get"},
		},
		Private: []string{"Token", "Login", "Login.Refresh", "Login.Logout", "Domain.Get"},
		Reads:   []string{"AgentView.Get"},
	})
	resttest.CheckQueries(t)
}

// TestUserFieldsCanBeSentInEveryState: a plain field with omitzero would lose a
// zero that was read.
func TestUserFieldsCanBeSentInEveryState(t *testing.T) {
	typ := reflect.TypeFor[liveperson.User]()
	for f := range typ.Fields() {
		switch f.Type.Kind() {
		case reflect.Bool, reflect.Int, reflect.Int64, reflect.String:
			assert.Contains(t, []string{"ID", "LoginName", "Revision"}, f.Name, "%s cannot hold a zero", f.Name)
		}
	}
}
