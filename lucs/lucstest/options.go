package lucstest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// What a new server accepts, unless options say otherwise.
const (
	// Origin is an address for clients that use [Server.Transport]. Any other does
	// as well: what is in memory has no address.
	Origin = "https://lucs.invalid"
	// APIKey is the key that may do everything in every organization unit.
	APIKey = "7f1d0a52c0de4b6f"
)

// Option changes how a Server behaves.
type Option func(*config)

type config struct {
	keys                 []Key
	keyHeader, keyPrefix string
	keyQuery             string
	forbidden            []string

	base, version string
	routes        map[string]string
	sample        bool

	errorBody  ErrorBody
	statuses   map[string]int // of a success, by operation
	duplicate  int
	missing    int // the status for an unknown id
	malformed  int
	overLimit  int
	camelCase  bool
	spellID    func(string) string
	keepFields bool
	exactNames bool
	onlyGiven  bool // computed fields are refused

	selectableParam   string
	ignoreSelectable  bool
	serviceAddress    string
	presenceField     string
	presenceSpelling  func(string) string
	presenceEncoding  PresenceEncoding
	presenceProperty  string
	presenceParam     string
	presenceWords     []string
	presenceDelay     time.Duration
	readLag           time.Duration
	reasonOnDND       string
	rolesWithheld     bool
	reasonsWithheld   bool
	blockedSelectable bool
	onlineResetsRONA  bool
	mergeUpdates      bool

	controlAnswer, createAnswer Answer
	ignored, pretended          []string

	taskAnswer      TaskAnswer
	taskArray       bool
	uniqueTaskIDs   bool
	distribution    time.Duration
	reaction        Reaction
	reactionTime    time.Duration
	dueDate         DueDate
	callbackObject  bool
	externalParam   string
	ignoreExternal  bool
	searchFrom      string
	searchTo        string
	cancelledAnswer bool
}

func defaults() config {
	return config{
		keyHeader: "Authorization", version: "v1.0",
		spellID: func(id string) string { return id },
		routes:  map[string]string{}, statuses: map[string]int{},
		missing: http.StatusNotFound, malformed: http.StatusBadRequest,
		duplicate: http.StatusConflict, overLimit: http.StatusConflict,
		selectableParam: "isSelectable", serviceAddress: "SipUri", presenceField: "PresenceState",
		presenceProperty: "PresenceState", presenceParam: "presence",
		externalParam: "externalTaskId", searchFrom: "From", searchTo: "To",
		presenceWords: []string{"Online", "Busy", "DoNotDisturb", "Away", "BeRightBack"},
	}
}

// WithSampleData fills the installation with a small centre in three organization
// units: four services, six traits, three duty profiles, and eleven invented
// people in different states; see the constants, such as [ServiceFrench] and
// [UserMara].
func WithSampleData() Option { return func(c *config) { c.sample = true } }

// Area is a part of the API that an API role opens.
type Area string

// The areas. Of the vendor's API roles only TasksManage is documented; the other
// two names are the simulator's own.
const (
	Provisioning Area = "Provisioning" // services, their users, and the users themselves
	Control      Area = "Control"      // block, unblock, setpresence
	TasksManage  Area = "TasksManage"  // external tasks and callbacks
)

// Key is an API key.
type Key struct {
	Value string
	// Units are the organization units that the key is good for, with all below
	// them; none means all.
	Units []string
	// Areas are what the key may do; none means everything.
	Areas []Area
}

// WithKeys replaces [APIKey]. Other keys, and none, are answered 401, and so is a
// key without the area.
func WithKeys(keys ...Key) Option { return func(c *config) { c.keys = append(c.keys, keys...) } }

// WithKeyHeader names the header that carries the key, Authorization by default,
// and what stands before the key in it, such as "Bearer "; nothing by default.
func WithKeyHeader(name, prefix string) Option {
	return func(c *config) { c.keyHeader, c.keyPrefix, c.keyQuery = name, prefix, "" }
}

// WithKeyQuery expects the key in a query parameter instead of a header.
func WithKeyQuery(name string) Option { return func(c *config) { c.keyQuery = name } }

// WithForbidden answers 401 to the named operations, whoever asks, as the vendor
// does where a role is missing.
func WithForbidden(operations ...string) Option {
	known(operations)
	return func(c *config) { c.forbidden = append(c.forbidden, operations...) }
}

// WithBasePath puts a prefix, such as /lucs, before the version.
func WithBasePath(prefix string) Option {
	return func(c *config) { c.base = strings.Trim(prefix, "/") }
}

// WithVersion replaces the version segment v1.0; an empty one takes it away.
func WithVersion(segment string) Option {
	return func(c *config) { c.version = strings.Trim(segment, "/") }
}

// WithRoute moves an operation: a method and a path after the version, in which
// {id} stands for the id, as in "PUT /people/{id}/lock" or
// "POST /people/lock?user={id}". An empty route takes the operation away (404).
func WithRoute(operation, route string) Option {
	known([]string{operation})
	return func(c *config) { c.routes[operation] = route }
}

// WithDirectRoutes serves the operations that are not documented, at the paths in
// the package documentation: list, get, update and delete of users.
func WithDirectRoutes() Option {
	return func(c *config) {
		for _, op := range operations {
			if _, moved := c.routes[op.name]; op.off && !moved {
				c.routes[op.name] = op.route
			}
		}
	}
}

// ErrorBody is what an error answer holds.
type ErrorBody int

// The bodies. None is documented.
const (
	ErrorMessage    ErrorBody = iota // {"Message":"..."}
	ErrorModelState                  // a 400 says what is wrong in ModelState, and little in Message
	ErrorHTML                        // the page of the web server, in German
	ErrorEmpty                       // nothing
)

// WithErrorBody sets the body of error answers; the default is [ErrorMessage].
func WithErrorBody(body ErrorBody) Option { return func(c *config) { c.errorBody = body } }

// WithSuccessStatus answers success of the named operations with a status other
// than 200, such as 201. With 204 nothing but the status is sent.
func WithSuccessStatus(status int, operations ...string) Option {
	known(operations)
	return func(c *config) {
		for _, op := range operations {
			c.statuses[op] = status
		}
	}
}

// WithDuplicateStatus sets the answer to a user whose SipUri is taken: 409 by
// default.
func WithDuplicateStatus(status int) Option { return func(c *config) { c.duplicate = status } }

// WithOverLimitStatus sets the answer to an external task beyond what its service
// may have queued: 409 by default.
func WithOverLimitStatus(status int) Option { return func(c *config) { c.overLimit = status } }

// WithNotFoundStatus sets the answer to an id in a path that is unknown, or that the key
// may not see: 404 by default.
func WithNotFoundStatus(status int) Option { return func(c *config) { c.missing = status } }

// WithMalformedIDStatus sets the answer to an id in a path that is no GUID: 400 by
// default.
func WithMalformedIDStatus(status int) Option { return func(c *config) { c.malformed = status } }

// WithCamelCase writes the names in answers as isSelectable, not IsSelectable.
func WithCamelCase() Option { return func(c *config) { c.camelCase = true } }

// WithIDSpelling says how ids are written in answers, as in strings.ToUpper. They are
// accepted in any case.
func WithIDSpelling(spell func(id string) string) Option {
	return func(c *config) { c.spellID = spell }
}

// WithExactNames answers 400 to properties of a request that are spelt in another case
// than the documentation's. By default the case does not matter.
func WithExactNames() Option { return func(c *config) { c.exactNames = true } }

// WithComputedFieldsRefused answers 400 to a created or updated user with fields that
// the installation works out itself, such as IsSelectable. By default they are
// ignored.
func WithComputedFieldsRefused() Option { return func(c *config) { c.onlyGiven = true } }

// WithUnknownFieldsKept stores fields of a created or updated user that the
// simulator does not know, and returns them. By default they are ignored.
func WithUnknownFieldsKept() Option { return func(c *config) { c.keepFields = true } }

// WithMergedUpdates lets Users.Replace keep what the request leaves out. By default
// it replaces the whole user.
func WithMergedUpdates() Option { return func(c *config) { c.mergeUpdates = true } }

// WithSelectableParameter names the query parameter that filters a service's users,
// isSelectable by default.
func WithSelectableParameter(name string) Option {
	return func(c *config) { c.selectableParam = name }
}

// WithSelectableIgnored answers all users of a service, whatever the query says, as a
// server that does not know the parameter does.
func WithSelectableIgnored() Option { return func(c *config) { c.ignoreSelectable = true } }

// WithServiceAddressField names the field of a service that holds its SIP URI,
// SipUri by default.
func WithServiceAddressField(name string) Option { return func(c *config) { c.serviceAddress = name } }

// WithPresenceField names the field of a user that holds the presence,
// PresenceState by default; an empty name leaves the field out.
func WithPresenceField(name string) Option { return func(c *config) { c.presenceField = name } }

// WithPresenceSpelling says how presence words are written in answers: given
// "DoNotDisturb" it may return "Do Not Disturb".
func WithPresenceSpelling(spell func(word string) string) Option {
	return func(c *config) { c.presenceSpelling = spell }
}

// PresenceEncoding is how setpresence carries the word.
type PresenceEncoding int

// The encodings. None is documented.
const (
	PresenceAny    PresenceEncoding = iota // each of the others
	PresenceObject                         // {"PresenceState":"DoNotDisturb"}
	PresenceString                         // "DoNotDisturb"
	PresenceQuery                          // ?presence=DoNotDisturb, and no body
)

// WithPresenceEncoding insists on one encoding of setpresence; by default each is
// accepted. A name, if given, replaces that of the property or the parameter.
func WithPresenceEncoding(encoding PresenceEncoding, name string) Option {
	return func(c *config) {
		c.presenceEncoding = encoding
		switch {
		case name == "":
		case encoding == PresenceQuery:
			c.presenceParam = name
		default:
			c.presenceProperty = name
		}
	}
}

// WithPresenceWords replaces the words that setpresence accepts, spelt exactly so:
// Online, Busy, DoNotDisturb, Away and BeRightBack. Others are answered 400.
func WithPresenceWords(words ...string) Option { return func(c *config) { c.presenceWords = words } }

// WithPresenceDelay sets how long a presence takes through the messenger until it is
// seen; the default is no time.
func WithPresenceDelay(d time.Duration) Option { return func(c *config) { c.presenceDelay = d } }

// WithReadLag makes every list and read of users show the state as of d ago, creations
// and deletions included, as if another node of the installation answered. Answers to
// writes show the present state.
func WithReadLag(d time.Duration) Option { return func(c *config) { c.readLag = d } }

// WithReasonOnDoNotDisturb lets an agent whose presence becomes DoNotDisturb give
// this reason for not being ready, as the Agent Assistant asks for.
func WithReasonOnDoNotDisturb(reason string) Option {
	return func(c *config) { c.reasonOnDND = reason }
}

// WithRolesWithheld leaves Roles out of answers.
func WithRolesWithheld() Option { return func(c *config) { c.rolesWithheld = true } }

// WithReasonsWithheld always answers null for NotSelectableReason. By default it is
// OffDuty, Blocked, Rona, Working or NotOnline, words of the simulator's own.
func WithReasonsWithheld() Option { return func(c *config) { c.reasonsWithheld = true } }

// WithBlockedSelectable lets IsSelectable ignore the block. The dispatcher does not.
func WithBlockedSelectable() Option { return func(c *config) { c.blockedSelectable = true } }

// WithRONAResetByOnline ends an agent's RONA when the presence becomes Online. By
// default only [Server.ResetRONA] does.
func WithRONAResetByOnline() Option { return func(c *config) { c.onlineResetsRONA = true } }

// Answer is the form in which a changed user comes back.
type Answer int

// The forms. The vendor says "changed user DTO parameters", and captions them as a
// list.
const (
	AnswerObject  Answer = iota // the user
	AnswerArray                 // an array that holds the user
	AnswerPartial               // Id, IsBlockedByLuwareApi and IsSelectable
	AnswerEmpty                 // nothing
)

// WithControlAnswer sets what block and unblock answer.
func WithControlAnswer(form Answer) Option { return func(c *config) { c.controlAnswer = form } }

// WithCreateAnswer sets what the creation of a user answers.
func WithCreateAnswer(form Answer) Option { return func(c *config) { c.createAnswer = form } }

// WithIgnored lets the named operations, of Users.Block, Users.Unblock and
// Users.SetPresence, answer success and do nothing. The user they answer with is
// unchanged.
func WithIgnored(operations ...string) Option {
	control(operations)
	return func(c *config) { c.ignored = append(c.ignored, operations...) }
}

// WithPretended is as [WithIgnored], but the user that block and unblock answer with
// looks as if it had been changed: only a read tells.
func WithPretended(operations ...string) Option {
	control(operations)
	return func(c *config) { c.pretended = append(c.pretended, operations...) }
}

// TaskAnswer is the form in which the id of a new task comes back.
type TaskAnswer int

// The forms. The vendor says "TaskID".
const (
	TaskString   TaskAnswer = iota // "9d6c5e0a-..."
	TaskText                       // 9d6c5e0a-..., as text/plain
	TaskIDObject                   // {"TaskId":"9d6c5e0a-..."}
	TaskObject                     // the task, with Id
)

// WithTaskAnswer sets what the creation of a task answers; the default is
// [TaskString].
func WithTaskAnswer(form TaskAnswer) Option { return func(c *config) { c.taskAnswer = form } }

// WithTaskArray answers the read of one task with an array that holds it.
func WithTaskArray() Option { return func(c *config) { c.taskArray = true } }

// WithUniqueExternalTaskIDs answers 409 to a task or callback whose ExternalTaskId is
// taken. By default this is not checked.
func WithUniqueExternalTaskIDs() Option { return func(c *config) { c.uniqueTaskIDs = true } }

// WithDistributionDelay sets how long the dispatcher takes to hand out a pending
// task when something has changed; the default is no time, so that the answer of an
// unblock already shows what came of it.
func WithDistributionDelay(d time.Duration) Option { return func(c *config) { c.distribution = d } }

// Reaction is what an agent does with a task.
type Reaction int

// The reactions. The last two end in RONA: presence Away, and no more work until
// [Server.ResetRONA].
const (
	Accept Reaction = iota
	Decline
	NoAnswer // for as long as the task's DistributeToAgentRONATimeoutInSeconds, or 30
)

// WithReaction sets what agents do with tasks, and after how long they accept or
// decline; the default is to accept at once. [Server.React] sets it for one agent.
func WithReaction(reaction Reaction, after time.Duration) Option {
	return func(c *config) { c.reaction, c.reactionTime = reaction, after }
}

// DueDate is the form in which DueDate of a callback comes back.
type DueDate int

// The forms.
const (
	DueDayFirst DueDate = iota // 24.06.2019 13:00:56.2732376Z, as the vendor's sample
	DueRFC3339                 // 2019-06-24T13:00:56.2732376Z, as its model says
)

// WithDueDate sets the form of DueDate; the default is [DueDayFirst].
func WithDueDate(form DueDate) Option { return func(c *config) { c.dueDate = form } }

// WithCallbackObject answers Callbacks.List, when it is asked for an ExternalTaskId,
// with the one callback instead of an array, and 404 where there is none.
func WithCallbackObject() Option { return func(c *config) { c.callbackObject = true } }

// WithExternalTaskParameter names the query parameter with which Callbacks.List is
// asked for an ExternalTaskId; the default is externalTaskId.
func WithExternalTaskParameter(name string) Option { return func(c *config) { c.externalParam = name } }

// WithExternalTaskIgnored answers all callbacks, whatever the query says, as a server
// that does not know the parameter does.
func WithExternalTaskIgnored() Option { return func(c *config) { c.ignoreExternal = true } }

// WithSearchFields names the properties that bound the due dates of Callbacks.Search,
// From and To by default.
func WithSearchFields(from, to string) Option {
	return func(c *config) { c.searchFrom, c.searchTo = from, to }
}

// WithCancelledAnswer lets a cancel answer the callback. By default it answers
// nothing.
func WithCancelledAnswer() Option { return func(c *config) { c.cancelledAnswer = true } }

// known panics if there is no such operation: a test that names it would prove nothing.
func known(names []string) {
	for _, name := range names {
		if !slices.ContainsFunc(operations, func(op operation) bool { return op.name == name }) {
			panic(fmt.Sprintf("lucstest: there is no operation %q", name))
		}
	}
}

func control(names []string) {
	for _, name := range names {
		if !slices.Contains([]string{"Users.Block", "Users.Unblock", "Users.SetPresence"}, name) {
			panic(fmt.Sprintf("lucstest: %q cannot be ignored", name))
		}
	}
}
