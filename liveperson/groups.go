package liveperson

import (
	"context"
	"iter"
	"net/http"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest"
)

const groupsPath = configPath + "agentGroups"

var (
	opListGroups = &rest.Op{Name: "AgentGroups.List", Method: http.MethodGet, Path: groupsPath, Replay: rest.Safe, Bucket: bucketAPI,
		Success: listed}
	opGetGroup = &rest.Op{Name: "AgentGroups.Get", Method: http.MethodGet, Path: groupsPath + "/{agentGroupId}", Replay: rest.Safe,
		Bucket: bucketAPI, Success: shown}
)

// MainGroup is the id of the agent group at the root of the tree, which every
// account has.
const MainGroup int64 = -1

// AgentGroups is the resource of the tree of agent groups, as on the vendor page
// "Agent Groups API". Who is in a group, or manages it, is written on the user.
type AgentGroups struct{ c *Client }

// AgentGroup is a group of agents.
type AgentGroup struct {
	ID      int64          `json:"id,omitzero"`
	Deleted core.Opt[bool] `json:"deleted,omitzero"`
	Name    string         `json:"name,omitzero"` // unique
	// ParentGroupID is null for the main group alone.
	ParentGroupID core.Opt[int64]  `json:"parentGroupId,omitzero"`
	IsEnabled     core.Opt[bool]   `json:"isEnabled,omitzero"`
	Description   core.Opt[string] `json:"description,omitzero"`
	DateUpdated   core.Opt[Date]   `json:"dateUpdated,omitzero"`
	Extra         core.Extra       `json:"-"`
}

// List walks all agent groups: see Users.List.
func (g *AgentGroups) List(ctx context.Context, opts AgentGroupListOptions) iter.Seq2[AgentGroup, error] {
	return list(ctx, g.c, opListGroups, g.c.otherVersion, headerIfMatch, opts, nil)
}

// Get returns an agent group, or core.ErrNotFound. It takes one request.
func (g *AgentGroups) Get(ctx context.Context, id int64) (*AgentGroup, error) {
	return getWhole[AgentGroup](ctx, g.c, opGetGroup, g.c.otherVersion, id)
}
