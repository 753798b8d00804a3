package bench

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"github.com/hashicorp/go-retryablehttp"
)

// A Row is one client and how it does the work.
type Row struct {
	Name string
	// Get reads one user; with extra, one with two unknown fields.
	Get func(ctx context.Context, extra bool) error
	// Pages walks an Avaya listing of total users and calls each for every one.
	Pages func(ctx context.Context, size, total int, each func()) error
	// Array does the same with a bare array.
	Array func(ctx context.Context, total int, each func()) error
	// Replace writes a user within the rate limit of that id.
	Replace func(ctx context.Context, limit string) error
	// Close gives up the connections.
	Close func()
}

// The names of the rows.
const (
	Floor         = "floor"
	FloorDefault  = "floor, default transport"
	Retryablehttp = "retryablehttp"
	Rollcall      = "rollcall"
)

// doer sends a request: the difference between the floor and go-retryablehttp.
type doer func(ctx context.Context, method, url string, body []byte) (*http.Response, error)

func header(h http.Header) {
	h.Set("Accept", "application/json")
	h.Set("Appkey", "bench-app-key")
	h.Set("Authorization", "Bearer eyJhbGciOiJSUzI1NiJ9.bench-token")
	h.Set("User-Agent", "bench")
}

// NewFloor returns hand-written net/http with 256 idle connections a host, or
// with Go's default of 2.
func NewFloor(s *Server, p Protocol, tuned bool) *Row {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.TLSClientConfig = &tls.Config{RootCAs: s.Roots}
	name := FloorDefault
	if tuned {
		t.MaxIdleConns, t.MaxIdleConnsPerHost = 512, 256
		name = Floor
	}
	client := &http.Client{Transport: t}
	do := func(ctx context.Context, method, url string, body []byte) (*http.Response, error) {
		var r io.Reader
		if body != nil {
			r = bytes.NewReader(body)
		}
		req, err := http.NewRequestWithContext(ctx, method, url, r)
		if err != nil {
			return nil, err
		}
		header(req.Header)
		return client.Do(req)
	}
	return plainRow(name, s.URL[p], do, client.CloseIdleConnections)
}

// NewRetryablehttp returns go-retryablehttp as it comes, without its log.
func NewRetryablehttp(s *Server, p Protocol) *Row {
	client := retryablehttp.NewClient()
	client.Logger = nil
	client.HTTPClient.Transport.(*http.Transport).TLSClientConfig = &tls.Config{RootCAs: s.Roots}
	do := func(ctx context.Context, method, url string, body []byte) (*http.Response, error) {
		var raw any
		if body != nil {
			raw = body
		}
		req, err := retryablehttp.NewRequestWithContext(ctx, method, url, raw)
		if err != nil {
			return nil, err
		}
		header(req.Header)
		return client.Do(req)
	}
	return plainRow(Retryablehttp, s.URL[p], do, client.HTTPClient.CloseIdleConnections)
}

func plainRow(name, base string, do doer, closeIdle func()) *Row {
	const api = "/api/admin/user/v1/accounts/ABCDEF/users"
	call := func(ctx context.Context, method, url string, in, out any) error {
		var body []byte
		if in != nil {
			var err error
			if body, err = json.Marshal(in); err != nil {
				return err
			}
		}
		res, err := do(ctx, method, url, body)
		if err != nil {
			return err
		}
		defer res.Body.Close()
		if res.StatusCode/100 != 2 {
			return fmt.Errorf("status %d", res.StatusCode)
		}
		return json.NewDecoder(res.Body).Decode(out)
	}
	return &Row{
		Name: name,
		Get: func(ctx context.Context, extra bool) error {
			url := base + api + "/" + oneID
			if extra {
				url = base + "/extra" + api + "/" + oneID
			}
			var u plainUser
			if err := call(ctx, http.MethodGet, url, nil, &u); err != nil {
				return err
			}
			return complete(u.UserID, len(u.Features.Matching.Queues))
		},
		Pages: func(ctx context.Context, size, total int, each func()) error {
			// The floor asks for both page sizes in the same way; what is sent
			// back is the same.
			for n, seen := 1, 0; ; n++ {
				var page plainPage
				url := fmt.Sprintf("%s/pages/%d%s?pageNumber=%d&pageSize=%d&orderBy=loginId", base, total, api, n, size)
				if err := call(ctx, http.MethodGet, url, nil, &page); err != nil {
					return err
				}
				for i := range page.Users {
					if page.Users[i].UserID != "" {
						each()
					}
				}
				if seen += len(page.Users); seen >= page.Pagination.Total {
					return nil
				}
			}
		},
		Array: func(ctx context.Context, total int, each func()) error {
			var all []plainElement
			if err := call(ctx, http.MethodGet, fmt.Sprintf("%s/array/%d", base, total), nil, &all); err != nil {
				return err
			}
			for i := range all {
				if all[i].LoginName != "" {
					each()
				}
			}
			return nil
		},
		Replace: func(ctx context.Context, limit string) error {
			body := plainUser{OrganizationNodeID: "ABCDEF", LoginID: "ada@example.com", FirstName: "Ada", LastName: "Lovelace",
				Roles: []string{"Agent"}}
			var out plainUser
			return call(ctx, http.MethodPut, base+"/limit/"+limit+api+"/"+oneID, body, &out)
		},
		Close: closeIdle,
	}
}

func complete(id string, queues int) error {
	if id != oneID || queues != 2 {
		return fmt.Errorf("the user is not complete")
	}
	return nil
}

// What follows are the fields of avaya.User, as encoding/json likes them best.

type plainPage struct {
	Users      []plainUser `json:"users"`
	Pagination struct {
		PageNumber int `json:"pageNumber"`
		PageSize   int `json:"pageSize"`
		Total      int `json:"total"`
	} `json:"pagination"`
}

type plainUser struct {
	UserID             string                `json:"userId,omitempty"`
	OrganizationNodeID string                `json:"organizationNodeId,omitempty"`
	LoginID            string                `json:"loginId,omitempty"`
	FirstName          string                `json:"firstName,omitempty"`
	LastName           string                `json:"lastName,omitempty"`
	Password           string                `json:"password,omitempty"`
	DisplayName        string                `json:"displayName,omitempty"`
	EmailID            string                `json:"emailId,omitempty"`
	ProfileID          string                `json:"profileId,omitempty"`
	MemberOfGroups     []string              `json:"memberOfGroups,omitempty"`
	OwnedGroups        []string              `json:"ownedGroups,omitempty"`
	Roles              []string              `json:"roles,omitempty"`
	ResourcePartitions []string              `json:"resourcePartitions,omitempty"`
	Addresses          []plainAddress        `json:"addresses,omitempty"`
	AccountAddresses   []plainAccountAddress `json:"accountAddresses,omitempty"`
	Features           *plainFeatures        `json:"features,omitempty"`
	UXProfileID        string                `json:"uxProfileId,omitempty"`
}

type plainAddress struct {
	AddressID         string `json:"addressId,omitempty"`
	AddressName       string `json:"addressName,omitempty"`
	AddressType       string `json:"addressType,omitempty"`
	AddressTypeNumber string `json:"addressTypeNumber,omitempty"`
	StreetNumber      string `json:"streetNumber,omitempty"`
	StreetName        string `json:"streetName,omitempty"`
	City              string `json:"city,omitempty"`
	State             string `json:"state,omitempty"`
	CountryCode       string `json:"countryCode,omitempty"`
	Zip               string `json:"zip,omitempty"`
	IsDefault         bool   `json:"isDefault,omitempty"`
}

type plainAccountAddress struct {
	AddressID string `json:"addressId,omitempty"`
	IsDefault bool   `json:"isDefault,omitempty"`
}

type plainFeatures struct {
	Matching        *plainMatching `json:"matching,omitempty"`
	Voice           *plainChannel  `json:"voice,omitempty"`
	Chat            *plainChannel  `json:"chat,omitempty"`
	Email           *plainChannel  `json:"email,omitempty"`
	Messaging       *plainChannel  `json:"messaging,omitempty"`
	CMVoice         *plainCMVoice  `json:"cmvoice,omitempty"`
	ACI             *struct{}      `json:"aci,omitempty"`
	Outbound        *struct{}      `json:"outbound,omitempty"`
	Recorder        *struct{}      `json:"recorder,omitempty"`
	AdvancedCMVoice *struct{}      `json:"advancedcmvoice,omitempty"`
}

type plainMatching struct {
	Attributes []string     `json:"attributes,omitempty"`
	Queues     []plainQueue `json:"queues,omitempty"`
}

type plainQueue struct {
	QueueID     string `json:"queueId"`
	Proficiency int    `json:"proficiency,omitempty"`
	Name        string `json:"name,omitempty"`
}

type plainChannel struct {
	AutoAnswer                            bool            `json:"autoAnswer,omitempty"`
	Multiplicity                          int             `json:"multiplicity,omitempty"`
	AfterContactWork                      bool            `json:"afterContactWork,omitempty"`
	AfterContactWorkMode                  string          `json:"afterContactWorkMode,omitempty"`
	AfterContactWorkTimer                 int             `json:"afterContactWorkTimer,omitempty"`
	AfterContactWorkOverrideQueue         bool            `json:"afterContactWorkOverrideQueue,omitempty"`
	VoicePriority                         bool            `json:"voicePriority,omitempty"`
	UserExtension                         string          `json:"userExtension,omitempty"`
	EmergencyLocationIdentificationNumber string          `json:"emergencyLocationIdentificationNumber,omitempty"`
	DeviceType                            string          `json:"deviceType,omitempty"`
	Providers                             []plainProvider `json:"providers,omitempty"`
	Password                              string          `json:"password,omitempty"`
}

type plainProvider struct {
	ProviderAgentID   string `json:"providerAgentId,omitempty"`
	ChannelProviderID string `json:"channelProviderId,omitempty"`
}

type plainCMVoice struct {
	AgentLoginID                  string           `json:"agentLoginId,omitempty"`
	ExtensionNumber               string           `json:"extensionNumber,omitempty"`
	CommunicationProfileAddresses []plainCMAddress `json:"communicationProfileAddresses,omitempty"`
	AgentLoginPassword            string           `json:"agentLoginPassword,omitempty"`
	CommunicationProfilePassword  string           `json:"communicationProfilePassword,omitempty"`
	AgentPassword                 int64            `json:"agentPassword,omitempty"`
	AutoAssignExtension           bool             `json:"autoAssignExtension,omitempty"`
	LocationProfileID             string           `json:"locationProfileId,omitempty"`
	DeviceType                    string           `json:"deviceType,omitempty"`
	Providers                     []plainProvider  `json:"providers,omitempty"`
}

type plainCMAddress struct {
	Address   string `json:"address,omitempty"`
	Type      string `json:"type,omitempty"`
	IsDefault bool   `json:"isDefault,omitempty"`
}

type plainElement struct {
	ID                 int64             `json:"id"`
	PID                string            `json:"pid"`
	Deleted            bool              `json:"deleted"`
	LoginName          string            `json:"loginName"`
	FullName           string            `json:"fullName"`
	Nickname           string            `json:"nickname"`
	PasswordSh         string            `json:"passwordSh"`
	IsEnabled          bool              `json:"isEnabled"`
	MaxChats           int64             `json:"maxChats"`
	Email              string            `json:"email"`
	DateUpdated        string            `json:"dateUpdated"`
	LastPwdChange      string            `json:"lastPwdChangeDate"`
	IsAPIUser          bool              `json:"isApiUser"`
	EmployeeID         string            `json:"employeeId"`
	MaxAsyncChats      int64             `json:"maxAsyncChats"`
	PictureURL         string            `json:"pictureUrl"`
	Description        string            `json:"description"`
	UserTypeID         int64             `json:"userTypeId"`
	MemberOf           plainMembership   `json:"memberOf"`
	ManagerOf          []plainMembership `json:"managerOf"`
	SkillIDs           []int64           `json:"skillIds"`
	ProfileIDs         []int64           `json:"profileIds"`
	PermissionGroups   []string          `json:"permissionGroups"`
	LobIDs             []int64           `json:"lobIds"`
	ChangePwdNextLogin bool              `json:"changePwdNextLogin"`
}

type plainMembership struct {
	AgentGroupID   int64  `json:"agentGroupId"`
	AssignmentDate string `json:"assignmentDate"`
}
