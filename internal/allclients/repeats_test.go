package allclients

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
)

// forEver is a body that repeats a row without end.
type forEver struct {
	row  string
	rest string
	read int
}

// Read implements io.Reader.
func (f *forEver) Read(p []byte) (int, error) {
	if f.rest == "" {
		f.rest = f.row
	}
	n := copy(p, f.rest)
	f.rest = f.rest[n:]
	f.read += n
	return n, nil
}

// TestLists_ThatRepeatARowForEverEnd: what is read as it arrives has no bound of its own.
func TestLists_ThatRepeatARowForEverEnd(t *testing.T) {
	each(t, func(t *testing.T, v vendor) {
		var body *forEver
		plain := v.account(t, core.ClientOptions{})
		a := v.account(t, core.ClientOptions{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
			res, err := plain.sim.Transport().RoundTrip(r)
			if err != nil || res.StatusCode != http.StatusOK {
				return res, err
			}
			whole, err := io.ReadAll(res.Body)
			res.Body = io.NopCloser(bytes.NewReader(whole))
			var rows []json.RawMessage
			if json.Unmarshal(whole, &rows) == nil && len(rows) > 0 {
				body = &forEver{row: string(rows[0]) + ",", rest: "["}
				res.Body, res.ContentLength = io.NopCloser(body), -1
			}
			return res, err
		})})

		err := drain(a.store.ListUsers(t.Context(), core.UserQuery{}))
		if v.name == "avaya" || v.name == "webex" {
			return // their lists are pages, which are read whole
		}
		require.NotNil(t, body)
		require.ErrorIs(t, err, core.ErrIncomplete)
		require.Less(t, body.read, 4<<20)
	})
}
