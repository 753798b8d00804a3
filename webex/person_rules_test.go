package webex

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
)

// TestPersonRules_TakeWorkInProportion: with work that grows with the square this
// would take minutes.
func TestPersonRules_TakeWorkInProportion(t *testing.T) {
	sites := make([]string, 100_000)
	for i := range sites {
		sites[i] = fmt.Sprint("site", i)
	}
	was := &Person{SiteURLs: sites, DisplayName: core.Set("D")}
	is := was.clone()
	is.DisplayName = core.Set("E")
	require.Equal(t, []string{"displayName"}, differences(was, is))
	names := []string{"displayName", "siteUrls"}
	require.Empty(t, personRules.Unmet(names, was.members(), is.members(), is.members()))
	is.SiteURLs = sites[1:]
	require.Equal(t, []string{"siteUrls"}, personRules.Unmet(names, was.members(), was.members(), is.members())[1:])
}
