package allclients

import (
	"context"
	"iter"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/simtest"
)

// simulator is what the simulators of all vendors can do.
type simulator interface {
	Fault(faults ...simtest.Fault)
	Requests(operations ...string) []simtest.Request
	Unstruck() []simtest.Fault
	Transport() http.RoundTripper
	LagReads(d time.Duration)
}

// account is a client, and the simulator that it speaks to.
type account struct {
	sim    simulator
	client any
	config any
	store  core.Store
	// calls are the methods of the client by the operation that each sends, among others.
	calls map[string]func(ctx context.Context) error
	// spec is a user to be created, and read one request that reads.
	spec core.UserSpec
	read func(ctx context.Context) error
}

// vendor is one of the five.
type vendor struct {
	name       string
	operations func() []string
	// open makes a client with these options, which speaks to a simulator of its own
	// unless they have a Transport.
	open func(o core.ClientOptions) (*account, error)
}

var vendors = []vendor{avayaVendor, libh3lpVendor, livepersonVendor, lucsVendor, webexVendor}

// each runs a test at every vendor.
func each(t *testing.T, test func(t *testing.T, v vendor)) {
	t.Helper()
	for _, v := range vendors {
		t.Run(v.name, func(t *testing.T) { test(t, v) })
	}
}

// account opens one, which works.
func (v vendor) account(t *testing.T, o core.ClientOptions) *account {
	t.Helper()
	a, err := v.open(o)
	require.NoError(t, err)
	return a
}

func drain[T any](rows iter.Seq2[T, error]) error {
	for _, err := range rows {
		if err != nil {
			return err
		}
	}
	return nil
}

// only drops a result.
func only[T any](_ T, err error) error { return err }
