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
		dialect, err := lucsDialect(s)
		if err != nil {
			return nil, err
		}
		c, err := lucs.New(lucs.Config{BaseURL: base, APIKey: core.NewSecret(key), Dialect: dialect}, opts...)
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

// lucsDialect says how a server differs from the defaults: LUCS_DIALECT is a JSON
// object with fields of lucs.Dialect, in which a misspelt one is an error, and
// LUCS_API_KEY_HEADER names one of them alone.
func lucsDialect(s Settings) (lucs.Dialect, error) {
	var d lucs.Dialect
	if text := s.Getenv("LUCS_DIALECT"); text != "" {
		if err := decodeStrictly(text, &d); err != nil {
			return d, fmt.Errorf("LUCS_DIALECT is not an object with fields of lucs.Dialect: %w", err)
		}
	}
	d.KeyHeader = cmp.Or(s.Getenv("LUCS_API_KEY_HEADER"), d.KeyHeader)
	return d, nil
}

// decodeStrictly decodes one JSON value, of which no member may be unknown.
func decodeStrictly(text string, v any) error {
	if err := json.Unmarshal([]byte(text), new(json.RawMessage)); err != nil {
		return err // also what follows a value
	}
	dec := json.NewDecoder(strings.NewReader(text))
	dec.DisallowUnknownFields()
	return dec.Decode(v)
}
