package wire

import (
	"encoding"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/rollcall-go/rollcall/core"
)

// A plan is what we know about a Go type: how to read it and how to write it.
// It is made once, by reflection, and never changed afterwards.
type plan struct {
	typ    reflect.Type
	decode decodeFunc
	encode encodeFunc
	object *structPlan // for a struct that is read by its fields, else nil
	target *plan       // for a pointer: of what it points to
	marked *structPlan // for a struct that is written by its fields: where a null in its place is marked

	tellsNull bool // a value of the type tells null from absent by itself
	byMethod  bool // the type reads itself, null too
	isEmpty   func(reflect.Value) bool

	strings atomic.Int32 // bytes of string that a document of the type needs, about
}

// isObject reports whether a value of the type is a struct, or a pointer to one,
// that is read by its fields.
func (p *plan) isObject() bool {
	return p.object != nil || p.target != nil && p.target.object != nil
}

// decodeFunc replaces v, which is addressable, by the value at d.pos; nothing of
// what v held before may be left. The byte at d.pos is not space.
type decodeFunc func(d *decoder, v reflect.Value) error

// encodeFunc appends the JSON of v to e.buf.
type encodeFunc func(e *encoder, v reflect.Value) error

// planned marks types whose own JSON methods only call wire, and which we need
// not call therefore.
type planned interface{ WirePlan() }

var (
	plannedType         = reflect.TypeFor[planned]()
	jsonUnmarshalerType = reflect.TypeFor[json.Unmarshaler]()
	jsonMarshalerType   = reflect.TypeFor[json.Marshaler]()
	textUnmarshalerType = reflect.TypeFor[encoding.TextUnmarshaler]()
	textMarshalerType   = reflect.TypeFor[encoding.TextMarshaler]()
	rawType             = reflect.TypeFor[json.RawMessage]()
	numberType          = reflect.TypeFor[json.Number]()
	extraType           = reflect.TypeFor[core.Extra]()
	zeroerType          = reflect.TypeFor[interface{ IsZero() bool }]()
)

// Finished plans, *plan by reflect.Type. In the second map the type's own JSON
// methods are left out of account, at the top only.
var plans, barePlans sync.Map

func planOf(t reflect.Type) (*plan, error) { return cachedPlan(&plans, t, false) }

func barePlanOf(t reflect.Type) (*plan, error) { return cachedPlan(&barePlans, t, true) }

func cachedPlan(cache *sync.Map, t reflect.Type, bare bool) (*plan, error) {
	if p, ok := cache.Load(t); ok {
		return p.(*plan), nil
	}

	b := planner{made: map[reflect.Type]*plan{}}
	var p *plan
	var err error
	if bare {
		p, err = b.bare(t)
	} else {
		p, err = b.plan(t)
	}
	if err != nil {
		return nil, err
	}

	kept, _ := cache.LoadOrStore(t, p)
	return kept.(*plan), nil
}

// A planner makes the plan of one type and of all the types in it. The plans it
// has begun are known by type, so that types may refer to themselves.
type planner struct {
	made map[reflect.Type]*plan
}

func (b *planner) plan(t reflect.Type) (*plan, error) {
	if p, ok := b.made[t]; ok {
		return p, nil
	}
	p := &plan{typ: t}
	b.made[t] = p
	if err := b.fill(p, has(t, plannedType)); err != nil {
		return nil, err
	}
	return p, nil
}

func (b *planner) bare(t reflect.Type) (*plan, error) {
	p := &plan{typ: t}
	return p, b.fill(p, true)
}

// has reports whether t or *t implements the interface.
func has(t, iface reflect.Type) bool {
	return t.Kind() != reflect.Interface && (t.Implements(iface) || reflect.PointerTo(t).Implements(iface))
}

// fill finds out what to do with p.typ; noMethods says not to use its methods.
func (b *planner) fill(p *plan, noMethods bool) error {
	t := p.typ
	p.isEmpty = emptiness(t.Kind())

	switch {
	case t == rawType:
		p.decode, p.encode, p.tellsNull = decodeRaw, encodeRaw, true
		return nil
	case t == numberType:
		p.decode, p.encode = decodeJSONNumber, encodeJSONNumber
		return nil
	case t == secretType:
		p.decode, p.encode = decodeSecret, encodeSecret
		return nil
	case isOptional(t):
		return b.fillOptional(p)
	}

	if noMethods || t.Kind() == reflect.Pointer || t.Kind() == reflect.Interface {
		return b.fillKind(p)
	}
	// Its own methods come first; what they leave open follows from its kind.
	decode, encode := methodsOf(t)
	if decode == nil || encode == nil {
		if err := b.fillKind(p); err != nil {
			if decode == nil && encode == nil {
				return err
			}
			// It reads or writes itself; the other way it has none.
			p.decode = func(*decoder, reflect.Value) error { return err }
			p.encode = func(*encoder, reflect.Value) error { return err }
		}
	}

	if encode == nil {
		p.marked = p.object
	}
	if decode != nil {
		p.decode, p.object, p.byMethod = decode, nil, has(t, jsonUnmarshalerType)
	}
	if encode != nil {
		p.encode = encode
	}
	return nil
}

// methodsOf returns what to do for a type that reads or writes itself.
func methodsOf(t reflect.Type) (decode decodeFunc, encode encodeFunc) {
	switch {
	case has(t, jsonUnmarshalerType):
		decode = decodeByMethod(t)
	case has(t, textUnmarshalerType):
		decode = decodeByText(t)
	}

	switch {
	case has(t, jsonMarshalerType):
		encode = encodeByMethod(t)
	case has(t, textMarshalerType):
		encode = encodeByText(t)
	}
	return decode, encode
}

func (b *planner) fillKind(p *plan) (err error) {
	t := p.typ
	switch t.Kind() {
	case reflect.Bool:
		p.decode, p.encode = decodeBool(t), encodeBool
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		p.decode, p.encode = decodeNumber(t, (*decoder).signed, reflect.Value.SetInt), encodeInt
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		p.decode, p.encode = decodeNumber(t, (*decoder).unsigned, reflect.Value.SetUint), encodeUint
	case reflect.Float32, reflect.Float64:
		p.decode, p.encode = decodeNumber(t, (*decoder).float, reflect.Value.SetFloat), encodeFloat
	case reflect.String:
		p.decode, p.encode = decodeString(t), encodeString
	case reflect.Struct:
		return b.fillStruct(p)
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		return b.fillContainer(p)
	case reflect.Interface:
		p.decode, p.encode = decodeInterface(t), encodeInterface
	default:
		err = &UnsupportedError{Type: t.String(), Reason: "has no JSON form"}
	}
	return err
}

func (b *planner) fillContainer(p *plan) error {
	t := p.typ
	if t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8 && !has(t.Elem(), jsonMarshalerType) {
		p.decode, p.encode = decodeBytes(t), encodeBytes
		return nil
	}
	if t.Kind() == reflect.Map && t.Key().Kind() != reflect.String {
		return &UnsupportedError{Type: t.String(), Reason: "has keys that are not strings"}
	}

	elem, err := b.plan(t.Elem())
	if err != nil {
		return err
	}

	switch t.Kind() {
	case reflect.Pointer:
		p.target = elem
		p.decode, p.encode = decodePointer(elem), encodePointer(elem)
	case reflect.Slice:
		p.decode, p.encode = decodeSlice(t, elem), encodeSlice(elem)
	case reflect.Array:
		p.decode, p.encode = decodeArray(t, elem), encodeArray(elem)
	case reflect.Map:
		p.decode, p.encode = decodeMap(t, elem), encodeMap(elem)
	}
	return nil
}

// emptiness is what omitempty leaves out, as in encoding/json.
func emptiness(k reflect.Kind) func(reflect.Value) bool {
	switch k {
	case reflect.Array, reflect.Map, reflect.Slice, reflect.String:
		return func(v reflect.Value) bool { return v.Len() == 0 }
	case reflect.Struct:
		return func(reflect.Value) bool { return false }
	}
	return reflect.Value.IsZero
}

// A structPlan lists the members of a JSON object that fields take.
type structPlan struct {
	fields []field
	byName map[string]int
	extra  []int // the path of the core.Extra field, or nil
}

// A field is one member and where its value lives.
type field struct {
	name   string
	plan   *plan
	index  int    // of the field in the struct, where it is not embedded
	path   []int  // the path to it through embedded structs, else nil
	prefix string // the name as JSON, with its colon

	omit func(reflect.Value) bool // whether not to write it; nil for never
	flag bool                     // a boolean that is not written where it is not known

	texts bool   // it holds a list of texts
	nulls string // the mark that some of them were null

	depth  int
	tagged bool
}

// in returns the field's value in v, or the invalid Value where an embedded
// pointer on the way is nil and make is false.
func (f *field) in(v reflect.Value, make bool) reflect.Value {
	if f.path == nil {
		return v.Field(f.index)
	}
	return follow(v, f.path, make)
}

func follow(v reflect.Value, path []int, make bool) reflect.Value {
	for _, i := range path {
		if v.Kind() == reflect.Pointer {
			if v.IsNil() {
				if !make {
					return reflect.Value{}
				}
				v.Set(reflect.New(v.Type().Elem()))
			}
			v = v.Elem()
		}
		v = v.Field(i)
	}
	return v
}

// find returns the index of the field with that name, or -1. Vendors write
// members mostly in the order in which our structs declare them, some left out:
// so it tries the next few from guess on before it looks the name up.
func (s *structPlan) find(name []byte, guess int) int {
	for i := guess; i < len(s.fields) && i < guess+3; i++ {
		if s.fields[i].name == string(name) {
			return i
		}
	}
	if i, ok := s.byName[string(name)]; ok {
		return i
	}
	return -1
}

func (b *planner) fillStruct(p *plan) error {
	s := &structPlan{byName: map[string]int{}}
	p.object = s
	p.decode, p.encode = s.decode, s.encode

	found, err := b.collect(p.typ, s)
	if err != nil {
		return err
	}

	s.fields = dominant(found)
	for i := range s.fields {
		f := &s.fields[i]
		s.byName[f.name] = i
		prefix, _ := appendString(nil, f.name)
		f.prefix = string(prefix) + ":"
		if len(f.path) == 1 {
			f.index, f.path = f.path[0], nil
		}
	}
	return nil
}

// collect lists the fields of t and of the structs embedded in it, level by level.
func (b *planner) collect(t reflect.Type, s *structPlan) ([]field, error) {
	type level struct {
		typ  reflect.Type
		path []int
	}
	var found []field
	seen := map[reflect.Type]bool{}

	for current := []level{{typ: t}}; len(current) > 0; {
		var next []level
		for _, at := range current {
			if seen[at.typ] {
				continue
			}
			seen[at.typ] = true
			for i := range at.typ.NumField() {
				sf := at.typ.Field(i)
				path := append(slices.Clone(at.path), i)
				if sf.Type == extraType && sf.IsExported() {
					if s.extra == nil {
						s.extra = path
					}
					continue
				}

				tag := sf.Tag.Get("json")
				if tag == "-" {
					continue
				}
				name, options, _ := strings.Cut(tag, ",")
				if embedded, ok := embeddedStruct(sf); ok && name == "" {
					if sf.Type.Kind() == reflect.Pointer && !sf.IsExported() {
						return nil, &UnsupportedError{Type: t.String(), Reason: "embeds a pointer to an unexported struct"}
					}
					next = append(next, level{embedded, path})
					continue
				}

				if !sf.IsExported() {
					continue
				}
				f := field{name: name, path: path, depth: len(path), tagged: name != ""}
				if name == "" {
					f.name = sf.Name
				}
				if err := b.fillField(&f, sf, options); err != nil {
					return nil, err
				}
				found = append(found, f)
			}
		}
		current = next
	}

	return found, nil
}

func embeddedStruct(sf reflect.StructField) (reflect.Type, bool) {
	t := sf.Type
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t, sf.Anonymous && t.Kind() == reflect.Struct
}

func (b *planner) fillField(f *field, sf reflect.StructField, options string) (err error) {
	if f.plan, err = b.plan(sf.Type); err != nil {
		return err
	}
	if sf.Type == secretType && sf.Tag.Get("wire") == "number" {
		f.plan = &plan{typ: sf.Type, decode: decodeSecret, encode: encodeSecretNumber, isEmpty: f.plan.isEmpty}
	}
	if isOptional(sf.Type) {
		f.omit = keptFunc(sf.Type) // with or without the option: absent never means empty
	}

	for option := range strings.SplitSeq(options, ",") {
		switch {
		case option == "":
		case isOptional(sf.Type) && (option == "omitzero" || option == "omitempty"):
		case option == "omitzero":
			f.omit = either(f.omit, zeroness(sf.Type))
		case option == "omitempty":
			f.omit = either(f.omit, f.plan.isEmpty)
		default:
			return &UnsupportedError{Type: sf.Name, Reason: "has the unknown json option " + option}
		}
	}

	if f.texts = holdsTexts(sf.Type); f.texts {
		f.nulls = nullsMark(f.name)
	}
	f.flag = f.omit != nil && (sf.Type == reflect.TypeFor[core.Opt[bool]]() || sf.Type == reflect.TypeFor[*bool]())
	return nil
}

func either(a, b func(reflect.Value) bool) func(reflect.Value) bool {
	if a == nil {
		return b
	}
	return func(v reflect.Value) bool { return a(v) || b(v) }
}

// zeroness is what omitzero leaves out: what the type's IsZero says, if it has one.
func zeroness(t reflect.Type) func(reflect.Value) bool {
	switch {
	case t.Kind() == reflect.Pointer || t.Kind() == reflect.Interface:
		return reflect.Value.IsZero
	case has(t, zeroerType):
		return func(v reflect.Value) bool { return v.Addr().Interface().(interface{ IsZero() bool }).IsZero() }
	}
	return reflect.Value.IsZero
}

// dominant drops the fields that Go's rules for embedding hide: of one name the
// shallowest wins, among equals the one with a tag, and if that leaves several, none.
func dominant(found []field) []field {
	byName := map[string][]field{}
	for _, f := range found {
		rivals := byName[f.name]
		switch {
		case len(rivals) == 0, rank(f) == rank(rivals[0]):
			byName[f.name] = append(rivals, f)
		case rank(f) < rank(rivals[0]):
			byName[f.name] = []field{f}
		}
	}

	var kept []field
	for _, rivals := range byName {
		if len(rivals) == 1 {
			kept = append(kept, rivals[0])
		}
	}
	slices.SortFunc(kept, func(a, b field) int { return slices.Compare(a.path, b.path) })
	return kept
}

// rank orders the fields of one name: the lowest wins.
func rank(f field) int {
	if f.tagged {
		return 2 * f.depth
	}
	return 2*f.depth + 1
}
