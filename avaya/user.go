package avaya

import (
	"bytes"
	"encoding/json"
	"slices"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/wire"
)

// User is an agent, supervisor or administrator. When read it is the effective
// user: fields of its profile stand where it has none of its own, and nothing
// tells the two apart.
type User struct {
	// UserID is assigned by the server.
	UserID string `json:"userId,omitzero"`
	// OrganizationNodeID is the account's id or that of a node below it: six letters.
	OrganizationNodeID string `json:"organizationNodeId,omitzero"`
	// LoginID is e-mail shaped, at most 255 long and unique.
	LoginID   string `json:"loginId,omitzero"`
	FirstName string `json:"firstName,omitzero"` // 2..255
	LastName  string `json:"lastName,omitzero"`  // 2..255
	// Password is sent and never read. It is also subject to the account's
	// password policy, which is checked after the answer: see Settle.
	Password    core.Secret      `json:"password,omitzero"`
	DisplayName core.Opt[string] `json:"displayName,omitzero"` // 2..510
	EmailID     core.Opt[string] `json:"emailId,omitzero"`     // unique
	// ProfileID names the profile that the user takes fields from; six characters.
	ProfileID          core.Opt[string] `json:"profileId,omitzero"`
	MemberOfGroups     []string         `json:"memberOfGroups,omitzero"`     // at most 50
	OwnedGroups        []string         `json:"ownedGroups,omitzero"`        // at most 50, for supervisors
	Roles              []string         `json:"roles,omitzero"`              // at most 11; assigned all or none
	ResourcePartitions []string         `json:"resourcePartitions,omitzero"` // at most 10
	Addresses          []Address        `json:"addresses,omitzero"`
	AccountAddresses   []AccountAddress `json:"accountAddresses,omitzero"`
	Features           *Features        `json:"features,omitzero"`
	// UXProfileID comes from the profile and is not sent back.
	UXProfileID core.Opt[string] `json:"uxProfileId,omitzero"`
	// Extra holds fields this package does not know; they are sent back untouched.
	Extra core.Extra `json:"-"`
}

// The roles of the vendor page "Users"; an account may have others.
const (
	RoleAdministrator                       = "Administrator"
	RoleAgent                               = "Agent"
	RoleBusinessAnalyst                     = "Business Analyst"
	RoleHistoricalReportingAdvanced         = "Historical Reporting_Advanced"
	RoleHistoricalReportingBasic            = "Historical Reporting_Basic"
	RoleHistoricalReportingConsumer         = "Historical Reporting_Consumer"
	RoleReporting                           = "Reporting"
	RoleReportingAdministrator              = "Reporting_Administrator"
	RoleReportingSupervisor                 = "Reporting_Supervisor"
	RoleSupervisor                          = "Supervisor"
	RoleWorkspacesAdminWidgetsAdministrator = "Workspaces Admin Widgets Administrator"
)

// Address is where a user works. One with an AddressID is kept or changed by a
// write, one without is created.
type Address struct {
	AddressID         string           `json:"addressId,omitzero"`
	AddressName       core.Opt[string] `json:"addressName,omitzero"`
	AddressType       core.Opt[string] `json:"addressType,omitzero"`
	AddressTypeNumber core.Opt[string] `json:"addressTypeNumber,omitzero"`
	StreetNumber      core.Opt[string] `json:"streetNumber,omitzero"`
	StreetName        core.Opt[string] `json:"streetName,omitzero"`
	City              core.Opt[string] `json:"city,omitzero"`
	State             core.Opt[string] `json:"state,omitzero"`
	CountryCode       core.Opt[string] `json:"countryCode,omitzero"`
	Zip               core.Opt[string] `json:"zip,omitzero"`
	IsDefault         core.Opt[bool]   `json:"isDefault,omitzero"`
	Extra             core.Extra       `json:"-"`
}

// AccountAddress refers to an address of the account.
type AccountAddress struct {
	AddressID string         `json:"addressId,omitzero"`
	IsDefault core.Opt[bool] `json:"isDefault,omitzero"`
	Extra     core.Extra     `json:"-"`
}

// writable returns the user as it may be sent: without what only the server sets.
func (u User) writable() User {
	u.UserID, u.UXProfileID = "", core.Opt[string]{}
	u.Features = u.Features.writable()
	return u
}

// members returns what may be sent of a user, by wire name.
func (u *User) members() map[string]json.RawMessage { return wire.Members(u.writable()) }

// unrouted returns the user without routing that holds neither queues nor skills.
func (u User) unrouted() *User {
	if f := u.Features; f != nil && f.Matching != nil && len(f.Matching.Queues)+len(f.Matching.Attributes)+len(f.Matching.Extra) == 0 {
		without := *f
		without.Matching = nil
		u.Features = &without
	}
	return &u
}

// copy returns a user that shares nothing with this one.
func (u *User) copy() (*User, error) {
	doc, err := wire.Marshal(u)
	if err != nil {
		return nil, err
	}
	out := new(User)
	return out, wire.Unmarshal(doc, out)
}

// fields returns the wire form of the fields that a profile can give, without what the
// server assigns to each user and in a fixed order.
func (u *User) fields() map[string][]byte {
	return canonical(u.Roles, u.MemberOfGroups, u.ResourcePartitions, u.Features, u.Extra)
}

// background is the part of a user that the vendor carries out later, in a form to
// compare. It includes a password: its policy is checked later too.
func (u *User) background() map[string][]byte {
	b := canonical(u.Roles, nil, u.ResourcePartitions, u.Features, nil)
	for name, text := range map[string]string{"profileId": u.ProfileID.Or(""), "password": u.Password.Reveal()} {
		if text != "" {
			b[name] = []byte(text)
		}
	}
	return b
}

func canonical(roles, groups, partitions []string, features *Features, extra core.Extra) map[string][]byte {
	out := map[string][]byte{}
	put := func(name string, v any) {
		if raw, err := wire.Marshal(v); err == nil {
			out[name] = raw
		}
	}
	for name, set := range map[string][]string{"roles": roles, "memberOfGroups": groups, "resourcePartitions": partitions} {
		if len(set) > 0 {
			put(name, slices.Sorted(slices.Values(set)))
		}
	}

	if features != nil {
		put("features", features.writable().sorted())
	}
	for name, raw := range extra {
		out[name] = bytes.TrimSpace(raw)
	}
	return out
}
