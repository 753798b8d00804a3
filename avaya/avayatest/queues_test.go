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
