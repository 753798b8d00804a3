package rest

import (
	"encoding/json"
	"html"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/rollcall-go/rollcall/internal/wire"
)

// blanker removes the client's own secrets from texts that come from outside: a
// vendor may repeat a password or token in its message.
type blanker struct {
	mu      sync.RWMutex
	secrets []string // in the order in which they came
	forms   []string // as they may be repeated, the longest first
}

// shortest is the length below which a secret is not looked for: blanking
// "a" would destroy every text.
const shortest = 4

// mostSecrets bounds what is remembered: a service that runs for months sees
// thousands of tokens, of which only the latest can still be repeated.
const mostSecrets = 64

func (b *blanker) add(secret string) {
	if len(secret) < shortest {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if slices.Contains(b.secrets, secret) {
		return
	}
	if len(b.secrets) >= mostSecrets {
		// The first half holds the configured ones, which never change.
		b.secrets = append(b.secrets[:mostSecrets/2], b.secrets[mostSecrets/2+1:]...)
	}
	b.secrets = append(b.secrets, secret)
	b.forms = formsOf(b.secrets)
}

// formsOf returns every form of the secrets, the longest first: one secret may be
// the beginning of another.
func formsOf(secrets []string) []string {
	var all []string
	for _, s := range secrets {
		all = append(all, forms(s)...)
	}
	slices.SortStableFunc(all, func(a, b string) int { return len(b) - len(a) })
	return all
}

// forms returns the ways in which a secret may be repeated: as it is, and escaped
// for a form, a path, a page, or JSON, with or without what lies outside ASCII.
func forms(s string) []string {
	all := []string{s, url.QueryEscape(s), url.PathEscape(s), html.EscapeString(s)}
	if quoted, err := json.Marshal(s); err == nil {
		all = append(all, string(quoted[1:len(quoted)-1]))
	}
	if quoted, err := wire.Marshal(s); err == nil {
		all = append(all, string(quoted[1:len(quoted)-1]))
	}
	ascii := strconv.QuoteToASCII(s)
	all = append(all, ascii[1:len(ascii)-1])
	slices.Sort(all)
	return slices.Compact(all)
}

const blank = "[redacted]"

func (b *blanker) clean(s string) string {
	s = strings.ReplaceAll(s, "\x00", "") // in UTF-16 they stand between the letters of a secret
	b.mu.RLock()
	defer b.mu.RUnlock()
	for _, secret := range b.forms {
		s = strings.ReplaceAll(s, secret, blank)
	}
	return s
}

// mostText bounds a vendor's text in an error.
const mostText = 300

// oneLine makes a vendor's text fit for a log: one line, bounded, printable.
func oneLine(s string) string {
	if len(s) > 4*mostText {
		s = s[:4*mostText]
	}
	var out strings.Builder
	space := false
	count := 0
	for _, r := range s {
		if unicode.IsSpace(r) || !unicode.IsPrint(r) || r == utf8.RuneError {
			space = out.Len() > 0
			continue
		}
		if space {
			out.WriteByte(' ')
			space = false
		}
		out.WriteRune(r)
		if count++; count >= mostText {
			out.WriteString("…")
			break
		}
	}
	return out.String()
}
