package webextest_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/rollcall-go/rollcall/webex/webextest"
)

func ask(client *http.Client, method, url, body string) (*http.Response, string) {
	req, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		panic(err)
	}
	req.Header.Set("Authorization", "Bearer "+webextest.Bearer)
	req.Header.Set("Content-Type", "application/json")
	res, err := client.Do(req)
	if err != nil {
		panic(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		panic(err)
	}
	return res, string(text)
}

// Two agents are given to a supervisor, one of whom she has already.
func Example() {
	sim := webextest.NewServer(webextest.WithSampleData())
	sim.Fault(webextest.Fault{Op: "Supervisors.UpdateAgents", Status: 429, RetryAfter: "rand(30),add(30)"})

	client := &http.Client{Transport: sim.Transport()}
	url := webextest.BaseURL + "/telephony/config/supervisors/" + webextest.PersonErin + "?hasCxEssentials=true"
	body := fmt.Sprintf(`{"agents":[{"id":%q,"action":"ADD"},{"id":%q,"action":"ADD"}]}`, webextest.PersonCarla, webextest.PersonDev)
	res, _ := ask(client, "PUT", url, body)
	fmt.Println(res.StatusCode, res.Header.Get("Retry-After"))
	res, answer := ask(client, "PUT", url, body)
	fmt.Println(res.StatusCode, strings.Count(answer, `"status"`), strings.Contains(answer, "DUPLICATE"))

	erin, _ := sim.Supervisor(webextest.Assist, webextest.PersonErin)
	fmt.Println(erin["agentCount"])
	fmt.Println(len(sim.Requests("Supervisors.UpdateAgents")), len(sim.Unstruck()))
	// Output:
	// 429 rand(30),add(30)
	// 206 1 true
	// 2
	// 2 0
}

func ExampleServer_Start() {
	sim := webextest.NewServer(webextest.WithPeople(250))
	base, err := sim.Start()
	if err != nil {
		panic(err)
	}
	defer sim.Close()
	res, _ := ask(http.DefaultClient, "GET", base+"/people?max=100", "")
	link := res.Header.Get("Link")
	fmt.Println(res.StatusCode, strings.HasPrefix(link, "<"+base+"/people?"), strings.HasSuffix(link, `>; rel="next"`))
	// Output: 200 true true
}
