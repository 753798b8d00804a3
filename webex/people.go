package webex

import (
	"context"
	"iter"
	"net/http"
	"slices"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest"
)

var (
	opListPeople    = &rest.Op{Name: "People.List", Method: http.MethodGet, Path: "/people", Replay: rest.Safe, Bucket: bucketPeople}
	opGetPerson     = &rest.Op{Name: "People.Get", Method: http.MethodGet, Path: "/people/{personId}", Replay: rest.Safe, Bucket: bucketPeople}
	opGetMe         = &rest.Op{Name: "People.Me", Method: http.MethodGet, Path: "/people/me", Replay: rest.Safe, Bucket: bucketPeople}
	opCreatePerson  = &rest.Op{Name: "People.Create", Method: http.MethodPost, Path: "/people", Replay: rest.Once, Bucket: bucketPeople}
	opReplacePerson = &rest.Op{Name: "People.Replace", Method: http.MethodPut, Path: "/people/{personId}", Replay: rest.ReplaySafe, Bucket: bucketPeople}
	opDeletePerson  = &rest.Op{Name: "People.Delete", Method: http.MethodDelete, Path: "/people/{personId}", Replay: rest.ReplaySafe, Bucket: bucketPeople}
)

// People is the resource of the users of an organisation, as on the vendor page
// "People". It is the same in both tiers. Reading needs the scope
// spark-admin:people_read, and writing spark-admin:people_write as well.
//
// There are no revisions: the last write wins. Those of one Client on one person
// take turns.
type People struct{ c *Client }

// PeopleList narrows a list. Callers who are no administrators must name an Email,
// a DisplayName or IDs.
type PeopleList struct {
	Email       string
	DisplayName string // its beginning
	// IDs asks for just these people, 85 in a request. They come without presence.
	IDs []ID
	// NotFound is filled in anew by each walk, with those IDs that are nobody's.
	// Where it is nil, such an id ends the walk with core.ErrNotFound.
	NotFound   *[]ID
	Roles      []ID
	LocationID ID
	// WithoutCallingData leaves out extensions, locations and numbers of calling
	// users, and allows larger pages. Never write back what was so read.
	WithoutCallingData bool
	// WithoutStatus leaves out presence, which is faster.
	WithoutStatus bool
	// PageSize is how many people one request returns: 100 unless set, which is also
	// the most with calling data; 50 with a LocationID, else 1000. Make it smaller if
	// the vendor takes too long (504).
	PageSize int
}

const (
	// mostIDs is how many ids one list takes.
	mostIDs = 85
	// The most people that one page holds; the vendor lowers larger numbers silently.
	mostPeople, mostCalling, mostInLocation = 1000, 100, 50
)

// peopleQuery is the query of a list, personQuery that of one person.
type peopleQuery struct {
	Email         string `url:"email,omitempty"`
	DisplayName   string `url:"displayName,omitempty"`
	ID            string `url:"id,omitempty"`
	OrgID         string `url:"orgId,omitempty"`
	Roles         string `url:"roles,omitempty"`
	CallingData   bool   `url:"callingData,omitempty"`
	LocationID    string `url:"locationId,omitempty"`
	Max           int    `url:"max"`
	ExcludeStatus bool   `url:"excludeStatus,omitempty"`
}

type personQuery struct {
	CallingData  bool `url:"callingData"`
	ShowAllTypes bool `url:"showAllTypes,omitempty"`
}

type peoplePage struct {
	Items       core.Opt[[]Person] `json:"items"`
	NotFoundIDs []ID               `json:"notFoundIds"`
}

// List walks the people that match, in the vendor's order, which is not
// documented. It follows the vendor's links to further pages, within its own origin.
func (p *People) List(ctx context.Context, q PeopleList) iter.Seq2[Person, error] {
	query, err := p.query(q)
	if err != nil {
		return rest.Failed[Person](err)
	}
	l := listing{op: opListPeople, query: query, max: query.Max}
	if len(q.IDs) == 0 {
		return list(ctx, p.c, l, func(page *peoplePage) []Person { return rowsOf(page.Items) }, (*Person).id)
	}
	return func(yield func(Person, error) bool) {
		var missing []ID
		for ids := range slices.Chunk(q.IDs, mostIDs) {
			words := make([]string, len(ids))
			for i, id := range ids {
				sent, err := id.check(opListPeople.Name, "a person", TypePerson)
				if err != nil {
					yield(Person{}, err)
					return
				}
				words[i] = string(sent)
			}
			query.ID = strings.Join(words, ",")
			l.query = query
			items := func(page *peoplePage) []Person {
				missing = append(missing, page.NotFoundIDs...)
				return rowsOf(page.Items)
			}
			for person, err := range list(ctx, p.c, l, items, (*Person).id) {
				if !yield(person, err) || err != nil {
					return
				}
			}
		}
		switch {
		case q.NotFound != nil:
			*q.NotFound = missing
		case len(missing) > 0:
			yield(Person{}, &core.Error{Vendor: vendor, Op: opListPeople.Name, Class: core.ClassNotFound, Status: http.StatusOK,
				Applied: core.AppliedNo, Message: "there is nobody with the id " + p.c.rest.Text(string(missing[0]))})
		}
	}
}

func (p *Person) id() ID { return p.ID }

func (p *People) query(q PeopleList) (peopleQuery, error) {
	out := peopleQuery{Email: q.Email, DisplayName: q.DisplayName, OrgID: string(p.c.org), CallingData: !q.WithoutCallingData, ExcludeStatus: q.WithoutStatus}
	most := mostCalling
	if q.WithoutCallingData {
		most = mostPeople
	}
	if q.LocationID != "" {
		at, err := q.LocationID.check(opListPeople.Name, "the location", TypeLocation)
		if err != nil {
			return out, err
		}
		out.LocationID, most = string(at), mostInLocation
	}
	words := make([]string, len(q.Roles))
	for i, role := range q.Roles {
		sent, err := role.check(opListPeople.Name, "a role", TypeRole)
		if err != nil {
			return out, err
		}
		words[i] = string(sent)
	}
	out.Roles = strings.Join(words, ",")
	out.Max = pageSize(q.PageSize, min(mostCalling, most), most)
	return out, nil
}

// Get returns one person, with calling data and presence, or core.ErrNotFound.
func (p *People) Get(ctx context.Context, id ID) (*Person, error) {
	return p.get(ctx, opGetPerson.Name, id)
}

// get is Get under the name of the operation that needs it.
func (p *People) get(ctx context.Context, op string, id ID) (*Person, error) {
	sent, err := id.check(op, "the person", TypePerson)
	if err != nil {
		return nil, err
	}
	out := new(Person)
	call := p.c.call(opGetPerson, string(sent))
	call.Query, call.Out = personQuery{CallingData: true}, out
	res, err := p.c.rest.Do(ctx, call)
	switch {
	case err != nil:
		return nil, err
	case out.ID == "":
		return nil, protocol(op, res, "the answer holds no id")
	case !out.ID.Same(sent):
		return nil, protocol(op, res, "the vendor answered with another person than the one that was asked for")
	}
	return out, nil
}

// Me returns the person whose token it is.
func (p *People) Me(ctx context.Context) (*Person, error) {
	out := new(Person)
	call := p.c.call(opGetMe)
	call.Query, call.Out = personQuery{CallingData: true}, out
	res, err := p.c.rest.Do(ctx, call)
	if err != nil {
		return nil, err
	}
	if out.ID == "" {
		return nil, protocol(opGetMe.Name, res, "the answer holds no id")
	}
	return out, nil
}

// Create makes a person and returns it. Required: one e-mail address, and a
// display, first or last name; what is missing is core.ErrInvalid before anything
// is sent. A calling user needs its licence, location, and number or extension in
// the same request: they cannot be added later.
//
// It is sent again only after an answer that certainly refused it. Creating is not
// atomic at Webex: an error, even a plain refusal (400), may leave a person behind.
// List by Email says whether it is there; Store.CreateUser does that.
//
// Licences that cannot be given are skipped by the vendor. Where the person that
// comes back lacks one, or anything else that was sent, it is read once more; what it
// lacks then is core.ErrNotApplied with core.AppliedYes, beside the person. An answer
// about somebody with another address is core.ErrProtocol, and nobody is returned.
func (p *People) Create(ctx context.Context, person Person) (*Person, error) {
	op := opCreatePerson
	if err := requireNew(op.Name, &person); err != nil {
		return nil, err
	}
	sent := person.writable()
	sent.LoginEnabled, sent.NickName = core.Opt[bool]{}, core.Opt[string]{} // for replacements only
	if sent.OrgID.IsZero() && p.c.org != "" {
		sent.OrgID = core.Set(p.c.org)
	}
	made := new(Person)
	call := p.c.call(op)
	call.Query, call.Body, call.Out = personQuery{CallingData: true}, &sent, made
	res, err := p.c.rest.Do(ctx, call)
	if err != nil {
		return nil, howToFindOut(err, person.Login())
	}
	if made.ID == "" {
		e := protocol(op.Name, res, "the answer holds no id")
		e.Applied = core.AppliedUnknown
		return nil, howToFindOut(e, person.Login())
	}
	another := func() bool { return len(made.Emails) > 0 && !sameText(made.Login(), person.Login()) }
	if !another() && (made.short() || lacking(&sent, made) != nil) {
		whole, err := p.get(ctx, op.Name, made.ID)
		if err != nil {
			return made, rest.AfterWrite(err, core.AppliedYes, "the person was created; reading it failed")
		}
		made = whole
	}
	if another() {
		e := protocol(op.Name, res, "the vendor answered with another person than the one that was to be created")
		e.Applied = core.AppliedUnknown
		return nil, howToFindOut(e, person.Login())
	}
	if names := lacking(&sent, made); names != nil {
		return made, notApplied(op.Name, names, core.AppliedYes)
	}
	return made, nil
}

func requireNew(op string, person *Person) error {
	switch {
	case len(person.Emails) != 1 || strings.TrimSpace(person.Emails[0]) == "":
		return core.Invalid(vendor, op, "emails is required, with one address")
	case len(person.otherNumbers()) > 0:
		return core.Invalid(vendor, op, "only phone numbers of type work can be set")
	case blank(person.DisplayName) && blank(person.FirstName) && blank(person.LastName):
		return core.Invalid(vendor, op, "displayName, firstName or lastName is required")
	}
	return nil
}

func blank(o core.Opt[string]) bool { return strings.TrimSpace(o.Or("")) == "" }

// howToFindOut adds a hint to an error after which nobody knows what happened.
func howToFindOut(err error, login string) error {
	if e, ok := err.(*core.Error); ok && e.Applied == core.AppliedUnknown {
		e.Hint = "it is not sent again: list the people with the e-mail " + login + " to see whether it was created"
	}
	return err
}

// skipped compares the licences and roles that were sent with those that are there.
func skipped(sent, got *Person) (names []string) {
	if lacks(got.Licenses, sent.Licenses) {
		names = append(names, "licenses")
	}
	if lacks(got.Roles, sent.Roles) {
		names = append(names, "roles")
	}
	return names
}

// lacks reports whether an id that is wanted is not there.
func lacks(there, wanted []ID) bool {
	return slices.ContainsFunc(wanted, func(id ID) bool { return !slices.ContainsFunc(there, id.Same) })
}

func notApplied(op string, names []string, applied core.Applied) *core.Error {
	e := &core.Error{Vendor: vendor, Op: op, Class: core.ClassNotApplied, Status: http.StatusOK, Applied: applied,
		Message: "the vendor accepted the change, and the person does not show it: " + strings.Join(names, ", "),
		Hint:    "read the person to see what it holds now"}
	if slices.Contains(names, "licenses") {
		e.Hint = "the vendor skips licences that cannot be given, without a word; " + e.Hint
	}
	return e
}

// Replace puts the whole person: **what is left out is deleted**, licences and
// roles as much as a title. DisplayName is required. Fields that are the server's
// own are not sent; LocationID must be as it was read. Repeating it is safe. Use
// Modify to change some fields of a person who exists.
//
// A refusal (400) may have changed a part all the same. Where the answer lacks a
// licence or role that was sent, the error is core.ErrNotApplied beside the person.
func (p *People) Replace(ctx context.Context, person Person) (*Person, error) {
	if blank(person.DisplayName) {
		return nil, core.Invalid(vendor, opReplacePerson.Name, "displayName is required")
	}
	got, err := p.put(ctx, opReplacePerson.Name, person.ID, person.writable(), false)
	if err != nil {
		return got, err
	}
	if names := skipped(&person, got); names != nil {
		return got, notApplied(opReplacePerson.Name, names, core.AppliedYes)
	}
	return got, nil
}

// put sends one whole person and returns what it then is.
func (p *People) put(ctx context.Context, op string, id ID, sent Person, allTypes bool) (*Person, error) {
	to, err := id.check(op, "the person", TypePerson)
	if err != nil {
		return nil, err
	}
	got := new(Person)
	call := p.c.call(opReplacePerson, string(to))
	call.Query, call.Body, call.Out, call.EmptyOK = personQuery{CallingData: true, ShowAllTypes: allTypes}, &sent, got, true
	res, err := p.c.rest.Do(ctx, call)
	if err != nil {
		return nil, err
	}
	if got.ID != "" && !got.ID.Same(to) {
		e := protocol(op, res, "the vendor answered with another person than the one that was written")
		e.Applied = core.AppliedUnknown
		return nil, e
	}
	if got.ID == "" || got.short() {
		if got, err = p.get(ctx, op, to); err != nil {
			return nil, rest.AfterWrite(err, core.AppliedYes, "the person was written; reading it again failed")
		}
	}
	return got, nil
}

// Delete removes a person, for good. One who is gone is core.ErrNotFound, unless
// an earlier attempt of this call may have removed it. Repeating it is safe.
func (p *People) Delete(ctx context.Context, id ID) error {
	sent, err := id.check(opDeletePerson.Name, "the person", TypePerson)
	if err != nil {
		return err
	}
	call := p.c.call(opDeletePerson, string(sent))
	call.GoneIsDone = true
	_, err = p.c.rest.Do(ctx, call)
	return err
}
