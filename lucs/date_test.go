package lucs_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/internal/wire"
	"github.com/rollcall-go/rollcall/lucs"
)

func TestDatesAreReadInEveryFormThatWasSeen(t *testing.T) {
	at := time.Date(2019, 6, 24, 13, 0, 56, 273237600, time.UTC)
	for text, want := range map[lucs.Date]time.Time{
		"24.06.2019 13:00:56.2732376Z":      at, // the documentation's sample
		"24.6.2019 13:00:56.2732376Z":       at,
		"2019-06-24T13:00:56.2732376Z":      at,
		"2019-06-24T15:00:56.2732376+02:00": at,
		"24.06.2019 15:00:56.2732376+02:00": at,
		"2019-06-24T13:00:56.2732376":       at,
		" 24.06.2019 13:00:56.2732376 ":     at,
		"24.06.2019 13:00:56Z":              at.Truncate(time.Second),
		"24.06.2019 13:00:56":               at.Truncate(time.Second),
		"2019-06-24 13:00:56":               at.Truncate(time.Second),
		"24.06.2019 13:00":                  at.Truncate(time.Minute),
		"24.06.2019":                        at.Truncate(24 * time.Hour),
		"/Date(1561381256273)/":             at.Truncate(time.Millisecond),
	} {
		got, ok := text.Time()
		require.True(t, ok, text)
		require.True(t, want.Equal(got), "%s: %s", text, got)
	}
	for _, text := range []lucs.Date{"", "tomorrow", "31.02.2019 10:00:00", "24.13.2019", "/Date(x)/", "1561381256"} {
		_, ok := text.Time()
		require.False(t, ok, text)
	}
	require.Equal(t, lucs.Date("2019-06-24T13:00:56.2732376Z"), lucs.DateOf(at.In(time.FixedZone("", 7200))))
	require.Equal(t, lucs.Date("2019-06-24T13:00:56Z"), lucs.DateOf(at.Truncate(time.Second)))
}

func TestADateOfAnotherCultureIsKept(t *testing.T) {
	var c lucs.Callback
	const doc = `{"Id":"x","DueDate":"06/24/2019 1:00:56 PM"}`
	require.NoError(t, wire.Unmarshal([]byte(doc), &c))
	back, err := wire.Marshal(&c)
	require.NoError(t, err)
	require.JSONEq(t, doc, string(back))
}
