package avayatest_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

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

	queue := a.ok(200, "GET", "/queues?defaultAccountQueue=true", nil).at("queues", 0)
	id := at(queue, "queueId").(string)
	require.Equal(t, queue, a.ok(200, "GET", "/queues/"+id, nil).json)
	a.ok(404, "GET", "/queues/"+nobody, nil)
}

func TestCategoryList(t *testing.T) {
	a := newAPI(t)
	a.srv.AddCategory(`{"name":"Language","attributes":[{"value":"Spanish"},{"value":"Basque"}]}`)
	a.srv.AddCategory(`{"name":"Age"}`)

	all := a.ok(200, "GET", "/categories", nil)
	require.Equal(t, "Age", all.at("categories", 0, "name"))
	require.Equal(t, "Language.Spanish", all.at("categories", 1, "attributes", 0, "name"))
	require.Equal(t, "Language.Basque", all.at("categories", 1, "attributes", 1, "name"))
	require.Equal(t, num("1"), a.ok(200, "GET", "/categories?name=Age", nil).at("pagination", "total"))
}

// TestWhatNobodySendsIsNotServed: the simulator serves what the client sends, and not more.
func TestWhatNobodySendsIsNotServed(t *testing.T) {
	a := newAPI(t)
	for _, path := range []string{"/groups", "/queues", "/categories"} {
		a.ok(405, "POST", path, `{"name":"Nights"}`)
	}
	a.ok(404, "GET", "/ux-profiles", nil)
	a.ok(404, "DELETE", "/categories/"+nobody, nil)
	require.Len(t, a.srv.Requests("unknown"), 5)
}
