package main

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
)

// full is a disk that takes so many bytes.
type full struct {
	bytes.Buffer
	left int
}

func (f *full) Write(text []byte) (int, error) {
	n, _ := f.Buffer.Write(text[:min(f.left, len(text))])
	if f.left -= n; n < len(text) {
		return n, errors.New("no space left on device")
	}
	return n, nil
}

func TestOutputThatCannotBeWrittenIsNoSuccess(t *testing.T) {
	ana := simID(t, "tomas.brandt@example.com")
	for line, applied := range map[string]string{
		"users list": "no", "users get " + ana: "no", "vendors": "no", "--help": "no",
		"users create --login new@example.com --first Neo --last One": "yes",
		"users delete " + ana: "yes",
	} {
		for _, form := range []string{"--json", "--json=false"} {
			t.Run(line+form, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					var errs bytes.Buffer
					out := &full{left: 3}
					code := run(t.Context(), args("--sim --vendor avaya "+form+" "+line), func(string) string { return "" },
						streams{in: strings.NewReader(""), out: out, err: &errs})
					require.Equal(t, exitFailed, code)
					require.Equal(t, 3, out.Len())
					if form != "--json" {
						require.Contains(t, errs.String(), "cannot be written")
						return
					}
					r := result{t, code, "", errs.String()}
					e := r.fails(exitFailed, "incomplete")
					require.Equal(t, applied, e["applied"])
					require.Contains(t, e["message"], "no space left")
					if strings.Contains(line, "create") {
						require.Contains(t, out.String()+errs.String(), `"login":"new@example.com"`, "the id is not to be had again")
					} else if applied == "no" {
						require.Equal(t, 1, strings.Count(r.err, "\n"), "a list is not poured out elsewhere: %s", r.err)
					}
				})
			})
		}
	}
}

func TestAPresenceCannotSteerTheTerminal(t *testing.T) {
	var out bytes.Buffer
	p := newPrinter(streams{out: &out}, &command{})
	p.presence(core.Presence{UserID: "7", Availability: core.Busy, Raw: "\x1b[2Jevil\nblocked: false", Reason: "\x07"})
	require.Equal(t, 1, strings.Count(out.String(), "\n"))
	require.NotContains(t, out.String(), "\x1b")
	require.NotContains(t, out.String(), "\x07")
}
