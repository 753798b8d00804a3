package wire

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
)

// A maker makes random documents: objects with the members that optUser knows,
// of the right kinds or null, and members at every level that it does not.
type maker struct{ *rand.Rand }

func (m maker) str() string {
	words := []string{`"a"`, `""`, `"\u00e9\n\\"`, `"é😀"`, `"\ud83d\ude00"`, `"<&>"`, `"` + strings.Repeat("long ", 300) + `"`}
	return words[m.IntN(len(words))]
}

func (m maker) num() string {
	nums := []string{`0`, `1`, `-7`, `3705342610`, `9007199254740993`, `-9223372036854775808`}
	return nums[m.IntN(len(nums))]
}

func (m maker) list(max int, elem func() string) string {
	parts := make([]string, m.IntN(max+1))
	for i := range parts {
		parts[i] = elem()
	}
	return "[" + m.space() + strings.Join(parts, m.space()+",") + "]"
}

func (m maker) space() string { return []string{"", "", " ", "\n\t"}[m.IntN(4)] }

// anything makes a value that no field takes: any grammar will do.
func (m maker) anything(depth int) string {
	switch n := m.IntN(8); {
	case n == 0:
		return "null"
	case n == 1:
		return []string{"true", "false"}[m.IntN(2)]
	case n < 4 || depth == 0:
		return []string{`1.50`, `-0.0`, `1E400`, `12345678901234567890123`, `"1"`}[m.IntN(5)]
	case n < 6:
		return m.str()
	case n == 6:
		return m.list(3, func() string { return m.anything(depth - 1) })
	}
	return m.object(nil, depth-1)
}

// object makes an object with some of the known members, in any order, and some others.
func (m maker) object(known map[string]func() string, depth int) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(known)) {
		switch m.IntN(8) {
		case 0:
		case 1:
			parts = append(parts, fmt.Sprintf("%q:null", name))
		default:
			parts = append(parts, fmt.Sprintf("%q%s:%s%s", name, m.space(), m.space(), known[name]()))
		}
	}
	for i := range m.IntN(4) {
		parts = append(parts, fmt.Sprintf(`"%s%d":%s`, []string{"x", "ID", `\u00e9`, `\"`, ""}[m.IntN(5)], i, m.anything(depth)))
	}
	m.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
	return "{" + m.space() + strings.Join(parts, ","+m.space()) + "}"
}

func (m maker) user() string {
	boolean := func() string { return []string{"true", "false"}[m.IntN(2)] }
	member := func() string {
		return m.object(map[string]func() string{"agentGroupId": m.num, "assignmentDate": func() string { return `"2015"` }}, 2)
	}
	known := map[string]func() string{
		"id": m.num, "loginName": m.str, "isEnabled": boolean, "email": m.str, "maxChats": m.num,
		"memberOf":         member,
		"managerOf":        func() string { return m.list(3, member) },
		"skillIds":         func() string { return m.list(4, m.num) },
		"permissionGroups": func() string { return m.list(4, m.str) },
		"features": func() string {
			return m.object(map[string]func() string{"voice": boolean, "limit": m.num, "plan": m.str}, 2)
		},
	}
	return m.object(known, 3)
}

// strictUser has fields of many kinds, all of which tell absent from empty.
type strictUser struct {
	ID               core.Opt[int64]              `json:"id"`
	LoginName        *string                      `json:"loginName,omitzero"`
	IsEnabled        *bool                        `json:"isEnabled,omitzero"`
	Email            core.Opt[string]             `json:"email,omitzero"`
	MaxChats         json.Number                  `json:"maxChats,omitzero"`
	MemberOf         *strictMembership            `json:"memberOf,omitzero"`
	ManagerOf        []core.Opt[strictMembership] `json:"managerOf,omitzero"`
	SkillIDs         []int64                      `json:"skillIds,omitzero"`
	PermissionGroups []string                     `json:"permissionGroups,omitzero"`
	Features         core.Opt[optFeatures]        `json:"features,omitzero"`
	Extra            core.Extra                   `json:"-"`
}

type strictMembership struct {
	AgentGroupID   core.Opt[int64]  `json:"agentGroupId"`
	AssignmentDate core.Opt[string] `json:"assignmentDate"`
	Extra          core.Extra       `json:"-"`
}

// Reading and writing back loses and changes nothing, at any level.
func TestRoundTrip(t *testing.T) {
	m := maker{rand.New(rand.NewPCG(3, 4))}
	for range 1000 {
		doc := m.user()
		require.True(t, json.Valid([]byte(doc)), doc)
		want, err := generic([]byte(doc))
		require.NoError(t, err)
		for _, v := range []any{new(strictUser), new(any), new(json.RawMessage), new(map[string]json.RawMessage),
			new(struct{ Extra core.Extra })} {
			require.NoError(t, Unmarshal([]byte(doc), v), doc)
			out, err := Marshal(v)
			require.NoError(t, err)
			got, err := generic(out)
			require.NoError(t, err, "%s", out)
			require.Equal(t, want, got, "%T: %s\n%s", v, doc, out)
		}
	}
}

// A list that is streamed in random pieces gives what reading it whole gives.
func TestArrayEqualsWhole(t *testing.T) {
	m := maker{rand.New(rand.NewPCG(5, 6))}
	for range 300 {
		doc := m.list(20, m.user)
		var whole []optUser
		require.NoError(t, Unmarshal([]byte(doc), &whole))
		got, err := list[optUser](NewArray(&chunked{data: []byte(doc), rng: m.Rand, max: 1 + m.IntN(3000)}))
		require.NoError(t, err)
		require.Len(t, got, len(whole))
		if len(whole) > 0 {
			require.Equal(t, whole, got)
		}
	}
}

func TestConcurrentUse(t *testing.T) {
	type fresh struct { // planned by all goroutines at once
		Users []*optUser `json:"users"`
	}
	doc := []byte(`{"users":` + string(usersJSON(20)) + `}`)
	var first fresh
	require.NoError(t, Unmarshal(doc, &first))
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 20 {
				type local struct{ fresh }
				var v local
				if err := Unmarshal(doc, &v); err != nil || !reflect.DeepEqual(first, v.fresh) {
					t.Error("differs", err)
				}
				if _, err := Marshal(&first); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}
