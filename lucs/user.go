package lucs

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/rollcall-go/rollcall/core"
)

// User is a person whom LUCS knows from a directory; one with the right role,
// traits and profiles is an agent.
//
// Three facts about a user are independent, and none of them may be concluded
// from another: whether the API has blocked it (IsBlockedByLuwareApi), what
// colleagues see of it (Presence), and whether it can receive work now
// (IsSelectable).
//
// Opt fields tell absent, null and empty apart. A member of another kind than its
// field can take is in Extra, as it came, and the field is unset.
type User struct {
	// ID is a GUID, assigned by the server.
	ID string `json:"Id,omitzero"`
	// SipUri is the login, with its scheme. It is required of a new user.
	SipUri SIPURI `json:"SipUri,omitzero"`
	// FirstName and LastName come from the directory.
	FirstName core.Opt[string] `json:"FirstName,omitzero"`
	LastName  core.Opt[string] `json:"LastName,omitzero"`
	// IsBlockedByLuwareApi keeps work away from the user; nobody sees it in the
	// messenger. Block and Unblock change it.
	IsBlockedByLuwareApi core.Opt[bool] `json:"IsBlockedByLuwareApi,omitzero"`
	// CurrentProfile and DefaultProfile are names of duty profiles, which must exist.
	CurrentProfile core.Opt[string] `json:"CurrentProfile,omitzero"`
	DefaultProfile core.Opt[string] `json:"DefaultProfile,omitzero"`
	// NotReadyReason is what the agent gave; NotSelectableReason is the system's.
	NotReadyReason      core.Opt[string]              `json:"NotReadyReason,omitzero"`
	NotSelectableReason core.Opt[NotSelectableReason] `json:"NotSelectableReason,omitzero"`
	// AAConfiguration is the name of a configuration of the Agent Assistant.
	AAConfiguration        core.Opt[string]                `json:"AAConfiguration,omitzero"`
	NumberOfSimultaneousIm core.Opt[int64]                 `json:"NumberOfSimultaneousIm,omitzero"`
	ConversationAsService  core.Opt[ConversationAsService] `json:"ConversationAsService,omitzero"`
	// IsBusySelectable keeps an agent selectable while its presence is Busy,
	// IsBusyInAMeetingSelectable in a meeting too.
	IsBusySelectable            core.Opt[bool]          `json:"IsBusySelectable,omitzero"`
	IsBusyInAMeetingSelectable  core.Opt[bool]          `json:"IsBusyInAMeetingSelectable,omitzero"`
	ShowAwayAsOffline           core.Opt[bool]          `json:"ShowAwayAsOffline,omitzero"`
	BusyOnBusyInACallEnabled    core.Opt[bool]          `json:"BusyOnBusyInACallEnabled,omitzero"`
	CanLoginToRecordingManager  core.Opt[bool]          `json:"CanLoginToRecordingManager,omitzero"`
	RetargetType                core.Opt[RetargetType]  `json:"RetargetType,omitzero"`
	RetargetSource              core.Opt[string]        `json:"RetargetSource,omitzero"`
	RetargetTo                  core.Opt[string]        `json:"RetargetTo,omitzero"`
	RetargetPrivateNumber       core.Opt[bool]          `json:"RetargetPrivateNumber,omitzero"`
	RetargetOnlyIfInDutyProfile core.Opt[bool]          `json:"RetargetOnlyIfInDutyProfile,omitzero"`
	RecordingType               core.Opt[RecordingType] `json:"RecordingType,omitzero"`
	// Traits are the user's skills, Profiles its work modes, Roles its rights. Each
	// is a whole list: a write replaces it. Nil is left out; a null that was read is in
	// Extra, and sent back.
	Traits   []Trait   `json:"Traits,omitzero"`
	Profiles []Profile `json:"Profiles,omitzero"`
	Roles    []Role    `json:"Roles,omitzero"`
	// IsSelectable is the system's own verdict: the user can receive work now.
	IsSelectable core.Opt[bool] `json:"IsSelectable,omitzero"`
	// Presence is what colleagues see, from whatever member the server has for it
	// (Dialect.PresenceNames); it is read only, and the member stays in Extra.
	Presence PresenceState `json:"-"`
	// Extra holds fields this package does not know; they are sent back untouched.
	Extra core.Extra `json:"-"`
}

// Trait is a skill, which must exist.
type Trait struct {
	// TraitNode is a path from the root, "Language/English".
	TraitNode string `json:"TraitNode"`
	// Attribute is the level, customer defined, such as "Native".
	Attribute core.Opt[string] `json:"Attribute,omitzero"`
	Extra     core.Extra       `json:"-"`
}

// Profile is a duty profile, a named work mode.
type Profile struct {
	Name string `json:"Name"`
	// Responsibilities order the user among others with the same trait. Nil is sent
	// as null, which a profile of being off duty has; an empty list stays one.
	Responsibilities []Responsibility `json:"Responsibilities"`
	Extra            core.Extra       `json:"-"`
}

// Responsibility is the weight of a trait in a profile.
type Responsibility struct {
	TraitNode      string              `json:"TraitNode"`
	Responsibility ResponsibilityLevel `json:"Responsibility"`
	Extra          core.Extra          `json:"-"`
}

// Role is a right within an organization unit. A user without roles can do
// nothing.
type Role struct {
	// OrganizationUnit is a path from the root, "System/Insurance Services".
	OrganizationUnit string     `json:"OrganizationUnit"`
	Role             RoleName   `json:"Role"`
	Permission       Permission `json:"Permission"`
	Extra            core.Extra `json:"-"`
}

// The values that were seen of each enumeration. All of them are open: another
// value is kept as it came.
const (
	ExternalConversations ConversationAsService = "ExternalConversations"
	AllConversations      ConversationAsService = "AllConversations"
)

// NoRetarget is the one type that was seen.
const NoRetarget RetargetType = "NoRetarget"

// RecordingFull is the one type that was seen.
const RecordingFull RecordingType = "Full"

// ResponsibilityHigh is the one level that was seen.
const ResponsibilityHigh ResponsibilityLevel = "High"

// RoleAdministratorAgent is the one role that was seen.
const RoleAdministratorAgent RoleName = "AdministratorAgent"

// Allow is the one permission that was seen.
const Allow Permission = "Allow"

type (
	// ConversationAsService says which conversations count as work.
	ConversationAsService string
	// RetargetType says what becomes of a conversation that the user does not take.
	RetargetType string
	// RecordingType says what is recorded.
	RecordingType string
	// ResponsibilityLevel is the weight of a trait.
	ResponsibilityLevel string
	// RoleName is the name of a role.
	RoleName string
	// Permission says what a role's entry does.
	Permission string
	// NotSelectableReason is why the system does not select the user; no value of it
	// is documented.
	NotSelectableReason string
)

// UnmarshalJSON implements json.Unmarshaler: see User.
func (u *User) UnmarshalJSON(data []byte) error { return loose(data, u, &u.Extra) }

// UnmarshalJSON implements json.Unmarshaler.
func (t *Trait) UnmarshalJSON(data []byte) error { return loose(data, t, &t.Extra) }

// UnmarshalJSON implements json.Unmarshaler.
func (p *Profile) UnmarshalJSON(data []byte) error { return loose(data, p, &p.Extra) }

// UnmarshalJSON implements json.Unmarshaler.
func (r *Responsibility) UnmarshalJSON(data []byte) error { return loose(data, r, &r.Extra) }

// UnmarshalJSON implements json.Unmarshaler.
func (r *Role) UnmarshalJSON(data []byte) error { return loose(data, r, &r.Extra) }

// Routable says whether work can reach the user now: it is selectable and not
// blocked. Nothing else counts: an agent may be busy and selectable, or online and
// not. Nil means that the server does not say.
func (u *User) Routable() *bool {
	selectable, says := u.IsSelectable.Get()
	blocked, saysBlocked := u.IsBlockedByLuwareApi.Get()
	switch {
	case says && !selectable, saysBlocked && blocked:
		return new(false)
	case says && saysBlocked:
		return new(true)
	}
	return nil
}

// Warnings says why the user will never be selected, as far as it can be told from
// what it lacks; nil where there is nothing to say.
func (u *User) Warnings() []string {
	var all []string
	for _, w := range []struct {
		lacks bool
		why   string
	}{
		{len(u.Roles) == 0, "no Roles: the user has no rights, not even to be an agent"},
		{len(u.Traits) == 0, "no Traits: no service that asks for a skill will select the user"},
		{len(u.Profiles) == 0, "no Profiles: the user has no duty profile to be on duty in"},
	} {
		if w.lacks {
			all = append(all, w.why)
		}
	}
	return all
}

// computed are the members that the server sets by itself.
var computed = []string{"Id", "IsSelectable", "IsBlockedByLuwareApi", "NotReadyReason", "NotSelectableReason"}

// writable returns a new user as it may be sent: without the fields that the server
// computes.
func (u User) writable(presenceNames []string) User {
	u.ID, u.IsSelectable, u.IsBlockedByLuwareApi = "", core.Opt[bool]{}, core.Opt[bool]{}
	u.NotReadyReason, u.NotSelectableReason = core.Opt[string]{}, core.Opt[NotSelectableReason]{}
	u.Extra = maps.Clone(u.Extra)
	maps.DeleteFunc(u.Extra, func(name string, _ json.RawMessage) bool {
		same := func(other string) bool { return strings.EqualFold(name, other) }
		return slices.ContainsFunc(computed, same) || slices.ContainsFunc(presenceNames, same)
	})
	return u
}

// clone returns a copy that shares nothing that a change could alter.
func (u *User) clone() *User {
	w := *u
	w.Traits, w.Profiles, w.Roles = slices.Clone(u.Traits), slices.Clone(u.Profiles), slices.Clone(u.Roles)
	for i := range w.Profiles {
		w.Profiles[i].Responsibilities = slices.Clone(w.Profiles[i].Responsibilities)
	}
	w.Extra = maps.Clone(u.Extra)
	return &w
}

// lacking names the lists that the server omits, not even sending null: a replacement
// without them would delete their content.
func (u *User) lacking() (names []string) {
	for _, list := range []struct {
		name string
		none bool
	}{{"Traits", u.Traits == nil}, {"Profiles", u.Profiles == nil}, {"Roles", u.Roles == nil}} {
		if _, null := lookUp(u.Extra, list.name); list.none && !null {
			names = append(names, list.name)
		}
	}
	return names
}
