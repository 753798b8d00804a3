package avayatest

import "time"

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

// DefaultDelays are the delays of a server that was not told otherwise.
var DefaultDelays = Delays{Progress: 300 * time.Millisecond, Gone: time.Second}

// WithDelays replaces the [DefaultDelays].
func WithDelays(d Delays) Option { return func(s *setup) { s.delays = d } }

// SetDelays changes the delays from the next accepted change on.
func (s *Server) SetDelays(d Delays) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.delays = d
}

// Behaviour holds a switch for each point in which the vendor's documents
// contradict each other, say nothing, or are known not to be the whole truth.
// The zero value is what the vendor's guide shows or, where that is silent, the
// likeliest.
type Behaviour struct {
	// Firewall lets the web application firewall in front of the API answer
	// 403 with an HTML page.
	Firewall Firewall
	// UnknownAccount400 answers requests for an account that nobody has heard
	// of with 400 "Invalid AccountID", as the gateway does, instead of 403.
	UnknownAccount400 bool
	// ProblemStatusString writes a problem's status as a JSON string.
	ProblemStatusString bool
	// ProblemTypeBase replaces the base of the problem type URLs, which
	// otherwise depends on the service.
	ProblemTypeBase string
	// NoRetryAfter keeps Retry-After out of the 429s of [WithRateLimit] and [WithWindow].
	NoRetryAfter bool
	// RateLimitHeaders adds RateLimit-Limit, -Remaining, -Reset and -Policy to
	// those 429s.
	RateLimitHeaders bool

	// DropUnknownFields silently drops fields that the vendor's schema does
	// not know, instead of keeping them.
	DropUnknownFields bool
	// CoerceNumbers accepts a JSON string where the schema says integer
	// ("proficiency": "3") and stores the number.
	CoerceNumbers bool
	// MalformedID404 answers 404 instead of 400 to an id in a path that
	// cannot be one.
	MalformedID404 bool
	// References says what becomes of an assignment to a queue, attribute,
	// group or profile that does not exist.
	References References
	// KeepDangling leaves references to a deleted queue, attribute, group or
	// profile where they are, and lets whoever has one write it back. The
	// default is that they go with what they refer to.
	KeepDangling bool
	// DeleteUnknownUser404 answers 404 instead of 204 to the delete of a user
	// that does not exist.
	DeleteUnknownUser404 bool
	// FoldCase ignores case in filters, searches, and where values must be unique.
	FoldCase bool
	// MinPasswordLength is the account's password policy. A password that is
	// shorter is accepted and then fails in the background, as a role.
	MinPasswordLength int

	// UpdateAction is the action that statuses show for a change of a user or
	// profile that was there before: ADD, as the guide shows (the default), or
	// UPDATE, as the specification has it. With UPDATE, features that a change
	// does not touch keep the state they had.
	UpdateAction string
	// MatchingOnCreate says whether a create's status mentions the feature
	// matching.
	MatchingOnCreate MatchingOnCreate
	// MixedCaseFailed spells the status of a failed feature "Failed".
	MixedCaseFailed bool
	// UnknownStatuses says how a status list answers for ids that are not there.
	UnknownStatuses UnknownStatuses
	// QuietUpdates lets a change that touches neither roles nor features go
	// without any status of its own.
	QuietUpdates bool
	// HideWhileDeleting takes users and profiles out of sight as soon as their
	// delete is accepted, instead of when it is done.
	HideWhileDeleting bool

	// MergeFeatures lets a user override its profile's features one by one.
	// The default is that features of its own hide all features of the profile.
	MergeFeatures bool
	// EchoVoicePassword shows a read-only password in the voice feature.
	EchoVoicePassword bool

	// ColonContains makes the filter form field:value match anywhere in the
	// field. The default is the whole value or one of its words.
	ColonContains bool
	// IgnoreUnknownOrder ignores an orderBy that names no sortable field,
	// instead of answering 400.
	IgnoreUnknownOrder bool
	// ProfilePageMultiples refuses page sizes of profiles that are no multiple of 5.
	ProfilePageMultiples bool
	// Links says what the links beside a page are like.
	Links Links
	// GroupLinksObject sends the links of group pages as an object, as all
	// other lists do. The default is an array that holds one.
	GroupLinksObject bool
	// TotalOff is added to the total that pages name.
	TotalOff int

	// PutReturnsPrevious lets the PUT of a queue or category answer with what
	// was there before.
	PutReturnsPrevious bool
}

// Firewall says whom the firewall stops.
type Firewall int

const (
	FirewallOff       Firewall = iota // nobody
	FirewallAnonymous                 // who brings neither appkey nor token
	FirewallAll                       // everybody
)

// References says what becomes of a reference to something that does not exist.
type References int

const (
	// ReferencesRejected answers 400.
	ReferencesRejected References = iota
	// ReferencesFailLater accepts the change and lets it fail in the
	// background: the feature matching for queues and attributes, no part at
	// all for groups and profiles. Members of a group are always checked at once.
	ReferencesFailLater
)

// MatchingOnCreate says whether the status of a create mentions matching.
type MatchingOnCreate int

const (
	MatchingAsDocumented MatchingOnCreate = iota // hidden for profiles, shown for users
	MatchingShown
	MatchingHidden
)

// UnknownStatuses says how a status list answers for ids that are not there.
type UnknownStatuses int

const (
	UnknownOmitted UnknownStatuses = iota // they are left out
	Unknown404                            // 404 if none of the ids is there
	AnyUnknown404                         // 404 if one of the ids is not there
)

// Links says what the links beside a page are like.
type Links int

const (
	LinksHonest    Links = iota
	LinksWrong           // next skips a page, and the last page has a next
	LinksMisplaced       // inside the last element of the page
	LinksAbsolute        // absolute, and on another host
	LinksNull            // null
)

// Bases of problem type URLs that the vendor uses.
const (
	TypeBaseAXP       = "https://developers.avayacloud.com/avaya-experience-platform/docs/error-handling"
	TypeBaseOneCloud  = "https://developers.avayacloud.com/onecloud-ccaas/docs/error-handling"
	TypeBaseOneCloud1 = "https://developers.avayacloud.com/onecloud-ccaas/v1.0/docs/error-handling"
)

// WithBehaviour sets the switches.
func WithBehaviour(b Behaviour) Option { return func(s *setup) { s.behave = b } }

// Behave changes switches of a running server.
func (s *Server) Behave(change func(*Behaviour)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.behave)
}
