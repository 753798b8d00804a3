package fleet

import (
	"fmt"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/lucs"
	"github.com/rollcall-go/rollcall/lucs/lucstest"
)

var lucsVendor = Vendor{
	Name:         "lucs",
	Capabilities: lucs.Capabilities,
	Sample:       "sip:mara.keller@example.internal",
	Open: func(s Settings) (core.Store, error) {
		base, err := s.Need("LUCS_BASE_URL")
		if err != nil {
			return nil, err
		}
		key, err := s.Need("LUCS_API_KEY")
		if err != nil {
			return nil, err
		}
		opts := options(s, lucs.WithLogger, lucs.WithTransport, lucs.WithMaxAttempts, lucs.WithMaxWait)
		switch v := s.Getenv("LUCS_ALLOW_HTTP"); v {
		case "", "0":
		case "1":
			opts = append(opts, lucs.WithInsecureHTTP())
		default:
			return nil, fmt.Errorf("LUCS_ALLOW_HTTP is %q; it is 1, or not set", v)
		}
		if s.Poll > 0 {
			opts = append(opts, lucs.WithReadBack(core.Wait{First: s.Poll}, 0))
		}
		c, err := lucs.New(lucs.Config{BaseURL: base, APIKey: core.NewSecret(key),
			Dialect: lucs.Dialect{KeyHeader: s.Getenv("LUCS_API_KEY_HEADER")}}, opts...)
		if err != nil {
			return nil, err
		}
		return c.Store(), nil
	},
	Sim: func() Simulator {
		srv := lucstest.NewServer(lucstest.WithSampleData())
		return Simulator{
			Env:       map[string]string{"LUCS_BASE_URL": lucstest.Origin, "LUCS_API_KEY": lucstest.APIKey},
			Transport: srv.Transport(),
			Close:     srv.Close,
		}
	},
}
