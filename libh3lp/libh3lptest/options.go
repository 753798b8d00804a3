package libh3lptest

import (
	"net/http"
	"time"
)

// What a new server holds and accepts, unless options say otherwise.
const (
	// Origin is where the server is in memory: the vendor's US region.
	Origin = "https://us.libraryh3lp.com"
	// UserDomain and QueueDomain are the domains of JIDs and presence URLs.
	UserDomain  = "libraryh3lp.com"
	QueueDomain = "chat.libraryh3lp.com"

	// Username and Password log the administrator in.
	Username = "jane-admin"
	Password = "sim-Adm1n-pass-6c2e"
	// AdministratorID is the id of the administrator as a user.
	AdministratorID = 8400
	// AccountID is the account that the administrator's login returns.
	AccountID = 1085
)

// Option changes how a Server behaves.
type Option func(*config)

type config struct {
	username, password      string
	userDomain, queueDomain string
	sample                  bool

	sessionGone  SessionGone
	loginStatus  int
	cookieName   string
	cookieDomain string
	basicAuth    bool
	laxVersions  bool
	hideAdmin    bool

	failure     Failure
	reasonKey   string
	reasonGiven bool
	missing     Missing
	off         Off
	bare        bool
	wrapped     bool
	stringIDs   bool
	contentType string

	folders       bool
	emailAtCreate bool
	keepNames     bool
	fixedNames    bool
	duplicateOK   bool
	passwordRule  func(string) bool

	unknownOffline bool
	readLag        time.Duration
}

func defaults() config {
	return config{
		username: Username, password: Password, userDomain: UserDomain, queueDomain: QueueDomain,
		loginStatus: http.StatusOK, cookieName: "libraryh3lp-session", reasonKey: "message",
		contentType: "application/json; charset=utf-8", passwordRule: func(p string) bool { return p != "" },
	}
}

// WithSampleData fills the account with a library's small chat service: 5 queues
// and 12 people beside the administrator, in all presences, with links that are
// enabled and suspended. Ids are the same every time: users from 8451, queues
// from 34814.
func WithSampleData() Option { return func(c *config) { c.sample = true } }

// WithLogin replaces [Username] and [Password].
func WithLogin(username, password string) Option {
	return func(c *config) { c.username, c.password = username, password }
}

// WithDomains replaces [UserDomain] and [QueueDomain], for another region.
func WithDomains(users, queues string) Option {
	return func(c *config) { c.userDomain, c.queueDomain = users, queues }
}

// SessionGone is how a request without a live session is answered.
type SessionGone int

// The answers; which one LibraryH3lp gives is not documented.
const (
	GoneUnauthorized SessionGone = iota // 401 and a failure object
	GoneRedirect                        // 302 to the login page
	GonePage                            // 200 and the login page, in HTML
)

// WithSessionGone sets how a request without a live session is answered; the
// default is [GoneUnauthorized].
func WithSessionGone(answer SessionGone) Option { return func(c *config) { c.sessionGone = answer } }

// WithLoginFailureStatus sets the status of a refused login: 200 by default, as
// documented, or 401.
func WithLoginFailureStatus(status int) Option { return func(c *config) { c.loginStatus = status } }

// WithCookieDomain gives the session cookie a Domain attribute. One that is not
// the server's own makes a cookie jar that follows the standard reject it.
func WithCookieDomain(domain string) Option { return func(c *config) { c.cookieDomain = domain } }

// WithCookieName renames the session cookie; the default is libraryh3lp-session.
func WithCookieName(name string) Option { return func(c *config) { c.cookieName = name } }

// WithBasicAuth also accepts HTTP Basic instead of a session. The vendor's pages
// contradict each other about it.
func WithBasicAuth() Option { return func(c *config) { c.basicAuth = true } }

// WithLaxVersions ignores X-API-Version, as the server did before 2019. By default the
// header is required and must match the path.
func WithLaxVersions() Option { return func(c *config) { c.laxVersions = true } }

// WithAdministratorHidden leaves the administrator out of the users.
func WithAdministratorHidden() Option { return func(c *config) { c.hideAdmin = true } }

// Failure is the spelling of success in an answer that reports a failure.
type Failure int

// The spellings. Each was observed, or some client expects it.
const (
	FailureAsSeen Failure = iota // "false" at a create with an illegal name, as observed; otherwise null, as documented
	FailureNull                  // null
	FailureString                // "false"
	FailureFalse                 // false
	FailureAbsent                // no success at all
)

// WithFailure sets the spelling of success in failures; the default is
// [FailureAsSeen].
func WithFailure(spelling Failure) Option { return func(c *config) { c.failure = spelling } }

// WithReasonKey sets the key of a failure's reason: message or error; with ""
// failures give no reason. By default it is message, and error at a login of the
// second API.
func WithReasonKey(key string) Option {
	return func(c *config) { c.reasonKey, c.reasonGiven = key, true }
}

// Missing is how a request for a user or queue that does not exist is answered.
type Missing int

// The answers; which one LibraryH3lp gives is not documented.
const (
	MissingNotFound   Missing = iota // 404 and a failure object
	MissingFailure                   // 200 and a failure object
	MissingEmptyArray                // 200 and []
	MissingNull                      // 200 and null
)

// WithMissing sets how a request for a user or queue that does not exist, or that
// the caller does not manage, is answered; the default is [MissingNotFound]. A
// delete is always answered with 200 and a failure object, as is a request for a
// link that does not exist.
func WithMissing(answer Missing) Option { return func(c *config) { c.missing = answer } }

// Off is how the first API spells a boolean that is off: enabled of a link,
// transcripts of a queue.
type Off int

// The spellings.
const (
	OffNull   Off = iota // null, as documented
	OffFalse             // false
	OffString            // "false"
	OffAbsent            // the field is left out
)

// WithOff sets how the first API spells a boolean that is off; the default is
// [OffNull].
func WithOff(spelling Off) Option { return func(c *config) { c.off = spelling } }

// WithBareObjects answers creates and updates with the object itself. By default
// it is the only element of an array.
func WithBareObjects() Option { return func(c *config) { c.bare = true } }

// WithWrappedObjects answers a read of one object with an array of one. By
// default it is the object itself.
func WithWrappedObjects() Option { return func(c *config) { c.wrapped = true } }

// WithStringIDs answers ids as strings of digits.
func WithStringIDs() Option { return func(c *config) { c.stringIDs = true } }

// WithContentType sets the Content-Type of JSON answers, which is not recorded
// anywhere; the default is application/json; charset=utf-8.
func WithContentType(contentType string) Option {
	return func(c *config) { c.contentType = contentType }
}

// WithFolders lists folders among the users and queues, as entries of the type
// folder; each kind has at least one. By default no list shows them.
func WithFolders() Option { return func(c *config) { c.folders = true } }

// WithEmailAtCreate lets a create set the email. By default only an update does.
func WithEmailAtCreate() Option { return func(c *config) { c.emailAtCreate = true } }

// WithNamesKept keeps the names of deleted users and queues taken. By default
// they are free again.
func WithNamesKept() Option { return func(c *config) { c.keepNames = true } }

// WithRenamesIgnored ignores a name in an update. By default it renames.
func WithRenamesIgnored() Option { return func(c *config) { c.fixedNames = true } }

// WithDuplicateLinksAccepted answers a create of a link that exists already with
// success, and leaves the link as it is. By default it is a failure.
func WithDuplicateLinksAccepted() Option { return func(c *config) { c.duplicateOK = true } }

// WithPasswordRule sets which passwords are accepted: by default, all that are not
// empty. A create with any other password fails. An update ignores it, and the answer
// does not show that.
func WithPasswordRule(accept func(password string) bool) Option {
	return func(c *config) { c.passwordRule = accept }
}

// WithUnknownPresenceOffline answers presence requests for names that do not
// exist, also for a user in the queues' domain or a queue in the users', with
// unavailable. By default they are answered 404.
func WithUnknownPresenceOffline() Option { return func(c *config) { c.unknownOffline = true } }

// WithReadLag lets every read show the state as of d ago, without what requests created,
// changed or deleted since. Answers to writes show what they did. It is the
// server's own time, also in a testing/synctest bubble. What is seeded shows at once, unless
// a request changed something within d before.
func WithReadLag(d time.Duration) Option { return func(c *config) { c.readLag = d } }
