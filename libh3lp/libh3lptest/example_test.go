package libh3lptest_test

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/rollcall-go/rollcall/libh3lp/libh3lptest"
)

// A client logs in and suspends the only operator of a queue who is available.
// It is told so in an array of one; the queue is offline now, the operator is not.
func Example() {
	sim := libh3lptest.NewServer()
	anna := sim.AddUser(`{"name":"desk-anna","show":"available"}`)
	desk := sim.AddQueue(`{"name":"ref-main"}`)
	sim.AddLink(anna, desk, true)

	client := &http.Client{Transport: sim.Transport()}
	login, err := client.PostForm(libh3lptest.Origin+"/2011-12-03/auth/login", url.Values{
		"username": {libh3lptest.Username}, "password": {libh3lptest.Password},
	})
	if err != nil {
		panic(err)
	}
	login.Body.Close()

	request, _ := http.NewRequest("PUT", fmt.Sprintf("%s/2011-12-03/users/%d/assignments/%d", libh3lptest.Origin, anna, desk),
		strings.NewReader(`{"enabled": null}`))
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-API-Version", "2011-12-03")
	request.AddCookie(login.Cookies()[0])
	answer, err := client.Do(request)
	if err != nil {
		panic(err)
	}
	defer answer.Body.Close()
	body, _ := io.ReadAll(answer.Body)
	fmt.Print(string(body))
	fmt.Println(sim.Links(anna))
	// Output:
	// [{"enabled":null,"queue":"ref-main","queueId":34814,"queueShow":"unavailable","user":"desk-anna","userId":8451,"userShow":"available"}]
	// [{8451 34814 false}]
}

// Staff come and go over XMPP, which a test stands in for. The queue is as
// available as the best of its enabled operators; anybody may ask.
func ExampleServer_SetPresence() {
	sim := libh3lptest.NewServer()
	anna, bo := sim.AddUser(`{"name":"desk-anna"}`), sim.AddUser(`{"name":"desk-bo"}`)
	desk := sim.AddQueue(`{"name":"ref-main"}`)
	sim.AddLink(anna, desk, true)
	sim.AddLink(bo, desk, false)

	client := &http.Client{Transport: sim.Transport()}
	show := func() {
		answer, err := client.Get(libh3lptest.Origin + "/presence/jid/ref-main/" + libh3lptest.QueueDomain + "/text")
		if err != nil {
			panic(err)
		}
		defer answer.Body.Close()
		word, _ := io.ReadAll(answer.Body)
		fmt.Println(string(word))
	}
	sim.SetPresence(bo, libh3lptest.Chat, "")
	show()
	sim.SetPresence(anna, libh3lptest.Away, "lunch")
	show()
	sim.SetEnabled(bo, desk, true)
	show()
	// Output:
	// unavailable
	// away
	// chat
}

// A server in trouble answers with an error page, once; the record tells.
func ExampleServer_Fault() {
	sim := libh3lptest.NewServer(libh3lptest.WithSampleData())
	base, err := sim.Start()
	if err != nil {
		panic(err)
	}
	defer sim.Close()
	sim.Fault(libh3lptest.Fault{Op: "Presence.Queue", Status: http.StatusInternalServerError,
		ContentType: "text/html", Body: libh3lptest.ErrorPage})
	for range 2 {
		answer, err := http.Get(base + "/presence/jid/ref-main/" + libh3lptest.QueueDomain + "/text")
		if err != nil {
			panic(err)
		}
		answer.Body.Close()
	}
	for _, r := range sim.Requests("Presence.Queue") {
		fmt.Println(r.Method, r.Path, r.Status)
	}
	fmt.Println(len(sim.Unstruck()), "faults have not struck")
	// Output:
	// GET /presence/jid/ref-main/chat.libraryh3lp.com/text 500
	// GET /presence/jid/ref-main/chat.libraryh3lp.com/text 200
	// 0 faults have not struck
}
