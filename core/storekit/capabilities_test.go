package storekit_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/storekit"
)

// TestInBucket_NamesWhatIsOffered: what is not offered sends nothing, and what falls into
// several buckets is named in none.
func TestInBucket_NamesWhatIsOffered(t *testing.T) {
	caps := storekit.InBucket("api", map[core.Operation]core.Capability{
		core.OpListUsers: storekit.Offers("read"), core.OpGetUser: storekit.Emulates("from the list", "read", "list"),
		core.OpDeleteUser: storekit.Lacks("nobody leaves"), core.OpAssign: storekit.Offers(),
	}, core.OpAssign)

	require.Equal(t, map[core.Operation]core.Capability{
		core.OpListUsers:  {Support: core.Native, Permissions: []string{"read"}, Bucket: "api"},
		core.OpGetUser:    {Support: core.Emulated, Note: "from the list", Permissions: []string{"read", "list"}, Bucket: "api"},
		core.OpDeleteUser: {Support: core.NotOffered, Note: "nobody leaves"},
		core.OpAssign:     {Support: core.Native},
	}, caps)
}
