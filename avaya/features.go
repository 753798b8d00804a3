package avaya

import (
	"bytes"
	"slices"

	"github.com/rollcall-go/rollcall/core"
)

// Features switches channels and routing on: the presence of a feature enables
// it, its absence disables it. Which ones may be used depends on the account's
// subscription. The same type serves users and profiles.
type Features struct {
	Matching        *Matching `json:"matching,omitzero"`
	Voice           *Channel  `json:"voice,omitzero"`
	Chat            *Channel  `json:"chat,omitzero"`
	Email           *Channel  `json:"email,omitzero"`
	Messaging       *Channel  `json:"messaging,omitzero"`
	CMVoice         *CMVoice  `json:"cmvoice,omitzero"`
	ACI             *Switch   `json:"aci,omitzero"`
	Outbound        *Switch   `json:"outbound,omitzero"`
	Recorder        *Switch   `json:"recorder,omitzero"`
	AdvancedCMVoice *Switch   `json:"advancedcmvoice,omitzero"`
	// Extra holds features this package does not know.
	Extra core.Extra `json:"-"`
}

// Switch is a feature without settings; its presence is all that counts.
type Switch struct {
	Extra core.Extra `json:"-"`
}

// Matching is the routing: queues and skills.
type Matching struct {
	// Attributes are the skills, each "Category.Value"; at most 50.
	Attributes []string `json:"attributes,omitzero"`
	// Queues are the queues; at most 50.
	Queues []QueueLink `json:"queues,omitzero"`
	Extra  core.Extra  `json:"-"`
}

// QueueLink is a queue that work comes from.
type QueueLink struct {
	QueueID string `json:"queueId,omitzero"`
	// Proficiency is 1 to 16, where 1 is the best; the server's default is 8.
	Proficiency core.Opt[int]    `json:"proficiency,omitzero"`
	Name        core.Opt[string] `json:"name,omitzero"`
	Extra       core.Extra       `json:"-"`
}

// Channel holds the settings of voice, chat, email and messaging. Voice has no
// Multiplicity and alone has VoicePriority.
type Channel struct {
	AutoAnswer       core.Opt[bool] `json:"autoAnswer,omitzero"`
	Multiplicity     core.Opt[int]  `json:"multiplicity,omitzero"` // 1..10
	AfterContactWork core.Opt[bool] `json:"afterContactWork,omitzero"`
	// AfterContactWorkMode is DEFAULT, DISABLED, MANUAL or TIMED; more may come.
	AfterContactWorkMode core.Opt[string] `json:"afterContactWorkMode,omitzero"`
	// AfterContactWorkTimer is 1..3600, presumably seconds; the vendor does not say.
	AfterContactWorkTimer         core.Opt[int]  `json:"afterContactWorkTimer,omitzero"`
	AfterContactWorkOverrideQueue core.Opt[bool] `json:"afterContactWorkOverrideQueue,omitzero"`
	VoicePriority                 core.Opt[bool] `json:"voicePriority,omitzero"`

	// The server assigns what follows; it is not sent back.
	UserExtension                         core.Opt[string] `json:"userExtension,omitzero"`
	EmergencyLocationIdentificationNumber core.Opt[string] `json:"emergencyLocationIdentificationNumber,omitzero"`
	DeviceType                            core.Opt[string] `json:"deviceType,omitzero"`
	Providers                             []Provider       `json:"providers,omitzero"`
	Password                              core.Secret      `json:"password,omitzero"`

	Extra core.Extra `json:"-"`
}

// Provider is where the server has registered a channel for the user.
type Provider struct {
	ProviderAgentID   string     `json:"providerAgentId,omitzero"`
	ChannelProviderID string     `json:"channelProviderId,omitzero"`
	Extra             core.Extra `json:"-"`
}

// CMVoice is hybrid voice on Communication Manager. The server returns its
// secrets in the clear; here they print as redacted and are sent back as they
// came.
type CMVoice struct {
	AgentLoginID                  core.Opt[string] `json:"agentLoginId,omitzero"`
	ExtensionNumber               core.Opt[string] `json:"extensionNumber,omitzero"`
	CommunicationProfileAddresses []CMAddress      `json:"communicationProfileAddresses,omitzero"`
	AgentLoginPassword            core.Secret      `json:"agentLoginPassword,omitzero"`
	CommunicationProfilePassword  core.Secret      `json:"communicationProfilePassword,omitzero"`
	// AgentPassword is a number on the wire and deprecated.
	AgentPassword core.Secret `json:"agentPassword,omitzero" wire:"number"`

	// Profiles have these two instead of the above.
	AutoAssignExtension core.Opt[bool]   `json:"autoAssignExtension,omitzero"`
	LocationProfileID   core.Opt[string] `json:"locationProfileId,omitzero"`

	// The server assigns what follows; it is not sent back.
	DeviceType core.Opt[string] `json:"deviceType,omitzero"`
	Providers  []Provider       `json:"providers,omitzero"`

	Extra core.Extra `json:"-"`
}

// CMAddress is an address of a user on Communication Manager.
type CMAddress struct {
	Address   string           `json:"address,omitzero"`
	Type      core.Opt[string] `json:"type,omitzero"` // SIP or E164
	IsDefault core.Opt[bool]   `json:"isDefault,omitzero"`
	Extra     core.Extra       `json:"-"`
}

// writable returns the features without what only the server may set. The
// result shares what it did not change.
func (f *Features) writable() *Features {
	if f == nil {
		return nil
	}
	w := *f
	for _, ch := range []**Channel{&w.Voice, &w.Chat, &w.Email, &w.Messaging} {
		if *ch == nil {
			continue
		}
		c := **ch
		c.UserExtension, c.EmergencyLocationIdentificationNumber = core.Opt[string]{}, core.Opt[string]{}
		c.DeviceType, c.Providers, c.Password = core.Opt[string]{}, nil, core.Secret{}
		*ch = &c
	}

	if w.CMVoice != nil {
		c := *w.CMVoice
		c.DeviceType, c.Providers = core.Opt[string]{}, nil
		w.CMVoice = &c
	}
	return &w
}

// sorted returns the features with queues and attributes in one order.
func (f *Features) sorted() *Features {
	if f.Matching == nil {
		return f
	}
	m := *f.Matching
	m.Attributes = slices.Sorted(slices.Values(m.Attributes))
	m.Queues = slices.SortedFunc(slices.Values(m.Queues), func(a, b QueueLink) int {
		return bytes.Compare([]byte(a.QueueID), []byte(b.QueueID))
	})
	// Names are only returned, and not for both.
	for i := range m.Queues {
		m.Queues[i].Name = core.Opt[string]{}
	}

	w := *f
	w.Matching = &m
	return &w
}
