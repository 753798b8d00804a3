package lucs

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"sync"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/wire"
)

// loose reads an object into a struct in the way that this vendor requires: names in
// any case; a member of a type that its field cannot hold is kept in extra, as it came,
// and the field stays unset. One odd member must not hide a whole list.
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
	for name, raw := range members { // each one alone, so that the others are not read again
		if names[strings.ToLower(name)] != name {
			continue
		}
		switch isOdd, err := oddAlone[T](name, raw); {
		case err != nil:
			return err
		case isOdd:
			odd[name] = raw
			delete(members, name)
		}
	}

	doc, err := wire.Marshal(members)
	if err != nil {
		return err
	}
	*v = zero
	if err := wire.UnmarshalFields(doc, v); err != nil {
		return err
	}

	for name, raw := range odd {
		if *extra == nil {
			*extra = core.Extra{}
		}
		(*extra)[name] = raw
	}
	return nil
}

// oddAlone reports whether a member has a shape that its field does not take.
func oddAlone[T any](name string, raw json.RawMessage) (bool, error) {
	doc, err := wire.Marshal(core.Extra{name: raw})
	if err != nil {
		return false, err
	}
	err = wire.UnmarshalFields(doc, new(T))
	_, odd := errors.AsType[*wire.TypeError](err)
	if odd {
		err = nil
	}
	return odd, err
}

// names are the names of a struct's members, by lower case.
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
