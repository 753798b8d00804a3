package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/avaya/avayatest"
)

// verdicts are what doctor found, by account and operation.
func (r result) verdicts() map[string]string {
	r.t.Helper()
	found := map[string]string{}
	for _, line := range r.lines() {
		require.Equal(r.t, []string{"account", "message", "op", "permissions", "verdict"}, keys(line))
		require.IsType(r.t, []any{}, line["permissions"])
		require.NotEmpty(r.t, line["message"])
		found[line["account"].(string)+" "+line["op"].(string)] = line["verdict"].(string)
	}
	return found
}

func TestDoctor_ReadsAndNeverWrites(t *testing.T) {
	c := newCentre(t)
	file, _ := c.plan(everyVendor)
	r := c.run("doctor", file)
	require.Empty(t, c.writes(), "a doctor writes nothing")
	e := r.fails(exitPartial, "unsupported")
	require.Contains(t, e["message"], "lucs users.delete")
	found := r.verdicts()
	require.Equal(t, "unsupported", found["lucs users.delete"])
	require.Equal(t, "unproven", found["avaya users.create"])
	require.Equal(t, "proven", found["avaya users.list"])
	require.Equal(t, "unproven", found["libh3lp users.create"])
	require.Equal(t, "unproven", found["liveperson users.update"])

	// A healthy plan, one whose credential is refused, and one for another account.
	file, _ = c.plan(`{"gone":["chiara.fonti@example.com"]}`, "--vendor", "avaya")
	r = c.run("--vendor", "avaya", "doctor", file)
	r.done()
	require.Equal(t, map[string]string{"avaya users.delete": "unproven", "avaya users.get": "proven"}, r.verdicts())
	c.avaya.Fault(avayatest.Fault{Status: 403, Body: `{"message":"no"}`, Times: -1})
	r = c.run("--vendor", "avaya", "doctor", file)
	require.Contains(t, r.fails(exitPartial, "permission")["message"], "avaya users.delete", "a delete demands what the read demands")
	require.Equal(t, "refused", r.verdicts()["avaya users.get"])

	c.quiet(func() result { return c.run("--vendor", "webex", "doctor", file) }).fails(exitUsage, "invalid")
	env := withEnv(c.env, "AVAYA_ACCOUNT_ID", "ABCDEF")
	e = c.quiet(func() result { return rollcall(t, env, "--json", "--vendor", "avaya", "doctor", file) }).fails(exitUsage, "invalid")
	require.Contains(t, e["message"], "was made for avaya")
	c.quiet(func() result { return c.run("doctor", c.write("x.json", "{}")) }).fails(exitUsage, "invalid")
}
