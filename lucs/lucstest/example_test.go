package lucstest_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/rollcall-go/rollcall/lucs/lucstest"
)

// call is a request as any client may make it.
func call(client *http.Client, method, url, body string) (status int, answer string) {
	req, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		panic(err)
	}
	req.Header.Set("Authorization", lucstest.APIKey)
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
	return res.StatusCode, string(text)
}

// A task waits while the only agent is blocked, and reaches her when she is not.
func Example() {
	sim := lucstest.NewServer(lucstest.WithSampleData(), lucstest.WithControlAnswer(lucstest.AnswerPartial))
	client := &http.Client{Transport: sim.Transport()}
	mara := lucstest.Origin + "/v1.0/users/" + lucstest.UserMara

	_, answer := call(client, "POST", mara+"/block", "")
	fmt.Println(answer)
	_, id := call(client, "POST", lucstest.Origin+"/v1.0/tasks",
		`{"Service":"`+lucstest.ServiceFrench+`","Required":{},"DistributeToAgent":true}`)
	task, _ := sim.Task(strings.Trim(id, `"`))
	fmt.Println(task["State"])
	_, answer = call(client, "POST", mara+"/unblock", "")
	fmt.Println(answer)
	task, _ = sim.Task(strings.Trim(id, `"`))
	fmt.Println(task["State"], task["Agent"])
	// Output:
	// {"Id":"3b0f7d52-91c4-4c0b-9a55-0d6f2a7be811","IsBlockedByLuwareApi":true,"IsSelectable":false}
	// Pending
	// {"Id":"3b0f7d52-91c4-4c0b-9a55-0d6f2a7be811","IsBlockedByLuwareApi":false,"IsSelectable":false}
	// Accepted sip:mara.keller@example.internal
}

func ExampleServer_Start() {
	sim := lucstest.NewServer()
	sim.AddService(lucstest.Service{Name: "Front Desk"})
	base, err := sim.Start()
	if err != nil {
		panic(err)
	}
	defer sim.Close()
	status, answer := call(http.DefaultClient, "GET", base+"/v1.0/services", "")
	fmt.Println(status, strings.Contains(answer, `"SipUri":"sip:front-desk@example.internal"`))
	// Output: 200 true
}

func ExampleServer_Fault() {
	sim := lucstest.NewServer()
	sim.Fault(lucstest.Fault{Op: "Services.List", Status: 503, Body: lucstest.HTMLPage(503), ContentType: "text/html"})
	client := &http.Client{Transport: sim.Transport()}
	for range 2 {
		status, answer := call(client, "GET", lucstest.Origin+"/v1.0/services", "")
		fmt.Println(status, strings.Contains(answer, "<html"))
	}
	fmt.Println(len(sim.Requests("Services.List")), len(sim.Unstruck()))
	// Output:
	// 503 true
	// 200 false
	// 2 0
}

func ExampleServer_React() {
	sim := lucstest.NewServer(lucstest.WithSampleData())
	sim.React(lucstest.UserMara, lucstest.NoAnswer, 0)
	sim.React(lucstest.UserTom, lucstest.Accept, time.Hour)
	client := &http.Client{Transport: sim.Transport()}
	for _, service := range []string{lucstest.ServiceFrench, lucstest.ServiceHelpdesk} {
		_, id := call(client, "POST", lucstest.Origin+"/v1.0/tasks",
			`{"Service":"`+service+`","Required":{},"DistributeToAgent":true}`)
		task, _ := sim.Task(strings.Trim(id, `"`))
		fmt.Println(task["State"], task["Agent"])
	}
	// Output:
	// Distributing sip:mara.keller@example.internal
	// Distributing sip:tom.brandt@example.internal
}
