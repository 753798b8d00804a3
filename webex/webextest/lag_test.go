package webextest_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/webex/webextest"
)

func TestWithReadLag_AnswersAsOfThen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := sample(t, webextest.WithReadLag(time.Second))
		title := func() any { return o.get("/people/" + webextest.PersonAna).is(200).Object()["title"] }
		was := title()
		now := o.put("/people/"+webextest.PersonAna, m{"displayName": "Ana", "title": "Chief", "licenses": []string{webextest.LicenseMeetings,
			webextest.LicenseMessaging}})
		require.Equal(t, "Chief", now.is(200).Object()["title"], "the answer to a write is of the moment")
		require.Equal(t, was, title())
		time.Sleep(999 * time.Millisecond)
		require.Equal(t, was, title())
		time.Sleep(time.Millisecond)
		require.Equal(t, "Chief", title())
	})
}
