package wire_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/wire"
)

type overlaid struct {
	Name   string           `json:"name,omitzero"`
	Nick   core.Opt[string] `json:"nick,omitzero"`
	Nested *struct {
		N     int        `json:"n,omitzero"`
		Extra core.Extra `json:"-"`
	} `json:"nested,omitzero"`
	PIN   core.Secret `json:"pin,omitzero"`
	Code  core.Secret `json:"code,omitzero" wire:"number"`
	Extra core.Extra  `json:"-"`
}

func TestOverlayReplacesNamedMembersAndNothingElse(t *testing.T) {
	var v overlaid
	require.NoError(t, wire.Unmarshal([]byte(`{"name":"a","nick":"b","nested":{"n":1,"odd":[1,2]},"pin":"0042","code":7,`+
		`"other":12345678901234567890}`), &v))
	err := wire.Overlay(&v, map[string]any{
		"name":   "new",
		"nick":   core.Clear[any](),
		"other2": json.RawMessage(`{"deep":null}`),
		"nested": core.Opt[string]{}, // keep
	})
	require.NoError(t, err)
	out, err := wire.Marshal(v)
	require.NoError(t, err)
	require.Equal(t, `{"name":"new","nested":{"n":1,"odd":[1,2]},"pin":"0042","code":7,"other":12345678901234567890,"other2":{"deep":null}}`,
		string(out))
}

func TestOverlayRefusesWhatDoesNotFitAndChangesNothing(t *testing.T) {
	v := overlaid{Name: "a"}
	require.Error(t, wire.Overlay(&v, map[string]any{"name": []int{1}}))
	require.Equal(t, "a", v.Name)
}

func TestSecretsAreThemselvesOnTheWireAlone(t *testing.T) {
	var v overlaid
	require.NoError(t, wire.Unmarshal([]byte(`{"pin":"hush-hush","code":"0815x"}`), &v))
	require.Equal(t, "hush-hush", v.PIN.Reveal())
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		require.NotContains(t, fmt.Sprintf(verb, v), "hush")
	}
	plain, err := json.Marshal(v)
	require.NoError(t, err)
	require.NotContains(t, string(plain), "hush")
	out, err := wire.Marshal(v)
	require.NoError(t, err)
	require.Equal(t, `{"pin":"hush-hush","code":"0815x"}`, string(out))
}
