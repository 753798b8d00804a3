package main

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/avaya/avayatest"
	"github.com/rollcall-go/rollcall/core/simtest"
	"github.com/rollcall-go/rollcall/libh3lp/libh3lptest"
	"github.com/rollcall-go/rollcall/liveperson/livepersontest"
	"github.com/rollcall-go/rollcall/lucs/lucstest"
	"github.com/rollcall-go/rollcall/webex/webextest"
)

// centre is the five simulators on loopback, which outlive each run of the program, and
// a folder for its files.
type centre struct {
	t   *testing.T
	dir string
	env map[string]string

	avaya      *avayatest.Server
	libh3lp    *libh3lptest.Server
	liveperson *livepersontest.Server
	lucs       *lucstest.Server
	webex      *webextest.Server
}

const fiveVendors = "avaya,libh3lp,liveperson,lucs,webex"

func newCentre(t *testing.T) *centre {
	c := &centre{t: t, dir: t.TempDir(),
		avaya:      avayatest.NewServer(avayatest.WithSampleData(), avayatest.WithDelays(avayatest.Delays{})),
		libh3lp:    libh3lptest.NewServer(libh3lptest.WithSampleData()),
		liveperson: livepersontest.NewServer(livepersontest.WithSampleData()),
		lucs:       lucstest.NewServer(lucstest.WithSampleData()),
		webex:      webextest.NewServer(webextest.WithSampleData()),
	}
	at := map[string]string{}
	for name, start := range map[string]func() (string, error){"avaya": c.avaya.Start, "libh3lp": c.libh3lp.Start,
		"liveperson": c.liveperson.Start, "lucs": c.lucs.Start, "webex": c.webex.Start} {
		base, err := start()
		require.NoError(t, err)
		at[name] = base
	}
	for _, close := range []func(){c.avaya.Close, c.libh3lp.Close, c.liveperson.Close, c.lucs.Close, c.webex.Close} {
		t.Cleanup(close)
	}
	c.env = map[string]string{
		"AVAYA_BASE_URL": at["avaya"], "AVAYA_ACCOUNT_ID": avayatest.AccountID, "AVAYA_APP_KEY": avayatest.AppKey,
		"AVAYA_CLIENT_ID": avayatest.ClientID, "AVAYA_CLIENT_SECRET": avayatest.ClientSecret,
		"LIBH3LP_BASE_URL": at["libh3lp"], "LIBH3LP_USERNAME": libh3lptest.Username, "LIBH3LP_PASSWORD": libh3lptest.Password,
		"LIVEPERSON_ACCOUNT_ID": livepersontest.AccountID, "LIVEPERSON_DOMAIN_URL": at["liveperson"],
		"LIVEPERSON_CLIENT_ID": livepersontest.ClientID, "LIVEPERSON_CLIENT_SECRET": livepersontest.ClientSecret,
		"LUCS_BASE_URL": at["lucs"], "LUCS_API_KEY": lucstest.APIKey,
		"WEBEX_BASE_URL": at["webex"], "WEBEX_TOKEN": webextest.Bearer,
		"FIRST": "Sample-passw0rd",
	}
	return c
}

// at is a file in the centre's folder.
func (c *centre) at(name string) string { return filepath.Join(c.dir, name) }

// write puts a file there.
func (c *centre) write(name, text string) string {
	require.NoError(c.t, os.WriteFile(c.at(name), []byte(text), 0o600))
	return c.at(name)
}

// run is one process: the flags name all five vendors, unless they name others.
func (c *centre) run(words ...string) result {
	c.t.Helper()
	if !strings.Contains(strings.Join(words, " "), "--vendor") {
		words = append([]string{"--vendor", fiveVendors}, words...)
	}
	return rollcall(c.t, c.env, append([]string{"--json", "--poll", "10ms"}, words...)...)
}

// plan plans a want, and returns the plan's file and id.
func (c *centre) plan(want string, words ...string) (file, id string) {
	c.t.Helper()
	r := c.run(append([]string{"plan", c.write("want.json", want), "--force"}, words...)...)
	lines := r.done()
	plan := lines[len(lines)-1]["plan"].(object)
	return plan["file"].(string), plan["id"].(string)
}

// report is the last line of a run of a plan.
func (r result) report() object {
	r.t.Helper()
	lines := r.lines()
	require.NotEmpty(r.t, lines, r.err)
	return lines[len(lines)-1]["report"].(object)
}

// steps are the results of the steps, by step.
func (r result) steps() map[string]string {
	r.t.Helper()
	steps := map[string]string{}
	for _, line := range r.lines() {
		if id, ok := line["step"].(string); ok {
			require.NotContains(r.t, steps, id, "each step is told once")
			require.Equal(r.t, []string{"message", "outcomes", "result", "step"}, keys(line))
			require.Contains(r.t, []any{"applied", "already", "failed", "unknown", "moved", "waiting", "open"}, line["result"])
			steps[id] = line["result"].(string)
		}
	}
	return steps
}

// traffic is what the simulators were asked, by vendor.
func (c *centre) traffic() map[string][]simtest.Request {
	return map[string][]simtest.Request{"avaya": c.avaya.Requests(), "libh3lp": c.libh3lp.Requests(),
		"liveperson": c.liveperson.Requests(), "lucs": c.lucs.Requests(), "webex": c.webex.Requests()}
}

func (c *centre) requests() (n int) {
	for _, asked := range c.traffic() {
		n += len(asked)
	}
	return n
}

// writes are the requests that may change something: no reads and no tokens.
func (c *centre) writes() (ops []string) {
	for _, asked := range c.traffic() {
		for _, r := range asked {
			op := strings.ToLower(r.Op)
			reads := r.Method == "GET" || strings.Contains(op, "token") || strings.Contains(op, "login") || strings.Contains(op, "logout") ||
				strings.Contains(op, "auth") || strings.Contains(op, "search") || strings.HasSuffix(op, ".get")
			if !reads {
				ops = append(ops, r.Op)
			}
		}
	}
	return ops
}

// quiet runs something that must send nothing at all.
func (c *centre) quiet(do func() result) result {
	c.t.Helper()
	before := c.requests()
	r := do()
	require.Equal(c.t, before, c.requests(), "nothing is sent")
	return r
}

// user finds somebody in the data of a vendor's simulator, by the login.
func (c *centre) user(vendor, login string) object {
	c.t.Helper()
	r := c.run("--vendor", vendor, "users", "list", "--login", login)
	if lines := r.done(); len(lines) == 1 {
		return lines[0]
	}
	return nil
}

// keyFiles makes a key pair, as openssl writes it.
func (c *centre) keyFiles(name string) (private, public string) {
	pub, key, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(c.t, err)
	der, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(c.t, err)
	private = c.write(name+".pem", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})))
	der, err = x509.MarshalPKIXPublicKey(pub)
	require.NoError(c.t, err)
	public = c.write(name+".pub", string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})))
	return private, public
}

// over is the member "over" of the error object.
func (r result) over() []any {
	r.t.Helper()
	lines := strings.Split(strings.TrimSuffix(r.err, "\n"), "\n")
	var last struct {
		Error map[string]any `json:"error"`
	}
	require.NoError(r.t, json.Unmarshal([]byte(lines[len(lines)-1]), &last))
	require.Subset(r.t, append(errorKeys, "over"), keys(last.Error))
	over, _ := last.Error["over"].([]any)
	return over
}

func withEnv(env map[string]string, more ...string) map[string]string {
	env = maps.Clone(env)
	for i := 0; i < len(more); i += 2 {
		env[more[i]] = more[i+1]
	}
	return env
}
