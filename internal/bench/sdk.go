package bench

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/http"
	"net/url"
	"sync"

	"github.com/rollcall-go/rollcall/avaya"
	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/pace"
	"github.com/rollcall-go/rollcall/internal/rest"
)

// NewRollcall returns rollcall as a user gets it: token, governor, retries,
// typed errors and limits. Over TLS its own transport is told to trust the server.
func NewRollcall(s *Server, p Protocol, options core.ClientOptions) (*Row, error) {
	if p != HTTP {
		t := core.NewTransport()
		t.TLSClientConfig = &tls.Config{RootCAs: s.Roots}
		options.Transport = t
	}
	var mu sync.Mutex
	clients := map[string]*avaya.Client{}
	client := func(path string) (*avaya.Client, error) {
		mu.Lock()
		defer mu.Unlock()
		if c := clients[path]; c != nil {
			return c, nil
		}
		c, err := avaya.New(avaya.Config{
			ClientOptions: options,
			BaseURL:       s.URL[p] + path, AccountID: "ABCDEF", AppKey: core.NewSecret("bench-app-key"),
			Auth: avaya.ClientCredentials{ID: "bench", Secret: core.NewSecret("bench-secret")},
		})
		if err != nil {
			return nil, err
		}
		clients[path] = c
		return c, nil
	}
	one, err := client("")
	if err != nil {
		return nil, err
	}
	extra, err := client("/extra")
	if err != nil {
		return nil, err
	}
	array, err := newArrayClient(s.URL[p])
	if err != nil {
		return nil, err
	}
	return &Row{
		Name: Rollcall,
		Get: func(ctx context.Context, withExtra bool) error {
			c := one
			if withExtra {
				c = extra
			}
			u, err := c.Users.Get(ctx, oneID)
			if err != nil {
				return err
			}
			if withExtra && len(u.Extra) != 2 {
				return fmt.Errorf("the unknown fields are lost")
			}
			return complete(u.UserID, len(u.Features.Matching.Queues))
		},
		Pages: func(ctx context.Context, size, total int, each func()) error {
			c, err := client(fmt.Sprintf("/pages/%d", total))
			if err != nil {
				return err
			}
			walk := c.Users.List(ctx, avaya.UserListOptions{})
			if size > 50 {
				walk = c.Users.Search(ctx, avaya.Search{PageSize: size})
			}
			for u, err := range walk {
				if err != nil {
					return err
				}
				if u.UserID != "" {
					each()
				}
			}
			return nil
		},
		Array: array.walk,
		Replace: func(ctx context.Context, limit string) error {
			c, err := client("/limit/" + limit)
			if err != nil {
				return err
			}
			_, err = c.Users.Replace(ctx, avaya.User{UserID: oneID, OrganizationNodeID: "ABCDEF", LoginID: "ada@example.com",
				FirstName: "Ada", LastName: "Lovelace", Roles: []string{"Agent"}})
			return err
		},
		Close: func() {
			for _, c := range clients {
				c.CloseIdleConnections()
			}
			array.client.CloseIdle()
		},
	}, nil
}

// arrayClient walks LivePerson's shape of a list, which Avaya does not have, with
// the machinery that all vendors share.
type arrayClient struct {
	client *rest.Client
	base   *url.URL
}

func newArrayClient(base string) (*arrayClient, error) {
	u, err := rest.ParseBase(base, false)
	if err != nil {
		return nil, err
	}
	return &arrayClient{rest.New(rest.Config{Vendor: "bench", Auth: fixedAuth{}, Governor: pace.New()}), u}, nil
}

var opArray = &rest.Op{Name: "Users.List", Method: http.MethodGet, Path: "/array/{total}", Bucket: "api"}

func (a *arrayClient) walk(ctx context.Context, total int, each func()) error {
	walk := rest.List[element](ctx, a.client, rest.Request{Op: opArray, Base: a.base, Args: []string{fmt.Sprint(total)}}, nil)
	for u, err := range walk {
		if err != nil {
			return err
		}
		if name, _ := u.LoginName.Get(); name != "" {
			each()
		}
	}
	return nil
}

type fixedAuth struct{}

func (fixedAuth) Authorize(_ context.Context, req *http.Request) (string, error) {
	header(req.Header)
	return "bench", nil
}

func (fixedAuth) Renew(string) bool { return false }

// element has the fields of plainElement, as the vendor packages write them.
type element struct {
	ID                 core.Opt[int64]      `json:"id,omitzero"`
	PID                core.Opt[string]     `json:"pid,omitzero"`
	Deleted            core.Opt[bool]       `json:"deleted,omitzero"`
	LoginName          core.Opt[string]     `json:"loginName,omitzero"`
	FullName           core.Opt[string]     `json:"fullName,omitzero"`
	Nickname           core.Opt[string]     `json:"nickname,omitzero"`
	PasswordSh         core.Opt[string]     `json:"passwordSh,omitzero"`
	IsEnabled          core.Opt[bool]       `json:"isEnabled,omitzero"`
	MaxChats           core.Opt[int64]      `json:"maxChats,omitzero"`
	Email              core.Opt[string]     `json:"email,omitzero"`
	DateUpdated        core.Opt[string]     `json:"dateUpdated,omitzero"`
	LastPwdChange      core.Opt[string]     `json:"lastPwdChangeDate,omitzero"`
	IsAPIUser          core.Opt[bool]       `json:"isApiUser,omitzero"`
	EmployeeID         core.Opt[string]     `json:"employeeId,omitzero"`
	MaxAsyncChats      core.Opt[int64]      `json:"maxAsyncChats,omitzero"`
	PictureURL         core.Opt[string]     `json:"pictureUrl,omitzero"`
	Description        core.Opt[string]     `json:"description,omitzero"`
	UserTypeID         core.Opt[int64]      `json:"userTypeId,omitzero"`
	MemberOf           core.Opt[membership] `json:"memberOf,omitzero"`
	ManagerOf          []membership         `json:"managerOf,omitzero"`
	SkillIDs           []int64              `json:"skillIds,omitzero"`
	ProfileIDs         []int64              `json:"profileIds,omitzero"`
	PermissionGroups   []string             `json:"permissionGroups,omitzero"`
	LobIDs             []int64              `json:"lobIds,omitzero"`
	ChangePwdNextLogin core.Opt[bool]       `json:"changePwdNextLogin,omitzero"`
	Extra              core.Extra           `json:"-"`
}

type membership struct {
	AgentGroupID   int64      `json:"agentGroupId"`
	AssignmentDate string     `json:"assignmentDate,omitzero"`
	Extra          core.Extra `json:"-"`
}
