package avaya

import (
	"context"
	"iter"
	"net/http"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest"
)

const profilePath = "/api/admin/user/{version}/accounts/{accountId}/profiles"

var (
	opListProfiles = &rest.Op{Name: "Profiles.List", Method: http.MethodGet, Path: profilePath, Replay: rest.Safe, Bucket: "api",
		Success: rest.Object(200)}
	opGetProfile = &rest.Op{Name: "Profiles.Get", Method: http.MethodGet, Path: profilePath + "/{profileId}", Replay: rest.Safe,
		Bucket: "api", Success: rest.Object(200).Names("profileId")}
	opCreateProfile = &rest.Op{Name: "Profiles.Create", Method: http.MethodPost, Path: profilePath, Replay: rest.Once, Bucket: "api",
		Success: rest.Object(202).Has("profileId")}
	opPutProfile = &rest.Op{Name: "Profiles.Replace", Method: http.MethodPut, Path: profilePath + "/{profileId}", Replay: rest.ReplaySafe,
		Bucket: "api", Success: rest.Object(202).Names("profileId")}
	opDeleteProfile = &rest.Op{Name: "Profiles.Delete", Method: http.MethodDelete, Path: profilePath + "/{profileId}", Replay: rest.ReplaySafe,
		Bucket: "api", Success: rest.Nothing(204)}
)

// Profiles is the resource of templates for users, as on the vendor page
// "Users". The link is live: each later change of a profile reaches every user
// that has it and does not override the field.
type Profiles struct{ c *Client }

// Profile is a template of roles, group memberships and features.
type Profile struct {
	// ProfileID is assigned by the server: six characters, which may include
	// a space, a dot, a dash and an underscore.
	ProfileID          string           `json:"profileId,omitzero"`
	ProfileName        string           `json:"profileName,omitzero"` // 2..255, unique
	Description        core.Opt[string] `json:"description,omitzero"` // 5..1024
	UXProfileID        core.Opt[string] `json:"uxProfileId,omitzero"`
	URL                core.Opt[string] `json:"url,omitzero"`            // read only
	Roles              []string         `json:"roles,omitzero"`          // at most 50
	MemberOfGroups     []string         `json:"memberOfGroups,omitzero"` // at most 50
	ResourcePartitions []string         `json:"resourcePartitions,omitzero"`
	Features           *Features        `json:"features,omitzero"`
	// Extra holds fields this package does not know; they are sent back untouched.
	Extra core.Extra `json:"-"`
}

// List walks all profiles that match. Filterable: profileName. It ends with
// core.ErrIncomplete like Users.List. It takes a request per page
// of 50.
func (p *Profiles) List(ctx context.Context, opts ProfileListOptions) iter.Seq2[Profile, error] {
	return listing[profilePage, Profile]{op: opListProfiles, query: opts.order("profileName", maxPage),
		split: func(p *profilePage) (*envelope, []Profile) {
			for i := range p.Profiles {
				// The vendor's example has the page's links inside its last profile.
				delete(p.Profiles[i].Extra, "links")
			}
			return &p.envelope, p.Profiles
		},
		key: func(v *Profile) string { return v.ProfileID }}.walk(ctx, p.c)
}

type profilePage struct {
	envelope
	Profiles []Profile `json:"profiles"`
}

// Get returns a profile, or core.ErrNotFound. It takes one request.
func (p *Profiles) Get(ctx context.Context, profileID string) (*Profile, error) {
	out := new(Profile)
	call := p.c.call(opGetProfile, profileID)
	call.Out = out
	res, err := p.c.rest.Do(ctx, call)
	if err != nil {
		return nil, err
	}
	return p.c.sameProfile(opGetProfile, res, out, profileID)
}

// sameProfile refuses an answer about another profile: in these ids case counts.
func (c *Client) sameProfile(op *rest.Op, res rest.Response, p *Profile, id string) (*Profile, error) {
	if p.ProfileID == id {
		return p, nil
	}
	return nil, c.senseless(op, res, "the answer is about something other than what was asked for")
}

// Create asks for a new profile and returns it with its id when the vendor has accepted
// it (202); its features follow, see Settle. A taken name is core.ErrConflict. It is
// sent again only after an answer that certainly refused it; with core.AppliedUnknown
// list the profiles to see whether it exists. It takes one request.
func (p *Profiles) Create(ctx context.Context, profile Profile) (*Profile, error) {
	if profile.ProfileName == "" {
		return nil, core.Invalid(vendor, opCreateProfile.Name, "profileName is required")
	}
	out := new(Profile)
	call := p.c.call(opCreateProfile)
	call.Body, call.Out = profile.writable(), out
	if _, err := p.c.rest.Do(ctx, call); err != nil {
		return nil, howToFindOut(err, "list the profiles with profileName "+profile.ProfileName+" to see whether it was created")
	}
	p.c.writes.note(profileKey(out.ProfileID), written{patience: patience(nil, profile.background())})
	return out, nil
}

// Replace puts the whole profile, which profile.ProfileID names. Every field that is left
// out is cleared, for every user that has it. It returns when the vendor has accepted it,
// see Settle. Repeating it is safe. Use Modify to change some fields. It takes one
// request.
func (p *Profiles) Replace(ctx context.Context, profile Profile) (*Profile, error) {
	if profile.ProfileName == "" {
		return nil, core.Invalid(vendor, opPutProfile.Name, "profileName is required")
	}
	out := new(Profile)
	call := p.c.call(opPutProfile, profile.ProfileID)
	call.Body, call.Out = profile.writable(), out
	p.c.writes.forget(profileKey(profile.ProfileID)) // what it changes is not known here
	res, err := p.c.rest.Do(ctx, call)
	if err != nil {
		return nil, err
	}
	return p.c.sameProfile(opPutProfile, res, out, profile.ProfileID)
}

// Modify reads a profile, lets change edit it, and puts it back whole, with every field
// that change did not touch as it was, known or not. Calls of one Client take turns for
// each profile; Avaya has no revisions to guard against writers elsewhere. It takes one
// request to read and one to write.
func (p *Profiles) Modify(ctx context.Context, profileID string, change func(*Profile) error) (*Profile, error) {
	unlock, err := p.c.locks.Lock(ctx, profileKey(profileID))
	if err != nil {
		return nil, &core.Error{Vendor: vendor, Account: p.c.options.Account, Op: "Profiles.Modify", Class: core.ClassCanceled, Err: err,
			Message: "the context ended while another change of the profile was under way", Applied: core.AppliedNo}
	}
	defer unlock()
	profile, err := p.Get(ctx, profileID)
	if err != nil {
		return nil, err
	}

	before := profile.background()
	if err := change(profile); err != nil {
		return nil, err
	}
	profile.ProfileID = profileID
	out, err := p.Replace(ctx, *profile)
	if err == nil {
		p.c.writes.note(profileKey(profileID), written{patience: patience(before, profile.background()), seen: true})
	}
	return out, err
}

// Delete asks for the removal of a profile and returns when the vendor has accepted it
// (204); see Settle with core.SettleAfter(core.Deleted). What becomes of the users that
// have it, the vendor does not say. It takes one request.
func (p *Profiles) Delete(ctx context.Context, profileID string) error {
	call := p.c.call(opDeleteProfile, profileID)
	call.GoneIsDone = true
	_, err := p.c.rest.Do(ctx, call)
	return err
}

// ListStatuses walks the progress of the latest changes of profiles, 50 per request. A
// profile that the vendor does not know is left out. It is as lazy as
// Users.ListStatuses, and ends as that does.
func (p *Profiles) ListStatuses(ctx context.Context, profileIDs ...string) iter.Seq2[ProfileStatus, error] {
	return walkStatuses[ProfileStatus](ctx, p.c, opProfileStatuses, "profileIds", profileIDs)
}

// Settle waits until the latest change of a profile is in effect or has failed, like
// Users.Settle. It takes a request or two per look.
func (p *Profiles) Settle(ctx context.Context, profileID string, opts ...core.SettleOption) (core.Settlement, error) {
	return p.c.settleOne(ctx, profileSettling, profileID, opts)
}

// writable returns the profile as it may be sent: without what only the server sets.
func (p Profile) writable() Profile {
	p.ProfileID, p.URL = "", core.Opt[string]{}
	p.Features = p.Features.writable()
	return p
}

// background is the part of a profile that the vendor carries out later, in a form to
// compare.
func (p *Profile) background() map[string][]byte { return canonical(nil, nil, nil, p.Features, nil) }

// fields returns the wire form of the fields that a profile gives, as User.fields does.
func (p *Profile) fields() map[string][]byte {
	return canonical(p.Roles, p.MemberOfGroups, p.ResourcePartitions, p.Features, p.Extra)
}
