// Package readme holds the README to its word.
package readme

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/avaya"
	"github.com/rollcall-go/rollcall/avaya/avayatest"
	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/examples/internal/fleet"
	"github.com/rollcall-go/rollcall/libh3lp"
	"github.com/rollcall-go/rollcall/libh3lp/libh3lptest"
	"github.com/rollcall-go/rollcall/liveperson"
	"github.com/rollcall-go/rollcall/liveperson/livepersontest"
	"github.com/rollcall-go/rollcall/lucs"
	"github.com/rollcall-go/rollcall/lucs/lucstest"
	"github.com/rollcall-go/rollcall/webex"
	"github.com/rollcall-go/rollcall/webex/webextest"
)

const file = "../../README.md"

var update = flag.Bool("update", false, "write the tables into the README")

func Example_oneVendor() {
	ctx := context.Background()
	sim := avayatest.NewServer(avayatest.WithSampleData()) // your own account: your values, and no Transport
	client, err := avaya.New(avaya.Config{
		BaseURL: avayatest.Origin, AccountID: avayatest.AccountID, AppKey: core.NewSecret(avayatest.AppKey),
		Auth:          avaya.ClientCredentials{ID: avayatest.ClientID, Secret: core.NewSecret(avayatest.ClientSecret)},
		ClientOptions: core.ClientOptions{Transport: sim.Transport()},
	})
	if err != nil {
		panic(err)
	}
	user, err := client.Users.Modify(ctx, sim.Users()[0]["userId"].(string), func(u *avaya.User) error {
		u.LastName = "Okafor" // all else stays as it is, known to us or not
		return nil
	})
	if err != nil {
		panic(err)
	}
	settled, err := client.Users.Settle(ctx, user.UserID, core.SettleAfter(core.Updated)) // in effect, deferred, or failed and why
	fmt.Println(user.LastName, settled.State, err)
	// Output: Okafor settled <nil>
}

func Example_allVendors() {
	ctx := context.Background()
	avayaClient, libh3lpClient, livepersonClient, lucsClient, webexClient := clients()
	for _, store := range []core.Store{avayaClient.Store(), libh3lpClient.Store(), livepersonClient.Store(), lucsClient.Store(), webexClient.Store()} {
		vendor := store.Capabilities().Vendor
		for user, err := range store.ListUsers(ctx, core.UserQuery{}) {
			if err != nil {
				fmt.Println(err) // what broke off says so, and why
				break
			}
			made, err := store.Block(ctx, user.ID) // what it changed, to be kept as JSON
			switch {
			case errors.Is(err, errors.ErrUnsupported):
				fmt.Println(vendor, "blocks nobody")
			case err == nil:
				fmt.Println(vendor, "blocked, and restored:", store.Unblock(ctx, user.ID, made))
			default:
				fmt.Println(err) // who, what, why, and what to do next
			}
			break
		}
	}
	// Output:
	// avaya blocks nobody
	// libh3lp: presence.block: not applied: the user is assigned to no queue: there is nothing to suspend
	// liveperson blocked, and restored: <nil>
	// lucs blocked, and restored: <nil>
	// webex blocked, and restored: <nil>
}

// clients is one of each, over its simulator.
func clients() (*avaya.Client, *libh3lp.Client, *liveperson.Client, *lucs.Client, *webex.Client) {
	a, err1 := avaya.New(avaya.Config{BaseURL: avayatest.Origin, AccountID: avayatest.AccountID, AppKey: core.NewSecret(avayatest.AppKey),
		Auth:          avaya.ClientCredentials{ID: avayatest.ClientID, Secret: core.NewSecret(avayatest.ClientSecret)},
		ClientOptions: core.ClientOptions{Transport: avayatest.NewServer(avayatest.WithSampleData()).Transport()}})
	b, err2 := libh3lp.New(libh3lp.Config{ClientOptions: core.ClientOptions{Transport: libh3lptest.NewServer(libh3lptest.WithSampleData()).Transport()}, Region: libh3lp.US,
		Auth: libh3lp.Login{Username: libh3lptest.Username, Password: core.NewSecret(libh3lptest.Password)}})
	c, err3 := liveperson.New(liveperson.Config{AccountID: livepersontest.AccountID, DomainURL: "https://" + livepersontest.HostDomain,
		Auth:          liveperson.ClientCredentials{ID: livepersontest.ClientID, Secret: core.NewSecret(livepersontest.ClientSecret)},
		ClientOptions: core.ClientOptions{Transport: livepersontest.NewServer(livepersontest.WithSampleData()).Transport()}})
	d, err4 := lucs.New(lucs.Config{BaseURL: lucstest.Origin, Auth: lucs.APIKey{Key: core.NewSecret(lucstest.APIKey)},
		ClientOptions: core.ClientOptions{Transport: lucstest.NewServer(lucstest.WithSampleData()).Transport()}})
	e, err5 := webex.New(webex.Config{Auth: webex.Bearer{Token: core.NewSecret(webextest.Bearer)}, Tier: webex.Assist,
		ClientOptions: core.ClientOptions{Transport: webextest.NewServer(webextest.WithSampleData()).Transport()}})
	if err := errors.Join(err1, err2, err3, err4, err5); err != nil {
		panic(err)
	}
	return a, b, c, d, e
}

func TestAFaultOfTheReadme(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim := webextest.NewServer(webextest.WithSampleData())
		client, err := webex.New(webex.Config{ClientOptions: core.ClientOptions{Transport: sim.Transport()}, Auth: webex.Bearer{Token: core.NewSecret(webextest.Bearer)}, Tier: webex.Assist})
		require.NoError(t, err)
		sim.Fault(webextest.Fault{Op: "People.Get", Status: 429, RetryAfter: "90"})
		_, err = client.Store().GetUser(t.Context(), webextest.PersonAna) // waits 90 s, in no time
		require.NoError(t, err)
		require.Len(t, sim.Requests("People.Get"), 2)
		require.Empty(t, sim.Unstruck(), "a fault that nobody met proves nothing")
	})
}

// TestCodeIsThatOfTheExamples: the Go code in the README stands in the functions
// above, which run.
func TestCodeIsThatOfTheExamples(t *testing.T) {
	source, err := os.ReadFile("readme_test.go")
	require.NoError(t, err)
	known := map[string]bool{}
	for line := range strings.SplitSeq(string(source), "\n") {
		known[strings.TrimSpace(line)] = true
	}
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	blocks := strings.Split(string(data), "```go\n")[1:]
	require.GreaterOrEqual(t, len(blocks), 3)
	for _, block := range blocks {
		code, _, ok := strings.Cut(block, "```")
		require.True(t, ok)
		for line := range strings.SplitSeq(code, "\n") {
			require.True(t, known[strings.TrimSpace(line)], "not in a function that runs: %s", line)
		}
	}
}

// TestTablesAreWhatTheAdaptersSay: the tables in the README are those that
// Capabilities gives, cell by cell.
func TestTablesAreWhatTheAdaptersSay(t *testing.T) {
	var offers []core.Capabilities
	for _, v := range fleet.All {
		offers = append(offers, v.Capabilities())
	}
	checkTable(t, "<!-- capabilities -->\n", "<!-- end of capabilities -->", fleet.Table(offers...))
	checkTable(t, "<!-- fields -->\n", "<!-- end of fields -->", fieldTable(offers))
}

// fieldTable is a row per neutral field, and a column per vendor.
func fieldTable(offers []core.Capabilities) [][]string {
	head := []string{"field"}
	for _, c := range offers {
		head = append(head, c.Vendor)
	}

	rows := [][]string{head}
	for _, name := range core.Fields() {
		row := []string{string(name)}
		for _, c := range offers {
			row = append(row, fieldCell(c.Field(name)))
		}
		rows = append(rows, row)
	}
	return rows
}

func fieldCell(f core.FieldCapability) string {
	if f.Wire == "" {
		return "-"
	}
	words := []string{"`" + f.Wire + "`"}
	switch {
	case f.Required:
		words = append(words, "required")
	case !f.Settable && !f.Changeable:
		words = append(words, "read only")
	}
	if f.Settable && !f.Changeable {
		words = append(words, "on create")
	}
	if !f.Readable {
		words = append(words, "not shown")
	}
	return strings.Join(words, ", ")
}

func checkTable(t *testing.T, begin, end string, rows [][]string) {
	t.Helper()
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	before, rest, ok := strings.Cut(string(data), begin)
	require.True(t, ok)
	table, after, ok := strings.Cut(rest, end)
	require.True(t, ok)

	var want strings.Builder
	for i, row := range rows {
		for j, cell := range row {
			if cell == "-" || cell == string(core.NotOffered) {
				row[j] = "–"
			}
		}
		want.WriteString("| " + strings.Join(row, " | ") + " |\n")
		if i == 0 {
			want.WriteString(strings.Repeat("|---", len(row)) + "|\n")
		}
	}
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(before+begin+want.String()+end+after), 0o644))
		return
	}
	require.Equal(t, want.String(), table, "go test ./examples/readme -update writes it")
}

// TestErrorsAreAllExplained: every class of error is in the README's table.
func TestErrorsAreAllExplained(t *testing.T) {
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	for _, class := range []core.Class{core.ClassNotFound, core.ClassConflict, core.ClassRevision, core.ClassInvalid, core.ClassUnauthenticated,
		core.ClassPermission, core.ClassRateLimited, core.ClassUnavailable, core.ClassUnsupported, core.ClassNotApplied, core.ClassFailed,
		core.ClassPartial, core.ClassIncomplete, core.ClassCanceled, core.ClassProtocol} {
		require.Contains(t, string(data), "| `"+string(class)+"` |")
	}
}
