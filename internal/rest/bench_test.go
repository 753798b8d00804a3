package rest

import (
	"bytes"
	"io"
	"net/http"
	"testing"

	"github.com/rollcall-go/rollcall/core/pace"
)

// instant answers at once, so that nothing is measured but the client.
type instant struct{ header http.Header }

func (i instant) RoundTrip(req *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Header: i.header, Request: req,
		Body: io.NopCloser(bytes.NewReader([]byte(okBody))), ContentLength: int64(len(okBody))}, nil
}

// BenchmarkOne is one call, with neither an observer nor a log.
func BenchmarkOne(b *testing.B) {
	c := newClient(instant{http.Header{"Content-Type": {"application/json"}}}, func(cfg *Config) {
		cfg.Auth, cfg.Governor = fixed("token"), pace.New()
	})
	b.ReportAllocs()
	for b.Loop() {
		if err := do(b.Context(), c, opGet); err != nil {
			b.Fatal(err)
		}
	}
}
