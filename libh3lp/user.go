package libh3lp

import "github.com/rollcall-go/rollcall/core"

// User is a staff account, as on the vendor page "Users".
type User struct {
	ID   int64  `json:"id"`
	Type string `json:"type,omitzero"`
	// Name is the login and the node of the JID.
	Name string `json:"name"`
	// Email is where transcripts and password resets go; null where there is none.
	Email core.Opt[string] `json:"email,omitzero"`
	// Show is the availability as of this answer, Status the free text beside it.
	Show   Show   `json:"show,omitzero"`
	Status string `json:"status"`
	// Extra holds fields this package does not know.
	Extra core.Extra `json:"-"`
}

func (u *User) key() (int64, string, string) { return u.ID, u.Type, u.Name }

// NewUser is a user to be made.
type NewUser struct {
	// Name is required; see CheckName.
	Name string `json:"name"`
	// Password is required.
	Password core.Secret `json:"password"`
	// ParentID is the folder to make the user in, the top level unless set. It is
	// not documented.
	ParentID core.Opt[int64] `json:"parent_id,omitzero"`
	// Extra holds further fields, by their wire name.
	Extra core.Extra `json:"-"`
}

// UserUpdate names what to change about a user. What is left out stays.
type UserUpdate struct {
	// Name renames; see CheckName. The page does not promise that the vendor does.
	Name core.Opt[string] `json:"name,omitzero"`
	// Email decides who can reset the password by mail.
	Email core.Opt[string] `json:"email,omitzero"`
	// Password is never shown, so that nobody can see whether it was taken.
	Password core.Secret `json:"password,omitzero"`
	// Extra holds further fields, by their wire name.
	Extra core.Extra `json:"-"`
}
