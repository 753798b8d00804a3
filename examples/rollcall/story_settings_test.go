package main

import (
	"maps"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestSettings_AreCheckedBeforeAnythingIsSent at the vendors that take more than one way.
func TestSettings_AreCheckedBeforeAnythingIsSent(t *testing.T) {
	login := map[string]string{"LIVEPERSON_TOKEN": "", "LIVEPERSON_USERNAME": "ops", "LIVEPERSON_PASSWORD": "p"}
	application := map[string]string{"LIVEPERSON_TOKEN": "", "LIVEPERSON_CLIENT_ID": "cid", "LIVEPERSON_CLIENT_SECRET": "s"}
	for _, c := range []struct {
		vendor string
		from   map[string]string
		name   string
		value  string
		says   string
	}{
		{"libh3lp", nil, "LIBH3LP_BASE_URL", "", "LIBH3LP_BASE_URL"},
		{"libh3lp", nil, "LIBH3LP_USERNAME", "", "LIBH3LP_USERNAME"},
		{"libh3lp", nil, "LIBH3LP_PASSWORD", "", "LIBH3LP_PASSWORD"},
		{"libh3lp", nil, "LIBH3LP_BASE_URL", "http://libraryh3lp.example.com", "plain http"},

		{"liveperson", nil, "LIVEPERSON_ACCOUNT_ID", "", "LIVEPERSON_ACCOUNT_ID"},
		{"liveperson", nil, "LIVEPERSON_TOKEN", "", "LIVEPERSON_TOKEN"},
		{"liveperson", application, "LIVEPERSON_CLIENT_SECRET", "", "LIVEPERSON_CLIENT_SECRET"},
		{"liveperson", application, "LIVEPERSON_CLIENT_ID", "", "LIVEPERSON_CLIENT_ID"},
		{"liveperson", login, "LIVEPERSON_PASSWORD", "", "LIVEPERSON_PASSWORD"},
		{"liveperson", login, "LIVEPERSON_USERNAME", "", "LIVEPERSON_USERNAME"},
		{"liveperson", nil, "LIVEPERSON_BASE_URL", "http://config.example.com", "plain http"},
		{"liveperson", nil, "LIVEPERSON_DOMAIN_URL", "http://config.example.com", "plain http"},

		{"lucs", nil, "LUCS_BASE_URL", "", "LUCS_BASE_URL"},
		{"lucs", nil, "LUCS_API_KEY", "", "LUCS_API_KEY"},
		{"lucs", nil, "LUCS_API_KEY", " ", "APIKey.Key is missing"},
		{"lucs", nil, "LUCS_BASE_URL", "http://lucs.example.com", "plain http"},
		{"lucs", nil, "LUCS_BASE_URL", "lucs.example.com", "https://"},
		{"lucs", nil, "LUCS_BASE_URL", "https://lucs.example.com/V1.0/", "ends in the version"},
		{"lucs", nil, "LUCS_API_KEY_HEADER", "X Key", "not the name of a header"},
		{"lucs", nil, "LUCS_ALLOW_HTTP", "yes", "LUCS_ALLOW_HTTP"},
		{"lucs", nil, "LUCS_API_KEY", "a\nb", "a header cannot carry"},
		{"lucs", nil, "LUCS_BASE_URL", "https://user:pw@lucs.example.com", "must not hold a user"},
		{"lucs", nil, "LUCS_DIALECT", `{"Versoin":"v2.0"}`, "Versoin"},
		{"lucs", nil, "LUCS_DIALECT", `{"Version":"v2.0"} {}`, "LUCS_DIALECT"},
		{"lucs", nil, "LUCS_DIALECT", `["v2.0"]`, "LUCS_DIALECT"},
		{"lucs", nil, "LUCS_DIALECT", `{"Routes":{"BlockUser":"POST /lock"}}`, "{userId}"},

		{"webex", nil, "WEBEX_TOKEN", "", "WEBEX_TOKEN"},
		{"webex", nil, "WEBEX_TIER", "premium", "WEBEX_TIER"},
		{"webex", nil, "WEBEX_BASE_URL", "http://webex.example/v1", "plain http"},
		{"webex", nil, "WEBEX_ORG_ID", "a b", "organisation"},
	} {
		t.Run(c.vendor+" "+c.name+"="+c.value, func(t *testing.T) {
			env, run := silent(t, c.vendor)
			maps.Copy(env, c.from)
			env[c.name] = c.value

			e := run(env, args("--json users list")...).silent().fails(exitUsage, "invalid")

			require.Contains(t, e["message"], c.says)
		})
	}
}
