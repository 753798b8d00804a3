package rest

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
)

// successOf is an operation whose success is documented.
func successOf(replay Replay, s Success) *Op {
	return &Op{Name: "Things.Do", Method: http.MethodPost, Path: "/things/{id}", Replay: replay, Bucket: "api", Success: s}
}

func TestOnlyTheDocumentedSuccessIsOne(t *testing.T) {
	for _, w := range []struct {
		name   string
		s      Success
		status int
		body   string
		lacks  string // "": it is one
	}{
		{"nothing", Nothing(204), 204, ``, ""},
		{"nothing, in another status", Nothing(204), 200, ``, "200 OK is not documented"},
		{"something for nothing", Nothing(200), 200, `{"success":false,"message":"denied"}`, "it is JSON"},
		{"an object", Object(200, 201), 201, `{"id":"t1"}`, ""},
		{"an object of others", Object(200), 202, `{"id":"t1"}`, "202 Accepted is not documented"},
		{"a list for an object", Object(200), 200, `[{"id":"t1"}]`, "documents an object"},
		{"a word for an object", Object(200), 200, `"denied"`, "documents an object"},
		{"false", Object(200), 200, `false`, "documents an object"},
		{"empty for an object", Object(200), 200, ` `, "it is empty"},
		{"a page", Object(200), 200, page, "an HTML page"},
		{"half an object", Object(200), 200, `{"id":"t1"`, "half an answer"},
		{"with its member", Object(200).Has("userId"), 200, `{"userId":7,"x":1}`, ""},
		{"with its member, otherwise spelt", Object(200).Has("userId"), 200, `{"UserID":7}`, ""},
		{"without its member", Object(200).Has("userId"), 200, `{"success":false,"message":"denied"}`, "no userId"},
		{"empty object", Object(200).Has("userId"), 200, `{}`, "no userId"},
		{"null member", Object(200).Has("userId"), 200, `{"userId":null}`, "no userId"},
		{"blank member", Object(200).Has("userId"), 200, `{"userId":" "}`, "no userId"},
		{"one of two members", Object(200).Has("a", "b"), 200, `{"a":1}`, "no b"},
		{"about it", Object(200).Names("id"), 200, `{"id":"T1"}`, ""},
		{"about another", Object(200).Names("id"), 200, `{"id":"t2"}`, "another id"},
		{"about nobody", Object(200).Names("id"), 200, `{"error":"denied"}`, "no id"},
		{"a list", Array(200), 200, ` []`, ""},
		{"an object for a list", Array(200), 200, `{}`, "documents a list"},
		{"rows", Array(200).Has("id"), 200, `[{"id":1},{"id":2}]`, ""},
		{"a row that is none", Array(200).Has("id"), 200, `[{"id":1},{"error":"x"}]`, "no id"},
		{"a row of another kind", Array(200).Has("id"), 200, `[7]`, "not an object"},
		{"any JSON", Value(200), 200, `true`, ""},
		{"text for JSON", Value(200), 200, `OK`, "it is a text"},
		{"a text", Text(200), 200, `T-4711`, ""},
		{"a page for a text", Text(200), 200, page, "an HTML page"},
		{"XML", XML(200), 200, `<?xml version="1.0"?><presence/>`, ""},
		{"HTML for XML", XML(200), 200, "<!DOCTYPE html><title>x</title>", "an HTML page"},
		{"anything", Anything(200), 200, `OK`, ""},
		{"anything, nothing", Anything(200), 200, ``, ""},
		{"anything but a page", Anything(200), 200, page, "an HTML page"},
		{"anything but half of it", Anything(200), 200, `{"succe`, "half an answer"},
		{"the first of two", Nothing(204).Or(Object(206).Has("rows")), 204, ``, ""},
		{"the second of two", Nothing(204).Or(Object(206).Has("rows")), 206, `{"rows":[]}`, ""},
		{"neither of two", Nothing(204).Or(Object(206).Has("rows")), 206, ``, "it is empty"},
		{"one status, two kinds", Nothing(200).Or(Object(200)), 200, `{}`, ""},
		{"not documented at all", nil, 200, `{"success":false}`, ""},
		{"part of it", nil, 206, `{"id":"t1"}`, "206 Partial Content is not documented"},
		{"part of it, as documented", Object(206), 206, `{"id":"t1"}`, ""},
	} {
		for _, replay := range []Replay{Safe, ReplaySafe, Detectable, Once} {
			op := successOf(replay, w.s)
			p := talk(says(w.status, w.body))
			res, err := newClient(p).Do(t.Context(), Request{Op: op, Base: testBase, Args: []string{"t1"}})
			if w.lacks == "" {
				require.NoError(t, err, w.name)
				require.Equal(t, w.status, res.Status)
				continue
			}
			e := failure(t, err)
			require.Equal(t, []any{core.ClassProtocol, appliedAfter(op), w.status}, []any{e.Class, e.Applied, e.Status}, w.name)
			require.Contains(t, e.Message, w.lacks, w.name)
			require.Equal(t, replay != Safe, e.Doubt != "", w.name)
			require.Equal(t, 1, p.sends(), "what was answered is not sent again")
		}
	}
}

func TestTheVendorsWordsComeBeforeTheKindOfTheAnswer(t *testing.T) {
	c := newClient(talk(says(200, `{"error":"denied"}`)), func(c *Config) {
		c.Inspect = func([]byte) *core.Error { return &core.Error{Class: core.ClassPermission, Message: "denied"} }
	})
	e := failure(t, do(t.Context(), c, successOf(ReplaySafe, Nothing(204))))
	require.Equal(t, []any{core.ClassPermission, core.AppliedNo, ""}, []any{e.Class, e.Applied, e.Doubt})
}

func TestAnEmptyAnswerThatIsDocumentedLeavesTheValueAsItIs(t *testing.T) {
	op := successOf(ReplaySafe, Object(200).Has("id").Or(Nothing(200)))
	out := thing{ID: "before"}
	r := call(op, &out)
	r.EmptyOK = true
	_, err := newClient(talk(says(200, ``), says(200, okBody))).Do(t.Context(), r)
	require.NoError(t, err)
	require.Equal(t, "before", out.ID)

	r.Op = successOf(ReplaySafe, Object(200)) // and one that is not is none, whatever the call allows
	_, err = newClient(talk(says(200, ``))).Do(t.Context(), r)
	require.Equal(t, core.AppliedUnknown, failure(t, err).Applied)
}

func TestARecordIsNotChangedByWhatIsMadeOfIt(t *testing.T) {
	base := Object(200).Has("a")
	_, _ = base.Has("b"), base.Or(Nothing(204))
	more := base.Names("c")
	require.Len(t, base, 1)
	require.Equal(t, []string{"a"}, base[0].has)
	require.Empty(t, base[0].id)
	require.Equal(t, []string{"a", "c"}, more[0].has)
}

func TestAStreamedListIsOnlyTheDocumentedOne(t *testing.T) {
	rows := `[{"id":"a"}]`
	for name, w := range map[string]struct {
		s      Success
		status int
		body   string
		ok     bool
	}{
		"documented":              {Array(200), 200, rows, true},
		"not documented":          {nil, 200, rows, true},
		"part of a list":          {nil, 206, rows, false},
		"another status":          {Array(200), 203, rows, false},
		"documented part":         {Array(206), 206, rows, true},
		"a list for an object":    {Object(200), 200, rows, false},
		"an object for a list":    {Array(200), 200, `{}`, false},
		"nothing, as documented":  {Array(200).Or(Nothing(204)), 204, ``, true},
		"nothing, not documented": {Array(200), 200, ``, false},
		"a page":                  {Array(200), 200, page, false},
		"a page, undocumented":    {nil, 206, page, false},
	} {
		op := *opList
		op.Success = w.s
		ids, err := walk(List[thing](t.Context(), newClient(talk(says(w.status, w.body, "Content-Range", "items 0-0/1"))),
			Request{Op: &op, Base: testBase}, nil))
		if w.ok {
			require.NoError(t, err, name)
			continue
		}
		require.Empty(t, ids, name)
		e := failure(t, err)
		require.Equal(t, core.ClassProtocol, e.Class, name)
		require.ErrorIs(t, e, core.ErrIncomplete, name)
	}
}
