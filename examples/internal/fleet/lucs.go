package fleet

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/lucs"
	"github.com/rollcall-go/rollcall/lucs/lucstest"
)

var lucsVendor = Vendor{
	Name:         "lucs",
	Capabilities: lucs.Capabilities,
	Env:          "LUCS_BASE_URL LUCS_API_KEY [LUCS_API_KEY_HEADER LUCS_ALLOW_HTTP=1 LUCS_DIALECT]",
	Secrets:      []string{"LUCS_API_KEY"},
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

		cfg := lucs.Config{ClientOptions: s.clientOptions(), BaseURL: base}
		switch v := s.Getenv("LUCS_ALLOW_HTTP"); v {
		case "", "0":
		case "1":
			cfg.AllowInsecureHTTP = true
		default:
			return nil, fmt.Errorf("LUCS_ALLOW_HTTP is %q; it is 1, or not set", v)
		}

		dialect, err := lucsDialect(s)
		if err != nil {
			return nil, err
		}
		cfg.Dialect = dialect.Dialect
		cfg.Auth = lucs.APIKey{Key: core.NewSecret(key), Header: cmp.Or(s.Getenv("LUCS_API_KEY_HEADER"), dialect.KeyHeader),
			Prefix: dialect.KeyPrefix}

		c, err := lucs.New(cfg)
		if err != nil {
			return nil, err
		}
		return c.Store(), nil
	},
	SimEnv: []string{"LUCS_DIALECT"},
	Sim: func() Simulator {
		// It also serves what is not documented, for those who name the routes in LUCS_DIALECT.
		srv := lucstest.NewServer(lucstest.WithSampleData(), lucstest.WithDirectRoutes())
		return Simulator{
			Env:       map[string]string{"LUCS_BASE_URL": lucstest.Origin, "LUCS_API_KEY": lucstest.APIKey},
			Transport: srv.Transport(),
			Close:     srv.Close,
		}
	},
}

// dialect is how a server differs from the defaults.
type dialect struct {
	lucs.Dialect
	KeyHeader, KeyPrefix string // of lucs.APIKey
}

// lucsDialect reads LUCS_DIALECT: a JSON object with fields of lucs.Dialect and those of
// lucs.APIKey as KeyHeader and KeyPrefix, in which a misspelt one is an error.
func lucsDialect(s Settings) (dialect, error) {
	var d dialect
	if text := s.Getenv("LUCS_DIALECT"); text != "" {
		if err := decodeStrictly(text, &d); err != nil {
			return d, fmt.Errorf("LUCS_DIALECT is not an object with fields of lucs.Dialect: %w", err)
		}
	}
	return d, nil
}

// decodeStrictly decodes one JSON value, and refuses unknown members.
func decodeStrictly(text string, v any) error {
	if err := json.Unmarshal([]byte(text), new(json.RawMessage)); err != nil {
		return err // also what follows a value
	}
	dec := json.NewDecoder(strings.NewReader(text))
	dec.DisallowUnknownFields()
	return dec.Decode(v)
}
