package jobs

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/avaya"
	"github.com/rollcall-go/rollcall/avaya/avayatest"
	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
	"github.com/rollcall-go/rollcall/core/simtest"
	"github.com/rollcall-go/rollcall/libh3lp"
	"github.com/rollcall-go/rollcall/libh3lp/libh3lptest"
	"github.com/rollcall-go/rollcall/liveperson"
	"github.com/rollcall-go/rollcall/liveperson/livepersontest"
	"github.com/rollcall-go/rollcall/lucs"
	"github.com/rollcall-go/rollcall/lucs/lucstest"
	"github.com/rollcall-go/rollcall/webex"
	"github.com/rollcall-go/rollcall/webex/webextest"
)

// simulator is what the simulators of all vendors have.
type simulator interface {
	Transport() http.RoundTripper
	Start() (baseURL string, err error)
	Close()
	Requests(operations ...string) []simtest.Request
	Fault(faults ...simtest.Fault)
	Reset()
}

// site is one vendor's simulator with people in it, and what a job may do there.
type site struct {
	name string
	// prefix is put before the names of people, so that those of several sites differ.
	prefix string
	sim    simulator
	// connect makes a client. Without a base URL it speaks through opts.Transport.
	connect func(base string, opts core.ClientOptions) (core.Store, error)

	// add puts somebody in place, linked to the first target, and returns the id.
	add func(login string) string
	// hire is a row of a want for the n-th new person, with links.
	hire func(n int) roster.Hire
	// login is the login of somebody, as the vendor writes it.
	login func(name string) string
	// targets are two that people can be linked to, none where nobody can.
	targets []core.Target
	level   *int
	// change is what can be changed of somebody, nil where nothing can.
	change *core.UserChange
	// deletes and blocks say what the vendor offers.
	deletes, blocks bool
	// foreign changes, behind the client's back, what change changes.
	foreign func(login string)
	// seen shows whether the foreign change is still there.
	seen func(login string) bool
	// relevel changes the first link of somebody behind the client's back, where a link has
	// a level or another state. Releveled shows whether that is still so.
	relevel   func(login string)
	releveled func(login string) bool
	// state is everything that the vendor holds of its people, without ids and dates.
	state func() string
	// reads are operations that are no GET and change nothing.
	reads []string
}

// siteNames are the five vendors.
var siteNames = []string{"avaya", "libh3lp", "liveperson", "lucs", "webex"}

// newSite makes a site with nobody in it but the administrator.
func newSite(t testing.TB, name string) *site {
	t.Helper()
	s := map[string]func(testing.TB) *site{
		"avaya": func(t testing.TB) *site { return avayaSite(t) }, "libh3lp": libh3lpSite, "liveperson": livepersonSite, "lucs": lucsSite,
		"webex": webexSite}[name](t)
	s.name = name
	return s
}

// without drops members of an object, and writes the rest in one order.
func without(o map[string]any, names ...string) string {
	o = maps.Clone(o)
	for _, n := range names {
		delete(o, n)
	}
	text, err := json.Marshal(o)
	if err != nil {
		panic(err)
	}
	return string(text)
}

func sorted(lines []string) string {
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

func avayaSite(t testing.TB, opts ...avayatest.Option) *site {
	sim := avayatest.NewServer(opts...)
	queues := []string{sim.AddQueue(`{"name":"First"}`), sim.AddQueue(`{"name":"Second"}`)}
	sim.AddCategory(`{"name":"Language","attributes":[{"value":"German"}]}`)
	mail := func(name string) string { return name + "@example.com" }
	target := func(i int) core.Target { return core.Target{Kind: core.KindQueue, ID: queues[i]} }
	return &site{
		sim: sim, login: mail, deletes: true,
		connect: func(base string, opts core.ClientOptions) (core.Store, error) {
			if base == "" {
				base = avayatest.Origin
			}
			c, err := avaya.New(avaya.Config{BaseURL: base, AccountID: avayatest.AccountID, AppKey: core.NewSecret(avayatest.AppKey),
				ClientOptions: opts,
				Auth:          avaya.ClientCredentials{ID: avayatest.ClientID, Secret: core.NewSecret(avayatest.ClientSecret)}})
			if err != nil {
				return nil, err
			}
			return c.Store(), nil
		},
		add: func(name string) string {
			return sim.AddUser(fmt.Sprintf(`{"loginId":%[1]q,"emailId":%[1]q,"firstName":"First","lastName":"Last","roles":["Agent"],
				"features":{"voice":{},"matching":{"queues":[{"queueId":%[2]q,"proficiency":3}]}},"unheardOf":{"big":12345678901234567890}}`,
				mail(name), queues[0]))
		},
		hire: func(n int) roster.Hire {
			name := mail(fmt.Sprintf("new%d", n))
			return roster.Hire{Person: name, Account: "avaya", Password: "FIRST",
				Spec:  core.UserSpec{Login: name, Email: name, FirstName: "New", LastName: fmt.Sprintf("User %d", n), Roles: []string{"Agent"}},
				Links: []core.Assignment{{Target: target(0), Level: new(3)}, {Target: core.Target{Kind: core.KindSkill, ID: "Language.German"}}}}
		},
		targets: []core.Target{target(0), target(1)}, level: new(5),
		change: &core.UserChange{LastName: core.Set("Renamed"), DisplayName: core.Set("Renamed, First")},
		foreign: func(name string) {
			u, _ := sim.UserByLogin(mail(name))
			sim.ChangeUser(u["userId"].(string), `{"lastName":"Foreign"}`)
		},
		seen: func(name string) bool {
			u, _ := sim.UserByLogin(mail(name))
			return u["lastName"] == "Foreign"
		},
		relevel: func(name string) {
			u, _ := sim.UserByLogin(mail(name))
			sim.ChangeUser(u["userId"].(string), fmt.Sprintf(`{"features":{"voice":{},"matching":{"queues":[{"queueId":%q,"proficiency":9}]}}}`,
				queues[0]))
		},
		releveled: func(name string) bool {
			u, _ := sim.UserByLogin(mail(name))
			return strings.Contains(without(u), `"proficiency":9`)
		},
		state: func() string {
			var lines []string
			for _, u := range sim.Users() {
				lines = append(lines, without(u, "userId"))
			}
			return sorted(lines)
		},
		reads: []string{"token", "users.search", "users.listStatuses"},
	}
}

func libh3lpSite(t testing.TB) *site {
	sim := libh3lptest.NewServer()
	queues := []int64{sim.AddQueue(`{"name":"first"}`), sim.AddQueue(`{"name":"second"}`)}
	target := func(i int) core.Target { return core.Target{Kind: core.KindQueue, ID: fmt.Sprint(queues[i])} }
	id := func(name string) int64 {
		u, _ := sim.UserByName(name)
		n, err := strconv.ParseInt(fmt.Sprint(u["id"]), 10, 64)
		require.NoError(t, err)
		return n
	}
	return &site{
		sim: sim, login: func(name string) string { return name }, deletes: true, blocks: true,
		connect: func(base string, opts core.ClientOptions) (core.Store, error) {
			cfg := libh3lp.Config{BaseURL: base, ClientOptions: opts, Auth: libh3lp.Login{Username: libh3lptest.Username,
				Password: core.NewSecret(libh3lptest.Password)}}
			if base == "" {
				cfg.Region = libh3lp.US
			}
			c, err := libh3lp.New(cfg)
			if err != nil {
				return nil, err
			}
			return c.Store(), nil
		},
		add: func(name string) string {
			id := sim.AddUser(map[string]any{"name": name, "email": name + "@example.test", "show": "available", "unheardOf": 1})
			sim.AddLink(id, queues[0], true)
			return fmt.Sprint(id)
		},
		hire: func(n int) roster.Hire {
			name := fmt.Sprintf("new%d", n)
			return roster.Hire{Person: name, Account: "libh3lp", Password: "FIRST",
				Spec:  core.UserSpec{Login: name, Email: name + "@example.test"},
				Links: []core.Assignment{{Target: target(0)}, {Target: target(1)}}}
		},
		targets: []core.Target{target(0), target(1)},
		change:  &core.UserChange{Email: core.Set("")}, // each their own: see changeOf
		foreign: func(name string) { sim.ChangeUser(id(name), `{"email":"foreign@example.test"}`) },
		seen: func(name string) bool {
			u, _ := sim.UserByName(name)
			return u["email"] == "foreign@example.test"
		},
		relevel: func(name string) { sim.SetEnabled(id(name), queues[0], false) },
		releveled: func(name string) bool {
			return slices.ContainsFunc(sim.Links(id(name)), func(l libh3lptest.Link) bool { return l.QueueID == queues[0] && !l.Enabled })
		},
		state: func() string {
			var lines []string
			for _, u := range sim.Users() {
				var line strings.Builder
				line.WriteString(without(u, "id"))
				links := map[int64]bool{}
				for _, l := range sim.Links(id(u["name"].(string))) {
					links[l.QueueID] = l.Enabled
				}
				for _, q := range slices.Sorted(maps.Keys(links)) {
					line.WriteString(fmt.Sprintf(" %d:%v", q, links[q]))
				}
				lines = append(lines, line.String())
			}
			return sorted(lines)
		},
		reads: []string{"login"},
	}
}

func livepersonSite(t testing.TB) *site {
	sim := livepersontest.NewServer(livepersontest.WithFullLists())
	skills := []int64{sim.AddSkill(`{"name":"first"}`), sim.AddSkill(`{"name":"second"}`)}
	target := func(i int) core.Target { return core.Target{Kind: core.KindSkill, ID: fmt.Sprint(skills[i])} }
	user := func(name string) (int64, map[string]any) {
		u, _ := sim.UserByLogin(name)
		n, err := strconv.ParseInt(fmt.Sprint(u["id"]), 10, 64)
		require.NoError(t, err)
		return n, u
	}
	return &site{
		sim: sim, login: func(name string) string { return name }, deletes: true, blocks: true,
		connect: func(base string, opts core.ClientOptions) (core.Store, error) {
			domain := base
			if base == "" {
				domain = "https://" + livepersontest.HostDomain
			}
			c, err := liveperson.New(liveperson.Config{AccountID: livepersontest.AccountID, DomainURL: domain, ClientOptions: opts,
				Auth: liveperson.ClientCredentials{ID: livepersontest.ClientID, Secret: core.NewSecret(livepersontest.ClientSecret)}})
			if err != nil {
				return nil, err
			}
			return c.Store(), nil
		},
		add: func(name string) string {
			return fmt.Sprint(
				sim.AddUser(fmt.Sprintf(`{"loginName":%[1]q,"fullName":"First Last","nickname":%[1]q,"email":"%[1]s@example.test","isEnabled":true,
				"maxChats":2,"profileIds":[%[2]d],"memberOf":{"agentGroupId":-1},"skillIds":[%[3]d],"unheardOf":{"big":12345678901234567890}}`,
					name, livepersontest.ProfileAgent, skills[0])))
		},
		hire: func(n int) roster.Hire {
			name := fmt.Sprintf("new%d", n)
			return roster.Hire{Person: name + "@example.test", Account: "liveperson", Password: "FIRST",
				Spec: core.UserSpec{Login: name, Email: name + "@example.test", FirstName: "New", LastName: "User", DisplayName: name,
					Fields: map[string]any{"maxChats": 2, "memberOf": map[string]any{"agentGroupId": -1}}},
				Links: []core.Assignment{{Target: target(0)}, {Target: target(1)},
					{Target: core.Target{Kind: core.KindProfile, ID: fmt.Sprint(livepersontest.ProfileAgent)}}}}
		},
		targets: []core.Target{target(0), target(1)},
		change:  &core.UserChange{DisplayName: core.Set("")}, // each their own: see changeOf
		foreign: func(name string) { id, _ := user(name); sim.ChangeUser(id, `{"nickname":"foreign"}`) },
		seen:    func(name string) bool { _, u := user(name); return u["nickname"] == "foreign" },
		state: func() string {
			var lines []string
			for _, u := range sim.Users() {
				if of, ok := u["memberOf"].(map[string]any); ok {
					u["memberOf"] = of["agentGroupId"]
				}
				if u["skillIds"] == nil {
					u["skillIds"] = []any{}
				}
				lines = append(lines, without(u, "id", "pid", "dateUpdated", "passwordSh", "lastPwdChangeDate"))
			}
			return sorted(lines)
		},
		reads: []string{"oauth.token", "token", "users.list"},
	}
}

func lucsSite(t testing.TB) *site {
	sim := lucstest.NewServer(lucstest.WithSampleData())
	sip := func(name string) string { return "sip:" + name + "@example.internal" }
	fields := func() map[string]any {
		return map[string]any{
			"CurrentProfile": "Early Shift", "DefaultProfile": "Early Shift",
			"Traits": []map[string]string{{"TraitNode": "Topic/IT", "Attribute": "Expert"}},
			"Profiles": []map[string]any{{"Name": "Early Shift", "Responsibilities": []map[string]string{{"TraitNode": "Topic/IT",
				"Responsibility": "High"}}}, {"Name": "OffDuty", "Responsibilities": nil}},
			"Roles": []map[string]string{{"OrganizationUnit": "System/Helpdesk", "Role": "AdministratorAgent", "Permission": "Allow"}},
		}
	}
	return &site{
		sim: sim, login: sip, blocks: true,
		connect: func(base string, opts core.ClientOptions) (core.Store, error) {
			if base == "" {
				base = lucstest.Origin
			}
			c, err := lucs.New(lucs.Config{BaseURL: base, Auth: lucs.APIKey{Key: core.NewSecret(lucstest.APIKey)}, ClientOptions: opts})
			if err != nil {
				return nil, err
			}
			return c.Store(), nil
		},
		add: func(name string) string {
			u := fields()
			u["SipUri"] = sip(name)
			return sim.AddUser(u)
		},
		hire: func(n int) roster.Hire {
			name := fmt.Sprintf("new%d", n)
			sim.AddPerson(sip(name), "New", fmt.Sprintf("User %d", n))
			return roster.Hire{Person: name + "@example.internal", Account: "lucs", Spec: core.UserSpec{Login: sip(name), Fields: fields()}}
		},
		state: func() string {
			var lines []string
			for _, u := range sim.Users() {
				lines = append(lines, without(u, "Id"))
			}
			return sorted(lines)
		},
	}
}

func webexSite(t testing.TB) *site {
	sim := webextest.NewServer()
	agent := map[string]any{"id": sim.AddPeople(1)[0]}
	queue := func(name string) string {
		return sim.AddQueue(webextest.Assist, name, map[string]any{
			"callPolicies": map[string]any{"routingType": "SKILL_BASED", "policy": "CIRCULAR"}, "agents": []any{agent},
			"allowAgentJoinEnabled": true})
	}
	queues := []string{queue("first"), queue("second")}
	target := func(i int) core.Target { return core.Target{Kind: core.KindQueue, ID: queues[i]} }
	supervisor := core.Target{Kind: core.KindSupervisor, ID: sim.AddSupervisors(1, webextest.Assist)[0]}
	mail := func(name string) string { return name + "@example.test" }
	extension := 30000
	person := func(name string) map[string]any {
		u, _ := sim.PersonByEmail(mail(name))
		return u
	}
	agents := func(queue string, drop string) []map[string]any {
		q, _ := sim.Queue(queue)
		var out []map[string]any
		for _, a := range q["agents"].([]any) {
			if m := a.(map[string]any); m["id"] != drop {
				out = append(out, m)
			}
		}
		return out
	}
	seed := func(name string, queue string) string {
		extension++
		id := sim.AddPerson(map[string]any{"emails": []string{mail(name)}, "displayName": name, "firstName": "First", "lastName": "Last",
			"licenses": []string{webextest.LicenseProfessional, webextest.LicenseAssist}, "locationId": webextest.LocationAustin,
			"extension": fmt.Sprint(extension), "unheardOf": map[string]any{"big": 1234567890123}})
		sim.ChangeQueueAgents(queue, append(agents(queue, ""), map[string]any{"id": id, "skillLevel": 1})...)
		return id
	}
	return &site{
		sim: sim, login: mail, deletes: true, blocks: true,
		connect: func(base string, opts core.ClientOptions) (core.Store, error) {
			c, err := webex.New(webex.Config{BaseURL: base, Tier: webex.Assist, ClientOptions: opts,
				Auth: webex.Bearer{Token: core.NewSecret(webextest.Bearer)}})
			if err != nil {
				return nil, err
			}
			return c.Store(), nil
		},
		add: func(name string) string { return seed(name, queues[0]) },
		hire: func(n int) roster.Hire {
			name := mail(fmt.Sprintf("new%d", n))
			return roster.Hire{Person: name, Account: "webex",
				Spec: core.UserSpec{Login: name, FirstName: "New", LastName: fmt.Sprintf("User %d", n), DisplayName: fmt.Sprintf("New %d", n),
					Enabled: disabled(n), Fields: map[string]any{
						"licenses": []string{webextest.LicenseProfessional, webextest.LicenseAssist}, "locationId": webextest.LocationAustin,
						"extension": fmt.Sprint(20000 + n)}},
				Links: []core.Assignment{{Target: target(0), Level: new(2)}, {Target: supervisor}}}
		},
		targets: []core.Target{target(0), target(1)}, level: new(2),
		change: &core.UserChange{DisplayName: core.Set("Renamed"), LastName: core.Set("Renamed")},
		foreign: func(name string) {
			sim.ChangePerson(person(name)["id"].(string), map[string]any{"lastName": "Foreign"})
		},
		seen: func(name string) bool { return person(name)["lastName"] == "Foreign" },
		relevel: func(name string) {
			id := person(name)["id"].(string)
			sim.ChangeQueueAgents(queues[0], append(agents(queues[0], id), map[string]any{"id": id, "skillLevel": 7})...)
		},
		releveled: func(name string) bool {
			m, _ := sim.QueueAgent(queues[0], person(name)["id"].(string))
			return fmt.Sprint(m["skillLevel"]) == "7"
		},
		state: func() string {
			names := map[string]string{}
			var lines []string
			for _, p := range sim.People() {
				names[p["id"].(string)] = fmt.Sprint(p["emails"])
				lines = append(lines, without(p, "id", "created", "lastModified", "lastActivity", "xmppFederationJid"))
			}
			for i, q := range queues {
				for _, a := range agents(q, "") {
					lines = append(lines, fmt.Sprintf("queue %d: %s %v %v", i, names[a["id"].(string)], a["skillLevel"], a["joinEnabled"]))
				}
			}
			for _, a := range sim.SupervisedAgents(webextest.Assist, supervisor.ID) {
				lines = append(lines, "supervised: "+names[a])
			}
			return sorted(lines)
		},
	}
}

// disabled makes every third new person one who may not log in, where that is a write of
// its own.
func disabled(n int) core.Opt[bool] {
	if n%3 == 0 {
		return core.Set(false)
	}
	return core.Opt[bool]{}
}

// changeOf is what is changed of the n-th person.
func (s *site) changeOf(n int) core.UserChange {
	change := *s.change
	switch s.name {
	case "libh3lp":
		change.Email = core.Set(fmt.Sprintf("changed%d@example.test", n))
	case "liveperson":
		change.DisplayName = core.Set(fmt.Sprintf("renamed %d", n))
	}
	return change
}
