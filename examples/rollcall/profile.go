package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/rollcall-go/rollcall/examples/internal/fleet"
	"github.com/rollcall-go/rollcall/examples/internal/meant"
)

// config is the file that ROLLCALL_CONFIG names. It holds no secret.
type config struct {
	path     string
	Profiles map[string]profile `json:"profiles"`
}

// profile is a set of accounts with their settings.
type profile struct {
	Accounts map[string]profileAccount `json:"accounts"`
}

// profileAccount is one account of a profile.
type profileAccount struct {
	Vendor   string             `json:"vendor"`
	Settings map[string]setting `json:"settings"`
	// Rate is the limit of the account, PER_SECOND or PER_SECOND/BURST.
	Rate string `json:"rate"`
}

// setting is where the value of a setting is: here, in a variable of the environment, or
// in what a command prints.
type setting struct {
	value   *string
	env     string
	command []string
}

// UnmarshalJSON reads "value", {"env": NAME} or {"command": [PROGRAM, ARGUMENT...]}.
func (s *setting) UnmarshalJSON(data []byte) error {
	var text *string
	if json.Unmarshal(data, &text) == nil && text != nil {
		s.value = text
		return nil
	}

	var from struct {
		Env     string   `json:"env"`
		Command []string `json:"command"`
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&from); err != nil || (from.Env == "") == (len(from.Command) == 0) {
		return errors.New(`a setting is "TEXT", {"env": "VARIABLE"} or {"command": ["PROGRAM", "ARGUMENT"]}`)
	}
	s.env, s.command = from.Env, from.Command
	return nil
}

// readConfig reads the file that ROLLCALL_CONFIG names, and refuses what it does not know.
func readConfig(getenv func(string) string) (*config, error) {
	path := getenv("ROLLCALL_CONFIG")
	if path == "" {
		return nil, usagef("a profile is in the file that ROLLCALL_CONFIG names, and that is not set")
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, usagef("ROLLCALL_CONFIG: %v", err)
	}
	defer f.Close()

	const maxConfig = 1 << 20
	data, err := io.ReadAll(io.LimitReader(f, maxConfig))
	if err != nil {
		return nil, usagef("ROLLCALL_CONFIG: %v", err)
	}
	c, err := parseConfig(data)
	if err == nil && c.runs() {
		err = onlyOurs(f)
	}
	if err != nil {
		return nil, usagef("%s: %v", path, err)
	}
	c.path = path
	return c, nil
}

// parseConfig reads profiles. Whatever is wrong in the file is said before any of it is
// used, also of profiles that are not asked for.
func parseConfig(data []byte) (*config, error) {
	if err := onceEach(data); err != nil {
		return nil, err
	}
	var c config
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&c); err != nil {
		return nil, fmt.Errorf("it is not a file of profiles: %w", err)
	}

	for _, name := range slices.Sorted(maps.Keys(c.Profiles)) {
		p := c.Profiles[name]
		if name == "" || len(p.Accounts) == 0 {
			return nil, fmt.Errorf("profile %q has no accounts", name)
		}
		for _, account := range slices.Sorted(maps.Keys(p.Accounts)) {
			if err := p.Accounts[account].check(account); err != nil {
				return nil, fmt.Errorf("profile %q, account %q: %w", name, account, err)
			}
		}
	}
	return &c, nil
}

// check refuses an account that cannot be meant, and a secret that stands in the file.
func (a profileAccount) check(name string) error {
	if _, err := fleet.ParseMembers("", []string{name + "=" + a.Vendor}); err != nil {
		return err
	}

	v, err := fleet.Named(a.Vendor)
	if err != nil {
		return err
	}
	if a.Rate != "" {
		if _, err := fleet.ParseRate(name + "=" + a.Rate); err != nil {
			return fmt.Errorf("rate %q: it is PER_SECOND or PER_SECOND/BURST", a.Rate)
		}
	}

	for _, variable := range slices.Sorted(maps.Keys(a.Settings)) {
		s := a.Settings[variable]
		switch {
		case !slices.Contains(v.Variables(), variable):
			return fmt.Errorf("%s has no setting %s%s", v.Name, variable, meant.Perhaps(variable, v.Variables(), nil))
		case s.value != nil && slices.Contains(v.Secrets, variable):
			return fmt.Errorf(`%s is a secret, and none stands in this file: name a variable, {"env": "VARIABLE"}, or a command that prints it, `+
				`{"command": ["PROGRAM", "ARGUMENT"]}`, variable)
		case s.value == nil && s.env == "" && len(s.command) == 0:
			return fmt.Errorf("%s has no value", variable)
		case len(s.command) > 0:
			if err := checkCommand(s.command); err != nil {
				return fmt.Errorf("%s: %w", variable, err)
			}
		}
	}
	return nil
}

// runs reports whether a setting is what a command prints.
func (c *config) runs() bool {
	for _, p := range c.Profiles {
		for _, a := range p.Accounts {
			for _, s := range a.Settings {
				if len(s.command) > 0 {
					return true
				}
			}
		}
	}
	return false
}

// profileOf returns the profile that the command line or the environment names, nil where
// none is.
func (c *command) profileOf(getenv func(string) string) (*profile, string, error) {
	name := cmp.Or(c.profile, getenv("ROLLCALL_PROFILE"))
	if name == "" {
		return nil, "", nil
	}
	file, err := readConfig(getenv)
	if err != nil {
		return nil, "", err
	}
	p, ok := file.Profiles[name]
	if !ok {
		names := slices.Sorted(maps.Keys(file.Profiles))
		return nil, "", usagef("%s has no profile %q; there are %s%s", file.path, name, strings.Join(names, ", "),
			meant.Perhaps(name, names, nil))
	}
	return &p, name, nil
}

// onceEach refuses a member that stands twice in one object: one of the two would be
// dropped in silence.
func onceEach(data []byte) error {
	d := json.NewDecoder(bytes.NewReader(data))
	var seen []map[string]bool // one for each object that is open, nil for a list
	key := false               // the next text is the name of a member
	for {
		t, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("it is not JSON: %w", err)
		}

		switch t := t.(type) {
		case json.Delim:
			switch t {
			case '{':
				seen = append(seen, map[string]bool{})
			case '[':
				seen = append(seen, nil)
			default:
				seen = seen[:len(seen)-1]
			}
			key = len(seen) > 0 && seen[len(seen)-1] != nil
			continue
		case string:
			if key {
				if seen[len(seen)-1][t] {
					return fmt.Errorf("%q stands there twice", t)
				}
				seen[len(seen)-1][t], key = true, false
				continue
			}
		}

		key = len(seen) > 0 && seen[len(seen)-1] != nil
	}
}
