package roster_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core/roster"
)

func TestPseudonyms_NoNameIsLeft(t *testing.T) {
	_, err := roster.NewPseudonyms([]byte("short"))
	require.ErrorIs(t, err, roster.ErrRefused)
	p, err := roster.NewPseudonyms([]byte("0123456789abcdef"))
	require.NoError(t, err)
	other, err := roster.NewPseudonyms([]byte("0123456789abcdeF"))
	require.NoError(t, err)
	assert.Equal(t, p.Name("Kim@X.test"), p.Name(" sip:kim@x.test"))
	assert.NotEqual(t, p.Name("kim@x.test"), other.Name("kim@x.test"))

	w := town()
	plan := planOf(t, w, mixed())
	j := newJournal(t)
	report, err := runOn(w, j).Apply(t.Context(), plan)
	require.NoError(t, err)
	file, err := plan.Encode()
	require.NoError(t, err)
	receipt, err := report.Receipt(t.Context(), plan.Steps[0].Person())
	require.NoError(t, err)
	var census, proof bytes.Buffer
	require.NoError(t, take(t, roster.Fleet{"fake": store{w}}).WriteJSON(&census))
	_, err = receipt.WriteTo(&proof)
	require.NoError(t, err)

	for name, text := range map[string]string{"plan": string(file), "census": census.String(), "receipt": proof.String()} {
		require.Contains(t, text, "@x.test", name)
		var out bytes.Buffer
		require.NoError(t, p.Copy(&out, strings.NewReader(text)), name)
		assert.NotContains(t, out.String(), "@x.test", name)
		assert.NotContains(t, out.String(), "First", name)
		assert.Equal(t, strings.Count(strings.TrimSpace(text), "\n"), strings.Count(strings.TrimSpace(out.String()), "\n"))
	}
	var short bytes.Buffer
	require.NoError(t, p.Copy(&short, strings.NewReader(`{"step":"bo/fake/users.delete","login":"bo","message":"bo is about to go"}`)))
	assert.Equal(t, `{"login":"`+p.Name("bo")+`","message":"`+p.Name("bo")+` is about to go","step":"`+p.Name("bo")+`/fake/users.delete"}`+
		"\n", short.String())
	assert.ErrorIs(t, p.Copy(&bytes.Buffer{}, strings.NewReader("no json")), roster.ErrRefused)
}
