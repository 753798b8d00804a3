package lucs

import (
	"strconv"
	"strings"
	"time"
)

// Date is a time as the server writes it. The documentation's sample of a
// date-time is "24.06.2019 13:00:56.2732376Z", and another server's culture may
// write yet another form: the text is kept as it came.
type Date string

// DateOf returns a time in the form that is sent: RFC 3339, in UTC.
func DateOf(t time.Time) Date { return Date(t.UTC().Format("2006-01-02T15:04:05.9999999Z07:00")) }

// dateForms are tried in order. A fraction may follow the seconds of each of them.
var dateForms = []string{
	time.RFC3339, "2.1.2006 15:04:05Z07:00",
	// Without a zone: UTC.
	"2006-01-02T15:04:05", "2.1.2006 15:04:05", time.DateTime, "2.1.2006 15:04", "2.1.2006",
}

// Time reads the date and reports whether it is one. Where it names no zone it is
// taken for UTC.
func (d Date) Time() (time.Time, bool) {
	text := strings.TrimSpace(string(d))
	for _, form := range dateForms {
		if t, err := time.Parse(form, text); err == nil {
			return t, true
		}
	}

	// Older .NET serialisers write this form.
	if inner, ok := strings.CutPrefix(text, "/Date("); ok {
		if ms, err := strconv.ParseInt(strings.TrimSuffix(inner, ")/"), 10, 64); err == nil {
			return time.UnixMilli(ms).UTC(), true
		}
	}
	return time.Time{}, false
}
