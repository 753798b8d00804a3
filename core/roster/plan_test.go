package roster_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
)

func encoded(t *testing.T) (roster.Plan, []byte) {
	t.Helper()
	want := mixed()
	want.Have[0].Spec.Fields = map[string]any{"big": json.Number("12345678901234567890.10"), "html": "<&>"}
	p := planOf(t, town(), want)
	p.Why, p.Actor = "a <test> & \u2028 more", "somebody"
	p.Expires = time.Now().Add(time.Hour)
	file, err := p.Encode()
	require.NoError(t, err)
	return p, file
}

// sealAgain gives a changed plan file the id that fits its bytes.
func sealAgain(file []byte) []byte {
	line := bytes.Clone(bytes.TrimSuffix(file, []byte("\n")))
	const from = len(`{"id":"sha256:`)
	copy(line[from:], strings.Repeat("0", 64))
	sum := sha256.Sum256(line)
	copy(line[from:], hex.EncodeToString(sum[:]))
	return append(line, '\n')
}

func TestPlan_SurvivesItsFile(t *testing.T) {
	p, file := encoded(t)
	assert.Equal(t, 1, bytes.Count(file, []byte("\n")))
	assert.True(t, bytes.HasPrefix(file, []byte(`{"id":"`+p.ID()+`","version":1,"why":`)))
	assert.Contains(t, string(file), `"big":12345678901234567890.10`)
	assert.Equal(t, sealAgain(file), file, "the id is the digest of the bytes with its own digits zero")

	q, err := roster.ParsePlan(file)
	require.NoError(t, err)
	assert.Equal(t, p.ID(), q.ID())
	again, err := q.Encode()
	require.NoError(t, err)
	assert.Equal(t, string(file), string(again))

	// A plan that was changed after it was read is another plan.
	q.Until = time.Now()
	assert.NotEqual(t, p.ID(), q.ID())

	// A file of another encoder keeps the id of its own bytes.
	other := sealAgain(bytes.Replace(file, []byte(`"somebody"`), []byte(`"some\u0062ody"`), 1))
	o, err := roster.ParsePlan(other)
	require.NoError(t, err)
	assert.Contains(t, string(other), o.ID())
	assert.NotEqual(t, p.ID(), o.ID())
	again, err = o.Encode()
	require.NoError(t, err)
	assert.Equal(t, string(other), string(again))
}

func TestParsePlan_RefusesEveryChangedByte(t *testing.T) {
	_, file := encoded(t)
	for i := range len(file) {
		changed := bytes.Clone(file)
		changed[i] ^= 1
		_, err := roster.ParsePlan(changed)
		require.ErrorIs(t, err, roster.ErrRefused, "byte %d", i)
	}
}

func TestParsePlan_IsStrict(t *testing.T) {
	_, file := encoded(t)
	for name, c := range map[string]struct{ from, to, says string }{
		"a later version":               {`"version":1`, `"version":2`, "version 2"},
		"a doubled member":              {`"why":`, `"why":"x","why":`, "why stands there twice"},
		"a changed case":                {`"actor":`, `"Actor":`, "Actor: there is no such member"},
		"an unknown member":             {`"lane":`, `"lain":"x","lane":`, "steps[0].lain: there is no such member"},
		"a member twice in open values": {`"html":`, `"html":1,"html":`, "html stands there twice"},
		"a password":                    {`"spec":{`, `"spec":{"password":"x",`, "spec.password: there is no such member"},
		"an unknown op":                 {`"op":"presence.block"`, `"op":"presence.get"`, "no steps of presence.get"},
	} {
		require.Contains(t, string(file), c.from, name)
		_, err := roster.ParsePlan(sealAgain(bytes.Replace(file, []byte(c.from), []byte(c.to), 1)))
		require.ErrorIs(t, err, roster.ErrRefused, name)
		assert.ErrorContains(t, err, c.says, name)
	}
	_, err := roster.ParsePlan([]byte("{}"))
	assert.ErrorIs(t, err, roster.ErrRefused)
}

func TestPlan_HoldsNoPassword(t *testing.T) {
	p := planOf(t, town(), mixed())
	p.Steps[len(p.Steps)-1].Spec = &core.UserSpec{Password: core.NewSecret("x")}
	assert.ErrorIs(t, p.Check(), roster.ErrRefused)
}

func TestPlan_WriteTextSaysWhatChanges(t *testing.T) {
	w := town()
	w.lacks = []core.Operation{core.OpDeleteUser}
	p := planOf(t, w, mixed())
	var b strings.Builder
	require.NoError(t, p.WriteText(&b))
	assert.Contains(t, b.String(), "lastName: nothing → Renamed")
	assert.Contains(t, b.String(), "queue:q1@3")
	assert.Contains(t, b.String(), "the user stays: the fake lacks it")
}

// TestPlan_ComparesVendorFieldsAsALookDoes: a vendor may show a set in another order, a
// number as a text, and more members than were asked for. Such a field is no step.
func TestPlan_ComparesVendorFieldsAsALookDoes(t *testing.T) {
	w := town()
	u := w.users["u1"]
	u.Native = map[string]any{"skills": []any{"b", "a"}, "level": 3, "home": map[string]any{"id": 7, "name": "North"}, "note": "old"}
	w.users["u1"] = u
	want := func(fields map[string]any) roster.Want {
		return roster.Want{Change: map[string]map[string]core.UserChange{u.Login: {"fake": {Fields: fields}}}}
	}

	same := map[string]any{"skills": []string{"a", "b"}, "level": "3", "home": map[string]any{"id": 7}}
	assert.Empty(t, planOf(t, w, want(same)).Steps)
	same["note"] = "new"
	steps := planOf(t, w, want(same)).Steps
	require.Len(t, steps, 1)
	assert.Equal(t, map[string]any{"note": "new"}, steps[0].Change.Fields)
}
