package simnet_test

import (
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/internal/simnet"
)

var routes = simnet.Routes[string]{
	{Op: "List", Method: "GET", Path: "v1/things", How: "a"},
	{Op: "Create", Method: "POST", Path: "v1/things", How: "b"},
	{Op: "Get", Method: "GET", Path: "v1/things/{id}", How: "c"},
	{Op: "Delete", Method: "DELETE", Path: "v1/things/{id}", How: "d"},
	{Op: "Mine", Method: "GET", Path: "v1/things/mine", How: "e"},
	{Op: "Parts", Method: "GET", Path: "v1/things/{id}/parts/{part}", How: "f"},
	{Op: "Get", Method: "HEAD", Path: "v1/things/{id}", How: "g"},
}

func TestRoutesFind_TakesThePathThatSpellsOutMost(t *testing.T) {
	for _, c := range []struct {
		method, path, how string
		vars              map[string]string
		methods           []string
	}{
		{"GET", "/v1/things", "a", map[string]string{}, nil},
		{"POST", "/v1/things", "b", map[string]string{}, nil},
		{"GET", "/v1/things/7", "c", map[string]string{"id": "7"}, nil},
		{"GET", "/v1/things/mine", "e", map[string]string{}, nil},
		{"GET", "/v1/things/mine/parts/x", "f", map[string]string{"id": "mine", "part": "x"}, nil},
		{"DELETE", "/v1/things/7", "d", map[string]string{"id": "7"}, nil},
		// The path counts first, and only then the method.
		{"DELETE", "/v1/things/mine", "", map[string]string{}, []string{"GET"}},
		{"PATCH", "/v1/things/7", "", map[string]string{"id": "7"}, []string{"GET", "DELETE", "HEAD"}},
		{"GET", "/v1/things/", "", nil, nil},
		{"GET", "/v1//things", "", nil, nil},
		{"GET", "/V1/things", "", nil, nil},
		{"GET", "/", "", nil, nil},
	} {
		found := routes.Find(c.method, simnet.Path(httptest.NewRequest(c.method, c.path, nil)))

		if how := ""; found.Route == nil {
			require.Equal(t, c.how, how, c.path)
		} else {
			require.Equal(t, c.how, found.Route.How, c.path)
		}
		require.Equal(t, c.vars, found.Vars, c.path)
		require.Equal(t, c.methods, found.Methods, c.path)
	}
	require.Equal(t, []string{"List", "Create", "Get", "Delete", "Mine", "Parts"}, routes.Names())
}

func TestRoutesFindFold_IgnoresCaseButKeepsTheIDs(t *testing.T) {
	found := routes.FindFold("GET", []string{"V1", "Things", "AbC"})

	require.Equal(t, "c", found.Route.How)
	require.Equal(t, map[string]string{"id": "AbC"}, found.Vars)
}

func TestPath_SplitsBeforeItUnescapes(t *testing.T) {
	require.Equal(t, []string{"a", "b/c", "..", ""}, simnet.Path(httptest.NewRequest("GET", "/a/b%2Fc/%2E%2E/", nil)))

	r := httptest.NewRequest("GET", "/", nil)
	r.URL.Path, r.URL.RawPath = "", ""
	require.Equal(t, []string{""}, simnet.Path(r))
}
