package main

import (
	"cmp"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/webex"
	"github.com/rollcall-go/rollcall/webex/webextest"
)

var webexVendor = vendor{
	name:         "webex",
	capabilities: webex.Capabilities,
	open: func(s settings) (core.Store, error) {
		token, err := s.need("WEBEX_TOKEN")
		if err != nil {
			return nil, err
		}
		tier, err := webex.ParseTier(cmp.Or(s.getenv("WEBEX_TIER"), webex.Assist.String()))
		if err != nil {
			return nil, usagef("WEBEX_TIER is neither assist nor basic")
		}
		cfg := webex.Config{
			Auth: webex.Bearer{Token: core.NewSecret(token)}, Tier: tier,
			BaseURL: s.getenv("WEBEX_BASE_URL"), OrgID: webex.ID(s.getenv("WEBEX_ORG_ID")),
		}
		opts := []webex.Option{webex.WithLogger(s.logger)}
		if s.transport != nil {
			opts = append(opts, webex.WithTransport(s.transport))
		}
		if s.maxAttempts > 0 {
			opts = append(opts, webex.WithMaxAttempts(s.maxAttempts))
		}
		if s.maxWait > 0 {
			opts = append(opts, webex.WithMaxWait(s.maxWait))
		}
		c, err := webex.New(cfg, opts...)
		if err != nil {
			return nil, err
		}
		return c.Store(), nil
	},
	sim: func() simulator {
		srv := webextest.NewServer(webextest.WithSampleData())
		return simulator{
			env:       map[string]string{"WEBEX_TOKEN": webextest.Bearer},
			transport: srv.Transport(),
			close:     srv.Close,
		}
	},
}
