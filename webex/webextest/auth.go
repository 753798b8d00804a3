package webextest

import (
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Role is what the owner of a token may administer.
type Role string

// The roles.
const (
	FullAdmin     Role = "full"
	UserAdmin     Role = "user"
	LocationAdmin Role = "location"
	ReadOnlyAdmin Role = "read-only"
	DeviceAdmin   Role = "device"
	PlainUser     Role = "" // administers nothing
)

// Token is an access token that the simulator accepts.
type Token struct {
	Role Role
	// Scopes are the token's; none means every scope that its role can have.
	Scopes []string
	// PersonID is its owner; empty is [PersonNora].
	PersonID string
	// Expires is when it ends; the zero time is never.
	Expires time.Time
}

type refreshToken struct {
	token   Token
	expires time.Time
}

func (t *Token) has(scope string) bool {
	if len(t.Scopes) > 0 {
		return slices.Contains(t.Scopes, scope)
	}
	// A user's token has no administrator's scopes, and the one for service apps
	// must be asked for.
	return scope != scopeApplications && (t.Role != PlainUser || !strings.HasPrefix(scope, "spark-admin:"))
}

const scopeApplications = "spark:applications_token"

// AddToken lets a bearer token be accepted.
func (s *Server) AddToken(bearer string, t Token) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t.PersonID == "" {
		t.PersonID = PersonNora
	}
	s.tokens[bearer] = &t
}

// Revoke ends access tokens; with no argument all of them, [Bearer] and
// [UserBearer] too. Refresh tokens stay valid.
func (s *Server) Revoke(bearers ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(bearers) == 0 {
		clear(s.tokens)
	}
	for _, b := range bearers {
		delete(s.tokens, b)
	}
}

// RevokeRefresh ends refresh tokens; with no argument all of them.
func (s *Server) RevokeRefresh(tokens ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(tokens) == 0 {
		clear(s.refresh)
	}
	for _, t := range tokens {
		delete(s.refresh, t)
	}
}

// Tokens returns the access tokens that are accepted now, sorted.
func (s *Server) Tokens() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for bearer, t := range s.tokens {
		if !t.expired() {
			out = append(out, bearer)
		}
	}
	slices.Sort(out)
	return out
}

func (t *Token) expired() bool { return !t.Expires.IsZero() && !time.Now().Before(t.Expires) }

// authorise finds the caller and checks scope and role.
func (s *Server) authorise(c *call) *answer {
	if c.op.open {
		return nil
	}

	bearer, ok := strings.CutPrefix(c.request.Header.Get("Authorization"), "Bearer ")
	t := s.tokens[bearer]
	if !ok || t == nil || t.expired() {
		return refuse(http.StatusUnauthorized, "The request requires a valid access token set in the Authorization request header.")
	}
	c.who = t
	for _, scope := range c.op.scopes {
		if !slices.ContainsFunc(strings.Split(scope, "|"), t.has) {
			return refuse(http.StatusForbidden, "The token lacks the scope %s.", strings.ReplaceAll(scope, "|", " or "))
		}
	}
	if len(c.op.roles) > 0 && !slices.Contains(c.op.roles, t.Role) {
		return refuse(http.StatusForbidden, "Access denied: the role of the token's owner does not allow this.")
	}
	return nil
}

// ---- getting tokens

// grant hands out an access token and names the refresh token beside it.
func (s *Server) grant(t Token, refresh string, scopes []string) *answer {
	s.keys++
	access := fmt.Sprintf("c2ltLWFjY2Vzcy0%04d_P0A1_%s", s.keys, OrgKey)
	t.Expires = time.Now().Add(s.cfg.tokenLifetime)
	s.tokens[access] = &t
	if s.cfg.refreshRotates || refresh == "" {
		delete(s.refresh, refresh)
		refresh = fmt.Sprintf("c2ltLXJlZnJlc2g%04d", s.keys)
	}
	s.refresh[refresh] = &refreshToken{token: t, expires: time.Now().Add(s.cfg.refreshLifetime)}

	out := object{
		"access_token": access, "expires_in": int(s.cfg.tokenLifetime.Seconds()),
		"refresh_token": refresh, "refresh_token_expires_in": int(s.cfg.refreshLifetime.Seconds()),
		"token_type": "Bearer",
	}
	if scopes != nil {
		out["scope"] = strings.Join(scopes, " ")
	}
	return jsonAnswer(http.StatusOK, out)
}

var allScopes = []string{
	"spark-admin:people_read", "spark-admin:people_write", "spark-admin:telephony_config_read",
	"spark-admin:telephony_config_write",
}

// token is /access_token: authorization codes and refresh tokens.
func (s *Server) token(c *call) *answer {
	kind, _, err := mime.ParseMediaType(c.request.Header.Get("Content-Type"))
	form, formErr := url.ParseQuery(string(c.body))
	if err != nil || kind != "application/x-www-form-urlencoded" || formErr != nil {
		return refuse(http.StatusBadRequest, "The body must be a form.")
	}

	if form.Get("client_id") != ClientID || form.Get("client_secret") != ClientSecret {
		if form.Get("client_id") != ApplicationClientID || form.Get("client_secret") != ApplicationSecret {
			return refuse(http.StatusUnauthorized, "The client is unknown or its secret is wrong.")
		}
	}

	switch form.Get("grant_type") {
	case "authorization_code":
		code := form.Get("code")
		if !s.codes[code] || form.Get("redirect_uri") != RedirectURI {
			return refuse(http.StatusBadRequest, "The authorization code or the redirect URI is invalid.")
		}
		delete(s.codes, code) // a code works once
		return s.grant(Token{Role: FullAdmin, PersonID: PersonNora}, "", allScopes)

	case "refresh_token":
		name := form.Get("refresh_token")
		r := s.refresh[name]
		if r == nil || !time.Now().Before(r.expires) {
			return refuse(http.StatusBadRequest, "The refresh token is invalid or has expired.")
		}
		return s.grant(r.token, name, allScopes)
	}

	return refuse(http.StatusBadRequest, "grant_type %q is not supported", form.Get("grant_type"))
}

// applicationToken hands out the tokens of a service app.
func (s *Server) applicationToken(c *call) *answer {
	if c.path["applicationId"] != ApplicationID {
		return refuse(http.StatusNotFound, "There is no such application.")
	}
	o, a := c.object()
	if a != nil {
		return a
	}

	if kind, key, _ := parseID(text(o, "targetOrgId")); kind != organization || key != OrgKey {
		return refuse(http.StatusBadRequest, "targetOrgId is not an organization that has authorised the application.")
	}
	if text(o, "clientId") != ApplicationClientID || text(o, "clientSecret") != ApplicationSecret {
		return refuse(http.StatusUnauthorized, "The client is unknown or its secret is wrong.")
	}
	return s.grant(Token{Role: FullAdmin, PersonID: PersonNora}, "", nil)
}
