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

// A fault makes the third write of five fail with an error page, as a server in
// trouble does.
func ExampleServer_Fault() {
	sim := libh3lptest.NewServer()
	sim.Fault(libh3lptest.Fault{Op: "assignments.update", Skip: 2, Status: http.StatusInternalServerError,
		ContentType: "text/html", Body: libh3lptest.ErrorPage})
	fmt.Println(len(sim.Unstruck()), "fault has not struck")
	// Output: 1 fault has not struck
}
