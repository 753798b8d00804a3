package servicetest

import (
	"os"
	"testing"
)

// The variables with the addresses of the servers. The script .ci/services sets them.
const (
	Postgres = "ROLLCALL_POSTGRES_URL"
	Redis    = "ROLLCALL_REDIS_URL"
)

// required is the variable under which a server that is missing is a failure.
const required = "ROLLCALL_SERVICES"

// Address returns the address of a server. Without one the test is skipped, or fails
// where ROLLCALL_SERVICES=required is set: a run that promises the servers tests nothing
// when they are missing.
func Address(t testing.TB, variable string) string {
	t.Helper()
	address := os.Getenv(variable)
	if address == "" {
		Missing(t, "set "+variable+" to the address of a server to run this test; .ci/services does")
	}
	return address
}

// Missing ends a test that needs something that is not there: see Address.
func Missing(t testing.TB, why string) {
	t.Helper()
	if os.Getenv(required) == "required" {
		t.Fatal(why)
	}
	t.Skip(why)
}
