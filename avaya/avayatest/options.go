package avayatest

import (
	"net/http"
	"time"

	"github.com/rollcall-go/rollcall/internal/simnet"
)

// What a new server holds and accepts, unless options say otherwise.
const (
	// Origin is an address for clients that use [Server.Transport]. Any other
	// does as well: what is in memory has no address.
	Origin = "https://avaya.invalid"
	// AccountID is the account that exists.
	AccountID = "QWERTY"
	// AppKey is the application key.
	AppKey = "k-7731"
	// ClientID and ClientSecret get tokens for AccountID, with the role Account
	// Administrator.
	ClientID     = "svc-roster"
	ClientSecret = "s3cr3t-of-the-roster"
	// Bearer is such a token. It works from the start and never expires.
	Bearer = "eyJhbGciOiJSUzI1NiJ9.eyJqdGkiOiJzaW0tYWRtaW4ifQ.c2ltLTdjMWQ"
	// AdminLogin and AdminPassword are good for the password grant on any server.
	// So are the login and password of any of its users; those are Account
	// Administrators only with the role Administrator.
	AdminLogin    = "account.admin@example.com"
	AdminPassword = "Adm1n!strator"
)

// Bases of problem type URLs that the vendor uses; see [WithTypeBase].
const (
	TypeBaseAXP       = "https://developers.avayacloud.com/avaya-experience-platform/docs/error-handling"
	TypeBaseOneCloud  = "https://developers.avayacloud.com/onecloud-ccaas/docs/error-handling"
	TypeBaseOneCloud1 = "https://developers.avayacloud.com/onecloud-ccaas/v1.0/docs/error-handling"
)

// Option changes how a Server behaves.
type Option func(*config)

type config struct {
	account, appKey        string
	clientID, clientSecret string
	tokenLife, refreshLife time.Duration
	sample                 bool
	delays                 Delays
	readLag                time.Duration

	rateLimit    *limit
	limitHeaders bool

	unknownAccount int
	unknownDelete  int
	stringStatus   bool
	typeBase       string

	stringNumbers  bool
	lateReferences bool
	keepDangling   bool
	foldCase       bool
	passwordRule   func(string) bool

	updateActions    bool
	matchingOnCreate MatchingOnCreate
	mixedCaseFailed  bool
	unknownStatuses  UnknownStatuses
	quietUpdates     bool
	hideDeleting     bool

	mergeFeatures bool
	voicePassword bool

	colonAnywhere    bool
	profileMultiples bool
	links            Links
	groupLinksObject bool
	totalOff         int
}

func defaults() config {
	return config{
		account: AccountID, appKey: AppKey, clientID: ClientID, clientSecret: ClientSecret,
		tokenLife: 900 * time.Second, refreshLife: 9000 * time.Second,
		delays:         Delays{Progress: 300 * time.Millisecond, Gone: time.Second},
		unknownAccount: http.StatusForbidden, unknownDelete: http.StatusNoContent,
		passwordRule: func(string) bool { return true },
	}
}

// WithSampleData fills the account with a small invented contact centre: 25 users
// (20 agents, 3 supervisors, an administrator and an analyst), 3 queues, 2
// categories of attributes, 2 profiles and 2 groups.
//
// One group, "Front line", has its members through the profile "Omnichannel
// agent"; most agents take all they have from a profile, some override it.
// The supervisors own the groups. Ids are the same every time.
func WithSampleData() Option { return func(c *config) { c.sample = true } }

// WithAccountID replaces [AccountID].
func WithAccountID(id string) Option { return func(c *config) { c.account = id } }

// WithAppKey replaces [AppKey].
func WithAppKey(key string) Option { return func(c *config) { c.appKey = key } }

// WithClient replaces [ClientID] and [ClientSecret]. [Server.AddClient] adds others.
func WithClient(id, secret string) Option {
	return func(c *config) { c.clientID, c.clientSecret = id, secret }
}

// WithTokenLifetime sets how long an access token lives: 900 seconds by default.
func WithTokenLifetime(d time.Duration) Option { return func(c *config) { c.tokenLife = d } }

// WithRefreshLifetime sets how long a refresh token lives: 9000 seconds by default.
func WithRefreshLifetime(d time.Duration) Option { return func(c *config) { c.refreshLife = d } }

// Delays says how long the vendor's background work takes.
// The zero value means that all of it is done at once.
type Delays struct {
	// Progress is how long an accepted change stays IN_PROGRESS, and an
	// accepted delete DELETE_IN_PROGRESS.
	Progress time.Duration
	// Stale is how long, after a change was accepted, the status list still
	// shows what it showed before: the previous outcome, or nothing for
	// something new. It runs from the same moment as Progress.
	Stale time.Duration
	// Gone is how long the last state of a delete stays in the status list.
	Gone time.Duration
}

// WithDelays sets how long background work takes: by default Progress is 300 ms,
// Gone a second, and nothing is Stale. [Server.SetDelays] changes it later.
func WithDelays(d Delays) Option { return func(c *config) { c.delays = d } }

// WithRateLimit answers 429 to API calls beyond n in the given time (a token
// bucket), with or without a Retry-After in seconds. Calls with bad credentials
// count; token calls do not, nor do requests that a [Fault] answered. By default
// there is no limit, as the vendor publishes none.
func WithRateLimit(n int, per time.Duration, retryAfter bool) Option {
	return func(c *config) { c.rateLimit = &limit{simnet.LimitOf(n, per, retryAfter), n, per} }
}

// WithRateLimitHeaders adds RateLimit-Limit, -Remaining, -Reset and -Policy to
// the 429s of [WithRateLimit].
func WithRateLimitHeaders() Option { return func(c *config) { c.limitHeaders = true } }

// WithUnknownAccountStatus sets the answer to an account that does not exist: 403 by
// default, or 400 as observed at the gateway.
func WithUnknownAccountStatus(status int) Option {
	return func(c *config) { c.unknownAccount = status }
}

// WithUnknownDeleteStatus sets the answer to the delete of a user who does not
// exist: 204 by default, or 404.
func WithUnknownDeleteStatus(status int) Option { return func(c *config) { c.unknownDelete = status } }

// WithStringStatus writes the status in a problem as a JSON string. By default it
// is a number.
func WithStringStatus() Option { return func(c *config) { c.stringStatus = true } }

// WithTypeBase sets the base of the problem type URLs. By default it depends on the
// service.
func WithTypeBase(url string) Option { return func(c *config) { c.typeBase = url } }

// WithStringNumbersAccepted accepts a JSON string where the schema says integer
// ("proficiency": "3"), and stores the number. By default it is answered 400.
func WithStringNumbersAccepted() Option { return func(c *config) { c.stringNumbers = true } }

// WithUnknownReferencesAccepted accepts a user or profile that refers to what does
// not exist, and lets the change fail in the background: the feature matching for
// queues and attributes, no part at all for groups and profiles. By default it is
// answered 400, as the members of a group always are.
func WithUnknownReferencesAccepted() Option { return func(c *config) { c.lateReferences = true } }

// WithDanglingReferencesKept leaves references to a deleted profile where they are, and
// accepts them in later writes of the user. By default they go with the profile.
func WithDanglingReferencesKept() Option { return func(c *config) { c.keepDangling = true } }

// WithCaseIgnored ignores case in filters, searches, and where values must be
// unique. By default it matters.
func WithCaseIgnored() Option { return func(c *config) { c.foldCase = true } }

// WithPasswordRule sets the account's password policy: by default, any will do.
// Another one is accepted and then fails in the background, as a role.
func WithPasswordRule(accept func(password string) bool) Option {
	return func(c *config) { c.passwordRule = accept }
}

// WithUpdateActions lets statuses show UPDATE for a change of a user or profile
// that was there before, as the specification has it; features that a change does
// not touch then keep the state they had. By default they show ADD, as the guide
// does.
func WithUpdateActions() Option { return func(c *config) { c.updateActions = true } }

// MatchingOnCreate chooses whether the status of a create mentions matching.
type MatchingOnCreate int

// Where it does.
const (
	MatchingAsDocumented MatchingOnCreate = iota // hidden for profiles, shown for users
	MatchingShown
	MatchingHidden
)

// WithMatchingOnCreate says whether the status of a create mentions the feature
// matching; the default is [MatchingAsDocumented].
func WithMatchingOnCreate(m MatchingOnCreate) Option {
	return func(c *config) { c.matchingOnCreate = m }
}

// WithMixedCaseFailed spells the status of a failed feature Failed. By default it
// is FAILED.
func WithMixedCaseFailed() Option { return func(c *config) { c.mixedCaseFailed = true } }

// UnknownStatuses is how a status list answers for ids that are not there.
type UnknownStatuses int

// The answers.
const (
	UnknownOmitted UnknownStatuses = iota // they are left out
	Unknown404                            // 404 if none of the ids is there
	AnyUnknown404                         // 404 if one of the ids is not there
)

// WithUnknownStatuses sets how a status list answers for ids that are not there;
// the default is [UnknownOmitted].
func WithUnknownStatuses(answer UnknownStatuses) Option {
	return func(c *config) { c.unknownStatuses = answer }
}

// WithReadLag makes every read answer with the state of d ago: what was written since,
// creations included, does not show yet. What a test puts in place shows at once, and
// with it all that was written before.
func WithReadLag(d time.Duration) Option { return func(c *config) { c.readLag = d } }

// WithQuietUpdates lets a change that touches neither roles nor features go without
// a status of its own. By default every change has one.
func WithQuietUpdates() Option { return func(c *config) { c.quietUpdates = true } }

// WithDeletingHidden takes users and profiles out of sight as soon as their delete
// is accepted. By default they stay until it is done.
func WithDeletingHidden() Option { return func(c *config) { c.hideDeleting = true } }

// WithMergedFeatures lets a user override its profile's features one by one. By
// default features of its own hide all features of the profile.
func WithMergedFeatures() Option { return func(c *config) { c.mergeFeatures = true } }

// WithVoicePasswordEcho shows a read-only password in the voice feature.
func WithVoicePasswordEcho() Option { return func(c *config) { c.voicePassword = true } }

// WithColonAnywhere lets the filter form field:value match anywhere in the field.
// By default the value is the whole field or one of its words.
func WithColonAnywhere() Option { return func(c *config) { c.colonAnywhere = true } }

// WithProfilePageMultiples answers 400 to page sizes of profiles that are no
// multiple of 5.
func WithProfilePageMultiples() Option { return func(c *config) { c.profileMultiples = true } }

// Links is what the links beside a page are like.
type Links int

// The links.
const (
	LinksHonest    Links = iota
	LinksWrong           // next skips a page, and the last page has a next
	LinksMisplaced       // inside the last element of the page
	LinksAbsolute        // absolute, and on another host
	LinksNull            // null
)

// WithLinks chooses what is wrong with the links beside a page; the default is
// [LinksHonest].
func WithLinks(form Links) Option { return func(c *config) { c.links = form } }

// WithGroupLinksObject sends the links of group pages as an object, as all other
// lists do. By default it is an array that holds one.
func WithGroupLinksObject() Option { return func(c *config) { c.groupLinksObject = true } }

// WithTotalOff adds n to the total that pages name.
func WithTotalOff(n int) Option { return func(c *config) { c.totalOff = n } }
