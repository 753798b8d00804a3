package roster

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/rollcall-go/rollcall/core"
)

// Entry is a record as journals and receipts hold it: a head and a body. The hash of
// an entry covers its head, and the head holds the hash of the body. The body begins
// with 16 random bytes, so that nobody can guess a body that was erased from its hash.
type Entry struct {
	// Head is {"plan":…,"lane":…,"prev":…,"sum":…}: prev is the hash of the entry before
	// it in the lane of the plan, and sum the hash of the body.
	Head json.RawMessage `json:"head"`
	// Body is the record, or null where it was erased.
	Body json.RawMessage `json:"body"`
}

type entryHead struct {
	Plan string `json:"plan"`
	Lane string `json:"lane"`
	Prev string `json:"prev"`
	Sum  string `json:"sum"`
}

type entryBody struct {
	Salt string `json:"salt"`
	Record
	Content json.RawMessage `json:"plan,omitzero"` // of PhaseBegun
}

// Seal makes the entry of a record. Plan and Lane are the record's; prev is the hash
// of the entry before it, empty for a lane's first.
func Seal(r Record, prev string) (Entry, error) {
	body, err := bodyOf(r, nil)
	if err != nil {
		return Entry{}, err
	}
	return entryOf(entryHead{Plan: r.Plan, Lane: r.Lane, Prev: prev, Sum: digest(body)}, body)
}

// SealPlan makes the entry that keeps a plan: the first of the plan, without a lane.
func SealPlan(p Plan, r Record) (Entry, error) {
	content, err := p.MarshalJSON()
	if err != nil {
		return Entry{}, err
	}
	return sealContent(content, r)
}

// sealContent is SealPlan for a plan that is encoded already.
func sealContent(content []byte, r Record) (Entry, error) {
	r.Phase = PhaseBegun
	body, err := bodyOf(r, content)
	if err != nil {
		return Entry{}, err
	}
	id := string(content[len(`{"id":"`) : len(idPrefix)+len(noDigest)])
	return entryOf(entryHead{Plan: id, Sum: digest(body)}, body)
}

// bodyOf writes the body of a record, with the plan that it keeps, if any.
func bodyOf(r Record, plan []byte) ([]byte, error) {
	var salt [16]byte
	rand.Read(salt[:])

	body, err := marshal(entryBody{Salt: hex.EncodeToString(salt[:]), Record: r})
	if err != nil {
		return nil, fmt.Errorf("a record cannot be written: %w", err)
	}

	if plan != nil {
		// The plan's bytes go in as they are: an encoder would compact them, and their
		// digest is over each of them.
		body = append(append(append(body[:len(body)-1], `,"plan":`...), plan...), '}')
	}
	return body, nil
}

// entryOf puts a head before a body. A head without anything to escape, as nearly all
// are, is written by hand.
func entryOf(h entryHead, body []byte) (Entry, error) {
	if !plain(h.Plan) || !plain(h.Lane) || !plain(h.Prev) {
		head, err := marshal(h)
		return Entry{Head: head, Body: body}, err
	}
	head := make([]byte, 0, len(h.Plan)+len(h.Lane)+len(h.Prev)+len(h.Sum)+40)
	head = append(append(head, `{"plan":"`...), h.Plan...)
	head = append(append(head, `","lane":"`...), h.Lane...)
	head = append(append(head, `","prev":"`...), h.Prev...)
	head = append(append(head, `","sum":"`...), h.Sum...)
	return Entry{Head: append(head, `"}`...), Body: body}, nil
}

// plain reports whether a text stands in JSON as it is.
func plain[T string | []byte](text T) bool {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

// Hash is what the next entry of the lane holds as prev.
func (e Entry) Hash() string { return digest(e.Head) }

// Erased reports whether the body is gone.
func (e Entry) Erased() bool { return bytes.Equal(e.Body, []byte("null")) }

// Record reads the entry, and checks that the body is the one that the head names.
// An erased one has Plan, Lane and Prev alone.
func (e Entry) Record() (Record, error) {
	r, _, err := e.open()
	return r, err
}

// Content is the plan that the entry keeps, where it is one of PhaseBegun.
func (e Entry) Content() (Plan, error) {
	_, content, err := e.open()
	if err != nil {
		return Plan{}, err
	}
	return ParsePlan(content)
}

func (e Entry) open() (Record, []byte, error) {
	head, err := parseHead(e.Head)
	if err != nil {
		return Record{}, nil, err
	}

	var body entryBody
	if !e.Erased() {
		if !isDigest(head.Sum, e.Body) {
			return Record{}, nil, fmt.Errorf("the body is not the one that the head names")
		}
		if !readPlain(e.Body, &body.Record) {
			body.Record = Record{}
			if err := json.Unmarshal(e.Body, &body); err != nil {
				return Record{}, nil, err
			}
		}
	}

	r := body.Record
	r.Plan, r.Lane, r.Prev, r.entry = head.Plan, head.Lane, head.Prev, e
	return r, body.Content, nil
}

// readPlain reads a body that is nothing but texts without escapes, a time, a token and
// perhaps outcomes, as nearly all are. It cuts it up by hand, and reports whether it
// could: a run that is resumed reads tens of thousands.
func readPlain(text []byte, r *Record) bool {
	rest, ok := bytes.CutPrefix(text, []byte(`{"salt":"`))
	if !ok || len(rest) < 34 || rest[32] != '"' || !plain(rest[:32]) {
		return false
	}

	all := string(rest[33:])
	left := all
	take := func(mark, end string) (value string) {
		if after, is := strings.CutPrefix(left, mark); is {
			n := strings.Index(after, end)
			if ok = ok && n >= 0; ok {
				value, left = after[:n], after[n+len(end):]
				ok = plain(value)
			}
		}
		return value
	}

	// The order is that in which they are written. What is not there stays zero.
	r.Step, r.Phase = take(`,"step":"`, `"`), Phase(take(`,"phase":"`, `"`))
	at := take(`,"at":"`, `"`)
	r.Owner = take(`,"owner":"`, `"`)

	if after, is := strings.CutPrefix(left, `,"token":`); is {
		n := strings.IndexAny(after, ",}")
		token, err := strconv.ParseInt(after[:max(n, 0)], 10, 64)
		if err != nil {
			return false
		}
		r.Token, left = token, after[n:]
	}

	r.Note, r.Result = take(`,"note":"`, `"`), core.Result(take(`,"result":"`, `"`))
	r.Message, r.User, r.Login = take(`,"message":"`, `"`), take(`,"user":"`, `"`), take(`,"login":"`, `"`)
	if !ok || r.Phase == "" || r.At.UnmarshalText([]byte(at)) != nil {
		return false
	}
	if left == "}" {
		return true
	}

	outcomes, is := strings.CutPrefix(left, `,"outcomes":`)
	outcomes, closed := strings.CutSuffix(outcomes, "}")
	return is && closed && json.Unmarshal([]byte(outcomes), &r.Outcomes) == nil
}

// parseHead reads a head. One without escapes, as nearly all are, is cut up by hand:
// a journal reads tens of thousands when it is opened.
func parseHead(text []byte) (entryHead, error) {
	var h entryHead
	rest, ok := strings.CutPrefix(string(text), `{"plan":"`) // one string for all four
	for _, m := range [...]struct {
		to  *string
		end string
	}{{&h.Plan, `","lane":"`}, {&h.Lane, `","prev":"`}, {&h.Prev, `","sum":"`}, {&h.Sum, `"}`}} {
		value, after, found := strings.Cut(rest, m.end)
		*m.to, rest, ok = value, after, ok && found
	}

	if !ok || len(rest) > 0 || bytes.IndexByte(text, '\\') >= 0 {
		h = entryHead{}
		err := json.Unmarshal(text, &h)
		return h, err
	}
	return h, nil
}

func digest(data []byte) string {
	text := digits(data)
	return string(text[:])
}

// isDigest reports whether a digest is that of some data.
func isDigest(is string, data []byte) bool {
	text := digits(data)
	return is == string(text[:])
}

func digits(data []byte) (text [2 * sha256.Size]byte) {
	sum := sha256.Sum256(data)
	hex.Encode(text[:], sum[:])
	return text
}
