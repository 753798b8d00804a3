package webex

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"slices"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/evidence"
	"github.com/rollcall-go/rollcall/internal/rest"
)

var (
	opListPeople = &rest.Op{Name: "People.List", Method: http.MethodGet, Path: "/people", Replay: rest.Safe, Bucket: bucketPeople,
		Success: rest.Object(200)}
	opGetPerson = &rest.Op{Name: "People.Get", Method: http.MethodGet, Path: "/people/{personId}", Replay: rest.Safe, Bucket: bucketPeople,
		Success: rest.Object(200)}
	opGetMe = &rest.Op{Name: "People.Me", Method: http.MethodGet, Path: "/people/me", Replay: rest.Safe, Bucket: bucketPeople,
		Success: rest.Object(200)}
	opCreatePerson = &rest.Op{Name: "People.Create", Method: http.MethodPost, Path: "/people", Replay: rest.Once, Bucket: bucketPeople,
		Success: rest.Object(200, 201)}
	opReplacePerson = &rest.Op{Name: "People.Replace", Method: http.MethodPut, Path: "/people/{personId}", Replay: rest.ReplaySafe,
		Bucket:  bucketPeople,
		Success: rest.Object(200).Or(rest.Nothing(200, 202, 204))}
	opDeletePerson = &rest.Op{Name: "People.Delete", Method: http.MethodDelete, Path: "/people/{personId}", Replay: rest.ReplaySafe,
		Bucket:  bucketPeople,
		Success: rest.Nothing(200, 202, 204)}
)

// People is the resource of the users of an organisation, as on the vendor page
// "People". It is the same in both tiers. Reading needs the scope
// spark-admin:people_read, and writing spark-admin:people_write as well.
//
// There are no revisions: the last write wins. Those of one Client on one person
// take turns.
type People struct{ c *Client }

// PersonListOptions narrows a list. Callers who are no administrators must name an Email,
// a DisplayName or IDs.
type PersonListOptions struct {
	Email       string
	DisplayName string // its beginning
	// IDs asks for just these people, 85 in a request. They come without presence.
	IDs []ID
	// NotFound is filled in anew by each walk, with those IDs that do not exist.
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
	// maxIDs is how many ids one list takes.
	maxIDs = 85
	// The largest pages of people; the vendor silently lowers larger numbers.
	maxPeople, maxCalling, maxInLocation = 1000, 100, 50
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

// List walks the people that match, in the vendor's order, which is not documented. It
// follows the vendor's links to further pages, within its own origin. The walk is lazy
// and can be repeated; one that cannot be completed ends with core.ErrIncomplete. A
// request per page.
func (p *People) List(ctx context.Context, opts PersonListOptions) iter.Seq2[Person, error] {
	query, err := p.query(opts)
	if err != nil {
		return rest.Failed[Person](err)
	}
	l := listing{op: opListPeople, query: query, max: query.Max}
	if len(opts.IDs) == 0 {
		return list(ctx, p.c, l, func(page *peoplePage) []Person { return rowsOf(page.Items) }, (*Person).id)
	}

	return func(yield func(Person, error) bool) {
		var missing []ID
		for ids := range slices.Chunk(opts.IDs, maxIDs) {
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
		case opts.NotFound != nil:
			*opts.NotFound = missing
		case len(missing) > 0:
			yield(Person{}, &core.Error{Vendor: vendor, Op: opListPeople.Name, Class: core.ClassNotFound, Status: http.StatusOK,
				Applied: core.AppliedNo, Message: "there is no person with the id " + p.c.rest.Text(string(missing[0]))})
		}
	}
}

func (p *Person) id() ID { return p.ID }

func (p *People) query(opts PersonListOptions) (peopleQuery, error) {
	out := peopleQuery{Email: opts.Email, DisplayName: opts.DisplayName, OrgID: string(p.c.org), CallingData: !opts.WithoutCallingData,
		ExcludeStatus: opts.WithoutStatus}
	most := maxCalling
	if opts.WithoutCallingData {
		most = maxPeople
	}

	if opts.LocationID != "" {
		at, err := opts.LocationID.check(opListPeople.Name, "the location", TypeLocation)
		if err != nil {
			return out, err
		}
		out.LocationID, most = string(at), maxInLocation
	}

	words := make([]string, len(opts.Roles))
	for i, role := range opts.Roles {
		sent, err := role.check(opListPeople.Name, "a role", TypeRole)
		if err != nil {
			return out, err
		}
		words[i] = string(sent)
	}

	out.Roles = strings.Join(words, ",")
	out.Max = pageSize(opts.PageSize, min(maxCalling, most), most)
	return out, nil
}

// Get returns one person, with calling data and presence, or core.ErrNotFound. It takes
// one request.
func (p *People) Get(ctx context.Context, id ID) (*Person, error) {
	return p.get(ctx, opGetPerson.Name, id)
}

// get is Get, under the name of the calling operation.
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
		return nil, protocol(op, res, "the answer contains no id")
	case !out.ID.Same(sent):
		return nil, protocol(op, res, "the vendor answered with another person than the one asked for")
	}
	return out, nil
}

// getCreated is get for a write that builds on it. It waits for a person whom this
// client has just created and who cannot be read yet.
func (p *People) getCreated(ctx context.Context, op string, id ID) (person *Person, err error) {
	person, err = p.get(ctx, op, id)
	if core.ClassOf(err) != core.ClassNotFound || !p.c.createdPeople.Has(id.Key()) {
		return person, err
	}
	absent := err
	shown, err := p.c.readBack(op).Look(ctx, func(ctx context.Context) (bool, error) {
		now, err := p.get(ctx, op, id)
		if core.ClassOf(err) == core.ClassNotFound {
			return false, nil
		}
		person = now
		return err == nil, err
	})
	if err == nil && !shown {
		return nil, absent
	}
	return person, err
}

// Me returns the person whose token it is. It takes one request.
func (p *People) Me(ctx context.Context) (*Person, error) {
	out := new(Person)
	call := p.c.call(opGetMe)
	call.Query, call.Out = personQuery{CallingData: true}, out
	res, err := p.c.rest.Do(ctx, call)
	if err != nil {
		return nil, err
	}
	if out.ID == "" {
		return nil, protocol(opGetMe.Name, res, "the answer contains no id")
	}
	return out, nil
}

// Create makes a person and returns it. Required: one e-mail address, and a display,
// first or last name. A calling user needs its licence, location, and number or
// extension in the same request: they cannot be added later.
//
// It is sent again only after an answer that certainly refused it. Creating is not
// atomic at Webex: an error, even a plain refusal (400), may leave a person behind.
// List by Email says whether it is there; Store.CreateUser does that.
//
// Errors: core.ErrInvalid, before anything is sent, for what is missing.
// core.ErrNotApplied with core.AppliedYes, beside the person, for one that does not show
// licences or anything else that was sent, or does not show at all. core.ErrProtocol,
// and nobody is returned, for an answer about somebody with another address.
//
// It takes one request, and reads where the answer does not show everything.
func (p *People) Create(ctx context.Context, person Person) (*Person, error) {
	op := opCreatePerson.Name
	if err := requireNew(op, &person); err != nil {
		return nil, err
	}
	sent := person.writable()
	sent.LoginEnabled, sent.NickName = core.Opt[bool]{}, core.Opt[string]{} // for replacements only
	if sent.OrgID.IsZero() && p.c.org != "" {
		sent.OrgID = core.Set(p.c.org)
	}

	n := &newPerson{People: p, sent: &sent, login: person.Login()}
	err := p.c.readBack(op).Make(ctx, evidence.Effect{
		Vendor: vendor, Op: op, Write: n.write, Shows: n.look, What: n.what,
		Was:    true, // without an answer there is no id to look for
		Partly: func() bool { return true },
	})
	return n.end(err)
}

// newPerson is one creation.
type newPerson struct {
	*People
	sent  *Person
	login string

	made    *Person // as the vendor shows it
	seen    bool    // made was read completely
	res     rest.Response
	another bool // the vendor showed a person with another address
}

// write sends the person. Told says that the answer shows all that was sent, or that
// there is nothing to read back.
func (n *newPerson) write(ctx context.Context) (told bool, err error) {
	made := new(Person)
	call := n.c.call(opCreatePerson)
	call.Query, call.Body, call.Out = personQuery{CallingData: true}, n.sent, made
	if n.res, err = n.c.rest.Do(ctx, call); err != nil {
		return false, err
	}

	if made.ID == "" {
		e := protocol(opCreatePerson.Name, n.res, "the answer contains no id")
		e.Applied, e.Doubt = core.AppliedUnknown, "the answer makes no sense"
		return false, e
	}

	n.c.createdPeople.Add(made.ID.Key())
	return n.shows(made), nil
}

// look reads the person. A person who was just created and is not found does not show yet.
func (n *newPerson) look(ctx context.Context) (bool, error) {
	now, err := n.get(ctx, opCreatePerson.Name, n.made.ID)
	switch {
	case core.ClassOf(err) == core.ClassNotFound:
		return false, nil
	case err != nil:
		return false, err
	}
	n.seen = true // it shows all there is to see
	return n.shows(now), nil
}

// shows reports whether a person shows all that was sent. It stops looking if the
// vendor shows another person.
func (n *newPerson) shows(p *Person) bool {
	n.made, n.seen = p, n.seen || p.isComplete()
	n.another = len(p.Emails) > 0 && !evidence.SameLogin(p.Login(), n.login)
	return n.another || n.seen && len(lacking(n.sent, p)) == 0
}

func (n *newPerson) what() string {
	if !n.seen {
		return "the person cannot be read yet"
	}
	names := lacking(n.sent, n.made)
	text := "the person does not show " + strings.Join(names, ", ")
	if slices.Contains(names, "licenses") {
		text += " (" + licencesAreSkipped + ")"
	}
	return text
}

// end returns the person, and completes an error with what became of the creation.
func (n *newPerson) end(err error) (*Person, error) {
	switch e, ok := errors.AsType[*core.Error](err); {
	case n.made == nil:
		return nil, howToFindOut(err, n.login)
	case n.another:
		e := protocol(opCreatePerson.Name, n.res, "the vendor answered with another person than the one to be created")
		e.Applied, e.Doubt = core.AppliedUnknown, "the answer is about another person"
		return nil, howToFindOut(e, n.login)
	case ok: // the vendor gave an id: it was created
		e = new(*e)
		e.Applied, e.Doubt = core.AppliedYes, ""
		return n.made, e
	}
	return n.made, err
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

// howToFindOut adds a hint to an error in doubt.
func howToFindOut(err error, login string) error {
	if e, ok := err.(*core.Error); ok && e.Applied == core.AppliedUnknown {
		e.Hint = "it was not sent again: list the people with the e-mail " + login + " to see whether it was created"
	}
	return err
}

// Replace puts the whole person. What is left out is deleted, licences and
// roles as much as a title. DisplayName is required. Fields that are the server's
// own are not sent; LocationID must be as it was read. Repeating it is safe. Use
// Modify to change some fields of a person who exists.
//
// A refusal (400) may have changed a part anyway. Where the person that comes back lacks
// a licence or role that was sent, the error is core.ErrNotApplied beside it.
//
// It takes one request, and looks where the answer does not show what was sent.
func (p *People) Replace(ctx context.Context, person Person) (*Person, error) {
	op := opReplacePerson.Name
	if blank(person.DisplayName) {
		return nil, core.Invalid(vendor, op, "displayName is required")
	}
	var now *Person
	shows := func(got *Person) bool {
		now = got
		return len(skipped(&person, got)) == 0
	}

	err := p.c.readBack(op).Make(ctx, evidence.Effect{
		Vendor: vendor, Op: op,
		Was:    true, // a lost answer stays in doubt: the state before is not known
		Partly: func() bool { return true },
		Write: func(ctx context.Context) (bool, error) {
			got, err := p.put(ctx, op, person.ID, person.writable(), false)
			return err == nil && got.isComplete() && shows(got), err
		},
		Shows: func(ctx context.Context) (bool, error) {
			got, err := p.get(ctx, op, person.ID)
			return err == nil && shows(got), err
		},
		What: func() string {
			names := skipped(&person, now)
			return "the person does not show " + strings.Join(names, ", ") + " (" + licencesAreSkipped + ")"
		},
	})
	return now, err
}

// put sends one whole person and returns the answer, which may be incomplete.
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
		e := protocol(op, res, "the vendor answered with another person than the one written")
		e.Applied, e.Doubt = core.AppliedUnknown, "the answer is about another person"
		return nil, e
	}

	if got.ID == "" {
		return new(Person), nil // it may be about any person, and proves nothing
	}
	return got, nil
}

// Delete removes a person, for good, and looks whether it is gone. One who was gone
// before is core.ErrNotFound, unless an earlier attempt of this call may have removed
// it; one who is still there is core.ErrNotApplied. Repeating it is safe. It takes two
// requests.
func (p *People) Delete(ctx context.Context, id ID) error {
	op := opDeletePerson.Name
	sent, err := id.check(op, "the person", TypePerson)
	if err != nil {
		return err
	}

	return p.c.readBack(op).Make(ctx, evidence.Effect{
		Vendor: vendor, Op: op,
		Write: func(ctx context.Context) (bool, error) {
			call := p.c.call(opDeletePerson, string(sent))
			call.GoneIsDone = true
			res, err := p.c.rest.Do(ctx, call)
			if err == nil {
				p.c.writtenPeople.Forget(sent.Key())
				p.c.unseenPeople.Forget(sent.Key())
			}
			return res.Gone, err
		},
		Shows: func(ctx context.Context) (bool, error) {
			_, err := p.get(ctx, op, sent)
			if core.ClassOf(err) == core.ClassNotFound {
				return true, nil
			}
			return false, err
		},
		What: func() string { return "the person is still there" },
	})
}
