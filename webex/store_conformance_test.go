package webex_test

import (
	"net/http"
	"testing"

	"github.com/rollcall-go/rollcall/core/coretest"
	"github.com/rollcall-go/rollcall/core/coretest/fixtures"
	"github.com/rollcall-go/rollcall/webex"
	"github.com/rollcall-go/rollcall/webex/webextest"
)

func TestStoreConformance(t *testing.T) {
	for name, opts := range map[string][]webextest.Option{
		"as documented": nil,
		"otherwise": {webextest.WithStringBooleans(), webextest.WithStatusCode(http.StatusOK), webextest.WithStatusIDs(webextest.AsUUID),
			webextest.WithFixedTypes(), webextest.WithSupervisorLinks(), webextest.WithEmptyPages()},
		"as others say": {webextest.WithAllStatuses("SUCCESS"), webextest.WithUnassignStatus("NOT_ASSIGNED"),
			webextest.WithTelephonyPages(2, 3), webextest.WithWrongTierStatus(http.StatusBadRequest)},
	} {
		for _, tier := range []webex.Tier{webex.Assist, webex.Basic} {
			t.Run(name+" "+tier.String(), func(t *testing.T) {
				t.Parallel() // the longest test of the package
				coretest.TestStore(t, func(t *testing.T) coretest.Fixture { return fixtures.Webex(t, tier, opts...) }, coretest.VirtualTime())
			})
		}
	}
}
