package webextest

import (
	"net/http"
	"time"

	"github.com/rollcall-go/rollcall/internal/simnet"
)

// What a new server accepts, unless options say otherwise.
const (
	// OrgKey is the organisation's UUID, and OrgID its id.
	OrgKey = "1b2c3d4e-5f60-4718-92a3-b4c5d6e7f806"
	OrgID  = "Y2lzY29zcGFyazovL3VzL09SR0FOSVpBVElPTi8xYjJjM2Q0ZS01ZjYwLTQ3MTgtOTJhMy1iNGM1ZDZlN2Y4MDY"
	// Bearer is a full administrator's token with every scope; it never expires.
	Bearer = "c2ltLWFkbWluLTdjMWQ_P0A1_1b2c3d4e-5f60-4718-92a3-b4c5d6e7f806"
	// UserBearer is the token of a user who administers nothing, [PersonAna]. It
	// works with [WithSampleData].
	UserBearer = "c2ltLXVzZXItMmIwZQ_P0A1_1b2c3d4e-5f60-4718-92a3-b4c5d6e7f806"
	// ClientID and ClientSecret are an integration, RefreshToken its refresh token,
	// AuthorizationCode a code that works once, with RedirectURI.
	ClientID          = "C2f0a8c41d9b7e63rollcalltest"
	ClientSecret      = "sim-client-secret-41d9"
	RefreshToken      = "c2ltLXJlZnJlc2gtYmVnaW4"
	AuthorizationCode = "c2ltLWNvZGUtMDE"
	RedirectURI       = "http://localhost:8080/callback"
	// ApplicationID is a service app, with its client and secret. Its tokens cost a
	// bearer token with the scope spark:applications_token: ApplicationBearer.
	ApplicationID       = "Y2lzY29zcGFyazovL3VzL0FQUExJQ0FUSU9OL0MyZjBhOGM0c2VydmljZQ"
	ApplicationClientID = "C2f0a8c4service"
	ApplicationSecret   = "sim-service-secret-90be"
	ApplicationBearer   = "c2ltLWFwcHMtNTVhYQ_P0A1_1b2c3d4e-5f60-4718-92a3-b4c5d6e7f806"
)

// Option changes how a Server behaves.
type Option func(*config)

type config struct {
	publicURL       string
	sample          bool
	people          int
	crews           []crew
	tokenLifetime   time.Duration
	refreshLifetime time.Duration
	refreshRotates  bool
	rateLimit       *simnet.Limit

	unknownOrg          int
	lenient             bool
	stringBooleans      bool
	fixedTypes          bool
	bareUUIDs           bool
	unknownOrderIgnored bool

	nextLink        NextLink
	emptyPages      bool
	startIgnored    bool
	supervisorLinks bool
	maxThreshold    int
	telephonyPage   int
	telephonyCap    int

	loginKept bool
	readLag   time.Duration

	wrongTier        int
	alreadyStatus    int
	allRefused       int
	unknownAgent     int
	statusIDs        StatusID
	statusCode       int
	statusTypes      bool
	allStatuses      string
	unassignStatus   string
	lastAgentRefused bool
	assistDeleted    bool
	exclusiveAgents  bool
	maxItems         int

	emptyAgentDetails bool
}

type crew struct {
	supervisors, agents int
	tier                Tier
}

func defaults() config {
	return config{
		tokenLifetime: 1209599 * time.Second, refreshLifetime: 7775999 * time.Second,
		unknownOrg: http.StatusForbidden, telephonyPage: 100, telephonyCap: 2000,
		wrongTier: http.StatusNotFound, alreadyStatus: http.StatusConflict,
		allRefused: http.StatusPartialContent, statusCode: http.StatusPartialContent,
	}
}

// WithSampleData fills the organisation with a small centre: 16 invented people in
// two locations, workspaces and a virtual line, five queues and four supervisors
// in both tiers. The Person, Agent and Queue constants are its ids.
func WithSampleData() Option { return func(c *config) { c.sample = true } }

// WithPeople adds n generated people, as [Server.AddPeople] does.
func WithPeople(n int) Option { return func(c *config) { c.people = n } }

// WithCrew adds generated supervisors of a tier, as [Server.AddSupervisors] does,
// and generated agents that have no supervisor yet.
func WithCrew(tier Tier, supervisors, agents int) Option {
	return func(c *config) { c.crews = append(c.crews, crew{supervisors, agents, tier}) }
}

// WithPublicURL sets the scheme and host, and the path where one was stripped,
// that next links begin with. The default is the host that the request was sent to.
func WithPublicURL(url string) Option { return func(c *config) { c.publicURL = url } }

// WithTokenLifetime sets how long the access tokens from /access_token live: 14 days
// less a second by default.
func WithTokenLifetime(d time.Duration) Option { return func(c *config) { c.tokenLifetime = d } }

// WithRefreshLifetime sets how long refresh tokens live: 90 days less a second by
// default, counted anew by each refresh.
func WithRefreshLifetime(d time.Duration) Option { return func(c *config) { c.refreshLifetime = d } }

// WithRefreshRotation lets each refresh replace the refresh token. By default it
// stays the same.
func WithRefreshRotation() Option { return func(c *config) { c.refreshRotates = true } }

// WithRateLimit answers 429 to requests beyond n in the given time (a token bucket
// that all operations but those of tokens share), with or without a Retry-After in
// seconds. By default there is no limit, as the vendor publishes none.
func WithRateLimit(n int, per time.Duration, retryAfter bool) Option {
	return func(c *config) { c.rateLimit = simnet.LimitOf(n, per, retryAfter) }
}

// WithUnknownOrgStatus sets the answer to the id of another organisation: 403 by
// default, or 404.
func WithUnknownOrgStatus(status int) Option { return func(c *config) { c.unknownOrg = status } }

// WithLenientWrites ignores what is wrong in a write as long as it can be
// understood: read-only fields of a person or of a queue's agent, a weight or a
// skill level that the queue's policy does not know, and a string for a boolean. By
// default each is answered 400.
func WithLenientWrites() Option { return func(c *config) { c.lenient = true } }

// WithStringBooleans answers loginEnabled and invitePending of people, and
// hasCxEssentials of the list of queues, as strings, as the documentation
// declares or shows them. By default they are booleans.
func WithStringBooleans() Option { return func(c *config) { c.stringBooleans = true } }

// WithFixedTypes answers workspaces and virtual lines that are assigned with their
// true type, as a later release is to do. By default they come back as people.
func WithFixedTypes() Option { return func(c *config) { c.fixedTypes = true } }

// WithBareUUIDs accepts bare UUIDs in telephony too. By default only GET
// /people/{personId} and the id filter of people do.
func WithBareUUIDs() Option { return func(c *config) { c.bareUUIDs = true } }

// WithUnknownOrderIgnored lists unsorted where order has an unknown value. By
// default that is answered 400.
func WithUnknownOrderIgnored() Option { return func(c *config) { c.unknownOrderIgnored = true } }

// WithNextLink chooses what is wrong with the next links of people.
func WithNextLink(form NextLink) Option { return func(c *config) { c.nextLink = form } }

// WithEmptyPages puts an empty page with a next link between any two pages of
// people.
func WithEmptyPages() Option { return func(c *config) { c.emptyPages = true } }

// WithStartIgnored answers every page of a telephony list with the first one.
func WithStartIgnored() Option { return func(c *config) { c.startIgnored = true } }

// WithSupervisorLinks sends a Link with the lists that document none: those of
// supervisors and of available agents, and the queues of an agent.
func WithSupervisorLinks() Option { return func(c *config) { c.supervisorLinks = true } }

// WithMaxThreshold answers 504 to a list whose max is above n.
func WithMaxThreshold(n int) Option { return func(c *config) { c.maxThreshold = n } }

// WithTelephonyPages sets the page size of telephony lists where no max is given
// (100 by default) and the one that no max can exceed (2000 by default).
func WithTelephonyPages(standard, most int) Option {
	return func(c *config) { c.telephonyPage, c.telephonyCap = standard, most }
}

// WithReadLag answers every read with the state as of d ago, creations and deletions
// included, as a replica that lags behind does. Answers to writes show the present state.
func WithReadLag(d time.Duration) Option { return func(c *config) { c.readLag = d } }

// WithLoginKept keeps loginEnabled where a PUT of a person leaves it out. By
// default it becomes true then.
func WithLoginKept() Option { return func(c *config) { c.loginKept = true } }

// WithWrongTierStatus sets the answer to a supervisor or queue of the other tier:
// 404 by default, or 400.
func WithWrongTierStatus(status int) Option { return func(c *config) { c.wrongTier = status } }

// WithAlreadySupervisorStatus sets the answer to the creation of a supervisor who
// is one: 409 by default.
func WithAlreadySupervisorStatus(status int) Option {
	return func(c *config) { c.alreadyStatus = status }
}

// WithAllRefusedStatus sets the answer to the creation of a supervisor all of whose
// agents are refused: 206 with their statuses by default, or an error. Nobody
// becomes a supervisor either way.
func WithAllRefusedStatus(status int) Option { return func(c *config) { c.allRefused = status } }

// WithUnknownAgentStatus answers a write that names an agent who does not exist
// with an error. By default the agent is refused as NOT_AVAILABLE.
func WithUnknownAgentStatus(status int) Option { return func(c *config) { c.unknownAgent = status } }

// StatusID is the form of the ids in supervisorAgentStatus.
type StatusID int

// The forms. AsSent is what live tests saw; the others are what the documentation
// warns of or what ids can look like.
const (
	AsSent    StatusID = iota
	AsUUID             // the bare key
	AsPeople           // of the type PEOPLE, whatever the agent is
	AsPlace            // of the type PLACE, whatever the agent is
	AsPadded           // as sent, with base64 padding
	AsUnknown          // an id that nobody sent
)

// WithStatusIDs sets the form of the ids in supervisorAgentStatus.
func WithStatusIDs(form StatusID) Option { return func(c *config) { c.statusIDs = form } }

// WithStatusCode sets the status of an answer with supervisorAgentStatus: 206 by
// default, or 200 as the human documentation's table has it.
func WithStatusCode(status int) Option { return func(c *config) { c.statusCode = status } }

// WithStatusTypes adds the undocumented type to each status.
func WithStatusTypes() Option { return func(c *config) { c.statusTypes = true } }

// WithAllStatuses also lists the agents for whom all went well, under this status.
func WithAllStatuses(status string) Option { return func(c *config) { c.allStatuses = status } }

// WithUnassignStatus sets the status that reports the removal of an agent who is not
// assigned. By default such a removal is silently ignored.
func WithUnassignStatus(status string) Option { return func(c *config) { c.unassignStatus = status } }

// WithLastAgentRefused answers 400 to the removal of a supervisor's last agent. By
// default it deletes the supervisor.
func WithLastAgentRefused() Option { return func(c *config) { c.lastAgentRefused = true } }

// WithAssistDeleted makes the DELETE of one Customer Assist supervisor work. By default
// it answers 204 and does nothing.
func WithAssistDeleted() Option { return func(c *config) { c.assistDeleted = true } }

// WithExclusiveAgents allows an agent one supervisor per tier: an agent who has one is
// not available. By default an agent may have several.
func WithExclusiveAgents() Option { return func(c *config) { c.exclusiveAgents = true } }

// WithMaxItems answers 400 to a write of more than n agents of a supervisor. By
// default there is no bound.
func WithMaxItems(n int) Option { return func(c *config) { c.maxItems = n } }

// WithEmptyAgentDetails answers the queues of an agent who has none with an empty
// list. By default that is 404, as any start past the end is.
func WithEmptyAgentDetails() Option { return func(c *config) { c.emptyAgentDetails = true } }
