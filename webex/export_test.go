package webex

import (
	"time"

	"github.com/rollcall-go/rollcall/core"
)

// For the tests in package webex_test.

func Explain(body []byte, op string, class core.Class) *core.Error {
	e := &core.Error{Op: op, Class: class}
	explain(body, e)
	return e
}

func Inspect(body []byte) *core.Error { return inspect(body) }

// Links returns the target of each link with its relations.
func Links(headers ...string) (targets []string, rels [][]string) {
	links, _ := parseLinks(headers)
	for _, l := range links {
		targets, rels = append(targets, l.target), append(rels, l.rels)
	}
	return targets, rels
}

func (p Person) Writable() Person { return p.writable() }

func EndOf(asked time.Time, raw string) time.Time { return endOf(asked, []byte(raw)) }
