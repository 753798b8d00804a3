package libh3lptest

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rollcall-go/rollcall/internal/simnet"
)

// entry is a user or a queue. They share one name space and most of their fields.
type entry struct {
	id, account int64
	creator     int64 // the user that created it; 0 where it was seeded
	name, email string
	parent      int64 // the folder; 0 at the top
	extra       object
	links       []*link

	// Of users.
	password  string
	admin     bool // the top-level user of its account
	granted   bool // manages its account without being an administrator
	resources []Resource

	// Of queues.
	transcripts bool
	avatar      string
}

// catalog is all users, or all queues, of all accounts.
type catalog struct {
	kind string
	simnet.Table[int64, *entry]
	folders []folder
	next    int64
}

// folder is a node of the tree that users or queues are in.
type folder struct {
	id, account int64
	name        string
}

func newCatalog(kind string, first int64) *catalog {
	return &catalog{kind: kind, next: first}
}

func (k *catalog) add(e *entry) {
	if e.id == 0 {
		e.id = k.next
	}
	k.next = max(k.next, e.id+1)
	k.Add(e.id, e)
}

// all returns the users or queues that the caller manages.
func (s *Server) all(k *catalog, who *entry) (out []*entry) {
	for _, e := range k.All() {
		if who.manages(e) && !(s.cfg.hideAdmin && e.admin) {
			out = append(out, e)
		}
	}
	return out
}

// find returns a user or queue that the caller manages.
func (c *call) find(k *catalog, id int64) *entry {
	if e := k.At(id); e != nil && c.who.manages(e) {
		return e
	}
	return nil
}

func (s *Server) userNamed(name string) *entry { return s.users.named(name) }

func (k *catalog) named(name string) *entry {
	for _, e := range k.All() {
		if e.name == name {
			return e
		}
	}
	return nil
}

// view is a user or queue as the first API shows it.
func (s *Server) view(k *catalog, e *entry) object {
	o := object{"id": s.id(e.id), "type": k.kind, "name": e.name, "email": nil}
	maps.Copy(o, e.extra)

	if e.email != "" {
		o["email"] = e.email
	}

	if k == s.users {
		o["show"], o["status"] = e.presence()
		return o
	}
	s.flag(o, "transcripts", e.transcripts)
	o["avatar"], o["show"], o["status"] = e.avatar, s.queueShow(e), ""
	return o
}

func (s *Server) folderView(f folder) object {
	return object{"id": s.id(f.id), "type": "folder", "name": f.name}
}

func (s *Server) list(c *call) *answer {
	out := []object{}

	for _, f := range c.of.folders {
		if s.cfg.folders && f.account == c.who.account {
			out = append(out, s.folderView(f))
		}
	}

	for _, e := range s.all(c.of, c.who) {
		out = append(out, s.view(c.of, e))
	}

	return s.json(http.StatusOK, out)
}

// listV2 answers as the second API's lists were observed to.
func (s *Server) listV2(c *call) *answer {
	out := []object{}
	for _, e := range s.all(c.of, c.who) {
		o := object{"id": s.id(e.id), "name": e.name}
		if c.of == s.queues {
			o["show"] = s.queueShow(e)
		}
		out = append(out, o)
	}
	return s.json(http.StatusOK, out)
}

func (s *Server) get(c *call) *answer {
	e := c.find(c.of, c.id)
	if e == nil {
		return s.missing(c.of.kind, c.id)
	}
	if s.cfg.wrapped {
		return s.json(http.StatusOK, []object{s.view(c.of, e)})
	}
	return s.json(http.StatusOK, s.view(c.of, e))
}

// forbidden are the characters that no name may have, beside space.
const forbidden = `"&'/:<>@\`

// checkName returns what is wrong with a name, and the observed spelling of that failure.
func (s *Server) checkName(k *catalog, v any) (name, problem string, seen Failure) {
	name, ok := v.(string)
	title := strings.ToUpper(k.kind[:1]) + k.kind[1:]

	switch {
	case !ok || name == "":
		return "", "A name is required.", FailureNull
	case strings.ContainsAny(name, " "+forbidden):
		return "", title + " names cannot contain spaces or any of the characters " + forbidden + ".", FailureString
	case strings.ContainsFunc(name, func(r rune) bool { return unicode.IsControl(r) || unicode.IsSpace(r) }):
		return "", title + " names cannot contain control characters.", FailureNull
	case utf8.RuneCountInString(name) > 40:
		return "", title + " names cannot be longer than 40 characters.", FailureNull
	case strings.ToLower(name) != name:
		return "", title + " names must be lowercase.", FailureNull
	case s.names[name]:
		return "", "The name " + name + " is in use.", FailureNull
	}
	return name, "", FailureNull
}

func (s *Server) create(c *call) *answer {
	in, refused := s.input(c)
	if refused != nil {
		return refused
	}

	name, problem, seen := s.checkName(c.of, in["name"])
	if problem != "" {
		return s.failure(http.StatusOK, seen, s.cfg.reasonKey, problem)
	}

	e := &entry{account: c.who.account, creator: c.who.id, name: name}
	if v, ok := in["type"]; ok && v != c.of.kind {
		return s.fail("The type must be %s.", c.of.kind)
	}

	if v, ok := in["parent_id"]; ok {
		id, ok := asID(v)
		if !ok || !slices.ContainsFunc(c.of.folders, func(f folder) bool { return f.id == id && f.account == c.who.account }) {
			return s.fail("There is no folder %v.", v)
		}
		e.parent = id
	}

	if c.of == s.users {
		if e.password, _ = in["password"].(string); !s.cfg.passwordRule(e.password) {
			return s.fail("A valid password is required.")
		}
	}

	if !s.cfg.emailAtCreate {
		delete(in, "email")
	}
	s.apply(c.of, e, in)
	c.of.add(e)
	s.names[e.name] = true
	return s.one(s.view(c.of, e))
}

func (s *Server) update(c *call) *answer {
	e := c.find(c.of, c.id)
	if e == nil {
		return s.missing(c.of.kind, c.id)
	}

	in, refused := s.input(c)
	if refused != nil {
		return refused
	}

	if s.ignoreUpdates {
		clear(in)
	}
	if v, ok := in["name"]; ok && !s.cfg.fixedNames {
		if name, problem, _ := s.checkName(c.of, v); problem == "" {
			s.rename(e, name)
		}
	}

	s.apply(c.of, e, in)
	return s.one(s.view(c.of, e))
}

func (s *Server) rename(e *entry, name string) {
	delete(s.names, e.name)
	s.names[name] = true
	e.name = name
}

// apply sets the writable fields whose values are legal, except the name. It silently
// ignores the rest.
func (s *Server) apply(k *catalog, e *entry, in object) {
	if v, ok := in["email"]; ok {
		if email, ok := asEmail(v); ok {
			e.email = email
		}
	}

	if k == s.users {
		if password, ok := in["password"].(string); ok && s.cfg.passwordRule(password) {
			e.password = password
		}
		return
	}

	if v, ok := in["transcripts"]; ok {
		if on, ok := asFlag(v); ok {
			e.transcripts = on
		}
	}
	if avatar, ok := in["avatar"].(string); ok {
		e.avatar = avatar
	}
}

func (s *Server) delete(c *call) *answer {
	e := c.find(c.of, c.id)
	switch {
	case e == nil:
		return s.fail("There is no %s %d.", c.of.kind, c.id)
	case e.admin:
		return s.fail("The top-level user of an account cannot be deleted.")
	}
	s.remove(c.of, e)
	return s.success()
}

// remove also removes the links, and ends the sessions of a user.
func (s *Server) remove(k *catalog, e *entry) {
	for _, l := range slices.Clone(e.links) { // l.remove changes e.links
		l.remove()
	}

	k.Remove(e.id)
	if !s.cfg.keepNames {
		delete(s.names, e.name)
	}

	if k == s.users {
		maps.DeleteFunc(s.sessions, func(_ string, user int64) bool { return user == e.id })
	}
}

func (s *Server) must(k *catalog, id int64) *entry {
	e := k.At(id)
	if e == nil {
		panic(fmt.Sprintf("libh3lptest: there is no %s %d", k.kind, id))
	}
	return e
}
