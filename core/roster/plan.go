package roster

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/rollcall-go/rollcall/core"
)

// Plan is what would be done. It is a value: it can be read, printed, kept in a
// file, reviewed, and applied on another machine. It holds no secret.
//
// Its ID is the digest of its encoding, so a changed plan is another plan.
type Plan struct {
	// Why and Actor say what the plan is for and who made it.
	Why, Actor string
	// Made is part of the ID: the same want on another day is another run. After
	// Expires no step is begun. What was done is undone at Until, where it is set.
	Made, Expires, Until time.Time
	// Fleet holds the fingerprints of the accounts that the plan was made for.
	Fleet map[string]string
	// Population is what shares are counted of, by account.
	Population map[string]Population
	// Steps are what is done, in order; a step's lane runs in this order.
	Steps []Step
	// Gaps are what was asked for and no step can do.
	Gaps []Gap
	// Holds are what was asked for and is so already.
	Holds []Hold
	// Undoes is the ID of the plan whose inverse this one is.
	Undoes string

	// parsed are the bytes that the plan was read from, and canon how the plan encoded
	// right after it was read: the ID is that of the bytes as long as nothing changed.
	parsed, canon []byte
}

// Population is what shares of an account are counted of.
type Population struct {
	Users       int     `json:"users"`
	Links       int     `json:"links"`
	Certificate Verdict `json:"certificate"`
}

// Gap is something that was asked for and that no step can do.
type Gap struct {
	Account string         `json:"account"`
	Person  string         `json:"person"`
	Op      core.Operation `json:"op"`
	Why     string         `json:"why"`
}

// Hold is something that was asked for and is so already. While a plan holds a
// state, no lease of another plan undoes it.
type Hold struct {
	Account string            `json:"account"`
	Person  string            `json:"person"`
	User    string            `json:"user"`
	Op      core.Operation    `json:"op"`
	Links   []core.Assignment `json:"links,omitzero"`
}

// planVersion is the version of the file format that this package writes.
const planVersion = 1

const idPrefix = `{"id":"sha256:`

var noDigest = strings.Repeat("0", sha256.Size*2)

// planFile is the encoding of a plan.
type planFile struct {
	ID         string                `json:"id"`
	Version    int                   `json:"version"`
	Why        string                `json:"why"`
	Actor      string                `json:"actor"`
	Made       time.Time             `json:"made"`
	Expires    time.Time             `json:"expires,omitzero"`
	Until      time.Time             `json:"until,omitzero"`
	Undoes     string                `json:"undoes,omitzero"`
	Fleet      map[string]string     `json:"fleet"`
	Population map[string]Population `json:"population"`
	Steps      []Step                `json:"steps"`
	Gaps       []Gap                 `json:"gaps"`
	Holds      []Hold                `json:"holds"`
}

// encode writes the plan as one line without its newline, the digits of its ID zero.
func (p Plan) encode() []byte {
	file := planFile{
		ID: "sha256:" + noDigest, Version: planVersion, Why: p.Why, Actor: p.Actor,
		Made: p.Made.Round(0).UTC(), Expires: p.Expires.Round(0).UTC(), Until: p.Until.Round(0).UTC(), Undoes: p.Undoes,
		Fleet: p.Fleet, Population: p.Population, Steps: p.Steps, Gaps: p.Gaps, Holds: p.Holds,
	}
	if file.Fleet == nil {
		file.Fleet = map[string]string{}
	}
	if file.Population == nil {
		file.Population = map[string]Population{}
	}
	file.Steps = append([]Step{}, p.Steps...)
	file.Gaps = append([]Gap{}, p.Gaps...)
	file.Holds = append([]Hold{}, p.Holds...)

	line, err := marshal(file)
	if err != nil {
		// Only an open value of a vendor field can fail, a channel for example. Such a plan
		// has no encoding, and Check says so.
		return nil
	}
	return line
}

// Encode returns the plan's file: one line of JSON and a newline. The file's ID is
// the digest of these bytes with its own digits zero.
func (p Plan) Encode() ([]byte, error) {
	sealed := p.sealed()
	if sealed.line == nil {
		return nil, refuse("plan", "a vendor field holds a value that is no JSON")
	}
	return append(sealed.line, '\n'), nil
}

// ID is the plan's name: "sha256:" and 64 digits.
func (p Plan) ID() string {
	return p.sealed().id
}

// sealedPlan is a plan's file without its newline, and its ID: making them takes time.
type sealedPlan struct {
	line []byte // nil where the plan has no encoding
	id   string
}

// sealed encodes the plan. One that was read and not changed is the bytes that were read.
func (p Plan) sealed() sealedPlan {
	line := p.encode()
	if p.parsed != nil && bytes.Equal(p.canon, line) {
		return sealedPlan{slices.Clone(p.parsed), string(p.parsed[len(`{"id":"`) : len(idPrefix)+len(noDigest)])}
	}
	sum := sha256.Sum256(line)
	if line != nil {
		hex.Encode(line[len(idPrefix):], sum[:])
	}
	return sealedPlan{line, "sha256:" + hex.EncodeToString(sum[:])}
}

// MarshalJSON is Encode without the newline.
func (p Plan) MarshalJSON() ([]byte, error) {
	line, err := p.Encode()
	return bytes.TrimSuffix(line, []byte("\n")), err
}

// UnmarshalJSON is ParsePlan.
func (p *Plan) UnmarshalJSON(data []byte) error {
	parsed, err := ParsePlan(data)
	if err == nil {
		*p = parsed
	}
	return err
}

// ParsePlan reads the file of a plan. It refuses bytes that do not match their ID, a
// member that is not known or stands there twice, and a later version; each is
// ErrRefused.
func ParsePlan(file []byte) (Plan, error) {
	line := bytes.TrimSuffix(file, []byte("\n"))
	var peek struct {
		Version int `json:"version"`
	}
	if err := json.Unmarshal(line, &peek); err != nil {
		return Plan{}, refuse("plan", "the file is no plan: %v", err)
	}
	if peek.Version > planVersion {
		return Plan{}, refuse("plan", "the file has version %d, written by a later rollcall; this one reads up to version %d", peek.Version,
			planVersion)
	}

	id, ok := digestOf(line)
	if !ok {
		return Plan{}, refuse("plan", "the file does not begin with the id of a plan")
	}
	if got := string(line[len(`{"id":"`) : len(idPrefix)+len(noDigest)]); got != id {
		return Plan{}, refuse("plan", "the file was changed: its id is %s, and its bytes give %s", got, id)
	}

	var f planFile
	if err := decodeStrict(line, &f); err != nil {
		return Plan{}, refuse("plan", "%v", err)
	}
	p := Plan{
		Why: f.Why, Actor: f.Actor, Made: f.Made, Expires: f.Expires, Until: f.Until, Undoes: f.Undoes,
		Fleet: f.Fleet, Population: f.Population, Steps: f.Steps, Gaps: f.Gaps, Holds: f.Holds,
		parsed: slices.Clone(line),
	}
	p.canon = p.encode()
	return p, p.Check()
}

// digestOf returns the ID that the bytes of a plan give.
func digestOf(line []byte) (string, bool) {
	digits, end := len(idPrefix), len(idPrefix)+len(noDigest)
	if len(line) <= end || !bytes.HasPrefix(line, []byte(idPrefix)) || line[end] != '"' {
		return "", false
	}
	h := sha256.New()
	h.Write(line[:digits])
	h.Write([]byte(noDigest))
	h.Write(line[end:])
	return "sha256:" + hex.EncodeToString(h.Sum(nil)), true
}

// Check says what is wrong with a plan that was put together by hand: steps with
// one name, a step after one that does not exist or in a ring, and a secret where
// only its name may be. The error is ErrRefused.
func (p Plan) Check() error {
	_, err := p.checked()
	return err
}

// checked is Check, and the encoding that it made.
func (p Plan) checked() (sealedPlan, error) {
	if err := p.checkSteps(); err != nil {
		return sealedPlan{}, err
	}
	sealed := p.sealed()
	if sealed.line == nil {
		return sealedPlan{}, refuse("plan", "a vendor field holds a value that is no JSON")
	}
	return sealed, nil
}

func (p Plan) checkSteps() error {
	at := make(map[string]int, len(p.Steps))
	for i, s := range p.Steps {
		switch {
		case s.ID == "" || s.Lane == "" || s.Account == "" || s.Op == "":
			return refuse("plan", "step %d lacks its id, lane, account or op", i)
		case s.Spec != nil && !s.Spec.Password.IsZero(), s.Change != nil && !s.Change.Password.IsZero():
			return refuse("plan", "step %s holds a password; a plan holds the name of one", s.ID)
		case !performs(s.Op):
			return refuse("plan", "step %s: a plan has no steps of %s", s.ID, s.Op)
		}
		if _, twice := at[s.ID]; twice {
			return refuse("plan", "two steps are called %s", s.ID)
		}
		if _, known := p.Fleet[s.Account]; !known {
			return refuse("plan", "step %s is for account %s, which the plan's fleet lacks", s.ID, s.Account)
		}
		at[s.ID] = i
	}

	return p.checkOrder(at)
}

// checkOrder finds a step that waits for one that is not there, and rings.
func (p Plan) checkOrder(at map[string]int) error {
	waits := make([][]int, len(p.Steps))
	lane, hasAfter := map[string]int{}, false
	for i, s := range p.Steps {
		if before, ok := lane[s.Lane]; ok {
			waits[i] = append(waits[i], before)
		}
		lane[s.Lane] = i
		for _, id := range s.After {
			j, ok := at[id]
			if !ok {
				return refuse("plan", "step %s comes after %s, which does not exist", s.ID, id)
			}
			waits[i], hasAfter = append(waits[i], j), true
		}
	}
	if !hasAfter {
		return nil
	}

	state := make([]int8, len(p.Steps)) // 1: on the way, 2: done
	var visit func(i int) bool
	visit = func(i int) bool {
		state[i] = 1
		for _, j := range waits[i] {
			if state[j] == 1 || state[j] == 0 && !visit(j) {
				return false
			}
		}
		state[i] = 2
		return true
	}
	for i := range p.Steps {
		if state[i] == 0 && !visit(i) {
			return refuse("plan", "steps wait for each other in a ring, %s among them", p.Steps[i].ID)
		}
	}
	return nil
}

// marshal is json.Marshal without the escapes for HTML.
func marshal(v any) ([]byte, error) {
	b := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(b)
	b.Reset()
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.Clone(bytes.TrimSuffix(b.Bytes(), []byte("\n"))), nil
}

// buffers are used again by marshal: most of what it writes is small.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}
