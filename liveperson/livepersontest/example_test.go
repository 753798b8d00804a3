package livepersontest_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/rollcall-go/rollcall/liveperson/livepersontest"
)

func Example() {
	sim := livepersontest.NewServer()
	id := sim.AddUser(`{"loginName":"nadia.k","fullName":"Nadia Kovar","newInVersion7":{"x":1}}`)
	sim.Fault(livepersontest.Fault{Op: "Users.List", Status: 429, RetryAfter: "2"})

	client := &http.Client{Transport: sim.Transport()}
	list := func() (*http.Response, string) {
		req, _ := http.NewRequest("GET", "https://"+livepersontest.HostReadOnly+"/api/account/"+livepersontest.AccountID+
			"/configuration/le-users/users?v=6.0&select=loginName,fullName,newInVersion7", nil)
		req.Header.Set("Authorization", "Bearer "+livepersontest.Bearer)
		res, err := client.Do(req)
		if err != nil {
			panic(err)
		}
		defer res.Body.Close()
		body, _ := io.ReadAll(res.Body)
		return res, string(body)
	}
	res, _ := list()
	fmt.Println(res.StatusCode, res.Header.Get("Retry-After"))
	res, body := list()
	fmt.Println(res.StatusCode, res.Header.Get("ac-revision"), body)

	user, _ := sim.User(id)
	fmt.Println(user["fullName"], user["newInVersion7"])
	fmt.Println(len(sim.Requests("Users.List")), len(sim.Unstruck()))
	// Output:
	// 429 2
	// 200 1 [{"loginName":"nadia.k","fullName":"","newInVersion7":{"x":1}}]
	// Nadia Kovar map[x:1]
	// 2 0
}

func ExampleServer_Start() {
	sim := livepersontest.NewServer(livepersontest.WithSampleData())
	base, err := sim.Start()
	if err != nil {
		panic(err)
	}
	defer sim.Close()
	res, err := http.Get(base + "/api/account/" + livepersontest.AccountID + "/service/sentinel/baseURI.json?version=1.0")
	if err != nil {
		panic(err)
	}
	defer res.Body.Close()
	body, _ := io.ReadAll(res.Body)
	fmt.Println(strings.Contains(string(body), strings.TrimPrefix(base, "http://")))
	// Output: true
}
