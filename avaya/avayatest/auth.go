package avayatest

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

// accountAdministrator is the role that users, profiles and groups require of
// the caller.
const accountAdministrator = "Account Administrator"

// Client is an API client.
type Client struct {
	ID, Secret string
	// AccountID is the account that the client gets tokens for; if empty, that of
	// the server.
	AccountID string
	// Roles are the caller's roles; nil means Account Administrator.
	Roles []string
}

// AddClient adds a client that can get tokens: for another account, for example, or
// without the role Account Administrator.
func (s *Server) AddClient(c Client) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.AccountID = cmp.Or(c.AccountID, s.cfg.account)
	s.clients[c.ID] = c
}

// ExpireTokens ends all access tokens given out so far. Refresh tokens stay, and
// so does [Bearer].
func (s *Server) ExpireTokens() { s.expire(false) }

// ExpireRefreshTokens ends all refresh tokens given out so far.
func (s *Server) ExpireRefreshTokens() { s.expire(true) }

func (s *Server) expire(refresh bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for token, ses := range s.sessions {
		if ses.refresh == refresh {
			delete(s.sessions, token)
		}
	}
}

// A session is what a token stands for.
type session struct {
	account string
	client  string
	roles   []string
	expires time.Time
	refresh bool
}

var accountPattern = regexp.MustCompile(`^[a-zA-Z]{6}$`)

func malformedAccount() *problem {
	return invalid(violation{"accountId", `must match "^[a-zA-Z]{6}$"`, codePattern})
}

// authorize is the gateway: the appkey before the token, both before the account.
func (s *Server) authorize(r *request) *problem {
	if p := s.checkAppKey(r); p != nil {
		return p
	}

	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	ses := s.sessions[token]
	if token == Bearer {
		ses = &session{account: s.cfg.account, roles: []string{accountAdministrator}, expires: time.Now().Add(time.Hour)}
	}

	if !strings.EqualFold(scheme, "Bearer") || ses == nil || ses.refresh || !time.Now().Before(ses.expires) {
		return unauthorized("Access-Token")
	}

	if !accountPattern.MatchString(r.account) {
		return malformedAccount()
	}
	if s.cfg.unknownAccount != http.StatusForbidden && !s.knownAccount(r.account) {
		return refusal(s.cfg.unknownAccount, "Invalid AccountID")
	}
	if r.account != ses.account || r.account != s.cfg.account {
		return forbidden("The caller has no access to account " + r.account)
	}

	// The match service states no role.
	if r.service != "match" && !slices.Contains(ses.roles, accountAdministrator) {
		return forbidden("The caller lacks the role " + accountAdministrator)
	}
	return nil
}

// checkAppKey: the deprecated v1beta knows no appkey.
func (s *Server) checkAppKey(r *request) *problem {
	if r.version == "v1" && r.Header.Get("appkey") != s.cfg.appKey {
		return unauthorized("Appkey")
	}
	return nil
}

func (s *Server) knownAccount(id string) bool {
	for _, c := range s.clients {
		if c.AccountID == id {
			return true
		}
	}
	return id == s.cfg.account
}

var grantFields = map[string][]string{
	"client_credentials": {"client_id", "client_secret"},
	"password":           {"client_id", "client_secret", "username", "password"},
	"refresh_token":      {"client_id", "client_secret", "refresh_token"},
}

func (s *Server) token(r *request) answer {
	if p := s.checkAppKey(r); p != nil {
		return fail(p)
	}

	if media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); media != "application/x-www-form-urlencoded" {
		p := wrongMediaType()
		p.title, p.fragment = "Conflict", "conflict" // as the vendor has it
		p.detail = "The content type must be application/x-www-form-urlencoded"
		return fail(p)
	}

	if !accountPattern.MatchString(r.account) {
		return fail(malformedAccount())
	}
	if !s.knownAccount(r.account) {
		p := notFound("Realm does not exist")
		p.title, p.fragment = "Not Found", "not-found"
		return fail(p)
	}

	form, p := grantForm(r)
	if p != nil {
		return fail(p)
	}
	client, ok := s.clients[form.Get("client_id")]
	if !ok || client.Secret != form.Get("client_secret") || client.AccountID != r.account {
		return fail(unauthorized("Client"))
	}
	roles, p := s.grantedRoles(client, form)
	if p != nil {
		return fail(p)
	}

	now := time.Now()
	access := &session{account: r.account, client: client.ID, roles: roles, expires: now.Add(s.cfg.tokenLife)}
	refresh := &session{account: r.account, client: client.ID, roles: roles, expires: now.Add(s.cfg.refreshLife), refresh: true}
	return answer{status: http.StatusOK, body: object{
		"access_token":  s.open(access),
		"expires_in":    int(s.cfg.tokenLife / time.Second),
		"refresh_token": s.open(refresh),
	}}
}

// grantForm reads the form of a token request, whose grant type says what it needs.
func grantForm(r *request) (url.Values, *problem) {
	form, err := url.ParseQuery(string(r.body))
	if err != nil {
		return nil, badRequest("The form cannot be read")
	}

	grant := form.Get("grant_type")
	fields, known := grantFields[grant]
	switch {
	case grant == "":
		return nil, invalid(violation{"grant_type", "must not be null", codeNull})
	case !known:
		return nil, badRequest("Unsupported grant_type")
	}

	var missing []violation
	for _, f := range fields {
		if form.Get(f) == "" {
			missing = append(missing, violation{f, "must not be null", codeNull})
		}
	}
	if missing != nil {
		return nil, invalid(missing...)
	}
	return form, nil
}

// grantedRoles returns those of the user who signs in, of the session that is
// refreshed, or of the client itself.
func (s *Server) grantedRoles(client Client, form url.Values) ([]string, *problem) {
	switch form.Get("grant_type") {
	case "password":
		roles, ok := s.signIn(form.Get("username"), form.Get("password"))
		if !ok {
			return nil, unauthorized("User")
		}
		return roles, nil
	case "refresh_token":
		old := s.sessions[form.Get("refresh_token")]
		if old == nil || !old.refresh || old.client != client.ID || !time.Now().Before(old.expires) {
			return nil, badRequest("Invalid refresh token")
		}
		return old.roles, nil
	}

	if client.Roles == nil {
		return []string{accountAdministrator}, nil
	}
	return client.Roles, nil
}

// signIn checks a user's login and password and returns the roles that it has
// towards the admin API.
func (s *Server) signIn(login, password string) ([]string, bool) {
	if login == AdminLogin && password == AdminPassword {
		return []string{accountAdministrator}, true
	}

	u, ok := s.users.Get(s.logins[s.fold(login)])
	if !ok || u.password == "" || u.password != password {
		return nil, false
	}

	for _, role := range list(s.effective(u)["roles"]) {
		if role == "Administrator" || role == accountAdministrator {
			return []string{accountAdministrator}, true
		}
	}
	return []string{}, true
}

// open gives out a token, shaped like the vendor's. Unlike ids, no two servers
// give out the same.
func (s *Server) open(ses *session) string {
	n := fmt.Sprintf("%016x%016x", rand.Uint64(), rand.Uint64())
	claims := fmt.Sprintf(`{"jti":%q,"account":%q,"exp":%d}`, n, ses.account, ses.expires.Unix())
	enc := base64.RawURLEncoding
	token := enc.EncodeToString([]byte(`{"alg":"RS256","typ":"JWT"}`)) + "." +
		enc.EncodeToString([]byte(claims)) + "." + enc.EncodeToString([]byte("not signed "+n))
	s.sessions[token] = ses
	return token
}
