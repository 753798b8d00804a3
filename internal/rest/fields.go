package rest

import (
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/wire"
)

// NamedTwice refuses vendor fields that are named in neutral words as well: one of
// the two would be dropped in silence. Neutral holds the wire names of those words.
func NamedTwice(vendor, op string, fields map[string]any, neutral map[string]bool) error {
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if neutral[name] && !wire.Keeps(fields[name]) {
			return core.Invalid(vendor, op, name+" is named in two ways, as a neutral and as a vendor field")
		}
	}
	return nil
}

// CheckText refuses a change that holds text which is not UTF-8, before the user is
// read to whom it would be made. It names the field as the caller did.
func CheckText(vendor, op string, change core.UserChange) error {
	for _, v := range []any{
		map[string]any{"login": change.Login, "firstName": change.FirstName, "lastName": change.LastName, "displayName": change.DisplayName,
			"email": change.Email, "roles": change.Roles, "password": change.Password},
		change.Fields,
	} {
		_, err := wire.Marshal(v)
		if _, ok := errors.AsType[*wire.TextError](err); ok {
			return core.Invalid(vendor, op, strings.TrimPrefix(err.Error(), "wire: "))
		}
	}
	return nil
}

// Absent reports a value of an interface type that is not there: nil, or a pointer
// that is, with which no method could be called.
func Absent(v any) bool {
	p := reflect.ValueOf(v)
	return v == nil || p.Kind() == reflect.Pointer && p.IsNil()
}
