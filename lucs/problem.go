package lucs

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"html"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest"
	"github.com/rollcall-go/rollcall/internal/wire"
)

// explain reads an error body into the error. LUCS documents none; what IIS and
// ASP.NET send is a page, an object with a Message, a bare text, or nothing.
func explain(body []byte, e *core.Error) {
	switch body = decoded(body); {
	case len(body) == 0:
	case body[0] == '<':
		e.Message = excerpt(body)
	case body[0] == '{':
		members := core.Extra{}
		if wire.Unmarshal(body, &members) == nil {
			explainMembers(members, e)
		}
	case body[0] == '"':
		var text string
		if wire.Unmarshal(body, &text) == nil {
			e.Message = text
		}
	case body[0] != '[':
		e.Message = legible(body)
	}
}

// explainMembers reads the forms of ASP.NET: Web API's HttpError, and the problem
// details of later versions.
func explainMembers(members core.Extra, e *core.Error) {
	words := map[string]json.RawMessage{}
	for name, raw := range members {
		words[strings.ToLower(name)] = raw
	}
	var parts []string
	say := func(text string) {
		if text = strings.TrimSpace(text); text != "" && !slices.Contains(parts, text) {
			parts = append(parts, text)
		}
	}
	for _, name := range []string{"message", "title", "error", "messagedetail", "detail", "exceptionmessage", "error_description"} {
		say(textOf(words[name]))
	}

	for _, name := range []string{"modelstate", "errors"} {
		say(modelState(words[name]))
	}
	e.Message = strings.Join(parts, ": ")
	for _, name := range []string{"errorcode", "code"} {
		if e.Code == "" {
			e.Code = textOf(words[name])
		}
	}
}

// textOf returns a text or number, and "" for all else.
func textOf(raw json.RawMessage) string {
	var text string
	if len(raw) == 0 || raw[0] != '"' && raw[0] != '-' && (raw[0] < '0' || raw[0] > '9') || wire.Unmarshal(raw, &text) != nil {
		return ""
	}
	return text
}

// modelState makes one line of what is wrong with each property.
func modelState(raw json.RawMessage) string {
	properties := map[string]json.RawMessage{}
	if wire.Unmarshal(raw, &properties) != nil {
		return ""
	}
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		texts := []string{textOf(properties[name])}
		var many []json.RawMessage
		if wire.Unmarshal(properties[name], &many) == nil {
			texts = texts[:0]
			for _, one := range many {
				texts = append(texts, textOf(one))
			}
		}
		text := strings.TrimSpace(strings.Join(texts, " "))
		switch {
		case name != "" && text != "":
			text = name + ": " + text
		case text == "":
			text = name
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, "; ")
}

var (
	hidden  = regexp.MustCompile(`(?is)<!--.*?-->|<(script|style|noscript)\b.*?</(script|style|noscript)\s*>`)
	heading = regexp.MustCompile(`(?is)<(title|h1|h2|h3)\b[^>]*>(.*?)</(title|h1|h2|h3)\s*>`)
	tag     = regexp.MustCompile(`(?s)<[^>]*>`)
)

// maxPage bounds what is looked at of a page.
const maxPage = 16 << 10

// excerpt returns the plain text of a page's title and headings or, without them, the
// beginning of its text.
func excerpt(page []byte) string {
	text := legible(page[:min(len(page), maxPage)])
	text = hidden.ReplaceAllString(text, " ")
	var parts []string
	for _, m := range heading.FindAllStringSubmatch(text, -1) {
		part := plain(m[2])
		if part != "" && !slices.ContainsFunc(parts, func(p string) bool { return strings.Contains(p, part) }) {
			parts = append(parts, part)
		}
	}

	if len(parts) == 0 {
		parts = append(parts, plain(text))
	}
	out := []rune(strings.Join(parts, "; "))
	if len(out) > maxExcerpt {
		out = append(out[:maxExcerpt], '…')
	}

	if len(out) == 0 {
		return "the answer is an HTML page without text"
	}
	return "an HTML page: " + string(out)
}

// maxExcerpt bounds what an error repeats of a page, in letters.
const maxExcerpt = 200

// plain removes tags and entities, and joins the lines.
func plain(text string) string {
	text = html.UnescapeString(tag.ReplaceAllString(text, " "))
	return strings.Join(strings.Fields(text), " ")
}

// decoded converts UTF-16, which Windows may write, to UTF-8, and removes the byte
// order mark and the blanks. This comes before any search in the text: a secret with
// two bytes per letter would not be found.
func decoded(text []byte) []byte {
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	if order := utf16Order(text); order != nil {
		text = bytes.TrimPrefix(fromUTF16(text, order), []byte("\ufeff"))
	}
	return bytes.TrimSpace(text)
}

// fromUTF16 converts UTF-16 to UTF-8, which takes at most half as much space again.
func fromUTF16(text []byte, order binary.ByteOrder) []byte {
	out := make([]byte, 0, len(text)/2*3)
	for ; len(text) >= 2; text = text[2:] {
		r := rune(order.Uint16(text))
		if utf16.IsSurrogate(r) {
			pair := rune(utf8.RuneError)
			if len(text) >= 4 {
				pair = utf16.DecodeRune(r, rune(order.Uint16(text[2:])))
			}
			if r = pair; pair != utf8.RuneError {
				text = text[2:]
			}
		}
		out = utf8.AppendRune(out, r)
	}
	return out
}

// utf16Order returns the byte order of a text in UTF-16, and nil for any other text.
// Without a byte order mark the zeros show it: every Latin letter has one.
func utf16Order(text []byte) binary.ByteOrder {
	switch {
	case bytes.HasPrefix(text, []byte{0xff, 0xfe}):
		return binary.LittleEndian
	case bytes.HasPrefix(text, []byte{0xfe, 0xff}):
		return binary.BigEndian
	}

	text = text[:min(len(text), 64)]
	var zeros [2]int // at even and odd places
	for i, b := range text {
		if b == 0 {
			zeros[i%2]++
		}
	}

	switch enough := max(1, len(text)/8); {
	case zeros[1] >= enough && zeros[1] > 3*zeros[0]:
		return binary.LittleEndian
	case zeros[0] >= enough && zeros[0] > 3*zeros[1]:
		return binary.BigEndian
	}
	return nil
}

// legible reads bytes that are not UTF-8 as Latin-1, which a German IIS writes.
func legible(text []byte) string {
	for cut := 0; cut < utf8.UTFMax && cut < len(text); cut++ {
		if whole := text[:len(text)-cut]; utf8.Valid(whole) { // the rest may have been cut off
			return string(whole)
		}
	}
	runes := make([]rune, len(text))
	for i, b := range text {
		runes[i] = rune(b)
	}
	return string(runes)
}

var errPage = errors.New("the answer is an HTML page")

// advise adds what a reader should know about this vendor to an error.
func advise(err error) error {
	e, ok := err.(*core.Error)
	if !ok || e.Hint != "" {
		return err
	}
	switch e.Status {
	case http.StatusUnauthorized:
		e.Hint = "LUCS gives this answer to a wrong key, and also to a valid key that lacks the API role for this operation: see the key's " +
			"Roles tab in the WebConfigurator"
	case http.StatusNotFound:
		if e.Class == core.ClassNotFound {
			e.Hint = "it may also be outside the organization units that the key sees, or the server may use another route: see its Swagger page " +
				"and the Dialect"
		}
	}
	return err
}

// uncertain says how to find out what became of a create.
func uncertain(err error, look string) error {
	if e, ok := errors.AsType[*core.Error](err); ok && e.Applied == core.AppliedUnknown {
		e = new(*e)
		e.Hint = "it may have been created and is not sent again: " + look + "; not finding it proves nothing, because a key sees its " +
			"organization units only"
		return e
	}
	return err
}

// ownNotFound reports a 404 of the API itself. LUCS documents none. ASP.NET sends an
// object or nothing; IIS sends a page in its own form, in the language of the server. "No
// such route" is a 404 of the base path.
func ownNotFound(_ *rest.Op, _ http.Header, body []byte) bool {
	body = decoded(body)
	switch {
	case len(body) == 0:
		return true
	case body[0] == '<':
		return pageOfIIS.Match(body)
	case body[0] != '{' || !json.Valid(body):
		return false
	}
	return !noSuchRoute.Match(body)
}

var (
	pageOfIIS = regexp.MustCompile(`(?i)<div id="(header|content)">|<h1>(server error|serverfehler)|<title>IIS `)
	// noSuchRoute is what ASP.NET sends if there is no such route, in English and in
	// German.
	noSuchRoute = regexp.MustCompile(`(?i)no http resource was found|no (type|action) was found|keine http-ressource|es wurde keine? ` +
		`(typ|aktion)`)
)
