package allclients

import (
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/pace"
	"github.com/rollcall-go/rollcall/internal/rest/resttest"
)

// TestNew_RefusesOptionsThatMakeNoSense: as invalid, before anything else happens.
func TestNew_RefusesOptionsThatMakeNoSense(t *testing.T) {
	limit := core.RateLimit{PerSecond: 10}
	for want, o := range map[string]core.ClientOptions{
		"Governor and RateLimit exclude each other": {Governor: pace.New(), RateLimit: limit},
		"RateLimit needs a positive rate":           {RateLimit: core.RateLimit{PerSecond: -1}},
		"and a burst that is not negative":          {RateLimit: core.RateLimit{PerSecond: 1, Burst: -1}},
		"RateLimit needs a positive":                {RateLimit: core.RateLimit{Burst: 5}},
		"MaxAttempts is negative":                   {MaxAttempts: -1},
		"MaxWait is negative":                       {MaxWait: -time.Second},
		"MaxPacing is negative":                     {MaxPacing: -time.Second},
		"AttemptTimeout is negative":                {AttemptTimeout: -time.Second},
	} {
		each(t, func(t *testing.T, v vendor) {
			_, err := v.open(o)
			e := resttest.ErrorOf(t, err)
			assert.Equal(t, []any{v.name, "New", core.ClassInvalid, core.AppliedNo}, []any{e.Vendor, e.Op, e.Class, e.Applied})
			assert.Contains(t, e.Message, want)
		})
	}
}

// TestNew_TakesANilOption: open gives each New one. A nil pointer in an interface is
// nothing, too.
func TestNew_TakesANilOption(t *testing.T) {
	each(t, func(t *testing.T, v vendor) {
		var none *pace.Governor
		a := v.account(t, core.ClientOptions{Governor: none, RateLimit: core.RateLimit{PerSecond: 10}})
		require.NoError(t, a.read(t.Context()))
	})
}

// TestConfig_HasTheSameShape: the shared options first, and the credential in Auth.
func TestConfig_HasTheSameShape(t *testing.T) {
	each(t, func(t *testing.T, v vendor) {
		cfg := reflect.TypeOf(v.account(t, core.ClientOptions{}).config)
		first := cfg.Field(0)
		require.True(t, first.Anonymous)
		require.Equal(t, reflect.TypeFor[core.ClientOptions](), first.Type)
		auth, ok := cfg.FieldByName("Auth")
		require.True(t, ok)
		require.Equal(t, "Credentials", auth.Type.Name())
		for f := range cfg.Fields() {
			_, shared := reflect.TypeFor[core.ClientOptions]().FieldByName(f.Name)
			require.False(t, shared, "%s hides the shared option", f.Name)
		}
	})
}
