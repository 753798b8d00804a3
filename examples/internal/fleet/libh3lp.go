package fleet

import (
	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/libh3lp"
	"github.com/rollcall-go/rollcall/libh3lp/libh3lptest"
)

var libh3lpVendor = Vendor{
	Name:          "libh3lp",
	Capabilities:  libh3lp.Capabilities,
	Env:           "LIBH3LP_BASE_URL LIBH3LP_USERNAME LIBH3LP_PASSWORD",
	Secrets:       []string{"LIBH3LP_PASSWORD"},
	Sample:        "ines.aldana",
	TakesPassword: true,
	Open: func(s Settings) (core.Store, error) {
		base, err := s.Need("LIBH3LP_BASE_URL")
		if err != nil {
			return nil, err
		}
		username, err := s.Need("LIBH3LP_USERNAME")
		if err != nil {
			return nil, err
		}
		password, err := s.Need("LIBH3LP_PASSWORD")
		if err != nil {
			return nil, err
		}

		opts := s.clientOptions()
		if opts.BlockLog == nil {
			opts.BlockLog = s.announce // a block is one write per link
		}

		c, err := libh3lp.New(libh3lp.Config{
			ClientOptions: opts, BaseURL: base,
			Auth: libh3lp.Login{Username: username, Password: core.NewSecret(password)},
		})
		if err != nil {
			return nil, err
		}
		return c.Store(), nil
	},
	Sim: func() Simulator {
		srv := libh3lptest.NewServer(libh3lptest.WithSampleData())
		return Simulator{
			Env: map[string]string{
				"LIBH3LP_BASE_URL": libh3lptest.Origin,
				"LIBH3LP_USERNAME": libh3lptest.Username,
				"LIBH3LP_PASSWORD": libh3lptest.Password,
			},
			Transport: srv.Transport(),
			Close:     srv.Close,
		}
	},
}
