package main

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

type object = map[string]any

// result is what a run left behind.
type result struct {
	t        *testing.T
	code     int
	out, err string
}

// rollcall runs the program in this process.
func rollcall(t *testing.T, env map[string]string, args ...string) result {
	t.Helper()
	return rollcallIn(t, t.Context(), env, "", args...)
}

func rollcallIn(t *testing.T, ctx context.Context, env map[string]string, stdin string, args ...string) result {
	t.Helper()
	return rollcallAt(t, ctx, nil, env, stdin, args...)
}

// The secrets of the tests' environments and servers: no run may print one.
const (
	somePassword = "Pass-SECRET-4!"
	aSecret      = "-SECRET"
)

// rollcallAt runs the program over a network.
func rollcallAt(t *testing.T, ctx context.Context, net http.RoundTripper, env map[string]string, stdin string, args ...string) result {
	t.Helper()
	var out, errs bytes.Buffer
	getenv := func(name string) string { return env[name] }
	code := run(ctx, args, getenv, streams{in: strings.NewReader(stdin), out: &out, err: &errs, net: net})
	r := result{t, code, out.String(), errs.String()}
	require.NotContains(t, r.out, aSecret, "%v", args)
	require.NotContains(t, r.err, aSecret, "%v", args)
	return r
}

// args splits a command line at spaces.
func args(line string, more ...string) []string { return append(strings.Fields(line), more...) }

func decode(t *testing.T, text string) object {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var o object
	require.NoError(t, d.Decode(&o), text)
	_, err := d.Token()
	require.Error(t, err, "one object a line: %s", text)
	return o
}

// done wants success, and returns the lines of JSON.
func (r result) done() []object {
	r.t.Helper()
	require.Equal(r.t, exitDone, r.code, r.err)
	return r.lines()
}

func (r result) lines() (out []object) {
	r.t.Helper()
	for line := range strings.Lines(r.out) {
		out = append(out, decode(r.t, line))
	}
	return out
}

var errorKeys = []string{"account", "applied", "attempts", "class", "code", "doubt", "message", "op", "requestId", "retryAfterSeconds", "status", "vendor"}

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	readBack = 300 * time.Millisecond // in real time, at servers that never show a change
	os.Exit(m.Run())
}

// fails wants an error of a class with JSON on the last line of standard error.
func (r result) fails(code int, class string) object {
	r.t.Helper()
	require.Equal(r.t, code, r.code, r.err)
	lines := strings.Split(strings.TrimSuffix(r.err, "\n"), "\n")
	last := decode(r.t, lines[len(lines)-1])
	require.Equal(r.t, []string{"error"}, slices.Collect(maps.Keys(last)))
	e := last["error"].(object)
	require.Equal(r.t, errorKeys, slices.Sorted(maps.Keys(e)), "exactly the contract's keys")
	require.Equal(r.t, class, e["class"], r.err)
	require.Contains(r.t, []any{"no", "yes", "unknown"}, e["applied"])
	for _, name := range []string{"status", "attempts", "retryAfterSeconds"} {
		require.IsType(r.t, json.Number(""), e[name], name)
	}
	for _, name := range []string{"vendor", "account", "op", "code", "doubt", "message", "requestId"} {
		require.IsType(r.t, "", e[name], name)
	}
	require.NotEmpty(r.t, e["message"])
	return e
}

// silent wants nothing on standard output.
func (r result) silent() result {
	r.t.Helper()
	require.Empty(r.t, r.out)
	return r
}

// neutral is a user without the vendor's own fields.
func neutral(user object) object {
	delete(user, "native")
	return user
}

func keys(o object) []string { return slices.Sorted(maps.Keys(o)) }

// simOf runs commands against the embedded simulator of a vendor, in virtual time.
// Each command has a simulator of its own.
func simOf(t *testing.T, vendor string, env map[string]string) func(words ...string) result {
	return func(words ...string) (r result) {
		t.Helper()
		synctest.Test(t, func(t *testing.T) {
			r = rollcall(t, env, append([]string{"--sim", "--vendor", vendor, "--json"}, words...)...)
		})
		r.t = t
		return r
	}
}

// sim is simOf Avaya.
func sim(t *testing.T, words ...string) result {
	t.Helper()
	return simOf(t, "avaya", nil)(words...)
}

// simID returns the id of a user of the sample data; it is the same every time.
func simID(t *testing.T, login string) string {
	t.Helper()
	found := sim(t, "users", "list", "--login", login).done()
	require.Len(t, found, 1)
	return found[0]["id"].(string)
}
