package main

import (
	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/lucs"
	"github.com/rollcall-go/rollcall/lucs/lucstest"
)

var lucsVendor = vendor{
	name:         "lucs",
	capabilities: lucs.Capabilities,
	open: func(s settings) (core.Store, error) {
		base, err := s.need("LUCS_BASE_URL")
		if err != nil {
			return nil, err
		}
		key, err := s.need("LUCS_API_KEY")
		if err != nil {
			return nil, err
		}
		opts := []lucs.Option{lucs.WithLogger(s.logger)}
		switch v := s.getenv("LUCS_ALLOW_HTTP"); v {
		case "", "0":
		case "1":
			opts = append(opts, lucs.WithInsecureHTTP())
		default:
			return nil, usagef("LUCS_ALLOW_HTTP is %q; it is 1, or not set", v)
		}
		if s.transport != nil {
			opts = append(opts, lucs.WithTransport(s.transport))
		}
		if s.maxAttempts > 0 {
			opts = append(opts, lucs.WithMaxAttempts(s.maxAttempts))
		}
		if s.maxWait > 0 {
			opts = append(opts, lucs.WithMaxWait(s.maxWait))
		}
		if s.poll > 0 {
			opts = append(opts, lucs.WithReadBack(core.Wait{First: s.poll}, 0))
		}
		c, err := lucs.New(lucs.Config{BaseURL: base, APIKey: core.NewSecret(key),
			Dialect: lucs.Dialect{KeyHeader: s.getenv("LUCS_API_KEY_HEADER")}}, opts...)
		if err != nil {
			return nil, err
		}
		return c.Store(), nil
	},
	sim: func() simulator {
		srv := lucstest.NewServer(lucstest.WithSampleData())
		return simulator{
			env:       map[string]string{"LUCS_BASE_URL": lucstest.Origin, "LUCS_API_KEY": lucstest.APIKey},
			transport: srv.Transport(),
			close:     srv.Close,
		}
	},
}
