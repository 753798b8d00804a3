package core_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/webex"
	"github.com/rollcall-go/rollcall/webex/webextest"
)

// Root certificates of one's own, and a tracing RoundTripper around the transport: what
// wraps it sees each attempt, and core.OperationOf names it.
func ExampleNewTransport() {
	vendor := httptest.NewTLSServer(webextest.NewServer(webextest.WithSampleData())) // behind a company's own certificate
	defer vendor.Close()
	roots := x509.NewCertPool() // in your program x509.SystemCertPool, and AppendCertsFromPEM
	roots.AddCert(vendor.Certificate())

	transport := core.NewTransport()
	transport.TLSClientConfig = &tls.Config{RootCAs: roots}
	client, err := webex.New(webex.Config{
		ClientOptions: core.ClientOptions{Transport: spans{transport}},
		BaseURL:       vendor.URL + "/v1", Tier: webex.Assist, Auth: webex.Bearer{Token: core.NewSecret(webextest.Bearer)},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	me, err := client.People.Me(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(me.DisplayName.Or(""))
	// Output:
	// span People.Me begins
	// span People.Me ends: 200
	// Nora Lind
}

// A proxy, with its login in the URL. One that refuses is told as such, and nothing was
// sent to the vendor.
func ExampleNewTransport_proxy() {
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusProxyAuthRequired)
	}))
	defer proxy.Close()
	address, err := url.Parse(proxy.URL) // "http://user:password@proxy.example:3128"
	if err != nil {
		fmt.Println(err)
		return
	}

	transport := core.NewTransport()
	transport.Proxy = http.ProxyURL(address) // nil for no proxy, whatever the environment says
	client, err := webex.New(webex.Config{
		ClientOptions: core.ClientOptions{Transport: transport}, Tier: webex.Assist, Auth: webex.Bearer{Token: core.NewSecret("a-token")},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = client.People.Create(context.Background(), webex.Person{Emails: []string{"new@example.com"}, DisplayName: core.Set("New"),
		FirstName: core.Set("New"), LastName: core.Set("User")})
	if e, ok := errors.AsType[*core.Error](err); ok {
		fmt.Println(e.Op, e.Class, "applied:", e.Applied)
	}
	// Output: People.Create unauthenticated applied: no
}
