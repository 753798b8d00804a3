package rest

import (
	"bytes"
	"net/url"
	"regexp"
	"strings"

	"github.com/rollcall-go/rollcall/internal/wire"
)

// keys are the secrets of this call: those that it sets, all of them, for a call for
// hundreds of users sets more passwords than a client remembers; and those that
// travelled in its headers.
func (x *exchange) keys() *needles {
	n := &needles{}
	for _, secret := range x.req.Secrets {
		n.add(secret.Reveal())
	}

	for name, values := range x.sent {
		for _, v := range values {
			if x.entitles(name) {
				addCredential(n, name, v)
			}
		}
	}

	for _, line := range x.header.Values("Set-Cookie") {
		pair, _, _ := strings.Cut(line, ";")
		addCredential(n, "Cookie", pair)
	}
	return n
}

// entitles reports a header that lets the request in: the known ones, and what Auth
// put there.
func (x *exchange) entitles(name string) bool {
	switch name {
	case "Authorization", "Cookie", "Proxy-Authorization":
		return true
	case "Accept", "User-Agent", "Content-Type":
		return false
	}
	_, own := x.req.Header[name]
	return !own && !x.req.Anonymous
}

func addCredential(n *needles, name, value string) {
	switch name {
	case "Authorization":
		scheme, rest, ok := strings.Cut(value, " ")
		switch {
		case !ok:
			n.add(value)
		case strings.EqualFold(scheme, "OAuth"): // names and a signature; its secrets are configured
		default:
			n.add(rest)
		}
	case "Cookie":
		for pair := range strings.SplitSeq(value, ";") {
			if _, v, ok := strings.Cut(pair, "="); ok {
				n.add(strings.TrimSpace(v))
			}
		}
	default:
		n.add(value)
	}
}

const (
	// minValue is the length from which a text of our query or body is blanked where
	// the vendor repeats it: shorter ones are codes and kinds more often than data.
	minValue = 6
	// minPersonal is that of one whose name says that it tells of a person.
	minPersonal = 3
	// maxValues bounds what is looked for of a body.
	maxValues = 5000
	// maxSearched is the largest body that is read for it.
	maxSearched = 4 << 20
)

// personal are the names of what tells of a person.
var personal = regexp.MustCompile(`(?i)name|mail|login|user|phone|mobile|first|last|nick|sip|address|alias|title`)

// inValue are the parts of a value that stand for themselves: what is in quotes, as
// in a filter, and addresses.
var inValue = regexp.MustCompile(`"[^"]+"|[^\s"'(),;<>]+@[^\s"'(),;<>]+`)

// values collects texts of ours.
type values struct {
	needles
	names map[string]bool // which stay readable
}

// ours are the values of this call's query and body: a vendor that repeats them must
// not carry them into errors and logs. Names of fields stay.
func (x *exchange) ours() *needles {
	v := &values{names: map[string]bool{}}
	var found []struct{ name, value string }
	take := func(name, value string) {
		if len(v.names) < maxValues {
			v.names[strings.ToLower(name)] = true
		}
		if value != "" && len(found) < maxValues {
			found = append(found, struct{ name, value string }{name, value})
		}
	}
	takeForm := func(raw string) {
		form, _ := url.ParseQuery(raw)
		for name, all := range form {
			for _, one := range all {
				take(name, one)
			}
		}
	}

	takeForm(x.plain.URL.RawQuery)
	switch {
	case len(x.data) == 0 || len(x.data) > maxSearched:
	case x.contentType[0] == contentTypeForm[0]:
		takeForm(string(x.data))
	default:
		eachText(x.data, func(name, value []byte) bool {
			if value != nil || len(v.names) < maxValues {
				take(unquoted(name), unquoted(value))
			}
			return len(found) < maxValues
		})
	}

	for _, f := range found {
		v.add(f.name, f.value)
	}
	return &v.needles
}

// eachText hands out the texts of a JSON document of ours with the names of their members,
// in their quotes, and each name once without a text, until take returns false. It makes
// nothing of the document, which may be large.
func eachText(doc []byte, take func(name, value []byte) bool) {
	names := [][]byte{nil} // of what is open; that of an element is its list's
	for i := 0; i < len(doc); i++ {
		last := len(names) - 1
		switch doc[i] {
		case '{', '[':
			names = append(names, names[last])
			continue
		case '}', ']':
			names = names[:max(last, 1)]
			continue
		case '"':
		default:
			continue
		}

		quoted := doc[i:textEnd(doc, i)]
		i += len(quoted) - 1
		if isName := bytes.HasPrefix(bytes.TrimLeft(doc[i+1:], " \t\r\n"), []byte(":")); isName {
			names[last], quoted = quoted, nil
		}
		if !take(names[last], quoted) {
			return
		}
	}
}

// textEnd returns where the text ends that begins at i with its quote.
func textEnd(doc []byte, i int) int {
	for i++; i < len(doc); i++ {
		switch doc[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(doc)
}

// unquoted is the meaning of a text in quotes.
func unquoted(quoted []byte) string {
	if bytes.IndexByte(quoted, '\\') < 0 {
		return string(bytes.Trim(quoted, `"`))
	}
	text, _ := wire.Text(quoted)               // what cannot be read was not sent
	return strings.ToValidUTF8(text, "\ufffd") // half of a surrogate pair, which is in no message
}

func (v *values) add(name, value string) {
	least, person := minValue, personal.MatchString(name)
	if person {
		least = minPersonal
	}

	if len(value) < least || v.names[strings.ToLower(value)] {
		return
	}
	if len(value) > 2*maxCleaned { // of no text more is looked at than that
		v.addWhole(value[:maxCleaned], person)
		v.addWhole(value[len(value)-maxCleaned:], person)
		return
	}

	v.addWhole(value, person)
	for _, part := range inValue.FindAllString(value, 8) {
		if part = strings.Trim(part, `"`); part != value && len(part) >= minPersonal {
			v.addWhole(part, person || strings.Contains(part, "@"))
		}
	}
}
