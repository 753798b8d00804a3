package core_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
)

func TestOptHasThreeStates(t *testing.T) {
	var keep core.Opt[string]
	set, empty, clear := core.Set("x"), core.Set(""), core.Clear[string]()
	for _, c := range []struct {
		name               string
		o                  core.Opt[string]
		zero, set, cleared bool
		value              string
		or                 string
		any                any
	}{
		{"keep", keep, true, false, false, "", "def", nil},
		{"set", set, false, true, false, "x", "x", "x"},
		{"set to empty", empty, false, true, false, "", "", ""},
		{"clear", clear, false, false, true, "", "def", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.Equal(t, c.zero, c.o.IsZero())
			require.Equal(t, c.set, c.o.IsSet())
			require.Equal(t, c.cleared, c.o.IsClear())
			v, ok := c.o.Get()
			require.Equal(t, c.value, v)
			require.Equal(t, c.set, ok)
			require.Equal(t, c.or, c.o.Or("def"))
			require.Equal(t, c.any, c.o.Value())
		})
	}
}

func TestOptJSON(t *testing.T) {
	type doc struct {
		Name  core.Opt[string]   `json:"name,omitzero"`
		Count core.Opt[int]      `json:"count,omitzero"`
		Tags  core.Opt[[]string] `json:"tags,omitzero"`
	}
	for _, c := range []struct {
		text string
		d    doc
	}{
		{`{}`, doc{}},
		{`{"name":null,"count":null,"tags":null}`, doc{core.Clear[string](), core.Clear[int](), core.Clear[[]string]()}},
		{`{"name":"","count":0,"tags":[]}`, doc{core.Set(""), core.Set(0), core.Set([]string{})}},
		{`{"name":"n","count":7,"tags":["a"]}`, doc{core.Set("n"), core.Set(7), core.Set([]string{"a"})}},
	} {
		data, err := json.Marshal(c.d)
		require.NoError(t, err)
		require.Equal(t, c.text, string(data))
		var back doc
		require.NoError(t, json.Unmarshal(data, &back))
		require.Equal(t, c.d, back)
	}

	// Read over an older value, null clears it and absence keeps it.
	d := doc{Name: core.Set("old"), Count: core.Set(1)}
	require.NoError(t, json.Unmarshal([]byte(`{"name":null}`), &d))
	require.True(t, d.Name.IsClear())
	require.Empty(t, d.Name.Or(""))
	require.Equal(t, 1, d.Count.Or(0))

	require.Error(t, json.Unmarshal([]byte(`{"count":"seven"}`), &d))
}

func TestOptForDecoders(t *testing.T) {
	o := core.Clear[int]()
	*o.Slot().(*int) = 4
	require.Equal(t, core.Set(4), o)
	require.NoError(t, o.UnmarshalJSON([]byte("null")))
	require.Equal(t, core.Clear[int](), o, "a cleared Opt holds no rest of its old value")
}

func FuzzOptJSON(f *testing.F) {
	for _, s := range []string{`null`, `""`, `"x"`, `0`, `[]`, `{}`, `{"a":null}`, `true`, ` "x" `, `1e400`, `"\ud800"`, `nul`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var o core.Opt[any]
		if err := json.Unmarshal(data, &o); err != nil {
			return
		}
		require.False(t, o.IsZero(), "what was read is set or null, never absent")
		var plain any
		require.NoError(t, json.Unmarshal(data, &plain))
		require.Equal(t, plain == nil, o.IsClear())
		require.Equal(t, plain, o.Value())

		out, err := json.Marshal(o)
		require.NoError(t, err)
		want, err := json.Marshal(plain)
		require.NoError(t, err)
		require.Equal(t, string(want), string(out))
		var back core.Opt[any]
		require.NoError(t, json.Unmarshal(out, &back))
		require.Equal(t, o, back)
	})
}

func TestOptPrintsItsValue(t *testing.T) {
	for want, o := range map[string]any{"Okafor": core.Set("Okafor"), "3": core.Set(3), "null": core.Clear[string](), "-": core.Opt[string]{},
		"[redacted]": core.Set(core.NewSecret("s3cr3t"))} {
		require.Equal(t, want, fmt.Sprint(o))
		require.Equal(t, want, fmt.Sprintf("%v", o))
	}
	require.Equal(t, `"a"`, fmt.Sprintf("%q", core.Set("a")))
	require.Equal(t, "{LastName:Okafor Password:[redacted]}", fmt.Sprintf("%+v", struct {
		LastName core.Opt[string]
		Password core.Opt[core.Secret]
	}{core.Set("Okafor"), core.Set(core.NewSecret("s3cr3t"))}))
}
