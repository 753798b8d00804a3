package fleet

import (
	"github.com/rollcall-go/rollcall/avaya"
	"github.com/rollcall-go/rollcall/avaya/avayatest"
	"github.com/rollcall-go/rollcall/core"
)

var avayaVendor = Vendor{
	Name:          "avaya",
	Capabilities:  avaya.Capabilities,
	Env:           "AVAYA_BASE_URL AVAYA_ACCOUNT_ID AVAYA_APP_KEY AVAYA_CLIENT_ID AVAYA_CLIENT_SECRET",
	Secrets:       []string{"AVAYA_APP_KEY", "AVAYA_CLIENT_SECRET"},
	Sample:        "dana.reyes@example.com",
	TakesPassword: true,
	Open: func(s Settings) (core.Store, error) {
		var cfg avaya.Config
		var appKey, id, secret string
		for _, f := range []struct {
			name string
			to   *string
		}{
			{"AVAYA_BASE_URL", &cfg.BaseURL}, {"AVAYA_ACCOUNT_ID", &cfg.AccountID}, {"AVAYA_APP_KEY", &appKey},
			{"AVAYA_CLIENT_ID", &id}, {"AVAYA_CLIENT_SECRET", &secret},
		} {
			var err error
			if *f.to, err = s.Need(f.name); err != nil {
				return nil, err
			}
		}

		cfg.AppKey = core.NewSecret(appKey)
		cfg.Auth = avaya.ClientCredentials{ID: id, Secret: core.NewSecret(secret)}
		cfg.ClientOptions = s.clientOptions()
		c, err := avaya.New(cfg, avaya.WithSettleWait(core.Wait{First: s.Poll}))
		if err != nil {
			return nil, err
		}
		return c.Store(), nil
	},
	Sim: func() Simulator {
		srv := avayatest.NewServer(avayatest.WithSampleData())
		return Simulator{
			Env: map[string]string{
				"AVAYA_BASE_URL": avayatest.Origin, "AVAYA_ACCOUNT_ID": avayatest.AccountID, "AVAYA_APP_KEY": avayatest.AppKey,
				"AVAYA_CLIENT_ID": avayatest.ClientID, "AVAYA_CLIENT_SECRET": avayatest.ClientSecret,
			},
			Transport: srv.Transport(),
			Close:     srv.Close,
		}
	},
}
