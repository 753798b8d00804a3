package webex

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
)

// With work that grows with the square, each of these would take minutes.
func TestHostileAnswersTakeWorkInProportion(t *testing.T) {
	for _, unit := range []string{",", "<,", "<a>,", `"`, `<a>;"`, " ,", "<>;"} {
		links, _ := parseLinks([]string{strings.Repeat(unit, 2<<20/len(unit))})
		require.LessOrEqual(t, len(links), 2<<20/len(unit), unit)
	}

	var errors []string
	for i := range 40_000 {
		errors = append(errors, fmt.Sprintf(`{"message":"m%d","code":"%d"}`, i, i+1))
	}
	e := inspect([]byte(`{"errors":[` + strings.Join(errors, ",") + `]}`))
	require.NotNil(t, e)
	require.Equal(t, "1", e.Code)
	require.Contains(t, e.Message, "m0; m1; ")
	require.Less(t, len(e.Message), 2*maxMessage)

	long := inspect([]byte(`{"errors":[{"message":"` + strings.Repeat("m", 1<<20) + `"},{"message":"x"}]}`))
	require.Equal(t, core.ClassInvalid, long.Class)

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
