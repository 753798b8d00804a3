package avayatest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/avaya/avayatest"
)

func TestQueueLife(t *testing.T) {
	a := newAPI(t)
	res := a.ok(201, "POST", "/queues", `{"name":"Sales","description":"new customers","queueId":"x","defaultAccountQueue":true}`)
	id := res.at("queueId").(string)
	require.Equal(t, object{"queueId": id, "name": "Sales", "description": "new customers", "defaultAccountQueue": false,
		"afterContactWork": false}, res.json)
	require.Equal(t, []string{"name"}, violations(a.ok(409, "POST", "/queues", `{"name":"Sales"}`)))
	a.ok(200, "PUT", "/queues/"+id, `{"name":"Sales"}`)
	res = a.ok(200, "PUT", "/queues/"+id, `{"name":"Sales EU","afterContactWork":true}`)
	require.Equal(t, "Sales EU", res.at("name"))
	require.NotContains(t, res.obj(), "description", "replace means replace")

	a.srv.Apply(avayatest.WithPreviousAnswered())
	require.Equal(t, "Sales EU", a.ok(200, "PUT", "/queues/"+id, `{"name":"Sales UK"}`).at("name"))
	require.Equal(t, "Sales UK", a.ok(200, "GET", "/queues/"+id, nil).at("name"))

	other := a.ok(201, "POST", "/queues", `{"name":"Other"}`).at("queueId").(string)
	a.ok(409, "PUT", "/queues/"+other, `{"name":"Sales UK"}`)
	for wrong, body := range map[string]string{
		"name 20002": `{}`, "name": `{"name":"ab"}`, "description": `{"name":"abc","description":"ab"}`,
		"timetableId 20006": `{"name":"abc","timetableId":"x"}`,
	} {
		require.Equal(t, []string{wrong}, violations(a.ok(400, "POST", "/queues", body)))
	}
	a.ok(204, "DELETE", "/queues/"+id, nil)
	a.ok(404, "GET", "/queues/"+id, nil)
	a.ok(404, "PUT", "/queues/"+id, `{"name":"Sales"}`)
	a.ok(404, "DELETE", "/queues/"+id, nil)
}

func TestQueueList(t *testing.T) {
	a := newAPI(t)
	for _, q := range []string{`{"name":"Zeta"}`, `{"name":"Alpha"}`, `{"name":"Mid","defaultAccountQueue":true}`} {
		a.srv.AddQueue(q)
	}
	names := func(query string) (out []string) {
		for _, q := range a.ok(200, "GET", "/queues"+query, nil).at("queues").([]any) {
			out = append(out, at(q, "name").(string))
		}
		return out
	}
	require.Equal(t, []string{"Alpha", "Mid", "Zeta"}, names(""))
	require.Equal(t, []string{"Mid"}, names("?pageSize=1&pageNumber=2"))
	require.Equal(t, []string{"Mid"}, names("?defaultAccountQueue=true"))
	require.Equal(t, []string{"Alpha", "Zeta"}, names("?defaultAccountQueue=false"))
	require.Equal(t, []string{"Zeta"}, names("?name=Zeta"))
	a.ok(400, "GET", "/queues?defaultAccountQueue=yes", nil)
	a.ok(400, "GET", "/queues?pageSize=21", nil)

	// Being the default queue is not the client's to change.
	id := a.ok(200, "GET", "/queues?defaultAccountQueue=true", nil).at("queues", 0, "queueId").(string)
	require.Equal(t, true, a.ok(200, "PUT", "/queues/"+id, `{"name":"Mid"}`).at("defaultAccountQueue"))
}

func TestCategoryLife(t *testing.T) {
	a := newAPI(t)
	res := a.ok(201, "POST", "/categories", `{"name":"Language","attributes":[{"value":"Spanish","name":"ignored"},{"value":"Basque"}]}`)
	id := res.at("categoryId").(string)
	require.Equal(t, "Language.Spanish", res.at("attributes", 0, "name"))
	require.Equal(t, "Language.Basque", res.at("attributes", 1, "name"))
	a.ok(409, "POST", "/categories", `{"name":"Language"}`)
	user := a.create(person(object{"features": object{"matching": object{"attributes": []string{"Language.Spanish", "Language.Basque"}}}}))

	res = a.ok(200, "PUT", "/categories/"+id, `{"name":"Speech","attributes":[{"value":"Basque"},{"value":"French"}]}`)
	require.Equal(t, "Language", res.at("name"), "the name is fixed")
	require.Len(t, res.at("attributes"), 2)
	require.Equal(t, []any{"Language.Basque"}, a.ok(200, "GET", "/users/"+user, nil).at("features", "matching", "attributes"))
	a.srv.Apply(avayatest.WithPreviousAnswered())
	require.Len(t, a.ok(200, "PUT", "/categories/"+id, `{"attributes":[]}`).at("attributes"), 2)
	require.Equal(t, []any{}, a.ok(200, "GET", "/categories/"+id, nil).at("attributes"))

	for wrong, body := range map[string]string{
		"name 20002": `{}`, "name 20006": `{"name":"a.b"}`, "attributes[0].value 20002": `{"name":"ab","attributes":[{}]}`,
		"attributes[0].value 20006": `{"name":"ab","attributes":[{"value":"x.y"}]}`,
		"attributes[1].value":       `{"name":"ab","attributes":[{"value":"x"},{"value":"x"}]}`,
	} {
		require.Equal(t, []string{wrong}, violations(a.ok(400, "POST", "/categories", body)))
	}
	require.Equal(t, []string{"attributes 20002"}, violations(a.ok(400, "PUT", "/categories/"+id, `{}`)))
	a.srv.AddCategory(`{"name":"Age"}`)
	require.Equal(t, "Age", a.ok(200, "GET", "/categories", nil).at("categories", 0, "name"))
	require.Equal(t, num("1"), a.ok(200, "GET", "/categories?name=Age", nil).at("pagination", "total"))
	a.ok(204, "DELETE", "/categories/"+id, nil)
	a.ok(404, "GET", "/categories/"+id, nil)
}
