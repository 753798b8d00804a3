package rest

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// blanker removes the client's own secrets from texts that come from outside: a
// vendor may repeat a password or token in its message.
type blanker struct {
	mu    sync.RWMutex
	fixed []string // configured; they never change
	live  []string // what lets the client in, the latest last
	set   []string // passwords of users, the latest last
	// known holds them all.
	known *needles
}

// shortest is the length below which a secret is not looked for: blanking
// "a" would destroy every text.
const shortest = 4

const (
	// maxLive bounds the tokens that are remembered: those of the moment, and some
	// that were renewed, which a late answer may still repeat.
	maxLive = 16
	// maxSet bounds the passwords: an import sets thousands.
	maxSet = 64
)

// configure takes a secret that is known as long as the client lives.
func (b *blanker) configure(secret string) { b.remember(&b.fixed, secret, 0) }

// renew takes a token or the like. Only others of its kind push it out, and one that
// is still in use is not among the oldest.
func (b *blanker) renew(secret string) { b.remember(&b.live, secret, maxLive) }

// pass takes a password that a call set.
func (b *blanker) pass(secret string) { b.remember(&b.set, secret, maxSet) }

func (b *blanker) remember(list *[]string, secret string, limit int) {
	if len(secret) < shortest {
		return
	}

	b.mu.Lock()
	defer b.mu.Unlock()

	if i := slices.Index(*list, secret); i >= 0 {
		*list = append(slices.Delete(*list, i, i+1), secret)
		return
	}
	*list = append(*list, secret)
	if limit > 0 && len(*list) > limit {
		*list = slices.Delete(*list, 0, 1)
	}

	known := &needles{}
	for _, list := range [][]string{b.fixed, b.live, b.set} {
		for _, s := range list {
			known.add(s)
		}
	}
	b.known = known
}

func (b *blanker) needles() *needles {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.known
}

const (
	blank = "[redacted]"
	// maxCleaned bounds what is read of a text, of which less is shown.
	maxCleaned = 4 * maxShown
	// maxLayers bounds how often a text is unescaped: JSON in JSON in a URL.
	maxLayers = 4
)

// queryInText is the query of an address that a text repeats.
var queryInText = regexp.MustCompile(`\?[\w.$%\[\]-]+=[^\s"'<>\\]*`)

// clean removes the client's secrets, and what else is looked for, in all their
// spellings: as they are, in other case, escaped for a URL, a page or JSON, also
// twice, in base64 or hexadecimal, split by blanks, and in part.
func (b *blanker) clean(s string, more ...*needles) string {
	if s == "" {
		return ""
	}
	if len(s) > maxCleaned {
		s = s[:maxCleaned]
	}

	sets := slices.DeleteFunc(append(more, b.needles()), func(n *needles) bool { return n == nil || len(n.all) == 0 })
	if len(sets) == 0 || harmless(s, sets) {
		return withoutQuery(s)
	}

	var spans []span
	look := func(v *view, guess bool) {
		f := v.folded()
		for _, n := range sets {
			spans = append(spans, n.find(f, guess)...)
		}
	}

	// A secret may be escaped more than once, and packed in any layer.
	v := viewOf(s)
	for range maxLayers {
		look(v, false)
		guesses, plain := v.packed()
		for _, p := range guesses {
			look(p, true)
		}
		for _, p := range plain {
			look(p, false)
		}
		if v = v.unescaped(); v == nil {
			break
		}
	}

	return withoutQuery(blankOut(s, spans))
}

func withoutQuery(s string) string {
	if strings.Contains(s, "?") {
		s = queryInText.ReplaceAllString(s, "")
	}
	return s
}

// blankOut replaces the spans, those that touch as one.
func blankOut(s string, spans []span) string {
	if len(spans) == 0 {
		return s
	}

	slices.SortFunc(spans, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	var out strings.Builder
	done := 0
	for i := 0; i < len(spans); {
		from, to := spans[i].from, spans[i].to
		for i++; i < len(spans) && spans[i].from <= to; i++ {
			to = max(to, spans[i].to)
		}
		out.WriteString(s[done:from])
		out.WriteString(blank)
		done = to
	}
	out.WriteString(s[done:])
	return out.String()
}

// maxText bounds a vendor's text in an error, in characters, and maxShown in bytes.
const (
	maxText  = 300
	maxShown = 4 * maxText
)

// oneLine makes a vendor's text fit for a log: one line, bounded, printable.
func oneLine(s string) string {
	if len(s) > maxShown {
		s = s[:maxShown]
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
		if count++; count >= maxText {
			out.WriteString("…")
			break
		}
	}
	return out.String()
}
