package libh3lp_test

import (
	"testing"

	"github.com/rollcall-go/rollcall/core/coretest"
	"github.com/rollcall-go/rollcall/core/coretest/fixtures"
	"github.com/rollcall-go/rollcall/libh3lp/libh3lptest"
)

func TestStoreConformance(t *testing.T) {
	for name, opts := range map[string][]libh3lptest.Option{
		"as documented": nil,
		"otherwise": {libh3lptest.WithFailure(libh3lptest.FailureString), libh3lptest.WithMissing(libh3lptest.MissingFailure),
			libh3lptest.WithOff(libh3lptest.OffFalse),
			libh3lptest.WithBareObjects(), libh3lptest.WithWrappedObjects(), libh3lptest.WithStringIDs(), libh3lptest.WithFolders(),
			libh3lptest.WithReasonKey("error"), libh3lptest.WithDuplicateLinksAccepted(), libh3lptest.WithEmailAtCreate()},
		"without words": {libh3lptest.WithFailure(libh3lptest.FailureFalse), libh3lptest.WithMissing(libh3lptest.MissingEmptyArray),
			libh3lptest.WithOff(libh3lptest.OffAbsent), libh3lptest.WithReasonKey(""), libh3lptest.WithUnknownPresenceOffline(),
			libh3lptest.WithContentType("text/html")},
		"null": {libh3lptest.WithFailure(libh3lptest.FailureNull), libh3lptest.WithMissing(libh3lptest.MissingNull),
			libh3lptest.WithOff(libh3lptest.OffString)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // the longest test of the package
			coretest.TestStore(t, func(t *testing.T) coretest.Fixture { return fixtures.LibH3lp(t, opts...) }, coretest.VirtualTime())
		})
	}
}
