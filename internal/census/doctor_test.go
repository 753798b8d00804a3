package census

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
	"github.com/rollcall-go/rollcall/liveperson"
	"github.com/rollcall-go/rollcall/liveperson/livepersontest"
	"github.com/rollcall-go/rollcall/webex"
	"github.com/rollcall-go/rollcall/webex/webextest"
)

// watching counts the requests that could write.
type watching struct {
	http.RoundTripper
	writes atomic.Int64
}

func (w *watching) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method != http.MethodGet && !strings.Contains(r.URL.Path, "token") && !strings.Contains(r.URL.Path, "oauth") {
		w.writes.Add(1)
	}
	return w.RoundTripper.RoundTrip(r)
}

// job is a plan that creates, changes, links, blocks and deletes.
func job(t *testing.T, store core.Store, spec core.UserSpec, target core.Target, people ...string) roster.Plan {
	t.Helper()
	p, err := roster.Want{
		Have:    []roster.Hire{{Person: "new", Account: "x", Spec: spec, Password: "FIRST"}},
		Gone:    people[:1],
		Blocked: people[1:2],
		Change:  map[string]map[string]core.UserChange{people[2]: {"x": {DisplayName: core.Set("Another")}}},
		Members: []roster.Members{{Account: "x", Target: target, Mode: roster.Add, People: people[2:3]}},
	}.Plan(take(t, store))
	require.NoError(t, err)
	return p
}

// verdicts are what Doctor says, by operation.
func verdicts(t *testing.T, store core.Store, p roster.Plan) map[core.Operation]roster.Diagnosis {
	t.Helper()
	found, err := roster.Doctor(t.Context(), roster.Fleet{"x": store}, p)
	require.NoError(t, err)
	out := map[core.Operation]roster.Diagnosis{}
	for _, d := range found {
		out[d.Op] = d
	}
	return out
}

func TestDoctor_NamesThePermissionThatWebexMisses(t *testing.T) {
	sim := webextest.NewServer(webextest.WithSampleData())
	way := &watching{RoundTripper: sim.Transport()}
	scopes := []string{"spark-admin:people_read", "spark-admin:people_write", "spark-admin:telephony_config_read",
		"spark-admin:telephony_config_write"}
	store := func(lacks string) core.Store {
		token := webextest.Token{Role: webextest.FullAdmin}
		for _, s := range scopes {
			if s != lacks {
				token.Scopes = append(token.Scopes, s)
			}
		}
		sim.AddToken("without-"+lacks, token)
		c, err := webex.New(webex.Config{Tier: webex.Assist, Auth: webex.Bearer{Token: core.NewSecret("without-" + lacks)},
			ClientOptions: core.ClientOptions{Transport: way}})
		require.NoError(t, err)
		return c.Store()
	}
	var people []string
	for _, id := range sim.AddPeople(3) {
		people = append(people, "x:"+id)
	}
	queue := core.Target{Kind: core.KindQueue, ID: sim.AddQueue(webextest.Tier(true), "doctor", map[string]any{})}
	p := job(t, store(""), core.UserSpec{Login: "new@example.test", DisplayName: "New"}, queue, people...)

	for _, lacks := range append([]string{""}, scopes...) {
		way.writes.Store(0)
		got := verdicts(t, store(lacks), p)
		assert.Zero(t, way.writes.Load(), "a doctor writes nothing")
		refused := map[core.Operation]bool{}
		for op, d := range got {
			if d.Verdict == roster.Refused {
				refused[op] = true
				assert.Contains(t, d.Permissions, lacks, "%s names it", op)
			}
		}
		for _, s := range p.Steps {
			assert.NotEqual(t, roster.Proven, got[s.Op].Verdict, "no write is proven without one: %s", s.Op)
			assert.NotEmpty(t, got[s.Op].Permissions)
		}
		switch lacks {
		case "spark-admin:people_read":
			assert.True(t, refused[core.OpGetUser] && refused[core.OpDeleteUser] && !refused[core.OpAssign], "%v", got)
		case "spark-admin:telephony_config_read":
			assert.True(t, refused[core.OpListByUser] && !refused[core.OpGetUser], "%v", got)
			assert.Contains(t, got[core.OpAssign].Message, lacks)
		default:
			assert.Empty(t, refused, "lacks %q, which no read shows", lacks)
		}
	}
}

func TestDoctor_NamesThePermissionThatLivePersonMisses(t *testing.T) {
	for _, scopes := range [][]string{{"users.read", "users.write"}, {"users.read"}, {"users.write"}} {
		sim := livepersontest.NewServer(livepersontest.WithSampleData(), livepersontest.WithScopes(scopes...))
		all := livepersontest.NewServer(livepersontest.WithSampleData())
		way := &watching{RoundTripper: sim.Transport()}
		store := func(rt http.RoundTripper) core.Store {
			c, err := liveperson.New(liveperson.Config{AccountID: livepersontest.AccountID, DomainURL: "https://" + livepersontest.HostDomain,
				Auth:          liveperson.ClientCredentials{ID: livepersontest.ClientID, Secret: core.NewSecret(livepersontest.ClientSecret)},
				ClientOptions: core.ClientOptions{Transport: rt}})
			require.NoError(t, err)
			return c.Store()
		}
		full := store(all.Transport())
		var people []string
		for u, err := range full.ListUsers(t.Context(), core.UserQuery{}) {
			require.NoError(t, err)
			people = append(people, "x:"+u.ID)
		}
		targets, err := core.Collect(full.ListTargets(t.Context(), core.TargetQuery{Kind: core.KindSkill}))
		require.NoError(t, err)
		p := job(t, full, core.UserSpec{Login: "new", FirstName: "N", LastName: "N", DisplayName: "N", Email: "n@example.test"}, targets[0],
			people...)

		got := verdicts(t, store(way), p)
		assert.Zero(t, way.writes.Load())
		reads, writes := roster.Proven, roster.Unproven
		if scopes[0] != "users.read" {
			reads = roster.Refused
		}
		assert.Equal(t, reads, got[core.OpGetUser].Verdict, "%v: %s", scopes, got[core.OpGetUser].Message)
		assert.Equal(t, writes, got[core.OpDeleteUser].Verdict, "%v", scopes)
		assert.Contains(t, got[core.OpDeleteUser].Message, "users.write")
	}
}

func TestDoctor_SeesARefusalAtEveryVendor(t *testing.T) {
	for name, make := range vendors {
		t.Run(name, func(t *testing.T) {
			f := make(t)
			p, err := roster.Want{Gone: []string{"x:" + f.UserID}, Blocked: []string{"x:" + f.OtherID}}.Plan(take(t, f.Store))
			require.NoError(t, err)
			if len(p.Steps) == 0 {
				t.Skip("nothing of it is offered")
			}
			for _, d := range verdicts(t, f.Store, p) {
				assert.NotEqual(t, roster.Refused, d.Verdict, "%s: %s", d.Op, d.Message)
			}
			f.Refuse()
			refused := 0
			for _, d := range verdicts(t, f.Store, p) {
				assert.NotEqual(t, roster.Proven, d.Verdict, "%s: %s", d.Op, d.Message)
				if d.Verdict == roster.Refused {
					refused++
				}
			}
			assert.NotZero(t, refused)
		})
	}
}
