package lucs_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/lucs"
)

// TestAnswer_BehindAByteOrderMark: a byte order mark is no part of an answer.
func TestAnswer_BehindAByteOrderMark(t *testing.T) {
	s, mt := creating(t, "\xef\xbb\xbf"+`{"Id":"`+aGUID+`","SipUri":"`+newcomer+`"}`, 200, "[]")
	u, err := s.CreateUser(t.Context(), core.UserSpec{Login: newcomer})
	require.NoError(t, err)
	require.Equal(t, aGUID, u.ID)
	require.Equal(t, 1, mt.GetTotalCallCount())
	var id lucs.TaskID
	require.NoError(t, id.ReadBody([]byte("\xef\xbb\xbf\""+aGUID+"\"")))
	require.Equal(t, lucs.TaskID(aGUID), id)
}
