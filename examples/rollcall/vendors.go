package main

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/examples/internal/fleet"
)

// vendors prints what each vendor offers, from the capabilities that its
// adapter declares.
func (p *printer) vendors() {
	if p.json {
		for _, v := range all {
			p.line(v.Capabilities())
		}
		return
	}
	var offers []core.Capabilities
	for _, v := range all {
		offers = append(offers, v.Capabilities())
	}
	rows := fleet.Table(offers...)
	for i, name := range rows[0] {
		rows[0][i] = strings.ToUpper(name)
	}
	w := tabwriter.NewWriter(p.out, 0, 4, 2, ' ', 0)
	for _, row := range rows {
		fmt.Fprintln(w, strings.Join(row, "\t"))
	}
	w.Flush()
}

func (p *printer) usage() {
	fmt.Fprintln(p.out, "usage: rollcall [flags] command\n\ncommands:")
	for _, v := range verbs {
		fmt.Fprintln(p.out, strings.TrimRight("  "+strings.Join(v.words, " ")+" "+v.args, " "))
	}
	fmt.Fprintln(p.out, `
flags, before or after the words:
  --vendor NAME      which vendor to talk to
  --sim              talk to an embedded simulator with sample data
  --json             one JSON object a line; an error is the last line of standard error
  --timeout D        bound of the whole command (60s)
  --max-attempts N   how often one request is sent at most
  --max-wait D       longest single wait that the vendor may ask for
  --poll D           first poll interval while a change takes effect
  --log              log attempts to standard error

A block prints a record; unblock --record FILE lifts just that. FILE may hold the
records of several blocks, a line each. Where a block is many writes (libh3lp), the
record of what it is about to do comes on standard error before the first of them: it
lifts a block that was killed.

exit: 0 done; 1 failed; 2 wrong usage or settings; 3 some outcomes failed or are unknown`)
}
