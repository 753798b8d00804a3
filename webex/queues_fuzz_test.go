package webex

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/wire"
)

// FuzzMembersGoBackUntouched: whatever a queue's agents hold that this package does
// not know is sent back as it came, and what is read only is not.
func FuzzMembersGoBackUntouched(f *testing.F) {
	for _, doc := range []string{
		`[{"id":"` + keyA + `","firstName":"Ana","skillLevel":"1.0","joinEnabled":"true","weight":50,"x":{"big":12345678901234567890,"n":null}}]`,
		`[{"id":"a","weight":null,"skillLevel":null,"location":{"id":"x"},"esn":null,"y":[1.50,"é"],"y":2}]`, `[]`, `null`, `[{}]`, `[[]]`, `{}`,
	} {
		f.Add([]byte(doc))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		var raw []core.Extra
		var members []QueueMember
		if wire.Unmarshal(doc, &raw) != nil || wire.Unmarshal(doc, &members) != nil {
			return
		}
		body := replaceAgents{}
		for _, m := range members {
			body.Agents = append(body.Agents, m.writable())
		}
		out, err := wire.Marshal(body)
		require.NoError(t, err)
		var sent struct {
			Agents []core.Extra `json:"agents"`
		}
		require.NoError(t, wire.Unmarshal(out, &sent))
		require.Len(t, sent.Agents, len(raw))
		for i, was := range raw {
			for name, v := range was {
				switch {
				case readOnlyMember[name]:
					require.NotContains(t, sent.Agents[i], name)
				case name == "id" || name == "weight" || name == "skillLevel" || name == "joinEnabled":
					if string(v) == "null" && name != "id" {
						require.Equal(t, "null", string(sent.Agents[i][name]), name)
					}
				default:
					require.Equal(t, string(v), string(sent.Agents[i][name]), name)
				}
			}
		}
	})
}
