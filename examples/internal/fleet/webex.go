package fleet

import (
	"cmp"
	"errors"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/webex"
	"github.com/rollcall-go/rollcall/webex/webextest"
)

var webexVendor = Vendor{
	Name:         "webex",
	Capabilities: webex.Capabilities,
	Env:          "WEBEX_TOKEN [WEBEX_BASE_URL WEBEX_ORG_ID WEBEX_TIER=assist|basic]",
	Secrets:      []string{"WEBEX_TOKEN"},
	Sample:       "ana.silva@example.com",
	Open: func(s Settings) (core.Store, error) {
		token, err := s.Need("WEBEX_TOKEN")
		if err != nil {
			return nil, err
		}
		tier, err := webex.ParseTier(cmp.Or(s.Getenv("WEBEX_TIER"), webex.Assist.String()))
		if err != nil {
			return nil, errors.New("WEBEX_TIER is neither assist nor basic")
		}

		cfg := webex.Config{
			Auth: webex.Bearer{Token: core.NewSecret(token)}, Tier: tier,
			ClientOptions: s.clientOptions(), BaseURL: s.Getenv("WEBEX_BASE_URL"), OrgID: webex.ID(s.Getenv("WEBEX_ORG_ID")),
		}
		c, err := webex.New(cfg)
		if err != nil {
			return nil, err
		}
		return c.Store(), nil
	},
	SimEnv: []string{"WEBEX_TIER"},
	Sim: func() Simulator {
		srv := webextest.NewServer(webextest.WithSampleData())
		return Simulator{
			Env:       map[string]string{"WEBEX_TOKEN": webextest.Bearer},
			Transport: srv.Transport(),
			Close:     srv.Close,
		}
	},
}
