package roster

import (
	"bufio"
	"bytes"
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Pseudonyms replaces the names of people by keyed digests, so that a census, plan,
// journal, report or receipt can be shown without telling who the people are. The
// same person has the same pseudonym in all files under one key, and whoever has the key
// can find a person by Name.
type Pseudonyms struct{ key []byte }

// NewPseudonyms makes pseudonyms with a key, at least 16 secret bytes: with a key that
// can be guessed, so can the names. A shorter key is ErrRefused.
func NewPseudonyms(key []byte) (*Pseudonyms, error) {
	if len(key) < 16 {
		return nil, refuse("pseudonyms", "the key has %d bytes; it needs 16", len(key))
	}
	return &Pseudonyms{slices.Clone(key)}, nil
}

// Name is the pseudonym of a name, an address or an id. Case, blanks at either end and
// the form of composition do not count.
func (p *Pseudonyms) Name(name string) string {
	mac := hmac.New(sha256.New, p.key)
	mac.Write([]byte(fold(name)))
	return "p-" + hex.EncodeToString(mac.Sum(nil)[:10])
}

// Copy copies lines of JSON and replaces every name: of persons and users by their
// members, and wherever else one of them stands, in steps, lanes and messages. All of the
// input is read first. The copy is only for reading: digests and signatures hold
// only for the original.
func (p *Pseudonyms) Copy(w io.Writer, r io.Reader) error {
	var lines []any
	names := map[string]bool{}
	in := bufio.NewReader(r)
	for n := 1; ; n++ {
		line, err := in.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 {
			var v any
			if bad := decodeNumbers(line, &v); bad != nil {
				return refuse("pseudonyms", "line %d: %v", n, bad)
			}
			collectNames(v, "", names)
			lines = append(lines, v)
		}

		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
	}

	replace := p.replacer(names)
	out := bufio.NewWriter(w)
	for _, v := range lines {
		line, err := marshal(rename(v, replace))
		if err != nil {
			return err
		}
		out.Write(append(line, '\n'))
	}
	return out.Flush()
}

// personal are the members that name people in the files of this package.
var personal = []string{"person", "ambiguous", "login", "email", "firstName", "lastName", "displayName", "employeeId", "user", "userId",
	"owner", "actor"}

func collectNames(v any, member string, names map[string]bool) {
	switch v := v.(type) {
	case map[string]any:
		for name, value := range v {
			collectNames(value, name, names)
		}
		if id, _ := v["id"].(string); v["login"] != nil && !strings.Contains(id, "/") { // of a step the id begins with the person
			collectNames(id, "user", names)
		}

	case []any:
		for _, e := range v {
			collectNames(e, member, names)
		}

	case string:
		if member == "people" || member == "within" || slices.Contains(personal, member) {
			if v != "" && v != "everyone" {
				names[v], names[fold(v)] = true, true
			}
		}
	}
}

// minInside is how long a name must be to be replaced inside of a word: a shorter one
// would be found in every sentence.
const minInside = 4

// replacer replaces every name: long ones wherever they stand, the longest first, and
// short ones where they stand alone.
func (p *Pseudonyms) replacer(names map[string]bool) func(string) string {
	var long []string
	for name := range names {
		if len(name) >= minInside {
			long = append(long, name)
		}
	}
	slices.SortFunc(long, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })

	var pairs []string
	for _, name := range long {
		pairs = append(pairs, name, p.Name(name))
	}
	inside := strings.NewReplacer(pairs...)

	return func(text string) string {
		if names[text] {
			return p.Name(text)
		}

		var out strings.Builder
		word := func(w string) {
			if len(w) < minInside && names[w] {
				w = p.Name(w)
			}
			out.WriteString(w)
		}

		rest := inside.Replace(text)
		for {
			i := strings.IndexFunc(rest, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
			if i < 0 {
				word(rest)
				return out.String()
			}
			_, size := utf8.DecodeRuneInString(rest[i:])
			word(rest[:i])
			out.WriteString(rest[i : i+size])
			rest = rest[i+size:]
		}
	}
}

func rename(v any, replace func(string) string) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, value := range v {
			if !isMember(name) {
				name = replace(name)
			}
			out[name] = rename(value, replace)
		}
		return out

	case []any:
		for i := range v {
			v[i] = rename(v[i], replace)
		}

	case string:
		return replace(v)
	}
	return v
}

// isMember reports whether a name of a member is one of the formats, and not a person's:
// only words of lower case and capitals are.
func isMember(name string) bool {
	return !strings.ContainsAny(name, "@.:/ ")
}
