package fleet

import (
	"errors"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/liveperson"
	"github.com/rollcall-go/rollcall/liveperson/livepersontest"
)

var livepersonVendor = Vendor{
	Name:         "liveperson",
	Capabilities: liveperson.Capabilities,
	Env: "LIVEPERSON_ACCOUNT_ID [LIVEPERSON_BASE_URL LIVEPERSON_DOMAIN_URL] and LIVEPERSON_TOKEN, or LIVEPERSON_CLIENT_ID " +
		"LIVEPERSON_CLIENT_SECRET, or LIVEPERSON_USERNAME LIVEPERSON_PASSWORD",
	Secrets:       []string{"LIVEPERSON_TOKEN", "LIVEPERSON_CLIENT_SECRET", "LIVEPERSON_PASSWORD"},
	Sample:        "nadia.kovar",
	TakesPassword: true,
	Open: func(s Settings) (core.Store, error) {
		account, err := s.Need("LIVEPERSON_ACCOUNT_ID")
		if err != nil {
			return nil, err
		}
		auth, err := livepersonAuth(s)
		if err != nil {
			return nil, err
		}

		cfg := liveperson.Config{
			ClientOptions: s.clientOptions(),
			AccountID:     account, Auth: auth,
			BaseURL: s.Getenv("LIVEPERSON_BASE_URL"), DomainURL: s.Getenv("LIVEPERSON_DOMAIN_URL"),
		}

		var opts []liveperson.Option
		if cfg.BaseURL == "" || cfg.DomainURL != "" {
			// The host of the agent view is looked up, which needs a Domain API that
			// belongs to the account. Where BaseURL alone was given, there may be none.
			opts = append(opts, liveperson.WithAgentView())
		}
		c, err := liveperson.New(cfg, opts...)
		if err != nil {
			return nil, err
		}
		return c.Store(), nil
	},
	Sim: func() Simulator {
		srv := livepersontest.NewServer(livepersontest.WithSampleData())
		return Simulator{
			Env: map[string]string{
				"LIVEPERSON_ACCOUNT_ID":    livepersontest.AccountID,
				"LIVEPERSON_DOMAIN_URL":    "https://" + livepersontest.HostDomain,
				"LIVEPERSON_CLIENT_ID":     livepersontest.ClientID,
				"LIVEPERSON_CLIENT_SECRET": livepersontest.ClientSecret,
			},
			Transport: srv.Transport(),
			Close:     srv.Close,
		}
	},
}

// livepersonAuth takes the first of the three ways to authenticate that is
// complete. If one is begun and none is complete, the error names what is missing.
func livepersonAuth(s Settings) (liveperson.Credentials, error) {
	token := s.Getenv("LIVEPERSON_TOKEN")
	id, secret := s.Getenv("LIVEPERSON_CLIENT_ID"), s.Getenv("LIVEPERSON_CLIENT_SECRET")
	name, password := s.Getenv("LIVEPERSON_USERNAME"), s.Getenv("LIVEPERSON_PASSWORD")

	switch {
	case token != "":
		return liveperson.Bearer{Token: core.NewSecret(token)}, nil
	case id != "" && secret != "":
		return liveperson.ClientCredentials{ID: id, Secret: core.NewSecret(secret)}, nil
	case name != "" && password != "":
		return liveperson.Login{Username: name, Password: core.NewSecret(password)}, nil
	}

	for _, begun := range []struct{ has, lacks string }{
		{id, "LIVEPERSON_CLIENT_SECRET"}, {secret, "LIVEPERSON_CLIENT_ID"},
		{name, "LIVEPERSON_PASSWORD"}, {password, "LIVEPERSON_USERNAME"},
	} {
		if begun.has != "" {
			_, err := s.Need(begun.lacks)
			return nil, err
		}
	}
	return nil, errors.New("no credential is set: LIVEPERSON_TOKEN, or LIVEPERSON_CLIENT_ID and LIVEPERSON_CLIENT_SECRET, or " +
		"LIVEPERSON_USERNAME and LIVEPERSON_PASSWORD")
}
