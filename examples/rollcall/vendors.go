package main

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/examples/internal/fleet"
)

// printVendors prints what each vendor offers, from the capabilities that its
// adapter declares.
func printVendors(_ *command, p *printer) error {
	if p.json {
		for _, v := range all {
			p.line(v.Capabilities())
		}
		return nil
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
	return w.Flush()
}
