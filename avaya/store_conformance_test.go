package avaya_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/rollcall-go/rollcall/avaya/avayatest"
	"github.com/rollcall-go/rollcall/core/coretest"
	"github.com/rollcall-go/rollcall/core/coretest/fixtures"
)

func TestStoreConformance(t *testing.T) {
	for name, opts := range map[string][]avayatest.Option{
		"as documented": nil,
		"otherwise": {avayatest.WithUpdateActions(), avayatest.WithMatchingOnCreate(avayatest.MatchingHidden),
			avayatest.WithUnknownStatuses(avayatest.Unknown404),
			avayatest.WithMergedFeatures(), avayatest.WithUnknownDeleteStatus(http.StatusNotFound), avayatest.WithDeletingHidden(),
			avayatest.WithLinks(avayatest.LinksWrong)},
		"reads lag": {avayatest.WithReadLag(time.Second)},
		"quietly": {avayatest.WithQuietUpdates(), avayatest.WithCaseIgnored(), avayatest.WithUnknownStatuses(avayatest.AnyUnknown404),
			avayatest.WithLinks(avayatest.LinksNull)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // the longest test of the package
			coretest.TestStore(t, func(t *testing.T) coretest.Fixture { return fixtures.Avaya(t, opts...) }, coretest.VirtualTime())
		})
	}
}
