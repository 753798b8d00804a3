package livepersontest

import (
	"net/http"
	"time"

	"github.com/rollcall-go/rollcall/internal/simnet"
)

// What a new server accepts, unless options say otherwise.
const (
	// AccountID is the account that exists.
	AccountID = "90817263"
	// ClientID and ClientSecret are the OAuth 2.0 application.
	ClientID     = "3f0b8c52-7a41-4d9e-9c36-rollcalltest"
	ClientSecret = "sim-client-secret-4b7e"
	// Username and Password log an administrator in.
	Username = "ops.sync"
	Password = "Sync-pass-01"
	// Bearer is a token that needs no login and never expires.
	Bearer = "5d0c4e1fa7b32968"
	// ConsumerKey, ConsumerSecret, AccessToken and AccessTokenSecret are the
	// four values of the OAuth 1.0a API key.
	ConsumerKey       = "sim-app-key-7c1d"
	ConsumerSecret    = "sim-app-secret-02e9"
	AccessToken       = "sim-access-token-55aa"
	AccessTokenSecret = "sim-access-token-secret-91f3"
)

// Option changes how a Server behaves.
type Option func(*config)

type config struct {
	account            string
	clientID           string
	clientSecret       string
	scopes             []string
	username, password string
	bearer             string
	oauth1             OAuth1Key
	tokenLifetime      time.Duration
	sessionTTL         time.Duration
	expiresIn          ExpiresIn
	singleSession      bool
	forbidden          []string
	visibleGroups      map[int64]bool

	rateLimit, loginLimit *simnet.Limit

	unknownService int
	domainLists    bool

	sample            bool
	fullLists         bool
	masked            map[string]bool
	passwordEcho      bool
	sampleTypes       bool
	duplicateStatus   int
	loginNameReuse    bool
	refuseLoginChange bool
	staleStatus       int
	revisionRequired  bool
	versionRequired   bool
	ignoreReferences  bool
	partialBatches    bool
	blank             BlankPolicy
	refuseAPIPassword bool
	keylessAPIUsers   bool
	emptyDeletes      bool
	replicationDelay  time.Duration
	readLag           time.Duration
}

func defaults() config {
	return config{
		account: AccountID, clientID: ClientID, clientSecret: ClientSecret, scopes: []string{"users.external"},
		username: Username, password: Password, bearer: Bearer,
		oauth1:        OAuth1Key{ConsumerKey, ConsumerSecret, AccessToken, AccessTokenSecret},
		tokenLifetime: time.Hour, sessionTTL: 8 * time.Hour,
		unknownService: http.StatusNotFound, duplicateStatus: http.StatusBadRequest,
		staleStatus: http.StatusPreconditionFailed,
		masked:      map[string]bool{"fullName": true, "employeeId": true},
	}
}

// WithSampleData fills the account with a small centre: two agent groups below
// the main one, four skills, a second agent profile, two lines of business,
// three status reasons and 25 invented people, some of whom are at work.
func WithSampleData() Option { return func(c *config) { c.sample = true } }

// WithAccountID replaces [AccountID].
func WithAccountID(id string) Option { return func(c *config) { c.account = id } }

// WithClient replaces [ClientID] and [ClientSecret].
func WithClient(id, secret string) Option {
	return func(c *config) { c.clientID, c.clientSecret = id, secret }
}

// WithScopes sets the scopes of the OAuth 2.0 application; the default is
// users.external, which allows everything. users.read allows reads and
// users.write writes. Without the scope it needs, a request is answered 403.
// The agent view needs no scope.
func WithScopes(scopes ...string) Option { return func(c *config) { c.scopes = scopes } }

// WithLogin replaces [Username] and [Password].
func WithLogin(username, password string) Option {
	return func(c *config) { c.username, c.password = username, password }
}

// WithBearer replaces [Bearer]; an empty token switches it off.
func WithBearer(token string) Option { return func(c *config) { c.bearer = token } }

// OAuth1Key is an API key for OAuth 1.0a signatures.
type OAuth1Key struct {
	ConsumerKey, ConsumerSecret, AccessToken, AccessTokenSecret string
}

// WithOAuth1Key replaces the OAuth 1.0a key.
func WithOAuth1Key(key OAuth1Key) Option { return func(c *config) { c.oauth1 = key } }

// WithTokenLifetime sets how long OAuth 2.0 tokens live; the default is an hour.
func WithTokenLifetime(d time.Duration) Option { return func(c *config) { c.tokenLifetime = d } }

// ExpiresIn is the form of a token's lifetime in the answer of the token service.
type ExpiresIn int

// The forms. LivePerson's own client expects a string, OAuth 2.0 demands a number, and
// the documentation's sample omits the field.
const (
	ExpiresInString ExpiresIn = iota
	ExpiresInNumber
	ExpiresInOmitted
)

// WithExpiresIn sets the form of expires_in; the default is [ExpiresInString].
func WithExpiresIn(form ExpiresIn) Option { return func(c *config) { c.expiresIn = form } }

// WithSessionTTL sets how long a login lives without a refresh; the default is
// eight hours.
func WithSessionTTL(d time.Duration) Option { return func(c *config) { c.sessionTTL = d } }

// WithSingleSession lets a login end the same user's earlier ones.
func WithSingleSession() Option { return func(c *config) { c.singleSession = true } }

// WithForbidden answers 403 to the named operations, whoever asks. A name may be
// a pattern in the syntax of path.Match: "Users.*", "*.Delete", "AgentView.Get".
func WithForbidden(operations ...string) Option {
	known(operations)
	return func(c *config) { c.forbidden = append(c.forbidden, operations...) }
}

// WithVisibleGroups restricts the agent view to members of these agent groups.
func WithVisibleGroups(ids ...int64) Option {
	return func(c *config) {
		c.visibleGroups = map[int64]bool{}
		for _, id := range ids {
			c.visibleGroups[id] = true
		}
	}
}

// WithRateLimit answers 429 to configuration and metrics requests beyond n in
// the given time (a token bucket), with or without a Retry-After in seconds.
func WithRateLimit(n int, per time.Duration, retryAfter bool) Option {
	return func(c *config) { c.rateLimit = simnet.LimitOf(n, per, retryAfter) }
}

// WithLoginLimit answers 429 to logins beyond n in the given time.
func WithLoginLimit(n int, per time.Duration) Option {
	return func(c *config) { c.loginLimit = simnet.LimitOf(n, per, false) }
}

// WithUnknownServiceStatus sets how the Domain API answers the name of a service
// that does not exist: an error status, 404 by default, or 200 for an empty
// object.
func WithUnknownServiceStatus(status int) Option {
	return func(c *config) { c.unknownService = status }
}

// WithDomainLists makes the Domain API answer the request for one service with the list
// of all, as the current documentation prints it.
func WithDomainLists() Option { return func(c *config) { c.domainLists = true } }

// WithFullLists answers lists without a select in full, as the users page documents. By
// default they are short, as observed: id, pid, deleted and loginName of users; id,
// deleted and name of the rest. (Skills are documented so and stay short. Status reasons
// are always full.)
func WithFullLists() Option { return func(c *config) { c.fullLists = true } }

// WithMaskedFields names the fields of a user that are stored but read as "";
// the default is fullName and employeeId. With no name nothing is masked.
func WithMaskedFields(names ...string) Option {
	return func(c *config) {
		c.masked = map[string]bool{}
		for _, name := range names {
			c.masked[name] = true
		}
	}
}

// BlankPolicy is what happens when an update sends a masked field back as "".
type BlankPolicy int

// The policies; which one LivePerson follows is not documented.
const (
	BlankKept    BlankPolicy = iota // the stored value stays
	BlankWipes                      // the stored value becomes ""
	BlankRefused                    // 400
)

// WithBlankNames sets what an update with a blank fullName, or a blank and
// masked employeeId, does; the default is [BlankKept].
func WithBlankNames(policy BlankPolicy) Option { return func(c *config) { c.blank = policy } }

// WithPasswordEcho returns passwordSh, hashed, when a user is read by id, as old
// versions do. A client that sends it back sets the password to the hash.
func WithPasswordEcho() Option { return func(c *config) { c.passwordEcho = true } }

// WithSampleTypes answers users and agent groups with the types of the
// documentation's samples: id, deleted, isEnabled, maxChats, agentGroupId and
// more as strings, and placeholders instead of some dates.
func WithSampleTypes() Option { return func(c *config) { c.sampleTypes = true } }

// WithDuplicateStatus sets the answer to a create whose loginName, or whose name
// where names are unique, is taken: 400 by default, or 409.
func WithDuplicateStatus(status int) Option { return func(c *config) { c.duplicateStatus = status } }

// WithLoginNameReuse frees the loginName of a deleted user. By default it stays
// taken.
func WithLoginNameReuse() Option { return func(c *config) { c.loginNameReuse = true } }

// WithLoginNameChangeRefused answers 400 to an update that changes loginName. By
// default the change is ignored.
func WithLoginNameChangeRefused() Option { return func(c *config) { c.refuseLoginChange = true } }

// WithStaleStatus sets the answer to a write whose If-Match is not the current
// revision: 412 by default, or 409.
func WithStaleStatus(status int) Option { return func(c *config) { c.staleStatus = status } }

// WithRevisionRequired answers a PUT or DELETE that names no revision as if it
// were stale. -1 and * count as naming one. By default none is needed.
func WithRevisionRequired() Option { return func(c *config) { c.revisionRequired = true } }

// WithVersionRequired answers 400 to a configuration request without v. By
// default v has the documented default of its collection: 2.0 or 1.0.
func WithVersionRequired() Option { return func(c *config) { c.versionRequired = true } }

// WithUnknownReferencesIgnored drops skills, profiles, groups and lines of
// business that do not exist from a user that is written. By default they are
// answered 400.
func WithUnknownReferencesIgnored() Option { return func(c *config) { c.ignoreReferences = true } }

// WithPartialBatches makes a batch update or delete with unknown ids carry out the rest
// and answer only that. By default such a batch is answered 404 and changes
// nothing.
func WithPartialBatches() Option { return func(c *config) { c.partialBatches = true } }

// WithAPIUserPasswordRefused answers 400 to an API user that is written with a
// password. By default the password is ignored.
func WithAPIUserPasswordRefused() Option { return func(c *config) { c.refuseAPIPassword = true } }

// WithKeylessAPIUsers allows API users with neither allowedAppKeys nor
// oauth2ClientId. By default they are answered 400.
func WithKeylessAPIUsers() Option { return func(c *config) { c.keylessAPIUsers = true } }

// WithEmptyDeletes answers a successful DELETE with an empty body. By default it
// holds what was deleted.
func WithEmptyDeletes() Option { return func(c *config) { c.emptyDeletes = true } }

// WithReadLag makes every read, on either host, show the state as of d ago, revision
// included, without what was written or created since. Answers to writes show the present
// state, and so does the check of a revision. What is seeded shows at once.
// See also [Server.LagReads].
func WithReadLag(d time.Duration) Option { return func(c *config) { c.readLag = d } }

// WithReplicationDelay lets the read-only host lag behind the read-write host.
// What is seeded is on both at once. It needs two hosts: the in-memory transport
// or [Server.StartSplit].
func WithReplicationDelay(d time.Duration) Option {
	return func(c *config) { c.replicationDelay = d }
}
