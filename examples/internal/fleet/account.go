package fleet

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
)

// Member is an account of a fleet: a name and the vendor that it is at. The settings of one
// with a name of its own are the vendor's variables with that name before them.
type Member struct {
	Name   string
	Vendor Vendor
	// Settings are its settings where they do not come from the environment, by the names
	// of the vendor's variables, and From says where they come from.
	Settings map[string]string
	From     string
}

// Identity tells the account from others of the same vendor, without a secret: by the
// variables that hold an address, an id or a user's name.
func (m Member) Identity(getenv func(string) string) string {
	var text strings.Builder
	text.WriteString(m.Name)
	for name := range strings.FieldsSeq(m.Vendor.Env) {
		name = strings.Trim(name, "[],")
		for _, end := range []string{"_URL", "_ID", "_USERNAME"} {
			if strings.HasSuffix(name, end) {
				text.WriteString("|" + getenv(m.prefix()+name))
			}
		}
	}
	return text.String()
}

// prefix is what the names of the account's variables begin with.
func (m Member) prefix() string {
	if m.Name == m.Vendor.Name || m.Settings != nil {
		return ""
	}
	return strings.ToUpper(m.Name) + "_"
}

// ParseMembers reads who belongs to a fleet: vendors, separated by commas, and accounts
// as NAME=VENDOR.
func ParseMembers(vendors string, accounts []string) ([]Member, error) {
	var members []Member
	add := func(name, vendor string) error {
		v, err := Named(vendor)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(members, func(m Member) bool { return strings.EqualFold(m.Name, name) }) {
			return fmt.Errorf("there are two accounts called %s", name)
		}
		members = append(members, Member{Name: name, Vendor: v})
		return nil
	}

	if vendors != "" {
		for name := range strings.SplitSeq(vendors, ",") {
			if err := add(name, name); err != nil {
				return nil, err
			}
		}
	}

	for _, text := range accounts {
		name, vendor, ok := strings.Cut(text, "=")
		if !ok || name == "" || strings.ContainsFunc(name, func(r rune) bool { return !isNameRune(r) }) {
			return nil, fmt.Errorf("%q is not NAME=VENDOR with a name of letters, digits and _", text)
		}
		if err := add(name, vendor); err != nil {
			return nil, err
		}
	}

	if len(members) == 0 {
		_, err := Named("")
		return nil, err
	}
	return members, nil
}

func isNameRune(r rune) bool {
	return r == '_' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
}

// Open opens the stores of a fleet before anything is done at any of them. End closes
// them all.
func Open(members []Member, s Settings, sim bool) (f roster.Fleet, end func(context.Context), err error) {
	f = roster.Fleet{}
	var ends []func(context.Context)
	end = func(ctx context.Context) {
		for _, done := range ends {
			done(ctx)
		}
	}

	for _, m := range members {
		s.Account = m.Name
		if s.Govern != nil {
			s.Governor = s.Govern(m)
		}
		store, done, err := m.Connect(s, sim)
		if err != nil {
			end(context.Background())
			return nil, nil, err
		}
		ends = append(ends, done)
		f[m.Name] = store
	}
	return f, end, nil
}

// Connect opens the store of one account, with the account's own settings.
func (m Member) Connect(s Settings, sim bool) (core.Store, func(context.Context), error) {
	s.Prefix, s.From = m.prefix(), m.From
	if m.Settings != nil {
		s.Getenv = func(name string) string { return m.Settings[name] }
	}

	store, end, err := m.Vendor.Connect(s, sim)
	if err != nil && s.Prefix != "" {
		err = fmt.Errorf("account %s, whose variables begin with %s: %w", m.Name, s.Prefix, err)
	}
	return store, end, err
}
