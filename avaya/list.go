package avaya

import (
	"context"
	"fmt"
	"iter"
	"strconv"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/storekit"
	"github.com/rollcall-go/rollcall/internal/rest"
)

// Filter is one criterion of a listing. Make it with Equals, StartsWith or
// EndsWith; the vendor's form without a star is documented in two ways and has
// no function here.
type Filter string

// Equals matches a field exactly.
func Equals(field, value string) Filter { return Filter(field + "=" + value) }

// StartsWith matches the beginning of a field.
func StartsWith(field, prefix string) Filter { return Filter(field + ":" + prefix + "*") }

// EndsWith matches the end of a field.
func EndsWith(field, suffix string) Filter { return Filter(field + ":*" + suffix) }

// maxFilter is the longest filter the vendor takes.
const maxFilter = 255

// pageRule is what an endpoint demands of page sizes, and its default order.
type pageRule struct {
	min, max, usual int
	orderBy         string
}

// listQuery is the query of all listings.
type listQuery struct {
	PageNumber int    `url:"pageNumber"`
	PageSize   int    `url:"pageSize"`
	Filter     string `url:"filter,omitempty"`
	OrderBy    string `url:"orderBy,omitempty"`
	Name       string `url:"name,omitempty"`
}

// envelope is what every page has beside its items. Links are left out on
// purpose: their form differs from service to service, and some lie.
type envelope struct {
	Pagination struct {
		PageNumber int           `json:"pageNumber"`
		PageSize   int           `json:"pageSize"`
		Total      core.Opt[int] `json:"total"`
	} `json:"pagination"`
}

func (e *envelope) head() *envelope { return e }

// list walks a listing by page number. The vendor's total, and not its links or
// page sizes, says when it ends.
func list[P any, T any, PP interface {
	*P
	head() *envelope
}](ctx context.Context, c *Client, op *rest.Op, body any, rule pageRule, opts ListOptions, items func(PP) []T, key func(*T) string) iter.Seq2[T, error] {
	query := listQuery{PageSize: rule.usual, Filter: string(opts.Filter), OrderBy: rule.orderBy}
	if opts.PageSize > 0 {
		query.PageSize = min(max(opts.PageSize, rule.min), rule.max)
	}
	if opts.OrderBy != "" {
		query.OrderBy = opts.OrderBy
	}
	return listPages(ctx, c, op, body, query, items, key)
}

func listPages[P any, T any, PP interface {
	*P
	head() *envelope
}](ctx context.Context, c *Client, op *rest.Op, body any, query listQuery, items func(PP) []T, key func(*T) string) iter.Seq2[T, error] {
	if len(query.Filter) > maxFilter {
		return rest.Failed[T](core.Invalid(vendor, op.Name, "the filter is longer than 255 characters"))
	}
	return storekit.Pager[T]{
		Vendor: vendor, Op: op.Name, Start: "1",
		// A copy: the pager keeps the ids of two pages, and an id as it was read
		// holds on to the memory of all strings of its item.
		Key: func(item *T) string { return strings.Clone(key(item)) },
		Fetch: func(ctx context.Context, cursor string) (storekit.Page[T], error) {
			number, err := strconv.Atoi(cursor)
			if err != nil {
				return storekit.Page[T]{}, err
			}
			var page PP = new(P)
			query := query
			query.PageNumber = number
			call := c.call(op)
			call.Query, call.Body, call.Out = query, body, page
			res, err := c.rest.Do(ctx, call)
			if err != nil {
				return storekit.Page[T]{}, err
			}
			head := page.head().Pagination
			total, named := head.Total.Get()
			if !named || total < 0 {
				return storekit.Page[T]{}, senseless(op, res, fmt.Sprintf("page %d names no total, so nobody can tell where the list ends", number))
			}
			if n := head.PageNumber; n != 0 && n != number {
				return storekit.Page[T]{}, &core.Error{Vendor: vendor, Op: op.Name, Class: core.ClassIncomplete, Applied: core.AppliedNo,
					Status: res.Status, RequestID: res.RequestID, Attempts: res.Attempts,
					Message: fmt.Sprintf("asked for page %d and got page %d", number, n)}
			}
			rows := items(page)
			for i := range rows {
				if key(&rows[i]) == "" {
					return storekit.Page[T]{}, senseless(op, res, fmt.Sprintf("page %d holds a row without an id, so something is not listed", number))
				}
			}
			return storekit.Page[T]{Items: rows, Next: strconv.Itoa(number + 1), Total: total}, nil
		},
	}.All(ctx)
}
