package wire

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
)

// nullMarker is an element with a method of its own, to which null means something.
type nullMarker int

func (m *nullMarker) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		*m = -1
		return nil
	}
	return json.Unmarshal(data, (*int)(m))
}

// TestLists_LeaveNullToTheElementsOwnMethod, as they do for an Opt. Where an element has
// no form for null, the list is refused: null would go back as something else.
func TestLists_LeaveNullToTheElementsOwnMethod(t *testing.T) {
	var marks []nullMarker
	require.NoError(t, Unmarshal([]byte(`[1, null]`), &marks))
	require.Equal(t, []nullMarker{1, -1}, marks)

	var opts []core.Opt[int]
	require.NoError(t, Unmarshal([]byte(`[1, null]`), &opts))
	require.Equal(t, []core.Opt[int]{core.Set(1), core.Clear[int]()}, opts)

	var numbers []int
	require.Error(t, Unmarshal([]byte(`[1, null]`), &numbers))
}

// TestNullsIn_NamesTheListsThatHeldNulls in order, and nothing else that is in Extra.
func TestNullsIn_NamesTheListsThatHeldNulls(t *testing.T) {
	var got struct {
		Roles, Groups, Skills []string
		Extra                 core.Extra `json:"-"`
	}
	require.NoError(t, Unmarshal([]byte(`{"Skills":["s",null],"Groups":["g"],"Roles":[null],"unknown":null}`), &got))

	require.Equal(t, []string{"Roles", "Skills"}, NullsIn(got.Extra))
	require.Empty(t, NullsIn(core.Extra{"unknown": json.RawMessage("null")}))
}
