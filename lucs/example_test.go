package lucs_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/lucs"
	"github.com/rollcall-go/rollcall/lucs/lucstest"
)

// simulated is a client of a simulator: a real one needs no Transport, and has the
// company's own address and key.
func simulated() *lucs.Client {
	sim := lucstest.NewServer(lucstest.WithSampleData())
	client, err := lucs.New(lucs.Config{BaseURL: lucstest.Origin, Auth: lucs.APIKey{Key: core.NewSecret(lucstest.APIKey)},
		ClientOptions: core.ClientOptions{Transport: sim.Transport()}})
	if err != nil {
		panic(err)
	}
	return client
}

func Example() {
	ctx := context.Background()
	client := simulated()
	for agent, err := range client.Services.ListUsers(ctx, lucstest.ServiceHelpdesk, lucs.ServiceUserListOptions{Selectable: true}) {
		if err != nil {
			panic(err)
		}
		fmt.Println(agent.SipUri, agent.Presence)
	}
	// Output:
	// sip:mara.keller@example.internal Online
	// sip:tom.brandt@example.internal Online
}

// A server whose Swagger page says otherwise than the defaults: a line for each
// difference.
func ExampleDialect() {
	client, err := lucs.New(lucs.Config{
		BaseURL: "https://lucs.example.internal:8443",
		Auth:    lucs.APIKey{Key: core.NewSecret("7f1d0a52c0de4b6f"), Header: "X-Api-Key"},
		Dialect: lucs.Dialect{
			PresenceEncoding: lucs.PresenceAsString,
			Routes: lucs.Routes{
				BlockUser: "PUT /agents/{userId}/blocked",
				User:      "GET /agents/{userId}", // not documented: without it, users are looked for in the services
			},
		},
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(client.Store().Capabilities().Of(core.OpGetUser).Support)
	fmt.Println(client.Store().Capabilities().Of(core.OpDeleteUser).Support)
	// Output:
	// native
	// unsupported
}

func ExampleDefaultDialect() {
	d := lucs.DefaultDialect()
	fmt.Println(d.Routes.BlockUser)
	fmt.Println(d.PresenceEncoding)
	// Output:
	// POST /users/{userId}/block
	// object
}

// The certificate of an on-premise server often comes from the company's own
// authority, which the transport is told.
func ExampleConfig_transport() {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "[]") }))
	defer server.Close()
	companyCA := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}) // in life, read from a file

	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(companyCA) {
		panic("no certificate in it")
	}
	transport := core.NewTransport()
	transport.TLSClientConfig = &tls.Config{RootCAs: pool}
	defer transport.CloseIdleConnections()

	client, err := lucs.New(lucs.Config{BaseURL: server.URL, Auth: lucs.APIKey{Key: core.NewSecret("7f1d0a52c0de4b6f")},
		ClientOptions: core.ClientOptions{Transport: transport, AttemptTimeout: 20 * time.Second}})
	if err != nil {
		panic(err)
	}
	services, err := core.Collect(client.Services.List(context.Background()))
	fmt.Println(len(services), err)
	// Output: 0 <nil>
}

// A reverse proxy wants the key in the query.
func ExampleWithRequestHook() {
	key := core.NewSecret("7f1d0a52c0de4b6f")
	sim := lucstest.NewServer(lucstest.WithSampleData(), lucstest.WithKeyQuery("apikey"))
	client, err := lucs.New(lucs.Config{BaseURL: lucstest.Origin, ClientOptions: core.ClientOptions{Transport: sim.Transport()}},
		lucs.WithRequestHook(func(r *http.Request) {
			q := r.URL.Query()
			q.Set("apikey", key.Reveal())
			r.URL.RawQuery = q.Encode()
		}, key))
	if err != nil {
		panic(err)
	}
	services, err := core.Collect(client.Services.List(context.Background()))
	fmt.Println(len(services), err)
	// Output: 4 <nil>
}

// Blocked, present and selectable are three facts.
func ExampleStore_Block() {
	ctx := context.Background()
	store := simulated().Store()
	record, err := store.Block(ctx, lucstest.UserMara)
	if err != nil {
		panic(err)
	}
	p, err := store.Presence(ctx, lucstest.UserMara)
	if err != nil {
		panic(err)
	}
	fmt.Println(p.Raw, *p.Blocked, *p.Routable)
	err = store.Unblock(ctx, lucstest.UserMara, record)
	fmt.Println(record.Changed, err)
	// Output:
	// Online true false
	// [IsBlockedByLuwareApi] <nil>
}

func ExampleStore_Assign() {
	_, err := simulated().Store().Assign(context.Background(), core.Assignment{
		UserID: lucstest.UserMara, Target: core.Target{Kind: core.KindQueue, ID: lucstest.ServiceClaims},
	})
	fmt.Println(errors.Is(err, errors.ErrUnsupported))
	// Output: true
}

func ExampleUsers_Create() {
	user, err := simulated().Users.Create(context.Background(), lucs.User{
		SipUri:         "sip:noemi.graf@example.internal",
		CurrentProfile: core.Set("Early Shift"), DefaultProfile: core.Set("Early Shift"),
		Traits:   []lucs.Trait{{TraitNode: "Language/German", Attribute: core.Set("Native")}},
		Profiles: []lucs.Profile{{Name: "Early Shift", Responsibilities: []lucs.Responsibility{{TraitNode: "Language/German", Responsibility: lucs.ResponsibilityHigh}}}, {Name: "OffDuty"}},
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(user.FirstName.Or(""), user.LastName.Or(""), "from the directory")
	for _, w := range user.Warnings() {
		fmt.Println(w)
	}
	// Output:
	// Noemi Graf from the directory
	// no Roles: the user has no rights, not even to be an agent
}

func ExampleTasks_Create() {
	ctx := context.Background()
	client := simulated()
	id, err := client.Tasks.Create(ctx, lucs.Task{
		Service: lucstest.ServiceFrench, ExternalTaskID: core.Set("ticket-48113"), Caller: core.Set("Ticket 48113"),
		PreferredAgents: []lucs.SIPURI{"sip:mara.keller@example.internal"},
	})
	if err != nil {
		panic(err)
	}
	task, err := client.Tasks.Get(ctx, id)
	fmt.Println(task.State.Or(""), err)
	// Output: Accepted <nil>
}

func ExampleCallbacks_Create() {
	ctx := context.Background()
	client := simulated()
	callback, err := client.Callbacks.Create(ctx, lucs.Callback{
		Target: core.Set("tel: +41 44 123 45 67"), ServiceID: core.Set(lucstest.ServiceHelpdesk),
		SecondsBetweenRetries: core.Set[int64](60), Priority: core.Set(lucs.PriorityNormal),
		DueDate: core.Set(lucs.DateOf(time.Date(2030, 6, 24, 13, 0, 0, 0, time.UTC))),
	})
	if err != nil {
		panic(err)
	}
	due, ok := callback.DueDate.Or("").Time() // the server wrote it day first
	fmt.Println(callback.Target.Or(""), callback.DueDate.Or(""), due, ok)
	fmt.Println(client.Callbacks.Cancel(ctx, callback.ID))
	fmt.Println(errors.Is(client.Callbacks.Cancel(ctx, callback.ID), core.ErrNotFound))
	// Output:
	// tel:+41441234567 24.06.2030 13:00:00.0000000Z 2030-06-24 13:00:00 +0000 UTC true
	// <nil>
	// true
}

func ExampleDate_Time() {
	t, ok := lucs.Date("24.06.2019 13:00:56.2732376Z").Time()
	fmt.Println(t, ok)
	// Output: 2019-06-24 13:00:56.2732376 +0000 UTC true
}
