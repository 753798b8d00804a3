package lucs_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest/resttest"
	"github.com/rollcall-go/rollcall/lucs"
)

// TestServicesList_SaysWhatIsMissing: a part of an answer, a next page, a larger total, a row
// twice, and no list at all are no whole list.
func TestServicesList_SaysWhatIsMissing(t *testing.T) {
	row := func(id string) string { return `{"Id":"` + id + `"}` }
	for name, c := range map[string]struct {
		status int
		body   string
		header []string
		class  error
	}{
		"206":       {206, "[" + row(aGUID) + "]", []string{"Content-Range", "items 0-0/9"}, core.ErrProtocol},
		"next page": {200, "[" + row(aGUID) + "]", []string{"Link", `</v1.0/users?page=2>; rel="next"`}, core.ErrIncomplete},
		"a total":   {200, "[" + row(aGUID) + "]", []string{"X-Total-Count", "18000"}, core.ErrIncomplete},
		"twice":     {200, "[" + row(aGUID) + "," + row(other) + "," + row(aGUID) + "]", nil, core.ErrIncomplete},
		"null":      {200, "null", nil, core.ErrProtocol},
	} {
		mocking, mt := mocked(t, lucs.Dialect{Routes: direct})
		mt.RegisterNoResponder(resttest.Answer(c.status, c.body, c.header...))
		users, err := core.Collect(mocking.Store().ListUsers(t.Context(), core.UserQuery{}))
		require.ErrorIs(t, err, c.class, name)
		require.LessOrEqual(t, len(users), 2, "each row once")
	}
}
