package avaya

import (
	"context"
	"iter"
	"net/http"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/storekit"
	"github.com/rollcall-go/rollcall/internal/rest"
)

const groupPath = "/api/admin/group/{version}/accounts/{accountId}/groups"

var (
	opListGroups = &rest.Op{Name: "Groups.List", Method: http.MethodGet, Path: groupPath, Replay: rest.Safe, Bucket: "api", Success: rest.Object(200)}
	opGetGroup   = &rest.Op{Name: "Groups.Get", Method: http.MethodGet, Path: groupPath + "/{groupId}", Replay: rest.Safe, Bucket: "api", Success: rest.Object(200).Names("groupId")}
)

// Groups is the resource of groups of users, which tie agents to supervisors:
// an agent is a member, a supervisor owns. Membership is written on the user.
type Groups struct{ c *Client }

// Group is a group of users.
type Group struct {
	GroupID            string           `json:"groupId,omitzero"`
	Name               string           `json:"name,omitzero"`
	Description        core.Opt[string] `json:"description,omitzero"`
	OrganizationNodeID core.Opt[string] `json:"organizationNodeId,omitzero"`
	Resources          []GroupResource  `json:"resources,omitzero"`
	Extra              core.Extra       `json:"-"`
}

// GroupResource lists members of one type; only "User" is known. A large group
// has several.
type GroupResource struct {
	Type        string     `json:"type"`
	ResourceIDs []string   `json:"resourceIds,omitzero"`
	Extra       core.Extra `json:"-"`
}

// Members returns the ids of the users in the group, as the vendor listed them.
func (g *Group) Members() []string {
	var ids []string
	for _, r := range g.Resources {
		if r.Type == "User" || r.Type == "" {
			ids = append(ids, r.ResourceIDs...)
		}
	}
	return ids
}

// List walks all groups that match. Filterable: name, organizationNodeId.
func (g *Groups) List(ctx context.Context, opts GroupListOptions) iter.Seq2[Group, error] {
	return listing[groupPage, Group]{op: opListGroups, query: opts.order("name", maxPage),
		split: func(p *groupPage) (*envelope, []Group) { return &p.envelope, p.Groups },
		key:   func(v *Group) string { return v.GroupID }}.walk(ctx, g.c)
}

type groupPage struct {
	envelope
	Groups []Group `json:"groups"`
}

// Get returns a group with its members, or core.ErrNotFound.
func (g *Groups) Get(ctx context.Context, groupID string) (*Group, error) {
	group, _, err := g.get(ctx, groupID)
	return group, err
}

func (g *Groups) get(ctx context.Context, groupID string) (*Group, rest.Response, error) {
	out := new(Group)
	call := g.c.call(opGetGroup, groupID)
	call.Out = out
	res, err := g.c.rest.Do(ctx, call)
	if err != nil {
		return nil, res, err
	}
	return out, res, nil
}

// ListMembers walks the ids of the users in a group, each once, in one request. The walk
// is lazy and may be repeated; a group that is not there is core.ErrNotFound.
func (g *Groups) ListMembers(ctx context.Context, groupID string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		_, ids, err := g.members(ctx, groupID)
		if err != nil {
			yield("", storekit.Incomplete(vendor, opGetGroup.Name, err, false))
			return
		}
		for _, id := range ids {
			if !yield(id, nil) {
				return
			}
		}
	}
}

// members returns a group and its members, each once. A member without an id makes the
// list unreliable.
func (g *Groups) members(ctx context.Context, groupID string) (*Group, []string, error) {
	group, res, err := g.get(ctx, groupID)
	if err != nil {
		return nil, nil, err
	}
	var ids []string
	seen := map[string]bool{}
	for _, id := range group.Members() {
		if id == "" {
			return nil, nil, g.c.senseless(opGetGroup, res, "the group has a member without an id, so the list is incomplete")
		}
		if key := strings.ToLower(id); !seen[key] {
			seen[key] = true
			ids = append(ids, id)
		}
	}
	return group, ids, nil
}
