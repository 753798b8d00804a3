package rest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
)

func TestOptions_UserAgentNamesTheVersion(t *testing.T) {
	for own, want := range map[string]string{"": "rollcall-go/" + version, "payroll/7": "payroll/7 rollcall-go/" + version} {
		p := talk(ok())
		cfg, err := Options("acme", core.ClientOptions{UserAgent: own, Transport: p})
		require.NoError(t, err)
		require.NoError(t, do(t.Context(), New(cfg), opGet))
		require.Equal(t, want, p.all()[0].Header.Get("User-Agent"))
	}
	require.Regexp(t, `^\d+\.\d+\.\d+$`, version)
}
