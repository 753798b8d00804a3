package webex

import (
	"time"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest"
)

// For the tests in package webex_test.

// Operations is every operation record of the package.
var Operations = []*rest.Op{
	opListPeople, opGetPerson, opGetMe, opCreatePerson, opReplacePerson, opDeletePerson,
	opListSupervisors, opListFreeSupervisors, opListFreeAgents, opGetSupervisor, opCreateSupervisor, opUpdateAgents,
	opDeleteSupervisor, opDeleteSupervisors, opDeleteAllSupervisors,
	opListQueues, opGetQueue, opReplaceAgents, opListQueueAgents, opListFreeQueueAgents, opGetQueueAgent, opUpdateSettings,
	opRefresh, opRetrieve,
}

// QueryStructs is every struct that go-querystring gets to see.
var QueryStructs = []any{
	peopleQuery{}, personQuery{}, supervisorQuery{}, tierQuery{}, orgQuery{}, queueQuery{}, queueAgentQuery{}, freeQueueAgentQuery{},
}

func Explain(body []byte, op string, class core.Class) *core.Error {
	e := &core.Error{Op: op, Class: class}
	explain(body, e)
	return e
}

func Inspect(body []byte) *core.Error { return inspect(body) }

// Links returns the target of each link with its relations.
func Links(headers ...string) (targets []string, rels [][]string) {
	for _, l := range parseLinks(headers) {
		targets, rels = append(targets, l.target), append(rels, l.rels)
	}
	return targets, rels
}

func (p Person) Writable() Person { return p.writable() }

func EndOf(asked time.Time, raw string) time.Time { return endOf(asked, []byte(raw)) }
