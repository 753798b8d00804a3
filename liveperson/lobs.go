package liveperson

import (
	"context"
	"iter"
	"net/http"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest"
)

const lobsPath = configPath + "lobs"

var (
	opListLOBs = &rest.Op{Name: "LOBs.List", Method: http.MethodGet, Path: lobsPath, Replay: rest.Safe, Bucket: bucketAPI, Success: listed}
	opGetLOB   = &rest.Op{Name: "LOBs.Get", Method: http.MethodGet, Path: lobsPath + "/{lobId}", Replay: rest.Safe, Bucket: bucketAPI,
		Success: shown}
)

// LOBs is the resource of lines of business, as on the vendor page "LOBs API".
type LOBs struct{ c *Client }

// LOB is a line of business: a tag on users, skills and content.
type LOB struct {
	ID          int64            `json:"id,omitzero"`
	Deleted     core.Opt[bool]   `json:"deleted,omitzero"`
	Name        string           `json:"name,omitzero"` // unique
	Description core.Opt[string] `json:"description,omitzero"`
	DateUpdated core.Opt[Date]   `json:"dateUpdated,omitzero"`
	Extra       core.Extra       `json:"-"`
}

// List walks all lines of business: see Users.List.
func (l *LOBs) List(ctx context.Context, opts LOBListOptions) iter.Seq2[LOB, error] {
	return list(ctx, l.c, opListLOBs, l.c.otherVersion, headerIfMatch, opts, nil)
}

// Get returns a line of business, or core.ErrNotFound. It takes one request.
func (l *LOBs) Get(ctx context.Context, id int64) (*LOB, error) {
	return getWhole[LOB](ctx, l.c, opGetLOB, l.c.otherVersion, id)
}
