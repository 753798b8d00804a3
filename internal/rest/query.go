package rest

import (
	"fmt"
	"net/url"
	"unicode/utf8"

	"github.com/google/go-querystring/query"

	"github.com/rollcall-go/rollcall/core"
)

// RawQuery is a query that is sent as it is: one that came from the vendor, such
// as that of a link to the next page.
type RawQuery string

// EncodeQuery turns an options struct with url tags into a query, for those who
// add to it.
func EncodeQuery(op *Op, options any) (RawQuery, error) {
	q, err := encodeQuery(op, options)
	return RawQuery(q), err
}

// encodeQuery turns an options struct with url tags into a query, sorted by
// name. Only structs that the test of their package has checked may come here:
// go-querystring prints what it does not know in Go's own form. A url.Values is
// for queries whose names are settings.
func encodeQuery(op *Op, options any) (string, error) {
	switch raw := options.(type) {
	case nil:
		return "", nil
	case RawQuery:
		return string(raw), nil
	case url.Values:
		if err := checkValues("the query parameter", raw); err != nil {
			return "", core.Invalid("", op.Name, err.Error())
		}
		return raw.Encode(), nil
	}

	values, err := query.Values(options)
	if err != nil {
		return "", core.Invalid("", op.Name, "the options cannot be sent as a query")
	}

	if err := checkValues("the query parameter", values); err != nil {
		return "", core.Invalid("", op.Name, err.Error())
	}
	return values.Encode(), nil
}

// checkValues refuses names and values that are not UTF-8. What says what they are.
func checkValues(what string, values url.Values) error {
	for name, list := range values {
		if !utf8.ValidString(name) {
			return fmt.Errorf("the name of %s is not UTF-8", what)
		}
		for _, v := range list {
			if !utf8.ValidString(v) {
				return fmt.Errorf("%s %s holds text that is not UTF-8", what, name)
			}
		}
	}
	return nil
}
