package webextest

import (
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
)

var e164 = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)

// written checks the body of a write and returns the fields to store. Unknown
// ones are stored as they came. Before is the person that is replaced, or nil.
func (s *Server) written(c *call, o object, before *person) (object, *answer) {
	o = maps.Clone(o)
	maps.DeleteFunc(o, func(_ string, v any) bool { return v == nil })

	for _, name := range serverFields {
		if _, ok := o[name]; ok && !s.cfg.lenient {
			return nil, c.invalid("%s is read-only", name)
		}
		delete(o, name)
	}
	if a := c.checkTypes(o); a != nil {
		return nil, a
	}

	if id := text(o, "orgId"); id != "" && Key(id) != OrgKey {
		return nil, c.refuse(s.cfg.unknownOrg, 0, "The organization is not one that you may act for.")
	}
	delete(o, "orgId")

	for _, id := range words(o, "roles") {
		if kind, _, ok := parseID(id); !ok || kind != roleType {
			return nil, c.invalid("%q is not the id of a role", id)
		}
	}
	if a := s.readLogin(c, o, before); a != nil {
		return nil, a
	}
	for _, e := range words(o, "emails") {
		if user, host, ok := strings.Cut(e, "@"); !ok || user == "" || !strings.Contains(host, ".") {
			return nil, c.invalid("%q is not an email address", e)
		}
	}
	return o, s.checkNumbers(c, o, before)
}

// checkTypes checks the JSON types of the fields that are known.
func (c *call) checkTypes(o object) *answer {
	for _, name := range []string{"displayName", "firstName", "lastName", "nickName", "avatar", "orgId", "department", "manager", "managerId",
		"title", "extension", "locationId"} {
		if v, ok := o[name]; ok {
			if _, ok := v.(string); !ok {
				return c.invalid("%s must be a string", name)
			}
		}
	}

	for _, name := range []string{"emails", "roles", "licenses", "siteUrls"} {
		if v, ok := o[name]; ok {
			if list, ok := v.([]any); !ok || len(words(o, name)) != len(list) {
				return c.invalid("%s must be an array of strings", name)
			}
		}
	}

	for _, name := range []string{"phoneNumbers", "addresses"} {
		if v, ok := o[name]; ok {
			list, ok := v.([]any)
			if !ok || slices.ContainsFunc(list, func(v any) bool { _, ok := v.(object); return !ok }) {
				return c.invalid("%s must be an array of objects", name)
			}
		}
	}
	return nil
}

// readLogin makes loginEnabled a boolean. A new person has none yet.
func (s *Server) readLogin(c *call, o object, before *person) *answer {
	v, ok := o["loginEnabled"]
	if !ok {
		return nil
	}
	switch v {
	case true, false:
	case "true", "false":
		if !s.cfg.lenient {
			return c.invalid("loginEnabled must be a boolean")
		}
		o["loginEnabled"] = v == "true"
	default:
		return c.invalid("loginEnabled must be a boolean")
	}

	if before == nil {
		return c.invalid("loginEnabled cannot be set when a person is created")
	}
	return nil
}

// checkNumbers keeps the work numbers. Others are taken as they were read, and are
// then as before.
func (s *Server) checkNumbers(c *call, o object, before *person) *answer {
	list, _ := o["phoneNumbers"].([]any)
	shown := map[[2]string]bool{}
	if before != nil {
		all, _ := s.show(before, view{calling: true})["phoneNumbers"].([]any)
		for _, v := range all {
			n := v.(object)
			shown[[2]string{text(n, "type"), text(n, "value")}] = true
		}
	}

	var work []any
	for _, v := range list {
		n := v.(object)
		kind, value := text(n, "type"), text(n, "value")
		switch {
		case kind == "work" && e164.MatchString(value):
			work = append(work, object{"type": "work", "value": value})
		case kind != "work" && shown[[2]string{kind, value}]:
		case !s.cfg.lenient:
			return c.invalid("phoneNumbers: only work numbers in E.164 can be set, not %v %q", n["type"], value)
		}
	}
	if delete(o, "phoneNumbers"); work != nil {
		o["phoneNumbers"] = work
	}
	return nil
}

// license silently drops the licences that do not exist, and refuses those that exclude
// each other. From a person that does not call afterwards it takes what only callers
// have.
func (s *Server) license(c *call, o object, before *person) *answer {
	var kept []any
	has := map[string]bool{}
	for _, id := range words(o, "licenses") {
		if l := s.licence(id); l != nil && !has[l.name] {
			kept, has[l.name] = append(kept, l.id()), true
		}
	}
	delete(o, "licenses")
	if kept != nil {
		o["licenses"] = kept
	}

	conflict := func(code int, text string) *answer {
		a := refuse(http.StatusBadRequest, "%s", text)
		a.code = code
		return a
	}

	switch {
	case has[nameStandard] && has[nameProfessional]:
		return conflict(codeProAndBasic, "User cannot have both Calling Professional and Calling Standard licenses together")
	case has[nameStandard] && has[nameAssist]:
		return conflict(codeBasicAndCX, "User cannot have both Calling Standard and CX Essential licenses together")
	case before != nil && has[nameStandard] && s.holds(before, nameAssist):
		return conflict(codeCXToBasic, "Cannot go from CX Essential to Calling Standard")
	case before != nil && has[nameStandard] && s.holds(before, nameProfessional):
		return conflict(codeProToBasic, "Cannot go from Calling Professional to Calling Standard")
	}

	if before != nil {
		for _, l := range s.licences {
			if l.implicit && s.holds(before, l.name) && !has[l.name] {
				return c.invalid("The license %s is implicit and cannot be removed.", l.name)
			}
		}
	}

	if !has[nameProfessional] && !has[nameStandard] && !has[nameAssist] {
		delete(o, "locationId")
		delete(o, "extension")
		delete(o, "phoneNumbers")
		return nil
	}

	if before != nil && s.calls(before) {
		return nil
	}
	// The licence is first assigned: everything that it needs comes with it.
	if s.location(text(o, "locationId")) == nil {
		return c.refuse(http.StatusBadRequest, 400, "Unable to find location")
	}
	if text(o, "extension") == "" && o["phoneNumbers"] == nil {
		return c.invalid("A Calling user needs a phone number or an extension.")
	}
	return nil
}

func (s *Server) owner(email string) *person {
	for _, p := range s.people.All() {
		if slices.ContainsFunc(words(p.fields, "emails"), func(e string) bool { return strings.EqualFold(e, email) }) {
			return p
		}
	}
	return nil
}

func (s *Server) createPerson(c *call) *answer {
	brief, a := c.flag("minResponse")
	if a != nil {
		return a
	}
	body, a := c.object()
	if a != nil {
		return a
	}

	o, a := s.written(c, body, nil)
	if a != nil {
		return a
	}
	emails := words(o, "emails")
	switch {
	case len(emails) != 1:
		return c.invalid("emails: exactly one address is needed")
	case s.owner(emails[0]) != nil:
		return c.refuse(http.StatusConflict, 0, "User already exists.")
	case text(o, "displayName") == "" && text(o, "firstName") == "" && text(o, "lastName") == "":
		return c.invalid("At least one of displayName, firstName or lastName is needed.")
	}

	if a := s.license(c, o, nil); a != nil {
		return a
	}
	if text(o, "displayName") == "" {
		o["displayName"] = strings.TrimSpace(text(o, "firstName") + " " + text(o, "lastName"))
	}

	now := stamp(time.Now())
	maps.Copy(o, object{
		"orgId": OrgID, "created": now, "lastModified": now, "type": "person",
		"status": "pending", "invitePending": true, "loginEnabled": true,
	})
	if first := text(o, "firstName"); first != "" {
		o["nickName"] = first
	}

	p := s.enter(s.newKey(), o)
	if s.strikes(c.route.Op) {
		return c.invalid("Some of the licenses could not be assigned.")
	}

	if brief {
		return jsonAnswer(http.StatusOK, object{"id": p.id()})
	}
	return s.showOne(c, p)
}

func (s *Server) enter(key string, fields object) *person {
	seq := 1
	if all := s.people.All(); len(all) > 0 {
		seq = all[len(all)-1].seq + 1
	}
	p := &person{key: key, seq: seq, born: time.Now(), fields: fields}
	s.people.Add(key, p)
	return p
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

func (s *Server) replacePerson(c *call) *answer {
	p, a := s.named(c)
	if a != nil {
		return a
	}
	brief, a := c.flag("minResponse")
	if a != nil {
		return a
	}
	body, a := c.object()
	if a != nil {
		return a
	}
	o, a := s.written(c, body, p)
	if a != nil {
		return a
	}

	if a := s.checkReplacement(c, p, o); a != nil {
		return a
	}
	if a := s.license(c, o, p); a != nil {
		return a
	}

	if s.strikes(c.route.Op) {
		p.replaceHalf(o)
		return c.invalid("Some of the changes could not be made.")
	}
	s.completeReplacement(p, o)
	p.fields = o

	if brief {
		return done()
	}
	return s.showOne(c, p)
}

// checkReplacement checks what the person's present state decides, and fills in what
// a PUT cannot take away.
func (s *Server) checkReplacement(c *call, p *person, o object) *answer {
	if text(o, "displayName") == "" {
		return c.invalid("displayName is required")
	}

	if _, ok := o["emails"]; !ok {
		o["emails"] = p.fields["emails"] // a person must have one
	}
	emails := words(o, "emails")
	if len(emails) == 0 {
		return c.invalid("emails: at least one address is needed")
	}
	for _, e := range emails {
		if other := s.owner(e); other != nil && other != p {
			return c.refuse(http.StatusConflict, 0, "The email address is in use.")
		}
	}

	if s.calls(p) {
		if id, ok := o["locationId"]; ok && Key(id.(string)) != Key(text(p.fields, "locationId")) {
			return c.invalid("locationId cannot be changed.")
		}
		o["locationId"] = p.fields["locationId"]
	}
	return nil
}

// replaceHalf makes half of a change: the names and texts, not the licences, roles and login.
func (p *person) replaceHalf(o object) {
	for name, v := range o {
		if _, ok := v.(string); ok && name != "extension" {
			p.fields[name] = v
		}
	}
	p.fields["lastModified"] = stamp(time.Now())
}

// completeReplacement adds what the server decides.
func (s *Server) completeReplacement(p *person, o object) {
	for _, name := range append([]string{"orgId"}, serverFields...) {
		if v, ok := p.fields[name]; ok {
			o[name] = v
		}
	}
	o["lastModified"] = stamp(time.Now())

	delete(o, "nickName")
	if first := text(o, "firstName"); first != "" {
		o["nickName"] = first
	}

	if _, ok := o["loginEnabled"]; !ok {
		o["loginEnabled"] = !s.cfg.loginKept || p.fields["loginEnabled"] == true
	}
}

func (s *Server) deletePerson(c *call) *answer {
	p, a := s.named(c)
	if a != nil {
		return a
	}
	s.people.Remove(p.key)
	s.forget(p.key)
	return done()
}
