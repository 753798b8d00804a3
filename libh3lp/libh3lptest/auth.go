package libh3lptest

import (
	"crypto/rand"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"slices"
)

func (s *Server) login(c *call) *answer {
	in, err := loginForm(c)
	if err != nil {
		return s.refuse(http.StatusBadRequest, "The request cannot be read: %v", err)
	}

	username, password := in.Get("username"), in.Get("password")
	if username == "" || password == "" {
		return s.loginFailure(c, "Both username and password are required.")
	}
	user := s.userNamed(username)
	if s.refuseLogins || user == nil || user.password != password {
		return s.loginFailure(c, "Invalid username or password.")
	}

	id := newUUID()
	s.sessions[id] = user.id

	o := object{"success": true, "username": user.name}
	if user.admin {
		o["account_id"] = user.account
	}

	a := s.json(http.StatusOK, o)
	a.SetCookie(&http.Cookie{
		Name: s.cfg.cookieName, Value: id, Path: "/", Domain: s.cfg.cookieDomain, Secure: true, HttpOnly: true,
	})
	return a
}

// loginFailure uses the key that the vendor's own client reads in this version.
func (s *Server) loginFailure(c *call, message string) *answer {
	key := s.cfg.reasonKey
	if c.version == v2 && !s.cfg.reasonGiven {
		key = "error"
	}
	return s.failure(s.cfg.loginStatus, FailureNull, key, message)
}

// loginForm reads the parameters of a login: the query, and a body that is
// urlencoded or multipart.
func loginForm(c *call) (url.Values, error) {
	kind, _, err := mime.ParseMediaType(c.request.Header.Get("Content-Type"))
	if err != nil && len(c.body) > 0 {
		return nil, fmt.Errorf("the content type: %w", err)
	}

	// The standard library leaves a multipart body to another method.
	if kind == "multipart/form-data" {
		err = c.request.ParseMultipartForm(1 << 20)
	} else {
		err = c.request.ParseForm()
	}
	return c.request.Form, err
}

func newUUID() string {
	var b [16]byte
	rand.Read(b[:])
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

func (s *Server) verify(c *call) *answer {
	if s.authenticate(c.request) == nil {
		return s.gone(c)
	}
	return s.success()
}

// authenticate returns the caller, or nil.
func (s *Server) authenticate(r *http.Request) *entry {
	if cookie, err := r.Cookie(s.cfg.cookieName); err == nil {
		if user, ok := s.sessions[cookie.Value]; ok {
			return s.users.At(user)
		}
	}

	if name, password, ok := r.BasicAuth(); ok && s.cfg.basicAuth {
		if user := s.userNamed(name); user != nil && user.password == password {
			return user
		}
	}
	return nil
}

// gone answers a request that has no live session.
func (s *Server) gone(c *call) *answer {
	switch s.cfg.sessionGone {
	case GoneRedirect:
		return loginPage(http.StatusFound).Set("Location", "/login")
	case GonePage:
		return loginPage(http.StatusOK)
	}
	return s.refuse(http.StatusUnauthorized, "You must log in.")
}

// ExpireSessions logs the named users out, or everybody.
func (s *Server) ExpireSessions(usernames ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, userID := range s.sessions {
		if user := s.users.At(userID); len(usernames) == 0 || user != nil && slices.Contains(usernames, user.name) {
			delete(s.sessions, id)
		}
	}
}

// Sessions returns how many sessions there are that have not ended.
func (s *Server) Sessions() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.sessions)
}

// RefuseLogins refuses every login, as if its password were wrong, or ends that.
// Sessions stay valid. See [WithLoginFailureStatus].
func (s *Server) RefuseLogins(refuse bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refuseLogins = refuse
}

// Grant lets a user manage all of its account, as a permission group does, without
// being its administrator.
func (s *Server) Grant(userID int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.must(s.users, userID).granted = true
}

// manages reports whether the caller sees a user or queue, and may change it.
func (e *entry) manages(other *entry) bool {
	return e.account == other.account && (e.admin || e.granted || other.creator == e.id)
}
