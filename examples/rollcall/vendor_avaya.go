package main

import (
	"github.com/rollcall-go/rollcall/avaya"
	"github.com/rollcall-go/rollcall/avaya/avayatest"
	"github.com/rollcall-go/rollcall/core"
)

var avayaVendor = vendor{
	name:         "avaya",
	wire:         []string{"displayName"},
	capabilities: avaya.Capabilities,
	open: func(s settings) (core.Store, error) {
		var cfg avaya.Config
		var appKey, secret string
		for _, f := range []struct {
			name string
			to   *string
		}{
			{"AVAYA_BASE_URL", &cfg.BaseURL}, {"AVAYA_ACCOUNT_ID", &cfg.AccountID}, {"AVAYA_APP_KEY", &appKey},
			{"AVAYA_CLIENT_ID", &cfg.ClientID}, {"AVAYA_CLIENT_SECRET", &secret},
		} {
			var err error
			if *f.to, err = s.need(f.name); err != nil {
				return nil, err
			}
		}
		cfg.AppKey, cfg.ClientSecret = core.NewSecret(appKey), core.NewSecret(secret)
		opts := []avaya.Option{avaya.WithLogger(s.logger)}
		if s.transport != nil {
			opts = append(opts, avaya.WithTransport(s.transport))
		}
		if s.maxAttempts > 0 {
			opts = append(opts, avaya.WithMaxAttempts(s.maxAttempts))
		}
		if s.maxWait > 0 {
			opts = append(opts, avaya.WithMaxWait(s.maxWait))
		}
		if s.poll > 0 {
			opts = append(opts, avaya.WithSettleWait(core.Wait{First: s.poll}))
		}
		c, err := avaya.New(cfg, opts...)
		if err != nil {
			return nil, err
		}
		return c.Store(), nil
	},
	sim: func() simulator {
		srv := avayatest.NewServer(avayatest.SampleData())
		own := avayatest.DefaultCredentials
		return simulator{
			env: map[string]string{
				"AVAYA_BASE_URL": avayatest.Origin, "AVAYA_ACCOUNT_ID": own.AccountID, "AVAYA_APP_KEY": own.AppKey,
				"AVAYA_CLIENT_ID": own.ClientID, "AVAYA_CLIENT_SECRET": own.ClientSecret,
			},
			transport: srv.Transport(),
			close:     srv.Close,
		}
	},
}
