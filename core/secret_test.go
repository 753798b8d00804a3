package core_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
)

const planted = "hunter2-planted"

type vault struct {
	Open   core.Secret
	hidden core.Secret
	Opt    core.Opt[core.Secret]
	deep   struct{ list []core.Secret }
	Map    map[string]core.Secret
	ptr    *core.Secret
	Any    any
}

func newVault() vault {
	s := core.NewSecret(planted)
	v := vault{Open: s, hidden: s, Opt: core.Set(s), Map: map[string]core.Secret{"k": s}, ptr: &s, Any: s}
	v.deep.list = []core.Secret{s}
	return v
}

func TestSecretPrintsNowhere(t *testing.T) {
	s := core.NewSecret(planted)
	v := newVault()
	spec := core.UserSpec{Login: "l", Password: s, Fields: map[string]any{"password": s}}
	change := core.UserChange{Password: core.Set(s)}
	hexed := fmt.Sprintf("%x", planted)
	check := func(t *testing.T, text string) {
		t.Helper()
		require.NotContains(t, text, planted)
		require.NotContains(t, text, hexed)
		require.NotContains(t, text, fmt.Sprintf("%X", planted))
		require.NotContains(t, text, fmt.Sprint([]byte(planted)))
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "% x", "%#x", "%d", "%b", "%o", "%O", "%c", "%U",
		"%e", "%g", "%t", "%T", "%p", "%20s", "%-5v", "%.2s", "%z"} {
		t.Run(verb, func(t *testing.T) {
			for _, x := range []any{s, &s, v, &v, []core.Secret{s}, map[string]any{"s": s}, [1]core.Secret{s}, spec, &spec, change,
				core.Set(s), struct{ s core.Secret }{s}, struct{ e any }{&v}} {
				check(t, fmt.Sprintf(verb, x))
			}
			check(t, fmt.Errorf("x "+verb, s).Error())
		})
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%20s"} {
		require.Equal(t, "[redacted]", fmt.Sprintf(verb, s), verb)
		require.Empty(t, fmt.Sprintf(verb, core.Secret{}), verb)
	}
	check(t, fmt.Sprint(s, v))
	check(t, s.String()+s.GoString())
	require.Contains(t, fmt.Sprintf("%v", v.Map), "[redacted]")
}

func TestSecretInEncoders(t *testing.T) {
	v := newVault()
	data, err := json.Marshal(v)
	require.NoError(t, err)
	require.NotContains(t, string(data), planted)
	require.Contains(t, string(data), `"Open":"[redacted]"`)

	data, err = json.Marshal(map[core.Secret]int{core.NewSecret(planted): 1})
	require.NoError(t, err)
	require.Equal(t, `{"[redacted]":1}`, string(data))

	data, err = json.Marshal(struct {
		S core.Secret `json:"s,omitzero"`
	}{})
	require.NoError(t, err)
	require.Equal(t, `{}`, string(data))

	text, err := core.NewSecret(planted).MarshalText()
	require.NoError(t, err)
	require.Equal(t, "[redacted]", string(text))
}

func TestSecretInLogs(t *testing.T) {
	v, s := newVault(), core.NewSecret(planted)
	var out bytes.Buffer
	for _, h := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		l := slog.New(h).With("bound", s)
		l.Info(fmt.Sprint(s), "s", s, "p", &s, "v", v, "list", []core.Secret{s}, slog.Group("g", "s", s))
	}
	require.NotContains(t, out.String(), planted)
	require.Contains(t, out.String(), "s=[redacted]")
	require.Contains(t, out.String(), `"s":"[redacted]"`)
}

func TestSecretItself(t *testing.T) {
	require.Equal(t, planted, core.NewSecret(planted).Reveal())
	require.Equal(t, core.Secret{}, core.NewSecret(""))
	require.True(t, core.Secret{}.IsZero())
	require.False(t, core.NewSecret("x").IsZero())
	require.Empty(t, core.Secret{}.Reveal())
	require.Empty(t, core.Secret{}.String())
}
