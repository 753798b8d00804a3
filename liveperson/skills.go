package liveperson

import (
	"context"
	"iter"
	"net/http"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest"
)

const skillsPath = configPath + "skills"

var (
	opListSkills = &rest.Op{Name: "Skills.List", Method: http.MethodGet, Path: skillsPath, Replay: rest.Safe, Bucket: bucketAPI,
		Success: listed}
	opGetSkill = &rest.Op{Name: "Skills.Get", Method: http.MethodGet, Path: skillsPath + "/{skillId}", Replay: rest.Safe, Bucket: bucketAPI,
		Success: shown}
)

// Skills is the resource of skills, which are what work is routed to, as on the
// vendor page "Skills API". Who has a skill is written on the user.
type Skills struct{ c *Client }

// Skill is an area of expertise. The fields of routing and timing are in Extra,
// by their wire name.
type Skill struct {
	ID          int64            `json:"id,omitzero"`
	Deleted     core.Opt[bool]   `json:"deleted,omitzero"`
	Name        string           `json:"name,omitzero"` // unique
	Description core.Opt[string] `json:"description,omitzero"`
	LOBIDs      []int64          `json:"lobIds,omitzero"`
	DateUpdated core.Opt[Date]   `json:"dateUpdated,omitzero"`
	Extra       core.Extra       `json:"-"`
}

// List walks all skills: see Users.List.
func (s *Skills) List(ctx context.Context, opts SkillListOptions) iter.Seq2[Skill, error] {
	return list(ctx, s.c, opListSkills, s.c.otherVersion, headerIfMatch, opts, nil)
}

// Get returns a skill, or core.ErrNotFound. It takes one request.
func (s *Skills) Get(ctx context.Context, id int64) (*Skill, error) {
	return getWhole[Skill](ctx, s.c, opGetSkill, s.c.otherVersion, id)
}
