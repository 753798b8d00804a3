package libh3lp_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/rollcall-go/rollcall/internal/rest/resttest"
	"github.com/rollcall-go/rollcall/libh3lp"
)

func TestRecords(t *testing.T) {
	resttest.CheckRecords(t, reflect.TypeFor[libh3lp.Client](), resttest.Exceptions{Private: []string{"Login"}})
	for _, r := range resttest.Records(t) {
		presence := strings.HasPrefix(r.Path, "/presence/")
		assert.Equal(t, presence, strings.HasPrefix(r.Name, "Presence."), r.Name)
		assert.True(t, presence || strings.HasPrefix(r.Path, "/2011-12-03/"), "%s goes to %s", r.Name, r.Path)
	}
}
