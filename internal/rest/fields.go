package rest

import (
	"errors"
	"reflect"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/wire"
)

// CheckText refuses a change that holds text which is not UTF-8, before the user that it
// is for is read. It names the field as the caller did.
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

// Absent reports an interface value that is nil or holds a nil pointer, on which no
// method could be called.
func Absent(v any) bool {
	p := reflect.ValueOf(v)
	return v == nil || p.Kind() == reflect.Pointer && p.IsNil()
}
