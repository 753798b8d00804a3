package lucs

import (
	"errors"
	"reflect"
	"strings"
	"sync"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/wire"
)

// loose reads an object into a struct as this vendor must be read: names in any
// case, and a member of a kind that its field cannot take is kept in extra, as it
// came, while the field stays unset. One odd member must not hide a whole list.
//
// It is for the UnmarshalJSON of T.
func loose[T any](data []byte, v *T, extra *core.Extra) error {
	var zero T
	*v = zero
	names := namesOf(reflect.TypeFor[T]())
	err := wire.UnmarshalFields(data, v)
	if err == nil && !names.misspelt(*extra) {
		return nil
	}
	if _, odd := errors.AsType[*wire.TypeError](err); err != nil && !odd {
		return err
	}
	members := core.Extra{}
	if wire.Unmarshal(data, &members) != nil {
		return err // no object
	}
	names.respell(members)
	odd := core.Extra{}
	for {
		doc, merr := wire.Marshal(members)
		if merr != nil {
			return merr
		}
		*v = zero
		err := wire.UnmarshalFields(doc, v)
		if err == nil {
			break
		}
		te, ok := errors.AsType[*wire.TypeError](err)
		if !ok {
			return err
		}
		name, _, _ := strings.Cut(te.Path, ".")
		name, _, _ = strings.Cut(name, "[")
		if _, there := members[name]; !there {
			return err
		}
		odd[name] = members[name]
		delete(members, name)
	}
	for name, raw := range odd {
		if *extra == nil {
			*extra = core.Extra{}
		}
		(*extra)[name] = raw
	}
	return nil
}

// names are the members that a struct's fields take, by their lower case.
type names map[string]string

var knownNames sync.Map // names by reflect.Type

func namesOf(t reflect.Type) names {
	if n, ok := knownNames.Load(t); ok {
		return n.(names)
	}
	n := names{}
	for name := range wire.Names(t) {
		n[strings.ToLower(name)] = name
	}
	knownNames.Store(t, n)
	return n
}

// misspelt reports whether a member has the name of a field in another case.
func (n names) misspelt(extra core.Extra) bool {
	for name := range extra {
		if right := n[strings.ToLower(name)]; right != "" && right != name {
			return true
		}
	}
	return false
}

// respell gives members the case of their fields. A member that is there in the
// right case stays.
func (n names) respell(members core.Extra) {
	for name, raw := range members {
		right := n[strings.ToLower(name)]
		if right == "" || right == name {
			continue
		}
		if _, there := members[right]; !there {
			delete(members, name)
			members[right] = raw
		}
	}
}

// lookUp returns a member of an Extra, in any case.
func lookUp(extra core.Extra, name string) ([]byte, bool) {
	if raw, ok := extra[name]; ok {
		return raw, true
	}
	for key, raw := range extra {
		if strings.EqualFold(key, name) {
			return raw, true
		}
	}
	return nil, false
}

// namesOfUser are the fields of a user.
var namesOfUser = namesOf(reflect.TypeFor[User]())
