package servicetest

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

// outcome is a test that notes how it ends.
type outcome struct {
	testing.TB
	failed, skipped bool
}

func (o *outcome) Helper() {}

func (o *outcome) Fatal(...any) { o.failed = true; runtime.Goexit() }

func (o *outcome) Skip(...any) { o.skipped = true; runtime.Goexit() }

func TestAddress_FailsWhereServersAreRequired(t *testing.T) {
	ask := func() *outcome {
		o := &outcome{TB: t}
		done := make(chan bool)
		go func() {
			defer close(done)
			Address(o, Postgres)
		}()
		<-done
		return o
	}

	t.Setenv(Postgres, "")
	t.Setenv(required, "")
	require.True(t, ask().skipped)
	t.Setenv(required, "required")
	require.True(t, ask().failed)
	t.Setenv(Postgres, "postgres://there")
	require.Equal(t, &outcome{TB: t}, ask())
}
