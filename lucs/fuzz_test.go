package lucs_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/wire"
	"github.com/rollcall-go/rollcall/lucs"
	"github.com/rollcall-go/rollcall/lucs/lucstest"
)

// FuzzUser: an object is always a user, which loses no member, and is the same
// after it was written and read again.
func FuzzUser(f *testing.F) {
	f.Add([]byte(documented))
	f.Add([]byte(`{"big":98765432109e76543210}`))
	f.Add([]byte(`{"id":1,"ID":""}`))
	f.Add([]byte(`{"id":1,"RetargetType":{"a":[1]},"Traits":{"no":1},"traits":[],"ID":"x"}`))
	f.Add([]byte(`{"Profiles":[{"Name":"A","Responsibilities":null},7],"IsSelectable":"TRUE","Roles":[null]}`))
	f.Fuzz(func(t *testing.T, doc []byte) {
		object := core.Extra{}
		if wire.Unmarshal(doc, &object) != nil {
			return
		}
		var u lucs.User
		require.NoError(t, wire.Unmarshal(doc, &u))
		back, err := wire.Marshal(&u)
		require.NoError(t, err)
		got := core.Extra{}
		require.NoError(t, wire.Unmarshal(back, &got))
		folded := map[string]bool{}
		for name := range object {
			folded[strings.ToLower(name)] = true
			_, there := got[name]
			there = there || string(object[name]) == `""` // of an address or an id, which is none
			for other := range got {
				there = there || strings.EqualFold(name, other)
			}
			require.True(t, there, "%q of %s is lost: %s", name, doc, back)
		}
		if len(folded) < len(object) {
			return // one member in two spellings: the last that says something wins
		}
		var again lucs.User
		require.NoError(t, wire.Unmarshal(back, &again))
		twice, err := wire.Marshal(&again)
		require.NoError(t, err)
		require.Equal(t, string(back), string(twice))
		u.Routable()
		u.Warnings()
	})
}

// FuzzAnswers: whatever an operation is answered is read or refused.
func FuzzAnswers(f *testing.F) {
	for _, s := range []string{documented, "[" + documented + "]", `"` + aGUID + `"`, aGUID, "", "null", "true", "<html>", `{"Id":`,
		`[{"IsBlockedByLuwareApi":true}]`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var a lucs.Answered
		if a.ReadBody(body) == nil && len(a.Users()) > 0 {
			require.Contains(t, "[{", strings.TrimSpace(string(body))[:1])
		}
		var id lucs.TaskID
		if id.ReadBody(body) == nil {
			require.NotEmpty(t, id)
			require.NotContains(t, string(id), "/")
		} else {
			require.Empty(t, id)
		}
		var cb lucs.Callback
		_ = wire.Unmarshal(body, &cb)
		lucs.PresenceOf(body)
	})
}

func FuzzExplain(f *testing.F) {
	for _, s := range []string{lucstest.HTMLPage(401), `{"Message":"x","ModelState":{"a":["b",1,{}]}}`, "<title>\xfc</title>", `"x"`,
		"\xef\xbb\xbf<h1>", "<script>", `{"errors":{"a":null}}`,
		"\xff\xfe<\x00h\x001\x00>\x00x\x00", "\x00{\x00\"\x00M"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		e := lucs.Explain(body)
		require.Equal(t, "", string(e.Class), "the class goes by the status")
		if strings.HasPrefix(e.Message, "an HTML page: ") {
			require.LessOrEqual(t, utf8.RuneCountInString(e.Message), 220)
			require.NotContains(t, e.Message, "\n")
		}
	})
}

func FuzzDate(f *testing.F) {
	for _, s := range []string{"24.06.2019 13:00:56.2732376Z", "2019-06-24T13:00:56Z", "/Date(1561381256273)/", "1.1.2020 1:2:3", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		at, ok := lucs.Date(text).Time()
		if !ok || at.Year() > 9999 || at.Year() < 0 {
			return
		}
		again, ok := lucs.DateOf(at).Time()
		require.True(t, ok, text)
		require.WithinDuration(t, at, again, 100) // a tick of .NET
	})
}

func FuzzAddresses(f *testing.F) {
	for _, s := range []string{"sip:mara@example.internal", " SIP:a@b ", "tel: +41 44", "sip:a@b@c", "sip:", "tel:",
		"tel:\xc2\u0085\x85\xc2"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if sip, err := lucs.ParseSIP(text); err == nil {
			again, err := lucs.ParseSIP(string(sip))
			require.NoError(t, err)
			require.True(t, sip.Same(again))
			require.True(t, sip.Same(lucs.SIPURI(text)))
			require.NotContains(t, string(sip), " ")
		}
		once := lucs.ParseTarget(text)
		require.Equal(t, once, lucs.ParseTarget(once))
		if lucs.IsGUID(text) {
			require.Len(t, text, 36)
		}
	})
}

// FuzzRoute: a route is refused, or sends every id where it belongs and nowhere else.
func FuzzRoute(f *testing.F) {
	for _, s := range []string{"POST /users/{userId}/block", "/block?user={userId}&x=1", "DELETE /x/{USERID}", "GET //evil/{userId}",
		"/{userId}{userId}", "PUT /a{userId}b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, route string) {
		c, err := lucs.New(lucs.Config{BaseURL: base, Auth: lucs.APIKey{Key: core.NewSecret(key)},
			Dialect: lucs.Dialect{Routes: lucs.Routes{BlockUser: route}},
			ClientOptions: core.ClientOptions{MaxAttempts: 1, Transport: roundTrip(func(url string) {
				require.True(t, strings.HasPrefix(url, base+"/v1.0/"), url)
				require.Equal(t, 1, strings.Count(url, aGUID), url)
			})}})
		if err != nil {
			require.ErrorIs(t, err, core.ErrInvalid)
			return
		}
		_, _ = c.Users.Block(t.Context(), aGUID)
	})
}
