package roster_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
)

// take takes a census of worlds by account.
func take(t testing.TB, f roster.Fleet, opts ...roster.CensusOption) *roster.Census {
	t.Helper()
	c, err := roster.Take(t.Context(), f, opts...)
	require.NoError(t, err)
	return c
}

// told are the changes of a diff in words.
func told(after, before *roster.Census) (out []string) {
	for ch := range after.Diff(before) {
		switch ch.What {
		case roster.WhatAssignment:
			out = append(out, fmt.Sprintf("%s %s %v → %v", ch.What, ch.User, ch.LinkBefore, ch.LinkAfter))
		case roster.WhatPresence:
			out = append(out, fmt.Sprintf("%s %s %v → %v", ch.What, ch.User, *ch.PresenceBefore.Blocked, *ch.PresenceAfter.Blocked))
		default:
			name := func(u *core.User) string {
				if u == nil {
					return "-"
				}
				return u.FirstName
			}
			out = append(out, fmt.Sprintf("%s %s %s → %s", ch.What, ch.User, name(ch.UserBefore), name(ch.UserAfter)))
		}
	}
	return out
}

func TestDiff_TellsEachKindOfChange(t *testing.T) {
	w, _ := crowd(10)
	f := roster.Fleet{"fake": store{w}}
	before := take(t, f, roster.WithPresence())
	assert.Empty(t, told(before, before))

	u := w.users["u3"]
	u.FirstName = "Changed"
	w.users["u3"] = u
	delete(w.users, "u4")
	delete(w.links, "u4")
	w.add("new@x.test", q2)
	a := w.links["u5"][q1.String()]
	a.Suspended = true
	w.links["u5"][q1.String()] = a
	delete(w.links["u6"], q1.String())
	w.links["u7"][q2.String()] = core.Assignment{UserID: "u7", Target: q2, Level: new(4)}
	w.blocked["u8"] = true
	after := take(t, f, roster.Since(before), roster.WithPresence())
	got := told(after, before)
	slices.Sort(got)
	assert.Equal(t, []string{
		"assignment u5 u5 → queue:q1@1 → u5 → queue:q1@1",
		"assignment u6 u6 → queue:q1@1 → <nil>",
		"assignment u7 <nil> → u7 → queue:q2@4",
		"gone u4 First → -",
		"presence u8 false → true",
		"user u11 - → First",
		"user u3 First → Changed",
	}, got)
	for ch := range after.Diff(before) {
		assert.False(t, ch.Seen.IsZero())
		assert.Positive(t, ch.Within)
		line, err := json.Marshal(ch)
		require.NoError(t, err)
		assert.Regexp(t, `^{"account":"fake","person":"[^"]+","user":"u\d+","what":"(user|gone|assignment|presence)","before":(null|{.*}),`+
			`"after":(null|{.*}),"seen":"[^"]+","within":[0-9.e-]+}$`, string(line))
	}
}

func TestCensus_IsWrittenAndReadBack(t *testing.T) {
	w, v := newWorld(), newWorld()
	w.add("Kim@x.test", q1, q2)
	v.add("sip:kim@X.test", q1)
	v.users["u1"] = core.User{ID: "u1", Login: "sip:kim@X.test"}
	for range 2 {
		id := w.add("twice@x.test")
		u := w.users[id]
		u.Login = "login-" + id
		w.users[id] = u
	}
	f := roster.Fleet{"one": store{w}, "two": store{v}}
	c := take(t, f)
	var b bytes.Buffer
	require.NoError(t, c.WriteJSON(&b))
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	require.Len(t, lines, 5)
	assert.Contains(t, lines[0], `{"person":"kim@x.test","accounts":{"one":{"vendor":"fake","id":"u1"`)
	assert.Contains(t, lines[0], `"links":[{"account":"one","userId":"u1","target":{"kind":"queue","id":"q1","name":""},"level":1,`+
		`"suspended":false},`)
	assert.Contains(t, lines[0], `{"account":"two","userId":"u1"`)
	assert.Contains(t, lines[1], `{"person":"one:u2","ambiguous":"twice@x.test",`)
	assert.Contains(t, lines[2], `{"person":"one:u3","ambiguous":"twice@x.test",`)
	assert.Contains(t, lines[3], `{"account":"one","certificate":{"verdict":"complete","users":3,"why":["`)

	// Read back it is the same census: the same lines, no change, and the same plan.
	back, err := roster.ReadCensus(bytes.NewReader(b.Bytes()), f)
	require.NoError(t, err)
	var again bytes.Buffer
	require.NoError(t, back.WriteJSON(&again))
	assert.Equal(t, b.String(), again.String())
	assert.Empty(t, told(c, back))
	want := roster.Want{Gone: []string{"kim@x.test"}, Members: []roster.Members{{Account: "one", Target: q1, Mode: roster.Exact,
		People: []string{"one:u2"}, Within: roster.Everyone}}}
	p, err := want.Plan(c)
	require.NoError(t, err)
	q, err := want.Plan(back)
	require.NoError(t, err)
	assert.Equal(t, len(p.Steps), len(q.Steps))
	assert.Equal(t, p.Population, q.Population)
	for i := range p.Steps {
		assert.Equal(t, p.Steps[i].ID, q.Steps[i].ID)
	}

	for _, bad := range []string{"nonsense\n", `{"x":1}` + "\n", `{"person":1}` + "\n"} {
		_, err = roster.ReadCensus(strings.NewReader(bad), nil)
		assert.ErrorIs(t, err, roster.ErrRefused, bad)
	}
	lone, err := roster.ReadCensus(bytes.NewReader(b.Bytes()), nil)
	require.NoError(t, err)
	assert.Empty(t, told(lone, c))
	_, err = want.Plan(lone)
	assert.ErrorIs(t, err, roster.ErrRefused, "there is no account to plan for")
}

func TestCensus_PinsAndBySayWhoSomebodyIs(t *testing.T) {
	w, v := newWorld(), newWorld()
	w.add("kim@x.test")
	v.add("kpark")
	f := roster.Fleet{"one": store{w}, "two": store{v}}
	p, err := take(t, f, roster.Pins(map[string]string{"two:u1": "Kim@x.test"})).Person("kim@x.test")
	require.NoError(t, err)
	assert.Len(t, p.Accounts, 2)

	by := func(account string, u core.User) string {
		return map[string]string{"one": "", "two": "KIM@x.test"}[account]
	}
	for _, opts := range [][]roster.CensusOption{{roster.By(by)}, {roster.By(by), roster.Only("kim@x.test")}} {
		p, err = take(t, f, opts...).Person("kim@x.test")
		require.NoError(t, err)
		assert.Len(t, p.Accounts, 2)
	}
	p, err = take(t, f, roster.Pins(map[string]string{"two:u1": "Kim@x.test"}), roster.Only("kim@x.test")).Person("kim@x.test")
	require.NoError(t, err)
	assert.Len(t, p.Accounts, 2)

	// One name of two people at two accounts is not guessed.
	u := v.users["u1"]
	u.Login, u.Email = "kim@x.test", "other@x.test"
	v.users["u1"] = u
	c := take(t, f)
	_, err = c.Person("kim@x.test")
	var two *roster.Ambiguous
	require.ErrorAs(t, err, &two)
	assert.Equal(t, []string{"one:u1", "two:u1"}, two.Pins)
	_, err = roster.Want{Gone: []string{"kim@x.test"}}.Plan(c)
	require.ErrorIs(t, err, core.ErrConflict)
}

// TestReadCensus_OfABrokenFile: a last line without its end is read, and a file that cannot
// be read to its end is an error and no shorter census.
func TestReadCensus_OfABrokenFile(t *testing.T) {
	const line = `{"person":"ana@example.com","accounts":{"chat":{"vendor":"fake","id":"u1","login":"ana@example.com"}},"links":[]}`

	c, err := roster.ReadCensus(strings.NewReader(line), nil)
	require.NoError(t, err)
	ana, err := c.Person("ana@example.com")
	require.NoError(t, err)
	require.Equal(t, "u1", ana.Accounts["chat"].ID)

	broken := errors.New("the disk is gone")
	for _, text := range []string{line + "\n", line, ""} {
		_, err := roster.ReadCensus(io.MultiReader(strings.NewReader(text), iotest.ErrReader(broken)), nil)
		require.ErrorIs(t, err, broken)
	}
}
