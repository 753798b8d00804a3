package heavy

import (
	"encoding/json"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Flow is a body that is written piece by piece and never held: the process that writes it is measured.
type Flow []Piece

// Piece is a unit that is written n times; in one that counts, '#' stands for the
// number of the time, from 0.
type Piece struct {
	unit   string
	n      int
	counts bool
}

// flowBuffers are kept: what is measured must not be what this side allocates. A server
// may still write the last answer while the next one begins.
var flowBuffers = sync.Pool{New: func() any { return new([128 << 10]byte) }}

// Send writes the body.
func (f Flow) Send(w io.Writer) error {
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

// Once is a unit that is written once.
func Once(text string) Piece { return Piece{unit: text, n: 1} }

// About repeats a unit for about so many bytes.
func About(unit string, size int) Piece { return Piece{unit: unit, n: max(1, size/len(unit))} }

// Counting is About with a number in each unit.
func Counting(unit string, size int) Piece {
	return Piece{unit: unit, n: max(1, size/(len(unit)+5)), counts: true}
}

// Shape is a JSON value of about so many bytes, small for the sender and large, slow or
// deep for who reads it.
type Shape struct {
	Name string
	of   func(size int) Flow
}

// Between puts a piece, with its last unit, between an opening and an end.
func Between(open string, p Piece, last, end string) Flow {
	return Flow{Once(open), p, Once(last + end)}
}

func listed(name, elem string) Shape {
	return Shape{name, func(size int) Flow { return Between("[", About(elem+",", size), elem, "]") }}
}

func texts(name, unit string) Shape {
	return Shape{name, func(size int) Flow { return Between(`"`, About(unit, size), "", `"`) }}
}

func nested(open, middle, end string, depth int) string {
	return strings.Repeat(open, depth) + middle + strings.Repeat(end, depth)
}

// Shapes returns all shapes.
func Shapes() []Shape {
	return []Shape{
		listed("empty objects", "{}"), listed("zeros", "0"), listed("empty lists", "[]"), listed("empty texts", `""`), listed("nulls", "null"),
		listed("objects of one", `{"id":1}`), listed("lists 900 deep", nested("[", "", "]", 900)),
		listed("objects 900 deep", nested(`{"a":`, "0", "}", 900)),
		listed("messages", `{"message":"m","code":1}`),
		{"messages that differ", func(size int) Flow {
			return Between("[", Counting(`{"message":"m#","errorCode":"1"},`, size), "{}", "]")
		}},

		{"numbers that differ", func(size int) Flow { return Between("[", Counting("#,", size), "0", "]") }},
		{"texts that differ", func(size int) Flow { return Between("[", Counting(`"t#",`, size), `""`, "]") }},

		{"open brackets", func(size int) Flow { return Flow{About("[", size)} }},
		{"open objects", func(size int) Flow { return Flow{About(`{"a":`, size)} }},
		{"a deep list", func(size int) Flow { return Flow{About("[", size/2), About("]", size/2)} }},
		{"a long number", func(size int) Flow { return Flow{About("1", size)} }},
		{"a long exponent", func(size int) Flow { return Flow{Once("1e"), About("9", size)} }},
		{"a long fraction", func(size int) Flow { return Flow{Once("0."), About("0", size), Once("1")} }},
		texts("a long text", "a"), texts("escapes", `\u0041`), texts("pairs", `\ud83d\ude00`), texts("lone surrogates", `\ud83d`),
		texts("slashes", `\/`), texts("lines", `\n`), texts("base64", "QUJDREVGR0hJ"), texts("percents", "%41%2f"),
		texts("entities", "&#47;&amp;"), texts("hex", "4142434445464748"),
		texts("words", "not found invalid password "), texts("commas", ",;"), texts("letters", "é"), texts("addresses", "a@b.c "),
		{"many members", func(size int) Flow { return Between("{", Counting(`"k#":0,`, size), `"k":0`, "}") }},
		{"many objects", func(size int) Flow { return Between("{", Counting(`"k#":{},`, size), `"k":0`, "}") }},
		{"one member again and again", func(size int) Flow { return Between("{", About(`"k":[],`, size), `"k":0`, "}") }},
		{"names of escapes", func(size int) Flow { return Between("{", Counting(`"\u006b#":0,`, size), `"k":0`, "}") }},
		{"a long name", func(size int) Flow { return Between(`{"`, About("k", size), "", `":0}`) }},
		{"blanks", func(size int) Flow { return Flow{About(" ", size)} }},
		{"blanks around", func(size int) Flow { return Between("{", About(" \n", size), `"k":0`, "}") }},
	}
}

// gap is where a flow goes into a text.
const gap = "@@gap@@"

// filled puts a shape in the place of each gap of a JSON text, each of its part of the
// size.
func filled(text string, s Shape, size int) Flow {
	parts := strings.Split(text, `"`+gap+`"`)
	out := Flow{Once(parts[0])}
	for _, part := range parts[1:] {
		out = append(out, s.of(size/(len(parts)-1))...)
		out = append(out, Once(part))
	}
	return out
}

// Spot is a place of a shape in a real answer, if the answer has such a place.
type Spot struct {
	Name string
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

			// Two elements stand for all.
			if i == 1 {
				break
			}
		}
	}
	return out
}

// Spots returns all spots. Turn rotates through the members of an answer, so that the
// cells of a table meet all.
func Spots(turn *int) []Spot {
	return []Spot{
		{"the document", func(any) any { return gap }},
		{"unknown members", func(v any) any { inObjects(v, func(d doc) { d["aUnknown"] = gap }); return v }},
		{"a member", func(v any) any {
			all := leaves(v)
			if len(all) == 0 {
				return nil
			}
			*turn++
			all[*turn%len(all)](gap)
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

// inObjects calls f for every object, but in a list only for the first element.
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

// Placed is a shape at a spot of an answer, nil where the answer has no such spot.
func Placed(answer string, s Spot, sh Shape, size int) Flow {
	var v any
	if json.Unmarshal([]byte(answer), &v) != nil {
		v = doc{}
	}

	if v = s.in(v); v == nil {
		return nil
	}
	return filled(text(v), sh, size)
}

// Crowded is an answer whose longest list of objects holds the first of them, with other
// ids, for about so many bytes.
func Crowded(answer string, size int) Flow {
	var v any
	if json.Unmarshal([]byte(answer), &v) != nil {
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
	return Flow{Once(around[0]), Counting(unit+",", size), Once(unit + around[1])}
}

func first(list []any) any {
	if len(list) == 0 {
		return nil
	}
	return list[0]
}

// Repeated is an answer whose first object holds its members again and again.
func Repeated(answer string, size int) Flow {
	var v any
	if json.Unmarshal([]byte(answer), &v) != nil {
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
	out := Between("{", About(members+",", size), members, "}")
	if isList {
		out = slices.Concat(Flow{Once("[")}, out, Flow{Once("]")})
	}
	return out
}

type doc = map[string]any

func text(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(data)
}
