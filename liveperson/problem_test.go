package liveperson_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest/resttest"
	"github.com/rollcall-go/rollcall/liveperson"
)

func TestErrorBodies(t *testing.T) {
	for _, c := range []struct{ body, code, message string }{
		{`{"error":{"time":"Sep 22, 2016 4:10:15 PM","message":"CSRF token invalid","internalCode":10,"responseStatus":"UNAUTHORIZED"}}`, "10",
			"CSRF token invalid"},
		{`{"error":{"message":"m","internalCode":0,"responseStatus":"BAD_REQUEST"}}`, "BAD_REQUEST", "m"},
		{`{"error":{"message":"m","internalCode":"x7"}}`, "x7", "m"},
		{`{"type":"skill-dependencies","message":"skill cannot be deleted"}`, "skill-dependencies", "skill cannot be deleted"},
		{`oauth_problem=token_rejected&oauth_problem_advice=no%20such%20token`, "token_rejected", "no such token"},
		{`{"error":"invalid_client","error_description":"no such client"}`, "invalid_client", "no such client"},
		{`{"error":"boom"}`, "", "boom"},
		{`{"error":true,"message":["x"]}`, "", ""},
		{`{"error":{"message":{"deep":1}}}`, "", ""},
		{`{"code":17,"message":"m"}`, "17", "m"},
		{`Something went wrong`, "", "Something went wrong"},
		{`<html><body>Bad Gateway</body></html>`, "", ""},
		{``, "", ""}, {`{`, "", ""}, {`[1]`, "", ""}, {`null`, "", "null"},
	} {
		e := liveperson.Explain([]byte(c.body))
		assert.Equal(t, c.code, e.Code, c.body)
		assert.Equal(t, c.message, e.Message, c.body)
	}
	// A success that is none.
	assert.Nil(t, liveperson.Inspect([]byte(`{"id":1,"error":"x"}`)), "an entity")
	assert.Nil(t, liveperson.Inspect([]byte(`[{"error":"x"}]`)))
	assert.Nil(t, liveperson.Inspect([]byte(`{"error":null}`)))
	assert.Equal(t, core.ClassPermission, liveperson.Inspect([]byte(`{"error":{"message":"m","responseStatus":"FORBIDDEN"}}`)).Class)
}

func TestStatusesBecomeClasses(t *testing.T) {
	for status, want := range map[int]error{
		400: core.ErrInvalid, 401: core.ErrUnauthenticated, 403: core.ErrPermission, 404: core.ErrNotFound, 409: core.ErrRevision,
		412: core.ErrRevision, 429: core.ErrRateLimited, 500: core.ErrUnavailable, 302: core.ErrProtocol,
	} {
		c, mt := mocked(t, func(cfg *liveperson.Config, _ *[]liveperson.Option) { cfg.MaxWait = 1 })
		mt.RegisterResponder("GET", usersURL+"/5", resttest.Answer(status, `{"message":"m"}`, "X-Request-Id", "r-1"))
		_, err := c.Users.Get(t.Context(), 5)
		require.ErrorIs(t, err, want, status)
		assert.Equal(t, "r-1", resttest.ErrorOf(t, err).RequestID)
	}
	// A create goes out under no revision: there, 409 is a taken name.
	c, mt := mocked(t)
	mt.RegisterResponder("POST", usersURL, resttest.Answer(409, `{"message":"loginName is in use"}`))
	_, err := c.Users.Create(t.Context(), newUser("a"))
	require.ErrorIs(t, err, core.ErrConflict)
	assert.Equal(t, core.AppliedNo, resttest.ErrorOf(t, err).Applied)
}
