package allclients

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest/resttest"
)

// TestBlockLog_ThatPanicsPreventsTheBlock: it is the caller's code, and runs under the
// user's lock. Its panic is an error, nothing is sent, and the client goes on.
func TestBlockLog_ThatPanicsPreventsTheBlock(t *testing.T) {
	each(t, func(t *testing.T, v vendor) {
		synctest.Test(t, func(t *testing.T) {
			p := &parrot{sent: new([]string), repeats: func(string) bool { return false }}
			broken, told := true, 0
			a := v.account(t, core.ClientOptions{Transport: p, BlockLog: func(context.Context, core.Block) error {
				if told++; broken {
					panic(fmt.Sprint("no space left for ", *p.sent))
				}
				return nil
			}})
			p.RoundTripper = a.sim.Transport()
			presence, ok := a.store.(core.PresenceController)
			if !ok || a.store.Capabilities().Of(core.OpBlock).Support == core.NotOffered {
				t.Skip("the vendor has no block")
			}

			id, err := blockable(t, a, presence, &told)
			e := resttest.ErrorOf(t, err)
			require.Equal(t, []any{v.name, core.ClassFailed, core.AppliedNo}, []any{e.Vendor, e.Class, e.Applied}, "%v", err)
			require.Contains(t, e.Message, "the log panicked: no space left")
			requireUnwritten(t, a)
			for _, secret := range *p.sent {
				for _, text := range shown(err) {
					require.False(t, traces(text, secret), "%q in %.600s", secret, text)
				}
			}

			broken = false
			made, err := presence.Block(t.Context(), id)
			require.NoError(t, err, "no lock is left behind")
			require.NotEmpty(t, made.Changed)
		})
	})
}

// blockable is a user of whose block the log is told, and what the block then said.
func blockable(t *testing.T, a *account, presence core.PresenceController, told *int) (id string, err error) {
	t.Helper()
	for u, listed := range a.store.ListUsers(t.Context(), core.UserQuery{}) {
		require.NoError(t, listed)
		if _, err := presence.Block(t.Context(), u.ID); *told > 0 {
			return u.ID, err
		}
	}
	t.Fatal("there is nobody to block")
	return "", nil
}

// requireUnwritten checks that nothing was written but logins and tokens.
func requireUnwritten(t *testing.T, a *account) {
	t.Helper()
	for _, r := range a.sim.Requests() {
		require.True(t, r.Method == http.MethodGet || isLogin(r.Op), "%s %s", r.Op, r.Method)
	}
}
