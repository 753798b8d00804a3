package avaya

import (
	"context"
	"fmt"
	"iter"
	"strconv"

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

// The options of lists, by what is listed.
type (
	// UserListOptions narrow and order Users.List.
	UserListOptions = ListOptions
	// GroupListOptions narrow and order Groups.List.
	GroupListOptions = ListOptions
	// ProfileListOptions narrow and order Profiles.List.
	ProfileListOptions = ListOptions
)

// ListOptions narrow and order a list.
type ListOptions struct {
	// Filter is one criterion, made with Equals, StartsWith or EndsWith.
	Filter Filter
	// OrderBy is a field name, with " desc" behind it for descending order. It
	// defaults to the resource's own key, because pages of an unordered list
	// can shift.
	OrderBy string
	// PageSize is how many items one request asks for; what the endpoint does
	// not allow is moved to the nearest that it does. It does not bound the list.
	PageSize int
}

// maxFilter is the longest filter that the vendor accepts.
const maxFilter = 255

// maxPage is the largest page of users, profiles and groups, and minPage the smallest.
const (
	minPage = 5
	maxPage = 50
)

// listQuery is the query of all listings.
type listQuery struct {
	PageNumber int    `url:"pageNumber"`
	PageSize   int    `url:"pageSize"`
	Filter     string `url:"filter,omitempty"`
	OrderBy    string `url:"orderBy,omitempty"`
	Name       string `url:"name,omitempty"`
}

// envelope is what every page has beside its items. Links are left out on purpose:
// their form differs from service to service, and some are wrong.
type envelope struct {
	Pagination struct {
		PageNumber int           `json:"pageNumber"`
		PageSize   int           `json:"pageSize"`
		Total      core.Opt[int] `json:"total"`
	} `json:"pagination"`
}

// listing is one list of the vendor's; P is a page of it, and T a row.
type listing[P, T any] struct {
	op    *rest.Op
	body  any // of a search
	query listQuery
	// split returns the page's envelope and its rows.
	split func(*P) (*envelope, []T)
	key   func(*T) string
}

// order narrows and orders a listing as a caller asks for. Its own key is the default
// order, and a page has at most that many rows.
func (o ListOptions) order(key string, most int) listQuery {
	q := listQuery{PageSize: maxPage, Filter: string(o.Filter), OrderBy: key}
	if o.PageSize > 0 {
		q.PageSize = min(max(o.PageSize, minPage), most)
	}
	if o.OrderBy != "" {
		q.OrderBy = o.OrderBy
	}
	return q
}

// walk walks a listing by page number. The vendor's total decides when it ends, not
// links or page sizes.
func (l listing[P, T]) walk(ctx context.Context, c *Client) iter.Seq2[T, error] {
	if len(l.query.Filter) > maxFilter {
		return rest.Failed[T](core.Invalid(vendor, l.op.Name, "the filter is longer than 255 characters"))
	}
	return func(yield func(T, error) bool) {
		room := new(rest.Room)
		storekit.Pager[T]{
			Vendor: vendor, Op: l.op.Name, Start: "1",
			Key: l.key,
			Fetch: func(ctx context.Context, cursor string) (storekit.Page[T], error) {
				number, err := strconv.Atoi(cursor)
				if err != nil {
					return storekit.Page[T]{}, err
				}
				return l.page(ctx, c, number, room)
			},
		}.All(ctx)(yield)
	}
}

// page reads one page. It refuses a page without a total, one with another number than
// was asked for, and one with a row without an id.
func (l listing[P, T]) page(ctx context.Context, c *Client, number int, room *rest.Room) (storekit.Page[T], error) {
	page, query := new(P), l.query
	query.PageNumber = number
	call := c.call(l.op)
	call.Query, call.Body, call.Out, call.Room = query, l.body, page, room
	res, err := c.rest.Do(ctx, call)
	if err != nil {
		return storekit.Page[T]{}, err
	}

	head, rows := l.split(page)
	total, named := head.Pagination.Total.Get()
	if !named || total < 0 {
		return storekit.Page[T]{}, c.senseless(l.op, res, fmt.Sprintf("page %d has no total, so the end of the list is not known", number))
	}
	if n := head.Pagination.PageNumber; n != 0 && n != number {
		return storekit.Page[T]{}, &core.Error{Vendor: vendor, Account: c.options.Account, Op: l.op.Name, Class: core.ClassIncomplete,
			Applied: core.AppliedNo, Status: res.Status, RequestID: res.RequestID, Attempts: res.Attempts,
			Message: fmt.Sprintf("asked for page %d and got page %d", number, n)}
	}
	for i := range rows {
		if l.key(&rows[i]) == "" {
			return storekit.Page[T]{}, c.senseless(l.op, res, fmt.Sprintf("page %d has a row without an id, so the list is incomplete", number))
		}
	}
	return storekit.Page[T]{Items: rows, Next: strconv.Itoa(number + 1), Total: total}, nil
}
