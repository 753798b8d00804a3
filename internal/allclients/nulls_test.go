package allclients

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest/resttest"
)

// textLists returns the places of all lists of texts in a value, and puts in each what
// place does with it.
func textLists(path string, v any, place func(path string, list []any) []any) any {
	switch v := v.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			v[name] = textLists(path+"."+name, v[name], place)
		}
	case []any:
		texts := len(v) > 0
		for i := range v {
			_, text := v[i].(string)
			texts = texts && text
			v[i] = textLists(path, v[i], place)
		}
		if texts {
			return place(path, v)
		}
	}
	return v
}

// withNull returns a transport that puts a null into the lists of texts at one path of
// each answer to a read.
func withNull(under http.RoundTripper, at string, front bool, paths map[string]bool) http.RoundTripper {
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		res, err := under.RoundTrip(r)
		if err != nil || r.Method != http.MethodGet || res.StatusCode != http.StatusOK {
			return res, err
		}
		body, err := io.ReadAll(res.Body)
		var v any
		d := json.NewDecoder(bytes.NewReader(body))
		d.UseNumber()
		if d.Decode(&v) == nil {
			v = textLists("", v, func(path string, list []any) []any {
				switch paths[path] = true; {
				case path != at:
					return list
				case front:
					return append([]any{nil}, list...)
				}
				return append(list, nil)
			})
			body, _ = json.Marshal(v)
		}
		res.Body, res.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		return res, err
	})
}

var aChange = map[string]core.UserChange{
	"avaya":      {FirstName: core.Set("Other")},
	"libh3lp":    {Email: core.Set("other@example.test")},
	"liveperson": {DisplayName: core.Set("Other")},
	"lucs":       {Fields: map[string]any{"NumberOfSimultaneousIm": 3}},
	"webex":      {FirstName: core.Set("Other")},
}

// TestNulls_AmongTextsAreNotTheCallersFault changes a user with a null in a list of texts.
// Either the null goes back as it came, or nothing is written, because the vendor's data
// cannot be read.
func TestNulls_AmongTextsAreNotTheCallersFault(t *testing.T) {
	each(t, func(t *testing.T, v vendor) {
		paths := map[string]bool{}
		synctest.Test(t, func(t *testing.T) { changeWithNull(t, v, "", false, paths) })
		for _, at := range slices.Sorted(maps.Keys(paths)) {
			for _, front := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s, in front: %v", at, front), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) { changeWithNull(t, v, at, front, paths) })
				})
			}
		}
	})
}

func changeWithNull(t *testing.T, v vendor, at string, front bool, paths map[string]bool) {
	t.Helper()
	plain := v.account(t, core.ClientOptions{})
	a := v.account(t, core.ClientOptions{Transport: withNull(plain.sim.Transport(), at, front, paths)})
	id := ""
	for u, err := range plain.store.ListUsers(t.Context(), core.UserQuery{}) {
		require.NoError(t, err)
		id = u.ID
		break
	}
	before := len(plain.sim.Requests())
	_, err := a.store.UpdateUser(t.Context(), id, aChange[v.name])

	writes := 0
	for _, r := range plain.sim.Requests()[before:] {
		if r.Method != http.MethodGet && !isLogin(r.Op) {
			writes++
			if list := at[strings.LastIndex(at, ".")+1:]; at != "" && strings.Contains(string(r.Body), `"`+list+`":`) {
				require.Contains(t, string(r.Body), "null") // what is left out stays as it is
			}
		}
	}
	if err != nil {
		e := resttest.ErrorOf(t, err)
		require.Equal(t, []any{core.ClassIncomplete, core.AppliedNo, 0}, []any{e.Class, e.Applied, writes}, "%v", err)
		return
	}
	require.NotZero(t, writes)
}
