package hostile

import (
	"encoding/json"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// flow is a body that is written without being held: this process is measured.
type flow []piece

// piece is a unit that is written n times; a '#' in one that counts is the number of
// the time.
type piece struct {
	unit   string
	n      int
	counts bool
}

// flowBuffers are kept: what is measured must not be what this side allocates. A server
// may still write the last answer while the next one begins.
var flowBuffers = sync.Pool{New: func() any { return new([128 << 10]byte) }}

func (f flow) writeTo(w io.Writer) error {
	const full = 64 << 10
	room := flowBuffers.Get().(*[128 << 10]byte)
	defer flowBuffers.Put(room)
	b := room[:0]
	flush := func(least int) (err error) {
		if len(b) > least {
			_, err = w.Write(b)
			b = b[:0]
		}
		return err
	}
	for _, p := range f {
		before, after, _ := strings.Cut(p.unit, "#")
		for i := range p.n {
			if !p.counts {
				b = append(b, p.unit...)
			} else {
				b = append(b, before...)
				b = strconv.AppendInt(b, int64(i), 10)
				b = append(b, after...)
			}
			if err := flush(full); err != nil {
				return err
			}
		}
	}
	return flush(0)
}

func once(text string) piece { return piece{unit: text, n: 1} }

// about repeats a unit for about so many bytes.
func about(unit string, size int) piece { return piece{unit: unit, n: max(1, size/len(unit))} }

// counting is about with a number in each unit.
func counting(unit string, size int) piece {
	return piece{unit: unit, n: max(1, size/(len(unit)+5)), counts: true}
}

// shape is a JSON value of about so many bytes, small for the sender and large, slow or
// deep for who reads it.
type shape struct {
	name string
	of   func(size int) flow
}

func between(open string, p piece, last, end string) flow {
	return flow{once(open), p, once(last + end)}
}

func listed(name, elem string) shape {
	return shape{name, func(size int) flow { return between("[", about(elem+",", size), elem, "]") }}
}

func texts(name, unit string) shape {
	return shape{name, func(size int) flow { return between(`"`, about(unit, size), "", `"`) }}
}

func nested(open, middle, end string, depth int) string {
	return strings.Repeat(open, depth) + middle + strings.Repeat(end, depth)
}

func shapes() []shape {
	return []shape{
		listed("empty objects", "{}"), listed("zeros", "0"), listed("empty lists", "[]"), listed("empty texts", `""`), listed("nulls", "null"),
		listed("objects of one", `{"id":1}`), listed("lists 900 deep", nested("[", "", "]", 900)), listed("objects 900 deep", nested(`{"a":`, "0", "}", 900)),
		listed("messages", `{"message":"m","code":1}`),
		{"messages that differ", func(size int) flow {
			return between("[", counting(`{"message":"m#","errorCode":"1"},`, size), "{}", "]")
		}},
		{"open brackets", func(size int) flow { return flow{about("[", size)} }},
		{"open objects", func(size int) flow { return flow{about(`{"a":`, size)} }},
		{"a deep list", func(size int) flow { return flow{about("[", size/2), about("]", size/2)} }},
		{"a long number", func(size int) flow { return flow{about("1", size)} }},
		{"a long exponent", func(size int) flow { return flow{once("1e"), about("9", size)} }},
		{"a long fraction", func(size int) flow { return flow{once("0."), about("0", size), once("1")} }},
		texts("a long text", "a"), texts("escapes", `\u0041`), texts("pairs", `\ud83d\ude00`), texts("lone surrogates", `\ud83d`),
		texts("slashes", `\/`), texts("lines", `\n`), texts("base64", "QUJDREVGR0hJ"), texts("percents", "%41%2f"), texts("entities", "&#47;&amp;"), texts("hex", "4142434445464748"),
		texts("words", "not found invalid password "), texts("commas", ",;"), texts("letters", "é"), texts("addresses", "a@b.c "),
		{"many members", func(size int) flow { return between("{", counting(`"k#":0,`, size), `"k":0`, "}") }},
		{"many objects", func(size int) flow { return between("{", counting(`"k#":{},`, size), `"k":0`, "}") }},
		{"one member again and again", func(size int) flow { return between("{", about(`"k":[],`, size), `"k":0`, "}") }},
		{"names of escapes", func(size int) flow { return between("{", counting(`"\u006b#":0,`, size), `"k":0`, "}") }},
		{"a long name", func(size int) flow { return between(`{"`, about("k", size), "", `":0}`) }},
		{"blanks", func(size int) flow { return flow{about(" ", size)} }},
		{"blanks around", func(size int) flow { return between("{", about(" \n", size), `"k":0`, "}") }},
	}
}

// gap is where a flow goes into a text.
const gap = "@@gap@@"

// filled puts a shape in the place of each gap of a JSON text, each of its part of the
// size.
func filled(text string, s shape, size int) flow {
	parts := strings.Split(text, `"`+gap+`"`)
	out := flow{once(parts[0])}
	for _, part := range parts[1:] {
		out = append(out, s.of(size/(len(parts)-1))...)
		out = append(out, once(part))
	}
	return out
}

// place of a shape in a real answer; it returns the text with gaps, or "" where there is
// no such place.
type spot struct {
	name string
	in   func(v any) any
}

// leaves returns the places of all members and elements, as functions that set them.
func leaves(v any) (out []func(any)) {
	switch v := v.(type) {
	case doc:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			out = append(out, func(x any) { v[name] = x })
			out = append(out, leaves(v[name])...)
		}
	case []any:
		for i := range v {
			out = append(out, func(x any) { v[i] = x })
			out = append(out, leaves(v[i])...)
			if i == 1 {
				break
			}
		}
	}
	return out
}

// turn rotates through the places of leaves, so that the cells of a table meet all.
var turn int

func spots() []spot {
	return []spot{
		{"the document", func(any) any { return gap }},
		{"unknown members", func(v any) any { inObjects(v, func(d doc) { d["aUnknown"] = gap }); return v }},
		{"a member", func(v any) any {
			all := leaves(v)
			if len(all) == 0 {
				return nil
			}
			turn++
			all[turn%len(all)](gap)
			return v
		}},
		{"the lists", func(v any) any {
			n := 0
			inObjects(v, func(d doc) {
				for name, member := range d {
					if _, list := member.([]any); list {
						d[name] = gap
						n++
					}
				}
			})
			if n == 0 {
				return nil
			}
			return v
		}},
	}
}

// inObjects calls f for the first objects at each level.
func inObjects(v any, f func(doc)) {
	switch v := v.(type) {
	case doc:
		for _, member := range v {
			inObjects(member, f)
		}
		f(v)
	case []any:
		if len(v) > 0 {
			inObjects(v[0], f)
		}
	}
}

// placed is a shape at a spot of an answer, nil where the answer has no such spot.
func placed(a answer, s spot, sh shape, size int) flow {
	var v any
	if json.Unmarshal([]byte(a.body), &v) != nil {
		v = doc{}
	}
	if v = s.in(v); v == nil {
		return nil
	}
	return filled(text(v), sh, size)
}

// crowded is an answer whose longest list of objects holds the first of them, with other
// ids, for about so many bytes.
func crowded(a answer, size int) flow {
	var v any
	if json.Unmarshal([]byte(a.body), &v) != nil {
		return nil
	}
	row := doc(nil)
	found := func(list []any) any {
		if d, is := first(list).(doc); is && row == nil {
			row = d
			return []any{gap}
		}
		return nil
	}
	switch top := v.(type) {
	case []any:
		v = found(top)
	case doc:
		for name, member := range top {
			if list, is := member.([]any); is {
				if with := found(list); with != nil {
					top[name] = with
				}
			}
		}
	}
	if row == nil {
		return nil
	}
	for name, value := range row {
		if _, is := value.(string); is && strings.HasSuffix(strings.ToLower(name), "id") {
			row[name] = "11111111-1111-4111-8111-#"
			break
		}
	}
	unit := text(row)
	around := strings.SplitN(text(v), `"`+gap+`"`, 2)
	return flow{once(around[0]), counting(unit+",", size), once(unit + around[1])}
}

func first(list []any) any {
	if len(list) == 0 {
		return nil
	}
	return list[0]
}

// repeated is an answer whose first object holds its members again and again.
func repeated(a answer, size int) flow {
	var v any
	if json.Unmarshal([]byte(a.body), &v) != nil {
		return nil
	}
	list, isList := v.([]any)
	if isList {
		v = first(list)
	}
	d, is := v.(doc)
	if !is || len(d) == 0 {
		return nil
	}
	members := strings.TrimSuffix(strings.TrimPrefix(text(d), "{"), "}")
	out := between("{", about(members+",", size), members, "}")
	if isList {
		out = slices.Concat(flow{once("[")}, out, flow{once("]")})
	}
	return out
}
