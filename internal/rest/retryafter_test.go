package rest

import (
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func TestEveryFormOfRetryAfterIsRead(t *testing.T) {
	const s = time.Second
	in40 := noon.Add(40 * s)
	for value, want := range map[string]time.Duration{
		"0":                              0,
		"1":                              s,
		"007":                            7 * s,
		" 120 ":                          2 * time.Minute,
		"3600":                           time.Hour,
		"1.5":                            1500 * time.Millisecond,
		"0.0001":                         time.Millisecond,
		"30.0":                           30 * s,
		"rand(0),add(30)":                30 * s,
		"rand( 0 ), add( 2 )":            2 * s,
		"rand(0),add(999999999)":         999999999 * s,
		in40.Format(http.TimeFormat):     40 * s,
		in40.Format(time.RFC850):         40 * s,
		in40.Format(time.ANSIC):          40 * s,
		noon.Add(-s).Format(time.RFC850): 0,
		noon.Add(-time.Hour).Format(http.TimeFormat): 0,
		noon.Add(-time.Hour).Format(time.ANSIC):      0,
		"999999999":                                  999999999 * s,
		"9999999999.5":                               time.Unix(9999999999, 0).Sub(noon),
		unix(noon.Add(40 * s)):                       40 * s,
		unix(noon.Add(-40 * s)):                      0,
		unix(noon) + "999":                           999 * time.Millisecond,
		"1743440400":                                 0, // the 484,289 h that somebody was told to wait
		"9223372036":                                 time.Unix(9223372036, 0).Sub(noon),
		"18446744074":                                foreverWait,
		"999999999999999":                            foreverWait,
		"1000000000000000":                           foreverWait,
		"18446744073709551615":                       foreverWait,
		"18446744073709551616":                       foreverWait,
		"99999999999999999999":                       foreverWait,
		"99999999999999999999.5":                     foreverWait,
		"Fri, 31 Dec 9999 23:59:59 GMT":              foreverWait,
	} {
		got, ok := ParseRetryAfter(value, noon)
		assert.True(t, ok, "%q", value)
		assert.Equal(t, want, got, "%q", value)
	}
}

func unix(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }

// TestADateIsMeasuredByTheVendorsClock: it may be hours from ours.
func TestADateIsMeasuredByTheVendorsClock(t *testing.T) {
	for _, off := range []time.Duration{0, time.Hour, -time.Hour, 300 * time.Hour} {
		theirs := noon.Add(off)
		for name, value := range map[string]string{"date": theirs.Add(3 * time.Second).Format(http.TimeFormat),
			"Unix": unix(theirs.Add(3 * time.Second)), "seconds": "3"} {
			h := http.Header{"Date": {theirs.Format(http.TimeFormat)}, "Retry-After": {value}}
			got, named := askedWait(503, h, noon)
			assert.True(t, named)
			assert.Equal(t, 3*time.Second, got, "%s, %s off", name, off)

			h = http.Header{"Date": {theirs.Format(http.TimeFormat)}, "Ratelimit-Reset": {value}}
			if got, _ = askedWait(429, h, noon); name != "date" {
				assert.Equal(t, 3*time.Second, got, "%s, %s off", name, off)
			}
		}
	}
	h := http.Header{"Date": {"soon"}, "Retry-After": {noon.Add(3 * time.Second).Format(http.TimeFormat)}}
	got, _ := askedWait(503, h, noon)
	assert.Equal(t, 3*time.Second, got, "a Date that cannot be read is none")
}

func TestARetryAfterByLotIsDrawn(t *testing.T) {
	for value, w := range map[string]struct{ least, most time.Duration }{
		"rand(30),add(30)":               {30 * time.Second, time.Minute},
		" rand( 5 ), add( 2 ) ":          {2 * time.Second, 7 * time.Second},
		"rand(999999999),add(999999999)": {999999999 * time.Second, 1999999998 * time.Second},
	} {
		low, high := w.most, w.least
		for range 1000 {
			got, ok := ParseRetryAfter(value, noon)
			require.True(t, ok, "%q", value)
			require.GreaterOrEqual(t, got, w.least, "%q", value)
			require.LessOrEqual(t, got, w.most, "%q", value)
			low, high = min(low, got), max(high, got)
		}
		// That a thousand draws leave a tenth empty at either end is less likely than 1e-45.
		require.Less(t, low, w.least+(w.most-w.least)/10, "%q", value)
		require.Greater(t, high, w.most-(w.most-w.least)/10, "%q", value)
	}
}

func TestWhatIsNoRetryAfterIsNotRead(t *testing.T) {
	for _, value := range []string{
		"", " ", "-5", "-0.5", "+5", "soon", "1e3", "1.", ".5", "1,5", "0x10", "5s", "NaN", "Inf", "1.5.2",
		"rand(30)", "add(30)", "rand(-1),add(3)", "rand(1234567890),add(1)", "rand(30),add(30),rand(1)",
		"2026-03-01T12:00:40Z", "٣", "1 2", "Sun, 99 Mar 2026 12:00:00 GMT",
	} {
		got, ok := ParseRetryAfter(value, noon)
		assert.False(t, ok, "%q", value)
		assert.Zero(t, got, "%q", value)
	}
}

func TestRateLimitResetStandsInForRetryAfter(t *testing.T) {
	for name, w := range map[string]struct {
		status       int
		retry, reset string
		want         time.Duration
		named        bool
	}{
		"alone":            {429, "", "9", 9 * time.Second, false},
		"Retry-After wins": {429, "4", "9", 4 * time.Second, true},
		"zero wins too":    {429, "0", "9", 0, true},
		"garbage yields":   {429, "soon", "9", 9 * time.Second, false},
		"not a number":     {429, "", "soon", 0, false},
		"negative":         {429, "", "-1", 0, false},
		"far away":         {429, "", "99999999999999999999", foreverWait, false},
		"none":             {429, "", "", 0, false},
		"no refusal":       {503, "", "9", 0, false},
		"a lock":           {423, "4", "9", 4 * time.Second, true},
		"a success":        {202, "4", "9", 0, false},
	} {
		h := http.Header{}
		if w.retry != "" {
			h.Set("Retry-After", w.retry)
		}
		if w.reset != "" {
			h.Set("RateLimit-Reset", w.reset)
		}
		got, named := askedWait(w.status, h, noon)
		assert.Equal(t, w.named, named, name)
		assert.Equal(t, w.want, got, name)
	}
}

func FuzzParseRetryAfter(f *testing.F) {
	for _, s := range []string{"0", "1.5", "-1", "rand(30),add(30)", "9223372037", "18446744074", "99999999999999999999",
		"484289h", "Sun, 01 Mar 2026 12:00:40 GMT", "Sunday, 01-Mar-26 12:00:40 GMT", "Sun Mar  1 12:00:40 2026", "."} {
		f.Add(s, int64(0))
		f.Add(s, int64(1)<<40)
	}
	f.Fuzz(func(t *testing.T, value string, unix int64) {
		got, ok := ParseRetryAfter(value, time.Unix(unix%(1<<40), 0))
		require.GreaterOrEqual(t, got, time.Duration(0))
		if !ok {
			require.Zero(t, got)
		}
	})
}
