package roster

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/rollcall-go/rollcall/core"
)

// Want says what should be. A want names people and fields one by one: what it does
// not name is left alone, and no empty value means "everybody" or "nothing".
type Want struct {
	// Have are people who should have a user.
	Have []Hire `json:"have,omitzero"`
	// Gone are people who should have none, and Blocked people who should get no work.
	Gone    []string `json:"gone,omitzero"`
	Blocked []string `json:"blocked,omitzero"`
	// Members says who should be linked to which target.
	Members []Members `json:"members,omitzero"`
	// Change changes fields, by person and account.
	Change map[string]map[string]core.UserChange `json:"change,omitzero"`
	// Until makes a lease of it: what was done is undone then.
	Until time.Time `json:"until,omitzero"`
}

// Hire is a person who should have a user at one account. Somebody who is there
// already is adopted: named fields that differ are changed, named links that are
// missing are added, and nothing is taken away.
type Hire struct {
	Person  string        `json:"person"`
	Account string        `json:"account"`
	Spec    core.UserSpec `json:"spec"`
	// Password is the name of the secret that is the first password.
	Password string            `json:"password,omitzero"`
	Links    []core.Assignment `json:"links,omitzero"`
}

// Mode says what Members does with a target.
type Mode string

// The modes. The zero value is refused.
const (
	Exact  Mode = "exact"  // these people, and of Within nobody else
	Add    Mode = "add"    // these people too
	Remove Mode = "remove" // these people not
)

// Members says who should be linked to a target.
type Members struct {
	Account string      `json:"account"`
	Target  core.Target `json:"target"`
	Mode    Mode        `json:"mode"`
	People  []string    `json:"people"`
	// Within is whom Exact may take away.
	Within Within `json:"within,omitzero"`
	Level  *int   `json:"level,omitzero"`
	// Floor is the least number of people who stay linked and not suspended. Nil is 0;
	// Exact with no people needs a 0 that was written. It holds within one run: two runs at
	// once, of one plan or of two, may each take the one who may still go.
	Floor *int `json:"floor,omitzero"`
}

// Within is a list of people, or Everyone.
type Within []string

// Everyone stands for everybody who is in the target. No other list means that.
var Everyone = Within{"everyone"}

// IsEveryone reports whether the list stands for everybody.
func (w Within) IsEveryone() bool { return len(w) == 1 && w[0] == "everyone" }

// MarshalJSON writes "everyone" for Everyone.
func (w Within) MarshalJSON() ([]byte, error) {
	if w.IsEveryone() {
		return []byte(`"everyone"`), nil
	}
	return marshal([]string(w))
}

// UnmarshalJSON reads a list, or "everyone".
func (w *Within) UnmarshalJSON(data []byte) error {
	if bytes.Equal(data, []byte(`"everyone"`)) {
		*w = Everyone
		return nil
	}
	return json.Unmarshal(data, (*[]string)(w))
}

// ParseWant reads the JSON of a want, strictly: a member that is not known, one that
// stands there twice, a password, text that is not UTF-8, and everything that Check
// refuses is ErrRefused with its place. A byte order mark is taken off.
func ParseWant(data []byte) (Want, error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if err := checkText(data); err != nil {
		return Want{}, refuse("want", "%v", err)
	}

	var w Want
	if err := findPassword(data); err != nil {
		return Want{}, refuse("want", "%v", err)
	}
	if err := decodeStrict(data, &w); err != nil {
		return Want{}, refuse("want", "%v", err)
	}

	for i, h := range w.Have {
		if h.Password != "" && !isVariable(h.Password) {
			return Want{}, refuse("want", "have[%d].password: it is the name of an environment variable (letters, digits, _), and no password", i)
		}
	}
	return w, w.Check()
}

// findPassword refuses a password anywhere in a want: in a spec, in a change, or among
// the vendor's fields. The member "password" of a hire is the name of a variable.
func findPassword(data []byte) error {
	var tree map[string]any
	if err := decodeNumbers(data, &tree); err != nil {
		return err
	}
	if tree == nil {
		return errors.New("it is not an object")
	}

	return passwordIn(tree, "", false)
}

// passwordIn refuses a password in a decoded value. Hire says that the value is a hire.
func passwordIn(v any, place string, hire bool) error {
	switch v := v.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			at := strings.TrimPrefix(place+"."+name, ".")
			if isPassword(name) && isSecret(v[name]) && !(hire && name == "password") {
				return fmt.Errorf("%s: a want holds no password; name the variable that holds it as \"password\" beside \"spec\"", at)
			}
			if err := passwordIn(v[name], at, false); err != nil {
				return err
			}
		}
	case []any:
		for i, e := range v {
			if err := passwordIn(e, fmt.Sprintf("%s[%d]", place, i), place == "have"); err != nil {
				return err
			}
		}
	}
	return nil
}

// isSecret reports a value that can be a password: a text, or digits.
func isSecret(v any) bool {
	switch v.(type) {
	case string, json.Number:
		return true
	}
	return false
}

// checkSecrets refuses a password among the vendor's fields: a plan would keep it in a file.
func (w Want) checkSecrets() error {
	for i, h := range w.Have {
		if err := passwordAmong(h.Spec.Fields, fmt.Sprintf("have[%d].spec.fields", i)); err != nil {
			return err
		}
	}
	for person, accounts := range w.Change {
		for account, change := range accounts {
			if err := passwordAmong(change.Fields, "change."+person+"."+account+".fields"); err != nil {
				return err
			}
		}
	}
	return nil
}

func passwordAmong(fields map[string]any, place string) error {
	if len(fields) == 0 {
		return nil
	}
	data, err := json.Marshal(fields)
	if err != nil {
		return refuse("want", "%s: %v", place, err)
	}
	var tree map[string]any
	if err := decodeNumbers(data, &tree); err != nil {
		return refuse("want", "%s: %v", place, err)
	}
	if err := passwordIn(tree, place, false); err != nil {
		return refuse("want", "%v", err)
	}
	return nil
}

func isPassword(name string) bool {
	name = strings.ToLower(name)
	return strings.Contains(name, "password") || strings.Contains(name, "passwd") || strings.HasSuffix(name, "pwd")
}

// Check says what is wrong with a want, with its place. The error is ErrRefused.
func (w Want) Check() error {
	for _, check := range []func() error{w.checkPeople, w.checkHires, w.checkSecrets, w.checkMembers, w.checkLinks, w.checkFields} {
		if err := check(); err != nil {
			return err
		}
	}
	if !w.Until.IsZero() && len(w.Gone) > 0 {
		return refuse("want", "until: nobody who is gone can be brought back; a lease has no \"gone\"")
	}
	return nil
}

// checkPeople refuses a person in two of have, gone and blocked.
func (w Want) checkPeople() error {
	in := map[string]string{}
	for _, list := range []struct {
		name   string
		people []string
	}{{"have", hired(w.Have)}, {"gone", w.Gone}, {"blocked", w.Blocked}} {
		for i, person := range list.people {
			key := fold(person)
			if key == "" {
				return refuse("want", "%s[%d]: the person has no name", list.name, i)
			}
			if other := in[key]; other != "" && other != list.name {
				return refuse("want", "%s[%d]: %s is in %q as well", list.name, i, person, other)
			}
			in[key] = list.name
		}
	}
	return nil
}

func hired(hires []Hire) []string {
	people := make([]string, len(hires))
	for i, h := range hires {
		people[i] = h.Person
	}
	return people
}

func (w Want) checkHires() error {
	seen := map[string]int{}
	for i, h := range w.Have {
		place := fmt.Sprintf("have[%d]", i)
		switch {
		case h.Account == "":
			return refuse("want", "%s: the account is missing", place)
		case h.Spec.Login == "" && h.Spec.Email == "":
			return refuse("want", "%s.spec: a login or an e-mail address is missing", place)
		case len(h.Spec.Links) > 0:
			return refuse("want", "%s.spec.links: links stand beside the spec, as \"links\"", place)
		case !h.Spec.Password.IsZero():
			return refuse("want", "%s.spec: a want holds no password; Password is the name of one", place)
		}

		key := h.Account + "/" + fold(h.Person)
		if other, twice := seen[key]; twice {
			return refuse("want", "%s: %s is in have[%d] for the same account", place, h.Person, other)
		}
		seen[key] = i

		for k, a := range h.Links {
			if a.UserID != "" || a.Suspended {
				return refuse("want", "%s.links[%d]: a link names a target and perhaps a level", place, k)
			}
			if err := checkTarget(a.Target); err != nil {
				return refuse("want", "%s.links[%d]: %v", place, k, err)
			}
			if other := linkTo(h.Links[:k], a.Target); other != nil && twoLevels(*other, a) {
				return refuse("want", "%s.links[%d]: the link to %s stands there with another level", place, k, a.Target)
			}
		}
	}
	return nil
}

// isVariable reports a name that an environment variable can have everywhere. Anything
// else may be a password that stands there by mistake.
func isVariable(name string) bool {
	for i, c := range name {
		if c != '_' && (c|0x20 < 'a' || c|0x20 > 'z') && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return name != ""
}

func checkTarget(t core.Target) error {
	_, err := core.ParseTarget(t.String())
	return err
}

func (w Want) checkMembers() error {
	for i, m := range w.Members {
		place := fmt.Sprintf("members[%d]", i)
		if m.Account == "" {
			return refuse("want", "%s: the account is missing", place)
		}
		if err := checkTarget(m.Target); err != nil {
			return refuse("want", "%s.target: %v", place, err)
		}

		switch m.Mode {
		case Add, Remove:
			if len(m.People) == 0 {
				return refuse("want", "%s: %q needs people", place, m.Mode)
			}
			if m.Within != nil {
				return refuse("want", "%s.within: it belongs to \"exact\"", place)
			}
		case Exact:
			switch {
			case m.People == nil:
				return refuse("want", "%s: \"exact\" needs people", place)
			case len(m.People) == 0 && (m.Floor == nil || *m.Floor != 0):
				return refuse("want", "%s: \"exact\" with nobody empties the target; write \"floor\": 0 to mean it", place)
			case len(m.Within) == 0:
				return refuse("want", "%s: \"exact\" needs \"within\": whom it may take away, or \"everyone\"", place)
			}
		case "":
			return refuse("want", "%s: the mode is missing; it is \"exact\", \"add\" or \"remove\"", place)
		default:
			return refuse("want", "%s.mode: there is no mode %q; it is \"exact\", \"add\" or \"remove\"", place, m.Mode)
		}

		if m.Floor != nil && *m.Floor < 0 {
			return refuse("want", "%s.floor: it is below 0", place)
		}
	}
	return nil
}

// checkLinks refuses a link that one entry wants and another takes.
func (w Want) checkLinks() error {
	type link struct{ account, target, person string }
	wanted, taken := map[link]string{}, map[link]string{}
	at := func(account string, t core.Target, person string) link {
		return link{account, t.String(), fold(person)}
	}

	for i, h := range w.Have {
		for k, a := range h.Links {
			wanted[at(h.Account, a.Target, h.Person)] = fmt.Sprintf("have[%d].links[%d]", i, k)
		}
	}

	for i, m := range w.Members {
		place := fmt.Sprintf("members[%d]", i)
		for _, p := range m.People {
			if m.Mode == Remove {
				taken[at(m.Account, m.Target, p)] = place
			} else {
				wanted[at(m.Account, m.Target, p)] = place
			}
		}
		for _, p := range m.Within {
			if !m.Within.IsEveryone() && !slices.ContainsFunc(m.People, func(q string) bool { return fold(q) == fold(p) }) {
				taken[at(m.Account, m.Target, p)] = place
			}
		}
	}

	for l, place := range wanted {
		if other, both := taken[l]; both {
			return refuse("want", "%s: %s takes away the link of %s to %s that this one wants", place, other, l.person, l.target)
		}
	}
	return nil
}

// checkFields refuses a person who is changed under two spellings, and what checkChange
// refuses.
func (w Want) checkFields() error {
	places := map[string]string{} // of the changes, by account and person
	for _, person := range slices.Sorted(maps.Keys(w.Change)) {
		for account, change := range w.Change[person] {
			place := "change." + person + "." + account
			if fold(person) == "" {
				return refuse("want", "%s: the person has no name", place)
			}
			key := account + "/" + fold(person)
			if other, twice := places[key]; twice {
				return refuse("want", "%s: %s is the same person", place, other)
			}
			places[key] = place

			if err := w.checkChange(place, account, person, change); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkChange refuses a change with a precondition, a neutral field among the vendor's, and
// a field that a hire of the same person sets to another value.
func (w Want) checkChange(place, account, person string, change core.UserChange) error {
	if !change.If.IsZero() {
		return refuse("want", "%s.if: what must still hold is set by the plan, not by the want", place)
	}
	for _, f := range core.Fields() {
		if _, both := change.Fields[string(f)]; both {
			return refuse("want", "%s.fields: %s is a field of its own", place, f)
		}
	}

	for i, h := range w.Have {
		if h.Account != account || fold(h.Person) != fold(person) {
			continue
		}
		if f := clash(h.Spec.Change(), change); f != "" {
			return refuse("want", "%s: %s has another value in have[%d].spec", place, f, i)
		}
	}
	return nil
}

// clash returns a field that two changes set to different values.
func clash(a, b core.UserChange) string {
	for _, f := range core.Fields() {
		x, named1 := a.Field(f)
		y, named2 := b.Field(f)
		if named1 && named2 && !sameJSON(x, y) {
			return string(f)
		}
	}

	for name, x := range a.Fields {
		if y, both := b.Fields[name]; both && !sameJSON(x, y) {
			return name
		}
	}
	return ""
}
