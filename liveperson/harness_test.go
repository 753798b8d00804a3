package liveperson_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"path"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/leaktest"
	"github.com/rollcall-go/rollcall/internal/rest/resttest"
	"github.com/rollcall-go/rollcall/liveperson"
	"github.com/rollcall-go/rollcall/liveperson/livepersontest"
)

// TestMain fails the package where goroutines of ours are left at the end.
func TestMain(m *testing.M) { leaktest.Main(m) }

var bearer = liveperson.Bearer{Token: core.NewSecret(livepersontest.Bearer)}

// setting changes what a client of a test is made of.
type setting func(*liveperson.Config, *[]liveperson.Option)

func attempts(n int) setting {
	return func(cfg *liveperson.Config, _ *[]liveperson.Option) { cfg.MaxAttempts = n }
}

func transport(rt http.RoundTripper) setting {
	return func(cfg *liveperson.Config, _ *[]liveperson.Option) { cfg.Transport = rt }
}

// readBack is for how long a change is looked for.
func readBack(d time.Duration) setting {
	return func(cfg *liveperson.Config, _ *[]liveperson.Option) { cfg.ReadBack = d }
}

func option(o liveperson.Option) setting {
	return func(_ *liveperson.Config, opts *[]liveperson.Option) { *opts = append(*opts, o) }
}

// client returns a client that is changed by settings.
func client(t testing.TB, cfg liveperson.Config, settings ...setting) *liveperson.Client {
	t.Helper()
	var opts []liveperson.Option
	for _, set := range settings {
		set(&cfg, &opts)
	}
	c, err := liveperson.New(cfg, opts...)
	require.NoError(t, err)
	return c
}

// over returns a client of a simulator, in memory.
func over(t testing.TB, sim *livepersontest.Server, settings ...setting) *liveperson.Client {
	t.Helper()
	return overAs(t, sim, bearer, settings...)
}

func overAs(t testing.TB, sim *livepersontest.Server, auth liveperson.Credentials, settings ...setting) *liveperson.Client {
	t.Helper()
	return client(t, liveperson.Config{
		ClientOptions: core.ClientOptions{Transport: sim.Transport()},
		AccountID:     livepersontest.AccountID, Auth: auth, DomainURL: "https://" + livepersontest.HostDomain,
	}, settings...)
}

const base = "https://config.example.test"

// mocked returns a client with a plain base URL whose requests are answered by a
// mock transport of its own. It looks once for what does not show.
func mocked(t testing.TB, settings ...setting) (*liveperson.Client, *httpmock.MockTransport) {
	t.Helper()
	mt := httpmock.NewMockTransport()
	return client(t, liveperson.Config{
		ClientOptions: core.ClientOptions{Transport: mt, MaxAttempts: 1, ReadBack: -1},
		AccountID:     "acc", Auth: bearer, BaseURL: base,
	}, settings...), mt
}

// notFound is the vendor's own word for it.
const notFound = `{"error":{"message":"Data Not Found","responseStatus":"NOT_FOUND"}}`

const usersURL = base + "/api/account/acc/configuration/le-users/users"

type step = httpmock.Responder

func says(status int, body string, headers ...string) step {
	return resttest.Answer(status, body, headers...)
}

func at(id int64) string { return usersURL + "/" + str(id) }

// with returns a user with some of its members replaced, or with null left out.
func with(doc string, members map[string]string) string {
	var user map[string]json.RawMessage
	if err := json.Unmarshal([]byte(doc), &user); err != nil {
		panic(err)
	}
	for name, v := range members {
		if user[name] = json.RawMessage(v); v == "" {
			delete(user, name)
		}
	}
	out, _ := json.Marshal(user)
	return string(out)
}

// shortOf is a user as a list shows it that was not asked for more.
func shortOf(id int64) string {
	return fmt.Sprintf(`{"id":%[1]d,"pid":"p","deleted":false,"loginName":"u%[1]d"}`, id)
}

// showing answers with the user whose id the address ends in, as newUser was asked for.
func showing(login string) step {
	return func(r *http.Request) (*http.Response, error) {
		return says(200, with(shown(login), map[string]string{"id": path.Base(r.URL.Path)}))(r)
	}
}

func str(id int64) string { return strconv.FormatInt(id, 10) }

// newUser is a user that can be created.
func newUser(login string) liveperson.User {
	return liveperson.User{
		LoginName: login, FullName: core.Set("Full " + login), Nickname: core.Set("nick " + login), Email: core.Set(login + "@example.test"),
		PasswordSh: core.NewSecret("Init-pass-77"), IsEnabled: core.Set(true), MaxChats: core.Set[int64](2),
		ProfileIDs: []int64{livepersontest.ProfileAgent}, MemberOf: &liveperson.Membership{AgentGroupID: core.Set(liveperson.MainGroup)},
	}
}

// lockedBuffer collects what several goroutines write.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

func (b *lockedBuffer) logger() *slog.Logger {
	return slog.New(slog.NewJSONHandler(b, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

var anyUserURL = regexp.MustCompile(`/users/\d+$`)

// whole is a user as an answer shows it.
func whole(id int64, fields string) string {
	return fmt.Sprintf(`{"id":%[1]d,"loginName":"u%[1]d","fullName":"","nickname":"n","isEnabled":true,"disabledManually":false,"maxChats":1,
		"email":"e@x.test","profileIds":[1],"skillIds":[1],"description":"was"%[2]s}`, id, fields)
}

// lost is an answer that does not arrive.
func lost(*http.Request) (*http.Response, error) { return nil, io.ErrUnexpectedEOF }

// inTurn answers one step after the other, and the last one for ever.
func inTurn(steps ...step) step {
	n := 0
	return func(r *http.Request) (*http.Response, error) {
		s := steps[min(n, len(steps)-1)]
		n++
		return s(r)
	}
}

func after0(after step, id int64) step {
	if after == nil {
		return says(200, shortOf(id))
	}
	return after
}

// newcomer is a spec that the simulator accepts.
func newcomer(login string) core.UserSpec {
	return core.UserSpec{Login: login, FirstName: "New", LastName: "Comer", DisplayName: "Newt", Email: login + "@example.test",
		Password: core.NewSecret("Init-pass-01"), Fields: map[string]any{"maxChats": 2},
		Links: []core.Assignment{{Target: core.Target{Kind: core.KindProfile, ID: str(livepersontest.ProfileAgent)}},
			{Target: core.Target{Kind: core.KindGroup, ID: "-1"}}}}
}

// lagging answers with before until a second after the write, and then with after.
func lagging(written *time.Time, before, after step) step {
	return func(r *http.Request) (*http.Response, error) {
		if written.IsZero() || time.Since(*written) < time.Second {
			return before(r)
		}
		return after(r)
	}
}

func writing(written *time.Time, s step) step {
	return func(r *http.Request) (*http.Response, error) {
		*written = time.Now()
		return s(r)
	}
}

// plain makes two objects comparable, whatever Go types hold their values.
func plain(o map[string]any) any {
	data, _ := json.Marshal(o)
	dec := json.NewDecoder(strings.NewReader(string(data)))
	dec.UseNumber()
	var v any
	dec.Decode(&v)
	return v
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// seedSample is the entity example of the vendor's appendix, with its strings for
// numbers and booleans and its placeholder dates, and the main group's id.
const seedSample = `{
"id": "987654321", "deleted": "false", "loginName": "unique@gmail.com", "fullName": "", "nickname": "agent1",
"passwordSh": "pppppp", "isEnabled": "true", "maxChats": "4", "email": "myEmail@gmail.com", "disabledManually": false,
"skillIds": [2359235912, 2359235922], "profileIds": [2359273612, 2359273512], "lobIds": [6549273612],
"changePwdNextLogin": false,
"memberOf": {"agentGroupId": "-1", "assignmentDate": "2015-06-22 19:20:03"},
"managerOf": [{"agentGroupId": "1", "assignmentDate": "2015-06-22 19:20:03"}],
"permissionGroups": ["1"], "description": "user’s description", "mobileNumber": "0542-123456", "employeeId": "",
"maxAsyncChats": "10", "backgndImgUri": "/pictures/image.jpg", "pnCertName": "lpMobileApp-123",
"dateUpdated": "year-month-date hrs:min:sec", "lastPwdChangeDate": "year-month-date hrs:min:sec",
"isApiUser": false, "userTypeId": 1
}`
