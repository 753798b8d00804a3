package avayatest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/rollcall-go/rollcall/avaya/avayatest"
)

// The simulator on loopback, asked with nothing but net/http.
func Example() {
	sim := avayatest.NewServer(avayatest.WithSampleData())
	base, err := sim.Start()
	if err != nil {
		panic(err)
	}
	defer sim.Close()

	// A token, in the vendor's manner.
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {avayatest.ClientID}, "client_secret": {avayatest.ClientSecret}}
	req, _ := http.NewRequest("POST", base+"/api/auth/v1/"+avayatest.AccountID+"/protocol/openid-connect/token",
		strings.NewReader(form.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("appkey", avayatest.AppKey)
	var token struct {
		AccessToken string `json:"access_token"`
		ExpiresIn   int    `json:"expires_in"`
	}
	ask(req, &token)
	fmt.Println("a token for", token.ExpiresIn, "seconds")

	// The first page of users, by last name.
	req, _ = http.NewRequest("GET", base+"/api/admin/user/v1/accounts/"+avayatest.AccountID+"/users?pageSize=5&orderBy=lastName", nil)
	req.Header.Set("appkey", avayatest.AppKey)
	req.Header.Set("Authorization", "Bearer "+token.AccessToken)
	var page struct {
		Pagination struct{ Total int }
		Users      []struct {
			FirstName, LastName string
			Roles               []string
		}
	}
	ask(req, &page)
	fmt.Println(len(page.Users), "of", page.Pagination.Total, "users")
	for _, u := range page.Users {
		fmt.Println(u.FirstName, u.LastName, u.Roles)
	}
	fmt.Println(len(sim.Requests("Users.List")), "list was asked for")

	// Output:
	// a token for 900 seconds
	// 5 of 25 users
	// Hugo Abate [Agent]
	// Tomas Brandt [Business Analyst Reporting]
	// Ines Calder [Administrator]
	// Ivy Castell [Agent]
	// Sami Delacroix [Agent]
	// 1 list was asked for
}

func ask(req *http.Request, into any) {
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		panic(err)
	}
	defer res.Body.Close()
	if err := json.NewDecoder(res.Body).Decode(into); err != nil {
		panic(err)
	}
}

// An accepted change that fails later: the vendor says 202, and only the list
// of statuses tells that voice could not be added.
func ExampleServer_Fail() {
	sim := avayatest.NewServer(avayatest.WithSampleData(), avayatest.WithDelays(avayatest.Delays{}))
	sim.Fail(avayatest.Failure{Op: "Users.Replace", Features: []string{"voice"}})
	sami, _ := sim.UserByLogin("sami.delacroix@example.com")
	id := sami["userId"].(string)

	client := http.Client{Transport: sim.Transport()}
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {avayatest.ClientID}, "client_secret": {avayatest.ClientSecret}}
	req, _ := http.NewRequest("POST", avayatest.Origin+"/api/auth/v1/"+avayatest.AccountID+"/protocol/openid-connect/token",
		strings.NewReader(form.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("appkey", avayatest.AppKey)
	res, err := client.Do(req)
	if err != nil {
		panic(err)
	}
	defer res.Body.Close()
	var token struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.NewDecoder(res.Body).Decode(&token); err != nil {
		panic(err)
	}

	req, _ = http.NewRequest("PUT", avayatest.Origin+"/api/admin/user/v1/accounts/"+avayatest.AccountID+"/users/"+id, strings.NewReader(
		`{"organizationNodeId":"QWERTY","loginId":"sami.delacroix@example.com","firstName":"Sami","lastName":"Delacroix",
		  "features":{"voice":{},"recorder":{}}}`))
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("appkey", avayatest.AppKey)
	req.Header.Set("Authorization", "Bearer "+token.AccessToken)
	res, err = client.Do(req)
	if err != nil {
		panic(err)
	}
	defer res.Body.Close()
	fmt.Println(res.Status)

	status, _ := sim.Status(id)
	features := status["features"].(map[string]any)
	fmt.Println("all together:", status["status"])
	for _, name := range []string{"recorder", "voice"} {
		fmt.Println(name+":", features[name].(map[string]any)["status"])
	}

	// Output:
	// 202 Accepted
	// all together: FAILED
	// recorder: COMPLETED
	// voice: FAILED
}
