// Command tour walks the real clients through a working day at each vendor,
// against simulators that it starts on loopback. It needs nothing:
//
//	go run ./examples/tour
//	go run ./examples/tour -vendor avaya
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/examples/internal/fleet"
	"github.com/rollcall-go/rollcall/examples/internal/jobs"
)

func main() {
	vendor := flag.String("vendor", "", "the day at this vendor alone")
	fleet.Usage(`tour [-vendor V]

It needs nothing and sends nothing to anybody.
`)
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := tour(ctx, os.Stdout, *vendor); err != nil {
		fmt.Fprintln(os.Stderr, "tour:", err)
		os.Exit(1)
	}
}

// day is one vendor's part of the tour. It returns the adapter's capabilities
// for the table at the end.
type day struct {
	vendor, title string
	walk          func(context.Context, *guide) (core.Capabilities, error)
}

// days is every vendor there is so far.
var days = []day{
	{"avaya", "Avaya Experience Platform", avayaDay},
	{"libh3lp", "LibraryH3lp", libh3lpDay},
	{"liveperson", "LivePerson", livepersonDay},
	{"lucs", "Luware LUCS", lucsDay},
	{"webex", "Webex Calling", webexDay},
}

// tour walks all days, or that of one vendor, and tells what it does.
func tour(ctx context.Context, out io.Writer, vendor string) error {
	if _, err := fleet.Named(vendor); vendor != "" && err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	g := &guide{out: out}
	g.intro()
	var offers []core.Capabilities

	for _, d := range days {
		if vendor != "" && d.vendor != vendor {
			continue
		}
		g.title(d.title)
		caps, err := d.walk(ctx, g)
		if err != nil {
			return fmt.Errorf("%s: %w", d.title, err)
		}
		offers = append(offers, caps)
	}

	if vendor == "" {
		g.title("One job over all five")
		if err := job(ctx, g); err != nil {
			return fmt.Errorf("the job: %w", err)
		}
	}
	g.title("What each vendor offers")
	g.table(offers)
	fmt.Fprintln(g.out, `
Next: go run ./examples/rollcall --help, and the README: it has a section per
task, with code that runs as it stands.`)
	return nil
}

// guide tells the story.
type guide struct {
	out io.Writer
}

func (g *guide) title(s string) {
	fmt.Fprintf(g.out, "\n%s\n%s\n", s, strings.Repeat("─", len([]rune(s))))
}

// intro says what this is.
func (g *guide) intro() {
	fmt.Fprintln(g.out, `A working day at each vendor, by the real clients against simulators on this
machine. Nothing leaves it, and it takes about ten seconds. • is what is done,
✗ is what a plain client would have lost, indented lines are what came of it.`)
}

// step says what is being done.
func (g *guide) step(format string, args ...any) { g.wrap("• ", "  ", fmt.Sprintf(format, args...)) }

// saw says what came of it.
func (g *guide) saw(format string, args ...any) {
	g.wrap("    ", "      ", fmt.Sprintf(format, args...))
}

// lost says what a plain client, which sends a request and believes its answer, would
// have lost here.
func (g *guide) lost(text string) { g.wrap("  ✗ ", "    ", text) }

// columns is how wide the text is.
const columns = 80

// longWord is what fits no line.
var longWord = regexp.MustCompile(`\S{70,}`)

// wrap writes a text in lines that fit. JSON has no blanks, and is broken at its commas; a
// longer id is shortened.
func (g *guide) wrap(first, next, text string) {
	if jobs.Cells(first+text) > columns {
		text = strings.NewReplacer(`,"`, `, "`, `,{`, `, {`).Replace(text)
		text = longWord.ReplaceAllStringFunc(text, func(id string) string { return jobs.Middle(id, 40) })
	}
	fmt.Fprintln(g.out, jobs.Wrap(text, columns, first, next))
}

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

// outcomes tells what became of each of several changes. People holds the names of users
// by id; whoever is not in it goes by the id.
func (g *guide) outcomes(people map[string]string, outcomes []core.Outcome) {
	for _, o := range outcomes {
		a := o.Assignment
		text := fmt.Sprintf("%-8s %s → %s", o.Result, cmp.Or(people[a.UserID], a.UserID), cmp.Or(a.Target.Name, a.Target.String()))
		if a.Level != nil {
			text += fmt.Sprintf(", level %d", *a.Level)
		}
		if o.Message != "" {
			text += " (" + o.Message + ")"
		}
		g.saw("%s", text)
	}
}

// table prints what the vendors offer, one operation per row, in words that are short
// enough for five columns.
func (g *guide) table(offers []core.Capabilities) {
	w := tabwriter.NewWriter(g.out, 0, 4, 1, ' ', 0)
	for _, row := range fleet.Table(offers...) {
		for i, cell := range row {
			switch cell {
			case string(core.NotOffered):
				row[i] = "-"
			case "one at a time":
				row[i] = "one"
			}
		}
		fmt.Fprintln(w, strings.Join(row, "\t"))
	}
	w.Flush()
}
