package livepersontest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	. "github.com/rollcall-go/rollcall/liveperson/livepersontest"
)

func TestOperations_HaveNames(t *testing.T) {
	c := newCentre(t, WithSampleData())
	for _, r := range []struct{ op, method, url string }{
		{"Domain.Get", "GET", domain + "sentinel/baseURI.json?version=1.0"}, {"Domain.List", "GET", domain + "baseURI.json?version=1.0"},
		{"Token", "POST", tokenURL}, {"Login", "POST", loginURL + "/login"}, {"Login.Refresh", "POST", loginURL + "/refresh"},
		{"Login.Logout", "POST", loginURL + "/logout"}, {"AgentView.Get", "POST", viewURL},
		{"Users.ResetPassword", "PUT", writer + "users/1/resetPassword"}, {"unknown", "PUT", writer + "users/1/changePassword"},
		{"unknown", "PATCH", writer + "users"}, {"unknown", "GET", writer + "users/"}, {"unknown", "GET", writer + "robots"},
		{"unknown", "GET", "https://" + HostReadWrite + "/"}, {"StatusReasons.List", "GET", reasons}, {"StatusReasons.Get", "GET",
			reasons + "/1"},
	} {
		c.do(r.method, r.url, nil)
		require.Equal(t, r.op, c.Requests()[len(c.Requests())-1].Op, r.url)
	}
	for name, resource := range map[string]string{"Users": "users", "Skills": "skills", "AgentGroups": "agentGroups", "Profiles": "profiles",
		"LOBs": "lobs"} {
		for _, r := range [][3]string{{"List", "GET", ""}, {"Create", "POST", ""}, {"ReplaceMany", "PUT", ""}, {"DeleteMany", "DELETE", ""},
			{"Get", "GET", "/1"}, {"Replace", "PUT", "/1"}, {"Delete", "DELETE", "/1"}} {
			c.do(r[1], writer+resource+r[2], nil)
			require.Equal(t, name+"."+r[0], c.Requests()[len(c.Requests())-1].Op)
		}
	}
}
