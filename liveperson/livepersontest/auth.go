package livepersontest

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"mime"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

// principal is who makes a request.
type principal struct {
	scoped bool  // by the application's scopes: an OAuth 2.0 token
	user   int64 // of a stored user's login; 0 otherwise
}

type token struct{ expires time.Time }

type session struct {
	username, bearer, csrf, id string
	user                       int64
	expires                    time.Time
}

// authorise finds out who asks, and whether they may.
func (s *Server) authorise(c *call) *problem {
	who, p := s.authenticate(c.request)
	if p != nil {
		return p
	}
	if c.account != s.cfg.account {
		return refuse(http.StatusUnauthorized, "invalid site or agent")
	}
	c.who = who
	if !s.permitted(c) {
		return refuse(http.StatusForbidden, "Not Authorized")
	}

	for _, pattern := range s.cfg.forbidden {
		if ok, err := path.Match(pattern, c.op); ok || err != nil {
			return refuse(http.StatusForbidden, "Not Authorized")
		}
	}
	return nil
}

func (s *Server) authenticate(r *http.Request) (*principal, *problem) {
	scheme, value, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	now := time.Now()

	switch {
	case scheme == "OAuth":
		if p := s.verifyOAuth1(r, value); p != nil {
			return nil, p
		}
		return &principal{}, nil
	case scheme == "Bearer" && value != "":
		if value == s.cfg.bearer {
			return &principal{}, nil
		}
		if t, ok := s.tokens[value]; ok && now.Before(t.expires) {
			return &principal{scoped: true}, nil
		}
		if ses := s.sessions[value]; ses != nil && now.Before(ses.expires) {
			return &principal{user: ses.user}, nil
		}
	}
	return nil, refuse(http.StatusUnauthorized, "Not Authenticated")
}

// permitted reports whether a caller's scopes, or profiles, allow the operation.
func (s *Server) permitted(c *call) bool {
	if c.who.user != 0 {
		user, ok := s.users.now.get(c.who.user)
		if !ok {
			return false
		}
		roles := s.rolesOf(list(user, "profileIds"))
		switch {
		case roles[roleAdmin]:
			return true
		case roles[roleManager]:
			return c.method == http.MethodGet || c.op == "AgentView.Get"
		}
		return false
	}

	if !c.who.scoped || c.op == "AgentView.Get" || slices.Contains(s.cfg.scopes, "users.external") {
		return true
	}
	if c.method == http.MethodGet {
		return slices.Contains(s.cfg.scopes, "users.read")
	}
	return slices.Contains(s.cfg.scopes, "users.write")
}

// ExpireTokens ends all OAuth 2.0 tokens issued so far.
func (s *Server) ExpireTokens() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.tokens)
}

// EndSessions logs the named users out, or everybody who logged in.
func (s *Server) EndSessions(usernames ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for bearer, ses := range s.sessions {
		if len(usernames) == 0 || slices.Contains(usernames, ses.username) {
			delete(s.sessions, bearer)
		}
	}
}

// BlockLogin makes logins of these users answer 451, as after LivePerson's
// support has blocked them.
func (s *Server) BlockLogin(usernames ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, name := range usernames {
		s.blocked[name] = true
	}
}

// token issues an OAuth 2.0 token for client credentials, which belong in the
// body and nowhere else.
func (s *Server) token(c *call) *answer {
	oauthError := func(status int, code, description string) *answer {
		return jsonAnswer(status, map[string]string{"error": code, "error_description": description})
	}

	if mediaType(c.request) != "application/x-www-form-urlencoded" {
		return oauthError(http.StatusBadRequest, "invalid_request", "the body is not a form")
	}

	form, err := url.ParseQuery(string(c.body))
	switch {
	case err != nil:
		return oauthError(http.StatusBadRequest, "invalid_request", "the form cannot be read")
	case form.Get("grant_type") != "client_credentials":
		return oauthError(http.StatusBadRequest, "unsupported_grant_type", "grant_type is not client_credentials")
	case c.account != s.cfg.account || form.Get("client_id") != s.cfg.clientID ||
		form.Get("client_secret") != s.cfg.clientSecret:
		return oauthError(http.StatusUnauthorized, "invalid_client", "no such client, or not its secret")
	}

	now := time.Now()
	claims, _ := json.Marshal(map[string]any{
		"aud": "le" + s.cfg.account, "azp": s.cfg.clientID, "iss": "Sentinel", "jti": random(16),
		"scope": strings.Join(s.cfg.scopes, " "), "iat": now.Unix(), "exp": now.Add(s.cfg.tokenLifetime).Unix(),
	})

	// It looks like a JWT; the signature is random.
	access := encode64(`{"kid":"appjwt-sim","typ":"JWT","alg":"RS256"}`) + "." + encode64(string(claims)) + "." +
		encode64(random(32))
	s.tokens[access] = token{expires: now.Add(s.cfg.tokenLifetime)}

	body := map[string]any{"access_token": access, "token_type": "Bearer"}
	seconds := int64(s.cfg.tokenLifetime / time.Second)
	switch s.cfg.expiresIn {
	case ExpiresInString:
		body["expires_in"] = strconv.FormatInt(seconds, 10)
	case ExpiresInNumber:
		body["expires_in"] = seconds
	}

	return jsonAnswer(http.StatusOK, body)
}

func encode64(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

// random returns n random bytes in hexadecimal.
func random(n int) string {
	b := make([]byte, n)
	rand.Read(b)
	return hex.EncodeToString(b)
}

func mediaType(r *http.Request) string {
	t, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return t
}

// login opens a session for a user by password, or for a bot by key.
func (s *Server) login(c *call) *answer {
	now := time.Now()
	if seconds, ok := s.cfg.loginLimit.Pass(now); !ok {
		return tooMany(s.cfg.loginLimit, seconds)
	}

	if mediaType(c.request) != "application/json" {
		return invalid("the body is not JSON")
	}
	if v := c.query.Get("v"); v != "" && !versionForm.MatchString(v) {
		return invalid("v: %q is not a version", v)
	}

	in, p := decodeObject(c.body)
	if p != nil {
		return p
	}
	username := word(in, "username")
	if username == "" || word(in, "password") == "" && word(in, "appKey") == "" {
		return invalid("username and password, or username and appKey, are required")
	}

	if s.blocked[username] {
		return refuse(http.StatusUnavailableForLegalReasons, "the account or the user is blocked")
	}

	user, ok := s.loginUser(username, in)
	if !ok || c.account != s.cfg.account {
		return refuse(http.StatusUnauthorized, "invalid site or agent")
	}

	if s.cfg.singleSession {
		for bearer, ses := range s.sessions {
			if ses.username == username {
				delete(s.sessions, bearer)
			}
		}
	}

	ses := &session{
		username: username, user: user, bearer: random(8), csrf: random(8), id: "s-" + random(8),
		expires: now.Add(s.cfg.sessionTTL),
	}
	s.sessions[ses.bearer] = ses

	a := jsonAnswer(http.StatusOK, s.loginAnswer(c, ses))
	a.SetCookie(&http.Cookie{Name: "Session_id", Value: ses.id, Path: "/", HttpOnly: true})
	return a
}

// loginUser checks credentials: the account's own administrator, who is not a
// stored user and has no id, or a stored user.
func (s *Server) loginUser(username string, in object) (id int64, ok bool) {
	if username == s.cfg.username && word(in, "password") == s.cfg.password {
		return 0, true
	}
	id = s.users.owners[username]
	user, ok := s.users.now.get(id)
	if !ok || !flag(user, "isEnabled") {
		return 0, false
	}
	if password := word(in, "password"); password != "" {
		return id, !flag(user, "isApiUser") && password == word(user, "passwordSh")
	}

	appKey, secret := word(in, "appKey"), word(in, "secret")
	userType, _ := number(user, "userTypeId")
	if !flag(user, "isApiUser") || userType != 2 {
		return 0, false
	}

	// The key is that of one of the two kinds of application.
	key := s.cfg.oauth1
	oauth1 := appKey == key.ConsumerKey && secret == key.ConsumerSecret &&
		word(in, "accessToken") == key.AccessToken && word(in, "accessTokenSecret") == key.AccessTokenSecret &&
		strings.Contains(word(user, "allowedAppKeys"), appKey)
	oauth2 := appKey == s.cfg.clientID && secret == s.cfg.clientSecret &&
		word(in, "accessToken") == "dummy" && word(in, "accessTokenSecret") == "dummy" &&
		(word(user, "oauth2ClientId") == appKey || strings.Contains(word(user, "allowedAppKeys"), appKey))
	return id, oauth1 || oauth2
}

func (s *Server) loginAnswer(c *call, ses *session) any {
	type config struct {
		LoginName         string `json:"loginName"`
		UserID            string `json:"userId"`
		UserPID           string `json:"userPid"`
		UserPrivileges    []int  `json:"userPrivileges"`
		ServerCurrentTime int64  `json:"serverCurrentTime"`
		TimeDiff          int    `json:"timeDiff"`
		ServerTimeZone    string `json:"serverTimeZoneName"`
		IsLPA             bool   `json:"isLPA"`
		IsAdmin           bool   `json:"isAdmin"`
	}

	id, pid, admin := int64(firstUserID-10), pidOf(firstUserID-10), true
	if ses.user != 0 {
		user := s.users.now.objects[ses.user]
		id, pid, admin = ses.user, word(user, "pid"), s.rolesOf(list(user, "profileIds"))[roleAdmin]
	}

	var groups []map[string]any
	for _, g := range s.groups.now.live() {
		groups = append(groups, map[string]any{"id": g["id"], "deleted": false, "name": g["name"]})
	}

	return struct {
		CSRF        string                    `json:"csrf"`
		WSUK        string                    `json:"wsuk"`
		SessionID   string                    `json:"sessionId"`
		Config      config                    `json:"config"`
		CSDS        map[string][]baseURI      `json:"csdsCollectionResponse"`
		AccountData map[string]map[string]any `json:"accountData"`
		TTL         string                    `json:"sessionTTl"`
		Bearer      string                    `json:"bearer"`
	}{
		CSRF: ses.csrf, WSUK: "510033772095611111", SessionID: ses.id,
		Config: config{
			LoginName: ses.username, UserID: strconv.FormatInt(id, 10), UserPID: pid,
			UserPrivileges: []int{100, 101, 1730}, ServerCurrentTime: time.Now().UnixMilli(),
			ServerTimeZone: "UTC", IsAdmin: admin,
		},
		CSDS: c.baseURIs(),
		AccountData: map[string]map[string]any{
			"agentGroupsData": {"items": groups, "revision": s.groups.now.revision},
		},
		TTL: strconv.FormatInt(s.cfg.sessionTTL.Milliseconds(), 10), Bearer: ses.bearer,
	}
}

// sessionOf finds the session that the cookie names, and checks the body's csrf.
func (s *Server) sessionOf(c *call) (*session, *problem) {
	var id string
	for _, cookie := range c.request.Cookies() {
		if strings.EqualFold(cookie.Name, "Session_id") { // LivePerson's own tool sends it in lower case
			id = cookie.Value
		}
	}

	for _, ses := range s.sessions {
		if ses.id != id || !time.Now().Before(ses.expires) || c.account != s.cfg.account {
			continue
		}
		in, p := decodeObject(c.body)
		if p != nil || word(in, "csrf") != ses.csrf {
			return nil, refuseWith(http.StatusUnauthorized, 10, "CSRF token invalid")
		}
		return ses, nil
	}
	return nil, refuse(http.StatusUnauthorized, "Session is not valid")
}

// refresh extends a session; nothing else does.
func (s *Server) refresh(c *call) *answer {
	ses, p := s.sessionOf(c)
	if p != nil {
		return p
	}
	ses.expires = time.Now().Add(s.cfg.sessionTTL)
	return &answer{Status: http.StatusOK}
}

func (s *Server) logout(c *call) *answer {
	ses, p := s.sessionOf(c)
	if p != nil {
		return p
	}
	delete(s.sessions, ses.bearer)
	return &answer{Status: http.StatusOK}
}
