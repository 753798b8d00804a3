package avaya_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/avaya"
	"github.com/rollcall-go/rollcall/avaya/avayatest"
	"github.com/rollcall-go/rollcall/core"
)

func TestList_EndsIfAPageRepeats(t *testing.T) {
	page := `{"pagination":{"pageSize":50,"total":500},"users":[{"userId":"a"},{"userId":"b"}]}`
	c, _ := mocked(t, "GET", usersPath, httpmock.NewStringResponder(200, page))
	all, err := core.Collect(c.Users.List(t.Context(), avaya.UserListOptions{}))
	require.ErrorIs(t, err, core.ErrIncomplete)
	require.Len(t, all, 2)

	n := 0
	c, _ = mocked(t, "GET", usersPath, func(*http.Request) (*http.Response, error) {
		n++
		return httpmock.NewStringResponse(200, fmt.Sprintf(`{"pagination":{"pageNumber":1,"pageSize":50,"total":4},"users":[{"userId":"a%d"},`+
			`{"userId":"b%d"}]}`, n, n)), nil
	})
	_, err = core.Collect(c.Users.List(t.Context(), avaya.UserListOptions{}))
	require.ErrorIs(t, err, core.ErrIncomplete, "page 2 that calls itself page 1")

	c, _ = mocked(t, "GET", usersPath, httpmock.NewStringResponder(200, `{"users":[{"userId":"a"}]}`))
	_, err = core.Collect(c.Users.List(t.Context(), avaya.UserListOptions{}))
	require.ErrorIs(t, err, core.ErrProtocol, "a page that names no total")

	c, _ = mocked(t, "GET", usersPath, httpmock.NewStringResponder(200, `{"pagination":{"total":7},"users":[]}`))
	_, err = core.Collect(c.Users.List(t.Context(), avaya.UserListOptions{}))
	require.ErrorIs(t, err, core.ErrIncomplete, "an empty page of a list that is not empty")
}

func TestList_CanBeWalkedTwiceAndLeftEarly(t *testing.T) {
	simulate(t, func(b *bench) {
		b.srv.AddUsers(130)
		list := b.client.Users.List(b.Context(), avaya.UserListOptions{})
		require.Empty(b, b.srv.Requests(), "nothing is sent before the walk")
		for range list {
			break
		}
		require.Len(b, b.srv.Requests("Users.List"), 1, "left early, the rest is not fetched")
		for range 2 {
			all, err := core.Collect(list)
			require.NoError(b, err)
			require.Len(b, all, 130)
		}
	})
}

func TestList_ARowWithoutAnIDIsNotListed(t *testing.T) {
	for name, row := range map[string]string{"null": `null`, "no id": `{"loginId":"b@example.com"}`, "id null": `{"userId":null}`,
		"id blank": `{"userId":""}`} {
		c, _ := mocked(t, "GET", usersPath, answered(200, `{"pagination":{"pageNumber":1,"pageSize":50,"total":2},"users":[{"userId":"`+someUser+
			`"},`+row+`]}`))
		_, err := core.Collect(c.Users.List(t.Context(), avaya.UserListOptions{}))
		senseless(t, err, 200, core.AppliedNo)
		require.ErrorContains(t, err, "page 1", name)
	}
}

func TestList_FollowsNoLinks(t *testing.T) {
	for name, links := range map[string]avayatest.Links{
		"wrong": avayatest.LinksWrong, "misplaced": avayatest.LinksMisplaced, "absolute": avayatest.LinksAbsolute, "null": avayatest.LinksNull,
	} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(b *bench) {
				want := len(b.srv.AddUsers(123))
				for range 3 {
					b.srv.AddProfile(fmt.Sprintf(`{"profileName":"Profile %d"}`, len(b.srv.Profiles())))
				}
				got, err := core.Collect(b.client.Users.List(b.Context(), avaya.UserListOptions{}))
				require.NoError(b, err)
				require.Len(b, got, want)
				for p, err := range b.client.Profiles.List(b.Context(), avaya.ProfileListOptions{}) {
					require.NoError(b, err)
					require.NotContains(b, p.Extra, "links", "a page's links are no field of its last item")
				}
			}, avayatest.WithLinks(links))
		})
	}
}

func TestList_PageSizesHaveAFloorAndACeiling(t *testing.T) {
	simulate(t, func(b *bench) {
		b.srv.AddUsers(12)
		for asked, sent := range map[int]string{1: "5", 4: "5", 7: "7", 50: "50", 400: "50", 0: "50"} {
			all, err := core.Collect(b.client.Users.List(b.Context(), avaya.UserListOptions{PageSize: asked}))
			require.NoError(b, err)
			require.Len(b, all, 12, "a page size does not bound the list")
			log := b.srv.Requests("Users.List")
			require.Contains(b, log[len(log)-1].Query, "pageSize="+sent)
		}
		_, err := core.Collect(b.client.Users.Search(b.Context(), avaya.Search{PageSize: 9000}))
		require.NoError(b, err)
		require.Contains(b, b.srv.Requests("Users.Search")[0].Query, "pageSize=500")
		for _, err := range b.client.Queues.List(b.Context(), avaya.QueueListOptions{}) {
			require.NoError(b, err)
		}
		require.Contains(b, b.srv.Requests("Queues.List")[0].Query, "pageSize=20")
	})
}

func TestList_IsIncompleteBelowTheTotal(t *testing.T) {
	simulate(t, func(b *bench) {
		b.srv.AddUsers(70)
		all, err := core.Collect(b.client.Users.List(b.Context(), avaya.UserListOptions{}))
		require.ErrorIs(b, err, core.ErrIncomplete)
		require.Len(b, all, 70, "what was listed is handed out anyway")
	}, avayatest.WithTotalOff(3))
}

// The text of a UUID has no case: a user who comes again in capitals stands where another
// one is missing.
func TestList_ARowThatComesAgainInCapitalsIsARepeat(t *testing.T) {
	id := func(n int) string { return fmt.Sprintf("5b0f9a8e-2c3d-4e5f-8a9b-1c2d3e4f%04x", n) }
	c, _ := mocked(t, "GET", usersPath, func(r *http.Request) (*http.Response, error) {
		rows, page := []string{}, 0
		fmt.Sscan(r.URL.Query().Get("pageNumber"), &page)
		for n := 50 * (page - 1); n < min(50*page, 60); n++ {
			user := id(n)
			if n == 55 {
				user = strings.ToUpper(id(10))
			}
			rows = append(rows, fmt.Sprintf(`{"userId":%q,"loginId":"u%d@example.com"}`, user, n))
		}
		text := fmt.Sprintf(`{"pagination":{"pageNumber":%d,"pageSize":50,"total":60},"users":[%s]}`, page, strings.Join(rows, ","))
		return httpmock.NewStringResponse(200, text), nil
	})
	users, err := core.Collect(c.Users.List(t.Context(), avaya.UserListOptions{}))
	require.ErrorIs(t, err, core.ErrIncomplete)
	require.Len(t, users, 59, "each row is handed out once")
}

func TestList_NoticesUsersDeletedDuringAWalk(t *testing.T) {
	simulate(t, func(b *bench) {
		ids := b.srv.AddUsers(120)
		var err error
		n := 0
		for _, e := range b.client.Users.List(b.Context(), avaya.UserListOptions{}) {
			if err = e; err != nil {
				break
			}
			if n++; n == 10 {
				b.srv.RemoveUser(ids[0])
			}
		}
		require.ErrorIs(b, err, core.ErrIncomplete, "a row that moved to a page already read is missing")
	})
}
