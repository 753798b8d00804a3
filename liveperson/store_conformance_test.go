package liveperson_test

import (
	"net/http"
	"testing"

	"github.com/rollcall-go/rollcall/core/coretest"
	"github.com/rollcall-go/rollcall/core/coretest/fixtures"
	"github.com/rollcall-go/rollcall/liveperson/livepersontest"
)

func TestStoreConformance(t *testing.T) {
	for name, opts := range map[string][]livepersontest.Option{
		"as documented": nil,
		"otherwise": {livepersontest.WithStaleStatus(http.StatusConflict), livepersontest.WithEmptyDeletes(), livepersontest.WithFullLists(),
			livepersontest.WithPasswordEcho(), livepersontest.WithDomainLists()},
		"as in the samples": {livepersontest.WithSampleTypes()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // the longest test of the package
			coretest.TestStore(t, func(t *testing.T) coretest.Fixture { return fixtures.LivePerson(t, opts...) }, coretest.VirtualTime())
		})
	}
}
