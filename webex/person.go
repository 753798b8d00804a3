package webex

import (
	"maps"
	"slices"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/evidence"
)

// Person is a user of an organisation, as on the vendor page "People".
//
// Opt fields tell absent, null and empty apart, because a replacement must. Which
// fields are there depends on who asks and how: roles, licences and LoginEnabled
// are for administrators, Extension, LocationID and the numbers of calling users
// come with calling data only, and presence may be missing for many reasons.
type Person struct {
	// ID is assigned by the server.
	ID ID `json:"id,omitzero"`
	// Emails are the addresses. Create takes one. In a replacement the first is the
	// login; the order in which several are read is not promised: see Login.
	Emails []string `json:"emails,omitzero"`
	// PhoneNumbers of type work can be set, for calling users. The others that come
	// with them are the vendor's, and go back as they were read.
	PhoneNumbers []PhoneNumber `json:"phoneNumbers,omitzero"`
	// Extension is without the location's routing prefix.
	Extension core.Opt[string] `json:"extension,omitzero"`
	// LocationID can be set when a calling licence is first given, and never again.
	LocationID  core.Opt[ID]     `json:"locationId,omitzero"`
	DisplayName core.Opt[string] `json:"displayName,omitzero"` // required in a replacement
	FirstName   core.Opt[string] `json:"firstName,omitzero"`
	LastName    core.Opt[string] `json:"lastName,omitzero"` // "." where there is none
	// NickName becomes FirstName with every replacement, whatever is sent.
	NickName core.Opt[string] `json:"nickName,omitzero"`
	Avatar   core.Opt[string] `json:"avatar,omitzero"` // URL
	OrgID    core.Opt[ID]     `json:"orgId,omitzero"`
	// Roles and Licenses are ids. Licences that cannot be given are skipped by the
	// vendor without a word.
	Roles      []ID             `json:"roles,omitzero"`
	Licenses   []ID             `json:"licenses,omitzero"`
	Department core.Opt[string] `json:"department,omitzero"`
	Manager    core.Opt[string] `json:"manager,omitzero"`
	ManagerID  core.Opt[ID]     `json:"managerId,omitzero"`
	Title      core.Opt[string] `json:"title,omitzero"`
	Addresses  []Address        `json:"addresses,omitzero"`
	SiteURLs   []string         `json:"siteUrls,omitzero"` // mysite.webex.com#attendee
	// LoginEnabled says whether the person may log in: the switch of a block. It is
	// sent back as it was read.
	LoginEnabled core.Opt[bool] `json:"loginEnabled,omitzero"`

	// The fields below are the server's own, and never sent.

	Created      core.Opt[string] `json:"created,omitzero"` // 2015-10-18T14:26:16.000Z
	LastModified core.Opt[string] `json:"lastModified,omitzero"`
	Timezone     core.Opt[string] `json:"timezone,omitzero"`
	// LastActivity and Status are presence. Absent is not the same as unknown, and
	// not offline: see Store.Presence.
	LastActivity core.Opt[string] `json:"lastActivity,omitzero"`
	Status       core.Opt[Status] `json:"status,omitzero"`
	// SIPAddresses appear some time after a person was created.
	SIPAddresses      []SIPAddress     `json:"sipAddresses,omitzero"`
	XMPPFederationJID core.Opt[string] `json:"xmppFederationJid,omitzero"`
	InvitePending     core.Opt[bool]   `json:"invitePending,omitzero"`
	Type              core.Opt[string] `json:"type,omitzero"` // person, bot, appuser
	UserName          core.Opt[string] `json:"userName,omitzero"`
	AvatarProvided    core.Opt[bool]   `json:"avatarProvided,omitzero"`
	// Errors names the fields that a service behind the API could not give. Such a
	// person is not whole, and Modify refuses to write it back.
	Errors map[string]FieldError `json:"errors,omitzero"`

	// Extra holds fields this package does not know; they are sent back untouched.
	Extra core.Extra `json:"-"`
}

// PhoneNumber is a number of a person. Only those of type work can be set; also
// read: work_extension (with the routing prefix), mobile, fax, enterprise and more.
type PhoneNumber struct {
	Type    string           `json:"type,omitzero"`
	Value   core.Opt[string] `json:"value,omitzero"`
	Primary core.Opt[bool]   `json:"primary,omitzero"`
	Extra   core.Extra       `json:"-"`
}

// Address is where a person works.
type Address struct {
	Type          core.Opt[string] `json:"type,omitzero"`
	Country       core.Opt[string] `json:"country,omitzero"`
	Locality      core.Opt[string] `json:"locality,omitzero"`
	Region        core.Opt[string] `json:"region,omitzero"`
	StreetAddress core.Opt[string] `json:"streetAddress,omitzero"`
	PostalCode    core.Opt[string] `json:"postalCode,omitzero"`
	Extra         core.Extra       `json:"-"`
}

// SIPAddress is an address for calls: personal-room, enterprise or cloud-calling.
type SIPAddress struct {
	Type    string         `json:"type,omitzero"`
	Value   string         `json:"value,omitzero"`
	Primary core.Opt[bool] `json:"primary,omitzero"`
	Extra   core.Extra     `json:"-"`
}

// FieldError says why a field of a person could not be given.
type FieldError struct {
	Code   string     `json:"code,omitzero"`
	Reason string     `json:"reason,omitzero"`
	Extra  core.Extra `json:"-"`
}

// Status is the presence that a person shows. Cisco may add values without notice.
type Status string

// The values of the vendor page "People", whose case is as mixed as here.
const (
	StatusActive       Status = "active"
	StatusCall         Status = "call"
	StatusDoNotDisturb Status = "DoNotDisturb"
	StatusInactive     Status = "inactive" // for more than ten minutes
	StatusMeeting      Status = "meeting"
	StatusOutOfOffice  Status = "OutOfOffice"
	StatusPending      Status = "pending" // never logged in
	StatusPresenting   Status = "presenting"
	StatusUnknown      Status = "unknown"
)

// Login is the address that the person logs in with: UserName where it is shown, and
// else the first of the addresses.
func (p *Person) Login() string {
	if i := p.loginAt(); i >= 0 {
		return p.Emails[i]
	}
	if len(p.Emails) == 0 {
		return ""
	}
	return p.Emails[0]
}

// loginAt is the index of UserName among the addresses, or -1 if it is not shown.
func (p *Person) loginAt() int {
	name := p.UserName.Or("")
	return slices.IndexFunc(p.Emails, func(a string) bool { return name != "" && evidence.SameLogin(a, name) })
}

// knowsLogin reports whether it is clear which address is the login: the vendor does
// not promise the order of several.
func (p *Person) knowsLogin() bool { return len(p.Emails) < 2 || p.loginAt() >= 0 }

// setLogin makes an address the login. The others stay, except the former login; the
// new one may have been among them.
func (p *Person) setLogin(login string) {
	former := p.Login()
	others := slices.DeleteFunc(slices.Clone(p.Emails), func(a string) bool {
		return evidence.SameLogin(a, login) || evidence.SameLogin(a, former)
	})
	p.Emails = append([]string{login}, others...)
}

// ownFields are the server's own, and must not be sent.
var ownFields = []string{
	"id", "created", "lastModified", "timezone", "lastActivity", "status", "sipAddresses", "xmppFederationJid",
	"invitePending", "type", "userName", "avatarProvided", "errors",
}

// writable returns the person as it may be sent: everything that was read, except the
// server's own fields.
func (p Person) writable() Person {
	p.ID = ""
	p.Created, p.LastModified, p.Timezone, p.LastActivity = core.Opt[string]{}, core.Opt[string]{}, core.Opt[string]{}, core.Opt[string]{}
	p.XMPPFederationJID, p.Type, p.UserName = core.Opt[string]{}, core.Opt[string]{}, core.Opt[string]{}
	p.Status, p.InvitePending, p.AvatarProvided = core.Opt[Status]{}, core.Opt[bool]{}, core.Opt[bool]{}
	p.SIPAddresses, p.Errors = nil, nil
	if p.LoginEnabled.IsClear() {
		p.LoginEnabled = core.Opt[bool]{} // null showed nothing; a write needs a boolean
	}

	p.Extra = maps.Clone(p.Extra)
	for _, name := range ownFields {
		delete(p.Extra, name) // where it was null
	}
	return p
}

// withWorkNumbers returns the person with the numbers that can be set, and no others.
func (p Person) withWorkNumbers() Person {
	p.PhoneNumbers = slices.DeleteFunc(slices.Clone(p.PhoneNumbers), PhoneNumber.others)
	if len(p.PhoneNumbers) == 0 {
		p.PhoneNumbers = nil
	}
	return p
}

// withPlainNumbers returns the person with its work numbers in the form for writes:
// they are read back in other notations (+1-9195559876).
func (p Person) withPlainNumbers() Person {
	p.PhoneNumbers = slices.Clone(p.PhoneNumbers)
	for i, n := range p.PhoneNumbers {
		v := n.Value.Or("")
		if !n.others() && strings.HasPrefix(v, "+") && strings.Trim(v[1:], "0123456789-. ") == "" {
			p.PhoneNumbers[i].Value = core.Set("+" + digits(v))
		}
	}
	return p
}

func (n PhoneNumber) others() bool { return !strings.EqualFold(n.Type, numberWork) }

// numberWork is the type of the numbers that can be set.
const numberWork = "work"

// othersAreDerived reports whether all numbers that cannot be set are derived from the
// extension.
func (p *Person) othersAreDerived() bool {
	return !slices.ContainsFunc(p.PhoneNumbers, func(n PhoneNumber) bool {
		return n.others() && !n.derived()
	})
}

// derived reports a number that the vendor derives from the extension.
func (n PhoneNumber) derived() bool { return strings.EqualFold(n.Type, "work_extension") }

// key is the number in a form to compare: notations differ.
func (n PhoneNumber) key() string { return strings.ToLower(n.Type) + " " + digits(n.Value.Or("")) }

// otherNumbers are those that cannot be set, in a form to compare.
func (p *Person) otherNumbers() []string {
	var out []string
	for _, n := range p.PhoneNumbers {
		if n.others() {
			out = append(out, n.key())
		}
	}
	slices.Sort(out)
	return out
}

// clone returns a copy that shares nothing that a change could alter.
func (p *Person) clone() *Person {
	w := *p
	w.Emails, w.Roles, w.Licenses, w.SiteURLs = slices.Clone(p.Emails), slices.Clone(p.Roles), slices.Clone(p.Licenses),
		slices.Clone(p.SiteURLs)
	w.PhoneNumbers, w.Addresses, w.SIPAddresses = slices.Clone(p.PhoneNumbers), slices.Clone(p.Addresses), slices.Clone(p.SIPAddresses)
	w.Extra, w.Errors = maps.Clone(p.Extra), maps.Clone(p.Errors)
	return &w
}

// isComplete reports an answer with the whole person, who always has these two: with
// minResponse, or from a terse server, only the id comes back.
func (p *Person) isComplete() bool { return len(p.Emails) > 0 && p.DisplayName.IsSet() }
