package rest

import (
	"net/url"

	"github.com/google/go-querystring/query"

	"github.com/rollcall-go/rollcall/core"
)

// encodeQuery turns an options struct with url tags into a query, sorted by
// name. Only structs that the test of their package has checked may come here:
// go-querystring prints what it does not know in Go's own form. A url.Values is
// for queries whose names are settings.
func encodeQuery(op *Op, options any) (string, error) {
	if options == nil {
		return "", nil
	}
	if values, ok := options.(url.Values); ok {
		return values.Encode(), nil
	}
	values, err := query.Values(options)
	if err != nil {
		return "", core.Invalid("", op.Name, "the options cannot be sent as a query")
	}
	return values.Encode(), nil
}
