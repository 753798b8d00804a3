package liveperson

import (
	"bytes"
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/wire"
)

// User is a person or a bot: agent, agent manager, administrator, campaign
// manager, or API user. What it is follows from its profiles.
//
// Opt fields tell absent, null and empty apart, because a replacement must. The
// vendor's samples show numbers and booleans as strings; both are read, and what
// is sent has the documented types.
type User struct {
	// ID is assigned by the server.
	ID int64 `json:"id,omitzero"`
	// PID is the public id, a UUID; the vendor's text calls it a process id.
	PID     core.Opt[string] `json:"pid,omitzero"`
	Deleted core.Opt[bool]   `json:"deleted,omitzero"` // read only
	// LoginName is unique and cannot be changed once the user exists.
	LoginName string `json:"loginName,omitzero"`
	// FullName is required in every write, and blank in every answer: see
	// WithBlankFullName.
	FullName core.Opt[string] `json:"fullName,omitzero"`
	Nickname core.Opt[string] `json:"nickname,omitzero"` // required; visitors see it
	// PasswordSh is sent and never read: what a server returns here (old versions
	// return a hash) is dropped, because sending it back would set the password
	// to it. Required to create a user who is not an API user; set it in an update
	// to change the password.
	PasswordSh core.Secret    `json:"passwordSh,omitzero"`
	IsEnabled  core.Opt[bool] `json:"isEnabled,omitzero"` // required
	// MaxChats is how many chats the user can take at a time; required.
	MaxChats   core.Opt[int64]  `json:"maxChats,omitzero"`
	Email      core.Opt[string] `json:"email,omitzero"` // required
	PictureID  core.Opt[string] `json:"pictureId,omitzero"`
	PictureURL core.Opt[string] `json:"pictureUrl,omitzero"`
	// DisabledManually is the opposite of IsEnabled; a change of the one changes
	// the other with it.
	DisabledManually core.Opt[bool] `json:"disabledManually,omitzero"`
	SkillIDs         IDs            `json:"skillIds,omitzero"`
	// ProfileIDs decide the roles; required, at most four, and one for each role.
	ProfileIDs         IDs            `json:"profileIds,omitzero"`
	LOBIDs             IDs            `json:"lobIds,omitzero"`
	ChangePwdNextLogin core.Opt[bool] `json:"changePwdNextLogin,omitzero"`
	// MemberOf is the one agent group of an agent; required of agents.
	MemberOf *Membership `json:"memberOf,omitzero"`
	// ManagerOf are the agent groups that an agent manager manages.
	ManagerOf        []Membership     `json:"managerOf,omitzero"`
	PermissionGroups IDs              `json:"permissionGroups,omitzero"`
	Description      core.Opt[string] `json:"description,omitzero"`
	MobileNumber     core.Opt[string] `json:"mobileNumber,omitzero"`
	// EmployeeID may be blank when read, as FullName is.
	EmployeeID core.Opt[string] `json:"employeeId,omitzero"`
	// MaxAsyncChats is how many messaging conversations the user can take at a
	// time; null inherits the account's default.
	MaxAsyncChats core.Opt[int64]  `json:"maxAsyncChats,omitzero"`
	BackgndImgURI core.Opt[string] `json:"backgndImgUri,omitzero"`
	PnCertName    core.Opt[string] `json:"pnCertName,omitzero"` // the mobile app's id
	// DateUpdated and LastPwdChangeDate are the server's.
	DateUpdated       core.Opt[Date] `json:"dateUpdated,omitzero"`
	LastPwdChangeDate core.Opt[Date] `json:"lastPwdChangeDate,omitzero"`
	// IsAPIUser says that the user logs in by key and has no password.
	IsAPIUser core.Opt[bool] `json:"isApiUser,omitzero"`
	// UserTypeID is one of the UserType constants; human unless set.
	UserTypeID core.Opt[int64] `json:"userTypeId,omitzero"`
	// AllowedAppKeys is one text, despite its name. An API user needs this or
	// OAuth2ClientID.
	AllowedAppKeys core.Opt[string] `json:"allowedAppKeys,omitzero"`
	OAuth2ClientID core.Opt[string] `json:"oauth2ClientId,omitzero"` // from version 6.0
	// Revision is that of all users at the time of the read, which a write goes
	// out under. It is not part of the user.
	Revision Revision[User] `json:"-"`
	// Extra holds fields this package does not know; they are sent back untouched.
	Extra core.Extra `json:"-"`
}

// The types of users.
const (
	UserTypeSystem int64 = 0
	UserTypeHuman  int64 = 1
	UserTypeBot    int64 = 2
)

// IDs is a list of ids. An element that was null is NullID, and goes back as null.
type IDs []int64

// NullID stands in IDs for a null, which is the id of nothing: leave it out before you
// look ids up, and keep it in what you write back.
const NullID int64 = math.MinInt64

// UnmarshalJSON implements json.Unmarshaler.
func (ids *IDs) UnmarshalJSON(data []byte) error {
	if bytes.IndexByte(data, 'n') < 0 {
		return wire.Unmarshal(data, (*[]int64)(ids))
	}
	var elements []core.Opt[int64]
	if err := wire.Unmarshal(data, &elements); err != nil || elements == nil {
		*ids = nil
		return err
	}

	*ids = make(IDs, len(elements))
	for i, e := range elements {
		(*ids)[i] = e.Or(NullID)
	}
	return nil
}

// MarshalJSON implements json.Marshaler.
func (ids IDs) MarshalJSON() ([]byte, error) {
	if !slices.Contains(ids, NullID) {
		return wire.Marshal([]int64(ids))
	}
	elements := make([]core.Opt[int64], len(ids))
	for i, id := range ids {
		if id != NullID {
			elements[i] = core.Set(id)
		}
	}
	return wire.Marshal(elements)
}

// Membership ties a user to an agent group. The main group's id is -1.
type Membership struct {
	AgentGroupID   core.Opt[int64] `json:"agentGroupId,omitzero"`
	AssignmentDate core.Opt[Date]  `json:"assignmentDate,omitzero"` // read only
	Extra          core.Extra      `json:"-"`

	null bool // read as null, in a list
}

// UnmarshalJSON implements json.Unmarshaler.
func (m *Membership) UnmarshalJSON(data []byte) error {
	if *m = (Membership{}); string(data) == "null" {
		m.null = true
		return nil
	}
	return wire.UnmarshalFields(data, m)
}

// MarshalJSON implements json.Marshaler: a null of a list goes back as one.
func (m Membership) MarshalJSON() ([]byte, error) {
	if m.null && m.AgentGroupID.IsZero() && len(m.Extra) == 0 {
		return []byte("null"), nil
	}
	return wire.MarshalFields(&m)
}

// Date is a time as the vendor writes it, "2015-06-22 19:20:03", in a zone that
// it does not state. The text is kept as it came: the documentation's own sample
// has a placeholder here.
type Date string

// dateForms are the forms that were seen: in entities, in the old delta queries,
// and of neighbouring APIs.
var dateForms = []string{time.DateTime, "Jan 2, 2006 3:04:05 PM", time.RFC3339, "2006-01-02 15:04:05.999-0700"}

// Time reads the date, as UTC where it names no zone, and reports whether it is
// one.
func (d Date) Time() (time.Time, bool) {
	text := strings.TrimSpace(string(d))
	for _, form := range dateForms {
		if t, err := time.Parse(form, text); err == nil {
			return t, true
		}
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil && n > 1e11 && n < 1e14 {
		return time.UnixMilli(n).UTC(), true
	}
	return time.Time{}, false
}

// MarshalJSON implements json.Marshaler: the milliseconds that some services have
// for a date go back as the number that they came as.
func (d Date) MarshalJSON() ([]byte, error) {
	if len(d) == 12 || len(d) == 13 {
		if n, err := strconv.ParseUint(string(d), 10, 64); err == nil && strconv.FormatUint(n, 10) == string(d) {
			return []byte(d), nil
		}
	}
	return wire.Marshal(string(d))
}

// placeholder reports a text that stands for a date in the documentation's samples, and
// is not a date in any notation.
func (d Date) placeholder() bool { return !strings.ContainsAny(string(d), "0123456789") }

// received prepares a user from the server for the caller: without passwords, hashed or
// not, and with the revision it came with.
func (u *User) received(revision Revision[User]) {
	u.PasswordSh = core.Secret{}
	for _, name := range passwords {
		delete(u.Extra, name)
	}
	u.Revision = revision
}

// passwords are the members that must never be echoed.
var passwords = []string{"passwordSh", "oldPassword", "confirmPassword"}

// writable returns the user as it may be sent: everything that was read, except
//
//   - passwords, unless PasswordSh was set by the caller; a replacement says null
//     where it is to stay, as the vendor's table has it;
//   - deleted and assignmentDate, which the vendor's table calls read only;
//   - a date that is a placeholder.
//
// pid, dateUpdated and lastPwdChangeDate are the server's own too, as far as can
// be told. The table does not call them read only, and of what it does not call
// so it says that what is missing is deleted: they are sent as they were read.
// The one exception is lastPwdChangeDate beside a new password.
func (u User) writable(replace bool) User {
	u.Deleted = core.Opt[bool]{}
	extra := maps.Clone(u.Extra)
	for _, name := range append(passwords, "deleted") {
		delete(extra, name)
	}

	if replace && u.PasswordSh.IsZero() {
		if extra == nil {
			extra = core.Extra{}
		}
		extra["passwordSh"] = json.RawMessage("null")
	}

	u.Extra = extra

	for _, d := range []*core.Opt[Date]{&u.DateUpdated, &u.LastPwdChangeDate} {
		if v, ok := d.Get(); ok && v.placeholder() {
			*d = core.Opt[Date]{}
		}
	}

	if !u.PasswordSh.IsZero() {
		u.LastPwdChangeDate = core.Opt[Date]{}
	}
	if u.MemberOf != nil {
		m := u.MemberOf.writable()
		u.MemberOf = &m
	}

	u.ManagerOf = slices.Clone(u.ManagerOf)
	for i, m := range u.ManagerOf {
		u.ManagerOf[i] = m.writable()
	}
	return u
}

func (m Membership) writable() Membership {
	m.AssignmentDate = core.Opt[Date]{}
	return m
}

// clone returns a copy that shares nothing that a change could alter.
func (u *User) clone() *User {
	w := *u
	w.SkillIDs, w.ProfileIDs, w.LOBIDs = slices.Clone(u.SkillIDs), slices.Clone(u.ProfileIDs), slices.Clone(u.LOBIDs)
	w.PermissionGroups, w.ManagerOf = slices.Clone(u.PermissionGroups), slices.Clone(u.ManagerOf)
	w.Extra = maps.Clone(u.Extra)
	if u.MemberOf != nil {
		m := *u.MemberOf
		w.MemberOf = &m
	}
	return &w
}

// nulls counts the nulls in the lists of a user: an answer with more of them than were
// sent makes no sense.
func (u *User) nulls() int {
	n := 0
	for _, ids := range []IDs{u.SkillIDs, u.ProfileIDs, u.LOBIDs, u.PermissionGroups} {
		for _, id := range ids {
			if id == NullID {
				n++
			}
		}
	}

	for _, m := range u.ManagerOf {
		if m.null {
			n++
		}
	}
	return n
}

// isComplete reports an answer with the whole user: a write that builds on a part would
// delete the rest.
func (u *User) isComplete() bool {
	return u.ProfileIDs != nil || !u.IsEnabled.IsZero() || !u.Nickname.IsZero() || !u.Email.IsZero()
}

// groupOf returns the id of the user's agent group, or none.
func groupOf(u *User) []int64 {
	if u.MemberOf == nil {
		return nil
	}
	return groupIDs([]Membership{*u.MemberOf})
}

func groupIDs(ms []Membership) []int64 {
	ids := make([]int64, 0, len(ms))
	for _, m := range ms {
		if id, ok := m.AgentGroupID.Get(); ok {
			ids = append(ids, id)
		}
	}
	return ids
}
