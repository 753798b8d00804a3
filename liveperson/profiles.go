package liveperson

import (
	"context"
	"iter"
	"net/http"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest"
)

const profilesPath = configPath + "profiles"

var (
	opListProfiles = &rest.Op{Name: "Profiles.List", Method: http.MethodGet, Path: profilesPath, Replay: rest.Safe, Bucket: bucketAPI,
		Success: listed}
	opGetProfile = &rest.Op{Name: "Profiles.Get", Method: http.MethodGet, Path: profilesPath + "/{profileId}", Replay: rest.Safe,
		Bucket: bucketAPI, Success: shown}
)

// Profiles is the resource of permission sets, as on the vendor page "Profiles
// API". A user's profiles decide its roles. Profiles have a time of change
// instead of a revision; it is used in the same way.
type Profiles struct{ c *Client }

// The roles that a profile belongs to.
const (
	RoleAdministrator   int64 = 1
	RoleAgent           int64 = 2
	RoleAgentManager    int64 = 3
	RoleCampaignManager int64 = 4
	RoleLPA             int64 = 5
)

// Profile is a set of permissions. The permissions themselves are in Extra, by
// their wire name.
type Profile struct {
	ID          int64            `json:"id,omitzero"`
	Deleted     core.Opt[bool]   `json:"deleted,omitzero"`
	Name        string           `json:"name,omitzero"` // unique
	Description core.Opt[string] `json:"description,omitzero"`
	// RoleTypeID is one of the Role constants.
	RoleTypeID   int64            `json:"roleTypeId,omitzero"`
	RoleTypeName core.Opt[string] `json:"roleTypeName,omitzero"`
	DateUpdated  core.Opt[Date]   `json:"dateUpdated,omitzero"`
	Extra        core.Extra       `json:"-"`
}

// List walks all profiles: see Users.List.
func (p *Profiles) List(ctx context.Context, opts ProfileListOptions) iter.Seq2[Profile, error] {
	return list(ctx, p.c, opListProfiles, p.c.otherVersion, headerLastModified, opts, nil)
}

// Get returns a profile, or core.ErrNotFound. It takes one request.
func (p *Profiles) Get(ctx context.Context, id int64) (*Profile, error) {
	return getWhole[Profile](ctx, p.c, opGetProfile, p.c.otherVersion, id)
}
