package webex_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/jarcoal/httpmock"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest/resttest"
	"github.com/rollcall-go/rollcall/webex"
	"github.com/rollcall-go/rollcall/webex/webextest"
)

func TestLinkHeaders(t *testing.T) {
	for _, w := range []struct {
		headers []string
		targets []string
		rels    [][]string
	}{
		{nil, nil, nil},
		{[]string{`<https://webexapis.com/v1/people?max=100&before&after=Y3Vy>; rel="next"`},
			[]string{"https://webexapis.com/v1/people?max=100&before&after=Y3Vy"}, [][]string{{"next"}}},
		{[]string{`</a?x=1,2>; title="a, b\", c"; REL=first , </b>;rel=next`}, []string{"/a?x=1,2", "/b"}, [][]string{{"first"}, {"next"}}},
		{[]string{`</a>; rel="prev"`, `</b>; rel="next last"`}, []string{"/a", "/b"}, [][]string{{"prev"}, {"next", "last"}}},
		{[]string{`</a>`, `junk`, `<open`, `</c>;;rel`, ``}, []string{"/a", "/c"}, [][]string{nil, {}}},
	} {
		targets, rels := webex.Links(w.headers...)
		assert.Equal(t, w.targets, targets, w.headers)
		require.Len(t, rels, len(w.rels), w.headers)
		for i := range rels {
			assert.ElementsMatch(t, w.rels[i], rels[i], w.headers)
		}
	}
}

// pages serves people by the pages that a test describes.
type page struct {
	ids  []string
	link string
}

func serve(t *testing.T, pages map[string]page) (*webex.Client, *[]string) {
	t.Helper()
	var asked []string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.RequestURI())
		p, ok := pages[r.URL.Query().Get("cursor")]
		if !ok {
			w.WriteHeader(http.StatusTeapot)
			return
		}
		if p.link != "" {
			w.Header().Set("Link", strings.ReplaceAll(p.link, "ORIGIN", "http://"+r.Host))
		}
		var items []string
		for _, id := range p.ids {
			items = append(items, `{"id":"`+id+`"}`)
		}
		fmt.Fprintf(w, `{"notFoundIds":null,"items":[%s]}`, strings.Join(items, ","))
	}))
	t.Cleanup(srv.Close)
	c := client(t, webex.Config{ClientOptions: core.ClientOptions{MaxAttempts: 1}, Auth: bearer, Tier: webex.Assist, BaseURL: srv.URL + "/v1"})
	t.Cleanup(c.CloseIdleConnections)
	return c, &asked
}

func listed(t *testing.T, c *webex.Client, q webex.PersonListOptions) ([]string, error) {
	people, err := core.Collect(c.People.List(t.Context(), q))
	var ids []string
	for _, p := range people {
		ids = append(ids, string(p.ID))
	}
	return ids, err
}

func TestLinksAreFollowedAsTheyAreGivenAndMended(t *testing.T) {
	c, asked := serve(t, map[string]page{
		"":  {[]string{"a", "b"}, `<ORIGIN/v1/people?cursor=2&before&max=null>; rel="next"`},
		"2": {nil, `<?cursor=3&email=x%40y.test>; rel="next", <ORIGIN/v1/people>; rel="first"`}, // an empty page, and a relative link
		"3": {[]string{"c"}, `<ORIGIN/v1/people>; rel="first"`},
	})
	ids, err := listed(t, c, webex.PersonListOptions{Email: "x@y.test", WithoutStatus: true, PageSize: 2})
	require.NoError(t, err)
	require.Equal(t, []string{"a", "b", "c"}, ids)
	require.Len(t, *asked, 3)
	for i, uri := range *asked {
		r := httptest.NewRequest("GET", uri, nil)
		require.Equal(t, "/v1/people", r.URL.Path)
		require.Equal(t, []string{"x@y.test"}, r.URL.Query()["email"], "the filter is kept: %s", uri)
		require.Equal(t, "true", r.URL.Query().Get("excludeStatus"), uri)
		require.Equal(t, "2", r.URL.Query().Get("max"), uri)
		require.Equal(t, i == 1, strings.Contains(uri, "&before&"), uri)
	}
	again, err := listed(t, c, webex.PersonListOptions{Email: "x@y.test", WithoutStatus: true, PageSize: 2})
	require.NoError(t, err)
	require.Equal(t, ids, again)
}

func TestAListThatCannotBeCompletedSaysSo(t *testing.T) {
	for name, pages := range map[string]map[string]page{
		"the next page is elsewhere": {"": {[]string{"a"}, `<https://webexapis.com/v1/people?cursor=2>; rel="next"`}},
		"or at another scheme":       {"": {[]string{"a"}, `<https://ORIGIN/v1/people?cursor=2>; rel="next"`}},
		"with a password":            {"": {[]string{"a"}, `<http://u:p@127.0.0.1/v1/people?cursor=2>; rel="next"`}},
		"the address is none":        {"": {[]string{"a"}, `<http://[::1/>; rel="next"`}},
		"the cursor repeats": {"": {[]string{"a"}, `</v1/people?cursor=2>; rel="next"`},
			"2": {[]string{"b"}, `</v1/people?cursor=2>; rel="next"`}},
		"the first page comes again": {"": {[]string{"a"}, `</v1/people?cursor=2>; rel="next"`},
			"2": {[]string{"b"}, `</v1/people?cursor=>; rel="next"`}},
		"the same page again": {"": {[]string{"a"}, `</v1/people?cursor=2>; rel="next"`},
			"2": {[]string{"a"}, `</v1/people?cursor=3>; rel="next"`}},
		"a circle of three": {"": {[]string{"a"}, `</v1/people?cursor=2>; rel="next"`}, "2": {[]string{"b"}, `</v1/people?cursor=3>; rel="next"`},
			"3": {[]string{"c"}, `</v1/people?cursor=4>; rel="next"`}, "4": {[]string{"d"}, `</v1/people?cursor=2>; rel="next"`}},
	} {
		t.Run(name, func(t *testing.T) {
			c, asked := serve(t, pages)
			ids, err := listed(t, c, webex.PersonListOptions{})
			require.ErrorIs(t, err, core.ErrIncomplete)
			require.Less(t, len(*asked), 10)
			seen := map[string]bool{}
			for _, id := range ids {
				require.False(t, seen[id], "%s came twice: %v", id, ids)
				seen[id] = true
			}
			require.NotContains(t, err.Error(), "u:p@")
			require.NotContains(t, err.Error(), "callingData", "a query is no part of an error")
		})
	}
}

func TestAnAnswerOfAnotherShapeIsNoEmptyList(t *testing.T) {
	for body, want := range map[string]error{
		`{"items":[]}`: nil, `{"items":null}`: nil, `{"items":[],"x":1}`: nil,
		`{}`: core.ErrProtocol, `{"people":[]}`: core.ErrProtocol, `{"items":{}}`: core.ErrProtocol, `[]`: core.ErrProtocol, ``: core.ErrProtocol,
		`<html>`: core.ErrProtocol, `{"items":[{"displayName":"nobody"}]}`: core.ErrProtocol, `{"items":[`: core.ErrProtocol,
		`{"message":"not really","errors":[{"description":"x"}]}`: core.ErrInvalid,
	} {
		c, mt := mocked(t)
		mt.RegisterResponder("GET", base+"/people", resttest.Answer(200, body))
		_, err := core.Collect(c.People.List(t.Context(), webex.PersonListOptions{}))
		require.ErrorIs(t, err, want, body)
	}
}

// offsets serves supervisors by start and max; most caps the page, ignore sends
// the first page again and again.
func offsets(t *testing.T, n, most int, ignore bool, end int) (*webex.Client, *[]string) {
	var asked []string
	c, mt := mocked(t)
	mt.RegisterResponder("GET", base+"/telephony/config/supervisors", func(r *http.Request) (*http.Response, error) {
		q := r.URL.Query()
		asked = append(asked, q.Get("start"))
		start, _ := strconv.Atoi(q.Get("start"))
		size, _ := strconv.Atoi(q.Get("max"))
		if ignore {
			start = 0
		}
		if start >= n && start > 0 {
			return resttest.Answer(end, `{"supervisors":[]}`)(r)
		}
		var rows []string
		for i := start; i < min(n, start+min(size, most)); i++ {
			rows = append(rows, fmt.Sprintf(`{"id":"s%d","agentCount":1}`, i))
		}
		return resttest.Answer(200, `{"supervisors":[`+strings.Join(rows, ",")+`]}`)(r)
	})
	return c, &asked
}

func TestStartAndMaxLeadTheWayWhereThereIsNoLink(t *testing.T) {
	for _, w := range []struct {
		n, most int
		ignore  bool
		end     int
		err     error
	}{
		{0, 100, false, 200, nil}, {3, 100, false, 200, nil}, {3, 100, false, 404, nil},
		{10, 5, false, 200, nil}, {10, 5, false, 404, nil}, // full pages, an empty one, or none
		{7, 2, false, 200, nil},                  // the vendor gives less than was asked for
		{3, 100, true, 200, nil},                 // start is ignored, and all came at once
		{8, 1000, true, 200, core.ErrIncomplete}, // or perhaps not all
	} {
		c, asked := offsets(t, w.n, w.most, w.ignore, w.end)
		size := 5
		if w.err != nil {
			size = 8
		}
		got, err := core.Collect(c.Supervisors.List(t.Context(), webex.SupervisorListOptions{PageSize: size}))
		require.ErrorIs(t, err, w.err, "%+v asked %v", w, *asked)
		require.Len(t, got, w.n, "%+v", w)
		for i, s := range got {
			require.Equal(t, webex.ID(fmt.Sprint("s", i)), s.ID)
		}
		require.LessOrEqual(t, len(*asked), w.n/2+3)
	}
}

// TestList_A404InTheMiddleIsNotTheEnd: a 404 past the end comes again, one of a moment
// does not, and a page of a server in between proves nothing about the list.
func TestList_A404InTheMiddleIsNotTheEnd(t *testing.T) {
	for name, fault := range map[string]webextest.Fault{
		"a word":  {ContentType: "application/json", Body: `{"message":"not found"}`},
		"nothing": {},
		"a page":  {ContentType: "text/html", Body: "<!DOCTYPE html><html><body>Blocked</body></html>"},
	} {
		t.Run(name, func(t *testing.T) {
			sim := webextest.NewServer(webextest.WithSampleData(), webextest.WithTelephonyPages(1, 1))
			c := over(t, sim, webex.Assist)
			want, err := core.Collect(c.Supervisors.List(t.Context(), webex.SupervisorListOptions{}))
			require.NoError(t, err)
			require.Greater(t, len(want), 1)

			fault.Op, fault.Skip, fault.Status = "Supervisors.List", 1, http.StatusNotFound
			sim.Fault(fault)
			got, err := core.Collect(c.Supervisors.List(t.Context(), webex.SupervisorListOptions{}))
			if name == "a page" {
				require.ErrorIs(t, err, core.ErrIncomplete)
				require.NotErrorIs(t, err, core.ErrNotFound)
				return
			}
			require.NoError(t, err)
			require.Equal(t, want, got)
		})
	}
}

func TestLinksThatLeadNowhereEndNoListByPosition(t *testing.T) {
	for _, header := range []string{`</style.css>; rel=preload`, `<?start=0>; rel="first"`, `<>; rel=self`} {
		c, mt := mocked(t)
		mt.RegisterResponder("GET", base+"/telephony/config/supervisors", func(r *http.Request) (*http.Response, error) {
			start, _ := strconv.Atoi(r.URL.Query().Get("start"))
			var rows []string
			for i := start; i < min(7, start+3); i++ {
				rows = append(rows, fmt.Sprintf(`{"id":"s%d","agentCount":1}`, i))
			}
			return resttest.Answer(200, `{"supervisors":[`+strings.Join(rows, ",")+`]}`, "Link", header)(r)
		})
		got, err := core.Collect(c.Supervisors.List(t.Context(), webex.SupervisorListOptions{}))
		require.NoError(t, err, header)
		require.Len(t, got, 7, header)
	}
}

func TestTwoThousandPeopleWithAStumbleOnPageThree(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim := webextest.NewServer(webextest.WithPeople(2000))
		c := over(t, sim, webex.Assist)
		sim.Fault(webextest.Fault{Op: "People.List", Skip: 2, Times: 2, Status: 429, RetryAfter: "rand(30),add(30)"})
		start := time.Now()
		seen := map[string]bool{}
		var order []string
		for p, err := range c.People.List(t.Context(), webex.PersonListOptions{}) {
			require.NoError(t, err)
			require.False(t, seen[p.Login()], "a double")
			seen[p.Login()] = true
			order = append(order, p.Login())
		}
		require.Len(t, order, 2001)
		for i := 1; i < len(order); i++ {
			require.Equal(t, fmt.Sprintf("agent%d@example.com", i), order[i])
		}
		require.Empty(t, sim.Unstruck())
		require.GreaterOrEqual(t, time.Since(start), time.Minute, "both waits were slept in full")
		require.Len(t, sim.Requests("People.List"), 21+2)
	})
}

// TestAListIsReadInBoundedMemory: twenty times the people do not need noticeably
// more memory at a time.
func TestAListIsReadInBoundedMemory(t *testing.T) {
	peak := func(people int) uint64 {
		rows := func(from int) string {
			var b strings.Builder
			for i := from; i < min(people, from+100); i++ {
				fmt.Fprintf(&b, `,{"id":"p%d","emails":["p%d@example.com"],"x":"%s"}`, i, i, strings.Repeat("y", 2000))
			}
			return `{"items":[` + strings.TrimPrefix(b.String(), ",") + `]}`
		}
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			from, _ := strconv.Atoi(r.URL.Query().Get("after"))
			if from+100 < people {
				w.Header().Set("Link", fmt.Sprintf(`<http://%s/v1/people?after=%d>; rel="next"`, r.Host, from+100))
			}
			fmt.Fprint(w, rows(from))
		}))
		defer srv.Close()
		c, err := webex.New(webex.Config{Auth: bearer, Tier: webex.Assist, BaseURL: srv.URL + "/v1"})
		require.NoError(t, err)
		defer c.CloseIdleConnections()
		var most uint64
		n := 0
		for _, err := range c.People.List(t.Context(), webex.PersonListOptions{}) {
			require.NoError(t, err)
			if n++; n%500 == 1 {
				var m runtime.MemStats
				runtime.GC()
				runtime.ReadMemStats(&m)
				most = max(most, m.HeapAlloc)
			}
		}
		require.Equal(t, people, n)
		return most
	}
	peak(200) // warm up
	small, large := peak(500), peak(10_000)
	require.Less(t, large, small+2<<20, "20 MB of people were held")
}

func TestEmptyPagesWithoutEnd(t *testing.T) {
	c, mt := mocked(t)
	n := 0
	mt.RegisterNoResponder(func(r *http.Request) (*http.Response, error) {
		n++
		return resttest.Answer(200, `{"items":[]}`, "Link", fmt.Sprintf(`</v1/people?after=%d>; rel="next"`, n))(r)
	})
	_, err := core.Collect(c.People.List(t.Context(), webex.PersonListOptions{}))
	require.ErrorIs(t, err, core.ErrIncomplete)
	require.Less(t, n, 100)
}

func TestALinkHeaderThatCannotBeReadEndsNoListInSilence(t *testing.T) {
	for _, header := range []string{
		`<http://x.test/v1/people?cursor=2; rel="next"`, `http://x.test/v1/people?cursor=2; rel="next"`, `next`, `junk`, `<a`,
		`</v1/people>; rel="prev", </v1/people?cursor=2; rel="next"`, `</v1/people?cursor=2> rel="next"`,
		`</v1/people?cursor=2>; title="a; rel="next"`,
	} {
		c, mt := mocked(t)
		mt.RegisterResponder("GET", base+"/people", resttest.Answer(200, `{"items":[{"id":"a"}]}`, "Link", header, "Trackingid", "ROUTER_7"))
		people, err := core.Collect(c.People.List(t.Context(), webex.PersonListOptions{}))
		e := resttest.ErrorOf(t, err)
		require.Equal(t, core.ClassIncomplete, e.Class, header)
		require.Equal(t, "ROUTER_7", e.RequestID)
		require.Len(t, people, 1, "what came is real")
	}
	// What can be read is followed, whatever stands around it.
	for _, header := range []string{
		`</v1/people?cursor=2>; title="page 2; rel=prev"; rel="next"`, `</v1/people?cursor=2>; rel="next", junk`,
		`</v1/people?cursor=2>;rel=next;`,
		` , </v1/people?cursor=2>; title="a, \" <b>"; rel="next"`, `</v1/people?cursor=2>; rel="next`, `</v1/people?cursor=2> ; REL = 'next'`,
	} {
		c, _ := serve(t, map[string]page{"": {[]string{"a"}, header}, "2": {[]string{"b"}, `</v1/people>; rel="first"; title="no next one"`}})
		ids, err := listed(t, c, webex.PersonListOptions{})
		require.NoError(t, err, header)
		require.Equal(t, []string{"a", "b"}, ids, header)
	}
}

func TestAListWhoseRowsMoveBetweenItsPagesIsIncomplete(t *testing.T) {
	run := func(link bool, pages ...string) (int, error) {
		c, mt := mocked(t)
		at := map[string]string{}
		start := 0
		for _, rows := range pages {
			var items []string
			for _, r := range rows {
				items = append(items, `{"id":"`+string(r)+`","agentCount":1}`)
			}
			at[strconv.Itoa(start)] = strings.Join(items, ",")
			start += len(rows)
		}
		mt.RegisterResponder("GET", base+"/telephony/config/supervisors", func(r *http.Request) (*http.Response, error) {
			from, _ := strconv.Atoi(r.URL.Query().Get("start"))
			var headers []string
			if next := from + 3; link && next < start {
				headers = []string{"Link", fmt.Sprintf(`<?start=%d&max=3>; rel="next"`, next)}
			}
			return resttest.Answer(200, `{"supervisors":[`+at[r.URL.Query().Get("start")]+`]}`, headers...)(r)
		})
		got, err := core.Collect(c.Supervisors.List(t.Context(), webex.SupervisorListOptions{PageSize: 3}))
		return len(got), err
	}
	for _, link := range []bool{false, true} {
		n, err := run(link, "abc", "def", "g")
		require.NoError(t, err)
		require.Equal(t, 7, n)
		// Sorted otherwise while it was read: two rows came twice, and two never.
		_, err = run(link, "abc", "bca", "g")
		require.ErrorIs(t, err, core.ErrIncomplete)
		_, err = run(link, "abc", "fba", "g")
		require.ErrorIs(t, err, core.ErrIncomplete)
	}
}

func TestAnAnswerThatMakesNoSenseIsQuotedWithItsRequest(t *testing.T) {
	for name, w := range map[string]struct {
		path, body string
		call       func(*webex.Client) error
	}{
		"a person without an id": {"/people/" + dana, `{"displayName":"x"}`, func(c *webex.Client) error {
			_, err := c.People.Get(t.Context(), dana)
			return err
		}},
		"another person": {"/people/" + dana, `{"id":"` + lobby + `"}`, func(c *webex.Client) error {
			_, err := c.People.Get(t.Context(), dana)
			return err
		}},
		"me without an id": {"/people/me", `{}`, func(c *webex.Client) error { _, err := c.People.Me(t.Context()); return err }},
		"no list": {"/people", `{}`, func(c *webex.Client) error {
			_, err := core.Collect(c.People.List(t.Context(), webex.PersonListOptions{}))
			return err
		}},
		"no id in a list": {"/people", `{"items":[{}]}`, func(c *webex.Client) error {
			_, err := core.Collect(c.People.List(t.Context(), webex.PersonListOptions{}))
			return err
		}},
		"another queue": {"/telephony/config/locations/TG9j/queues/" + rawQueueID, `{"id":"x"}`, func(c *webex.Client) error {
			_, err := c.Queues.Get(t.Context(), "TG9j", rawQueueID)
			return err
		}},
		"an agent of none": {"/telephony/config/locations/TG9j/queues/" + rawQueueID, `{"agents":[{}]}`, func(c *webex.Client) error {
			_,
				err := c.Queues.Get(t.Context(), "TG9j", rawQueueID)
			return err
		}},
	} {
		c, mt := mocked(t)
		mt.RegisterResponder("GET", base+w.path, resttest.Answer(200, w.body, "Trackingid", "ROUTER_7"))
		e := resttest.ErrorOf(t, w.call(c))
		require.Equal(t, core.ClassProtocol, e.Class, name)
		require.Equal(t, []any{200, "ROUTER_7", 1}, []any{e.Status, e.RequestID, e.Attempts}, name)
	}
	c, mt := mocked(t)
	mt.RegisterResponder("POST", base+"/people", resttest.Answer(200, `{}`, "Trackingid", "ROUTER_7"))
	_, err := c.People.Create(t.Context(), webex.Person{Emails: []string{"a@b.test"}, FirstName: core.Set("A")})
	e := resttest.ErrorOf(t, err)
	require.Equal(t, []any{200, "ROUTER_7", 1, core.AppliedUnknown}, []any{e.Status, e.RequestID, e.Attempts, e.Applied})
	mt.RegisterResponder("GET", base+"/people/"+dana, resttest.Answer(200, whole))
	mt.RegisterResponder("PUT", base+"/people/"+dana, resttest.Answer(200, `{"id":"`+lobby+`"}`, "Trackingid", "ROUTER_8"))
	_, err = c.People.Replace(t.Context(), webex.Person{ID: dana, DisplayName: core.Set("D")})
	e = resttest.ErrorOf(t, err)
	require.Equal(t, []any{200, "ROUTER_8", 1}, []any{e.Status, e.RequestID, e.Attempts})
}

// TestList_PutsBackAFilterThatALinkChanged: a plus sign in a link is a blank.
func TestList_PutsBackAFilterThatALinkChanged(t *testing.T) {
	c, mt := mocked(t)
	var asked []url.Values
	mt.RegisterNoResponder(func(r *http.Request) (*http.Response, error) {
		asked = append(asked, r.URL.Query())
		if r.URL.Query().Get("cursor") == "" {
			return resttest.Answer(200, `{"items":[{"id":"a"}]}`,
				"Link", `<`+base+`/people?displayName=R+D&callingData=TRUE&max=50&max=70&cursor=1&displayName=x>; rel="next"`)(r)
		}
		return resttest.Answer(200, `{"items":[{"id":"b"}]}`)(r)
	})
	people, err := core.Collect(c.People.List(t.Context(), webex.PersonListOptions{DisplayName: "R+D"}))
	require.NoError(t, err)
	require.Len(t, people, 2)
	require.Equal(t, []string{"R+D"}, asked[1]["displayName"])
	require.Equal(t, []string{"true"}, asked[1]["callingData"])
	require.Equal(t, "50", asked[1].Get("max"), "the vendor may lower the size of a page")
	require.Equal(t, "1", asked[1].Get("cursor"))
}

// TestList_ThroughAGateway: the vendor's links lead past it.
func TestList_ThroughAGateway(t *testing.T) {
	const gateway = "https://gateway.example.test/webex/v1"
	pages := func(settings ...setting) ([]webex.Person, error) {
		mt := httpmock.NewMockTransport()
		mt.RegisterResponder("GET", gateway+"/people", func(r *http.Request) (*http.Response, error) {
			if r.URL.Query().Get("after") == "" {
				return resttest.Answer(200, `{"items":[{"id":"a"}]}`, "Link", `<https://webexapis.com/v1/people?max=100&before&after=Y3Vy>; `+
					`rel="next"`)(r)
			}
			return resttest.Answer(200, `{"items":[{"id":"b"}]}`)(r)
		})
		c := client(t, webex.Config{ClientOptions: core.ClientOptions{Transport: mt}, Auth: bearer, Tier: webex.Assist, BaseURL: gateway},
			settings...)
		return core.Collect(c.People.List(t.Context(), webex.PersonListOptions{}))
	}
	people, err := pages()
	require.ErrorIs(t, err, core.ErrIncomplete)
	require.Len(t, people, 1, "what came is real")
	people, err = pages(with(webex.WithLinksOnBase()))
	require.NoError(t, err)
	require.Len(t, people, 2)
}

func TestList_ALinkThatDoesNotFitTheBaseIsNotFollowed(t *testing.T) {
	c, mt := mocked(t, with(webex.WithLinksOnBase()))
	mt.RegisterResponder("GET", base+"/people", resttest.Answer(200, `{"items":[{"id":"a"}]}`, "Link",
		`<https://elsewhere.test/v2/people?after=x>; rel="next"`))
	people, err := core.Collect(c.People.List(t.Context(), webex.PersonListOptions{}))
	require.ErrorIs(t, err, core.ErrIncomplete)
	require.Len(t, people, 1)
	require.Equal(t, 1, mt.GetTotalCallCount())
}
