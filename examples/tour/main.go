// Command tour walks the real clients through a working day at each vendor,
// against simulators that it starts on loopback. It needs nothing:
//
//	go run ./examples/tour
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/examples/internal/fleet"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := tour(ctx, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "tour:", err)
		os.Exit(1)
	}
}

// day is one vendor's part of the tour. It returns the adapter's capabilities
// for the table at the end.
type day struct {
	title string
	walk  func(context.Context, *guide) (core.Capabilities, error)
}

// days is every vendor there is so far.
var days = []day{
	{"Avaya Experience Platform", avayaDay},
	{"LibraryH3lp", libh3lpDay},
	{"LivePerson", livepersonDay},
	{"Luware LUCS", lucsDay},
	{"Webex Calling", webexDay},
}

// tour walks all days and tells what it does.
func tour(ctx context.Context, out io.Writer) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	g := &guide{out: out}
	var offers []core.Capabilities
	for _, d := range days {
		g.title(d.title)
		caps, err := d.walk(ctx, g)
		if err != nil {
			return fmt.Errorf("%s: %w", d.title, err)
		}
		offers = append(offers, caps)
	}
	g.title("One job over all five")
	if err := job(ctx, g); err != nil {
		return fmt.Errorf("the job: %w", err)
	}
	g.title("What each vendor offers")
	g.table(offers)
	fmt.Fprintln(g.out, "\nNext: go run ./examples/rollcall --help, or the README's section on jobs.")
	return nil
}

// guide tells the story.
type guide struct {
	out io.Writer
}

func (g *guide) title(s string) {
	fmt.Fprintf(g.out, "\n%s\n%s\n", s, strings.Repeat("─", len([]rune(s))))
}

// step says what is being done.
func (g *guide) step(format string, args ...any) { fmt.Fprintf(g.out, "• "+format+"\n", args...) }

// saw says what came of it.
func (g *guide) saw(format string, args ...any) { fmt.Fprintf(g.out, "    "+format+"\n", args...) }

// expect fails the tour when what it promises does not happen.
func expect(ok bool, format string, args ...any) error {
	if ok {
		return nil
	}
	return fmt.Errorf("this should not happen: "+format, args...)
}

// refused checks that an error is the one that was expected, and tells it.
func (g *guide) refused(err, want error) error {
	if !errors.Is(err, want) {
		return fmt.Errorf("expected %q, got %v", want, err)
	}
	g.saw("%v", err)
	return nil
}

// outcomes tells what became of each of several changes.
func (g *guide) outcomes(outcomes []core.Outcome) {
	for _, o := range outcomes {
		text := fmt.Sprintf("%-8s %s", o.Result, o.Assignment)
		if o.Message != "" {
			text += " (" + o.Message + ")"
		}
		g.saw("%s", text)
	}
}

// table prints what the vendors offer, an operation a row.
func (g *guide) table(offers []core.Capabilities) {
	w := tabwriter.NewWriter(g.out, 0, 4, 2, ' ', 0)
	for _, row := range fleet.Table(offers...) {
		fmt.Fprintln(w, strings.Join(row, "\t"))
	}
	w.Flush()
}
