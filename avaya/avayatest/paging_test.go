package avayatest_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/avaya/avayatest"
)

func TestPage_SizesAndDefaults(t *testing.T) {
	a := newAPI(t)
	for path, l := range map[string]struct{ def, min, max int }{
		"/users": {10, 5, 50}, "/profiles": {10, 5, 50}, "/groups": {5, 5, 50}, "/queues": {20, 1, 20}, "/categories": {20, 1, 20},
	} {
		res := a.ok(200, "GET", path, nil)
		require.Equal(t, object{"pageNumber": num("1"), "pageSize": num(fmt.Sprint(l.def)), "total": num("0")}, res.at("pagination"), path)
		require.Equal(t, []any{}, res.at(path[1:]), path)
		for size, status := range map[int]int{l.min: 200, l.max: 200, l.min - 1: 400, l.max + 1: 400, -5: 400} {
			a.ok(status, "GET", fmt.Sprintf("%s?pageSize=%d", path, size), nil)
		}
		require.Equal(t, []string{"pageNumber", "pageSize"}, violations(a.ok(400, "GET", path+"?pageNumber=0&pageSize=x", nil)), path)
		a.ok(400, "GET", path+"?pageNumber=99999999999999999999", nil)
		a.ok(200, "GET", path+"?pageNumber=2147483647", nil)
	}
	a.ok(200, "POST", "/users:search?pageSize=500", "{}")
	a.ok(400, "POST", "/users:search?pageSize=501", "{}")
	a.ok(200, "GET", "/profiles?pageSize=7", nil)
	a.srv.Apply(avayatest.WithProfilePageMultiples())
	a.ok(400, "GET", "/profiles?pageSize=7", nil)
}

func TestPage_Links(t *testing.T) {
	a := newAPI(t)
	ids := a.srv.AddUsers(12)
	var seen []string
	for number, links := range map[int][2]string{1: {"", "2"}, 2: {"1", "3"}, 3: {"2", ""}} {
		res := a.ok(200, "GET", fmt.Sprintf("/users?pageSize=5&pageNumber=%d&orderBy=loginId", number), nil)
		require.Equal(t, object{"pageNumber": num(fmt.Sprint(number)), "pageSize": num("5"), "total": num("12")}, res.at("pagination"))
		for i, name := range []string{"prev", "next"} {
			link := res.at("links", name).(string)
			if links[i] == "" {
				require.Empty(t, link)
				continue
			}
			require.True(t, strings.HasPrefix(link, "/api/admin/user/v1/accounts/QWERTY/users?"), link)
			u, err := url.Parse(link)
			require.NoError(t, err)
			require.Equal(t, "orderBy=loginId&pageNumber="+links[i]+"&pageSize=5", u.RawQuery)
		}
		for _, u := range res.at("users").([]any) {
			seen = append(seen, at(u, "userId").(string))
		}
	}
	require.ElementsMatch(t, ids, seen)
	require.Empty(t, a.ok(200, "GET", "/users?pageNumber=4&pageSize=5", nil).at("users"))
}

func TestPage_LinksAndTotalsMayLie(t *testing.T) {
	a := newAPI(t)
	a.srv.AddUsers(5)
	for range 5 {
		a.srv.AddProfile(nil)
		a.srv.AddGroup(nil)
	}
	require.Equal(t, "", a.ok(200, "GET", "/groups", nil).at("links", 0, "next"), "an array of one")
	a.srv.Apply(avayatest.WithGroupLinksObject())
	require.Equal(t, "", a.ok(200, "GET", "/groups", nil).at("links", "next"))

	set := func(l avayatest.Links) { a.srv.Apply(avayatest.WithLinks(l)) }
	set(avayatest.LinksWrong)
	require.Contains(t, a.ok(200, "GET", "/users", nil).at("links", "next"), "pageNumber=3")
	set(avayatest.LinksMisplaced)
	res := a.ok(200, "GET", "/profiles", nil)
	require.NotContains(t, res.obj(), "links")
	require.Contains(t, res.at("profiles", 4), "links")
	set(avayatest.LinksAbsolute)
	require.Contains(t, a.ok(200, "GET", "/users?pageNumber=2", nil).at("links", "prev"), "https://api.invalid/api/admin/")
	set(avayatest.LinksNull)
	res = a.ok(200, "GET", "/users", nil)
	require.Contains(t, res.obj(), "links")
	require.Nil(t, res.at("links"))

	a.srv.Apply(avayatest.WithTotalOff(3))
	require.Equal(t, num("8"), a.ok(200, "GET", "/users", nil).at("pagination", "total"))
}

// firstNames lists users and returns their first names.
func firstNames(a *api, query url.Values) (out []string) {
	a.t.Helper()
	for _, u := range a.ok(200, "GET", "/users?"+query.Encode(), nil).at("users").([]any) {
		out = append(out, at(u, "firstName").(string))
	}
	return out
}

func seedNames(a *api) {
	p := a.srv.AddProfile(nil)
	for i, u := range []object{
		{"firstName": "Ann", "lastName": "Stevens", "emailId": "ann@example.com"},
		{"firstName": "Bob", "lastName": "van Stevens", "profileId": p},
		{"firstName": "Cid", "lastName": "Stevenson"},
		{"firstName": "Dot", "lastName": "Havens", "organizationNodeId": "ABCDEF"},
	} {
		u["loginId"] = fmt.Sprintf("u+%d=x@example.com", i)
		a.srv.AddUser(u)
	}
}

func TestPage_FilterForms(t *testing.T) {
	a := newAPI(t)
	seedNames(a)
	p := a.srv.Profiles()[0]["profileId"].(string)
	for filter, want := range map[string][]string{
		"lastName=Stevens":          {"Ann"},
		"lastName=stevens":          nil,
		"lastName:Steven*":          {"Ann", "Cid"},
		"lastName:*vens":            {"Ann", "Bob", "Dot"},
		"lastName:Stevens":          {"Ann", "Bob"},
		"firstName=Dot":             {"Dot"},
		"loginId=u+2=x@example.com": {"Cid"},
		"emailId=ann@example.com":   {"Ann"},
		"organizationNodeId=ABCDEF": {"Dot"},
		"profileId=" + p:            {"Bob"},
		"":                          {"Ann", "Bob", "Cid", "Dot"},
	} {
		require.Equal(t, want, firstNames(a, url.Values{"filter": {filter}}), filter)
	}
	for _, wrong := range []string{"roles=Agent", "userId=1", "lastName", "LastName=x", "lastName:*a*", strings.Repeat("é", 256)} {
		res := a.ok(400, "GET", "/users?"+url.Values{"filter": {wrong}}.Encode(), nil)
		require.Equal(t, []string{"filter"}, violations(res), wrong)
	}
	a.srv.Apply(avayatest.WithColonAnywhere(), avayatest.WithCaseIgnored())
	require.Equal(t, []string{"Ann", "Bob", "Cid"}, firstNames(a, url.Values{"filter": {"lastName:stevens"}}))
	require.Equal(t, []string{"Ann"}, firstNames(a, url.Values{"filter": {"lastName=stevens"}}))

	a.srv.AddProfile(`{"profileName":"Nights"}`)
	require.Equal(t, num("1"), a.ok(200, "GET", "/profiles?filter=profileName%3DNights", nil).at("pagination", "total"))
	a.ok(400, "GET", "/profiles?filter=description%3Dx", nil)
	a.srv.AddGroup(`{"name":"Nights"}`)
	require.Equal(t, num("1"), a.ok(200, "GET", "/groups?filter=name%3DNights", nil).at("pagination", "total"))
	require.Equal(t, num("0"), a.ok(200, "GET", "/groups?filter=membershipType%3DUser", nil).at("pagination", "total"),
		"it may be asked for, but no group has it")
}

func TestPage_OrderBy(t *testing.T) {
	a := newAPI(t)
	seedNames(a)
	order := func(by string) []string { return firstNames(a, url.Values{"orderBy": {by}}) }
	require.Equal(t, []string{"Dot", "Ann", "Cid", "Bob"}, order("lastName"))
	require.Equal(t, []string{"Dot", "Ann", "Cid", "Bob"}, order("lastName asc"))
	require.Equal(t, []string{"Bob", "Cid", "Ann", "Dot"}, order("lastName desc"))
	for _, wrong := range []string{"profileId", "lastName down", "lastname"} {
		res := a.ok(400, "GET", "/users?"+url.Values{"orderBy": {wrong}}.Encode(), nil)
		require.Equal(t, []string{"orderBy"}, violations(res))
	}

	// The group service sorts downwards unless told otherwise.
	for _, name := range []string{"B", "C", "A"} {
		a.srv.AddGroup(object{"name": name})
	}
	require.Equal(t, "C", a.ok(200, "GET", "/groups?orderBy=name", nil).at("groups", 0, "name"))
	require.Equal(t, "A", a.ok(200, "GET", "/groups?orderBy=name+asc", nil).at("groups", 0, "name"))
}

func TestPage_Search(t *testing.T) {
	a := newAPI(t)
	seedNames(a)
	crit := func(join, key, operator, value string) object {
		return object{"discriminator": join, "key": key, "operator": operator, "value": value}
	}
	search := func(order string, c ...object) (out []string) {
		t.Helper()
		for _, u := range a.ok(200, "POST", "/users:search", object{"filter": c, "orderBy": order}).at("users").([]any) {
			out = append(out, at(u, "firstName").(string))
		}
		return out
	}
	require.Equal(t, []string{"Ann", "Cid"}, search("", crit("AND", "lastName", "STARTS_WITH", "Ste")))
	require.Equal(t, []string{"Cid"}, search("", crit("AND", "lastName", "STARTS_WITH", "Ste"), crit("AND", "firstName", "NOT_EQUALS", "Ann")))
	require.Equal(t, []string{"Ann", "Dot"}, search("", crit("AND", "firstName", "EQUALS", "Ann"), crit("OR", "lastName", "CONTAINS", "ave")))
	require.Equal(t, []string{"Bob", "Ann", "Dot"}, search("lastName desc", crit("OR", "lastName", "ENDS_WITH", "vens")))
	require.Equal(t, []string{"Ann", "Bob", "Cid", "Dot"}, search(""))
	bob, _ := a.srv.UserByLogin("u+1=x@example.com")
	require.Equal(t, []string{"Bob"}, search("", crit("AND", "userId", "EQUALS", bob["userId"].(string))))
	require.Equal(t, []string{"Bob"}, search("", crit("AND", "profileId", "CONTAINS", a.srv.Profiles()[0]["profileId"].(string))))

	for wrong, c := range map[string]object{
		"filter[0].value":         crit("AND", "loginId", "EQUALS", strings.Repeat("x", 51)),
		"filter[0].key":           crit("AND", "roles", "EQUALS", "Agent"),
		"filter[0].operator":      crit("AND", "loginId", "LIKE", "x"),
		"filter[0].discriminator": crit("XOR", "loginId", "EQUALS", "x"),
		"filter[0].value 20002":   {"key": "loginId", "operator": "EQUALS"},
	} {
		require.Equal(t, []string{wrong}, violations(a.ok(400, "POST", "/users:search", object{"filter": []object{c}})))
	}
	a.ok(400, "POST", "/users:search", object{"orderBy": "roles"})
	res := a.ok(200, "POST", "/users:search?pageSize=5&pageNumber=1", "{}")
	require.Equal(t, num("4"), res.at("pagination", "total"))
	require.NotContains(t, res.raw, "IN_PROGRESS", "no progress in results")
}
