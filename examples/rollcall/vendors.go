package main

import (
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/examples/internal/fleet"
	"github.com/rollcall-go/rollcall/examples/internal/jobs"
)

// wideOffers is how wide the table of what vendors offer is. A terminal that is narrower
// gets shorter words.
const wideOffers = 96

var inShort = map[string]string{"unsupported": "-", "one at a time": "single", "with level": "levels"}

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

	var columns []jobs.Column
	for _, head := range rows[0] {
		columns = append(columns, jobs.Column{Head: head, Least: 8})
	}

	t := p.table(columns)
	for _, row := range rows[1:] {
		for i := range row {
			if short := inShort[row[i]]; short != "" && 0 < p.width && p.width < wideOffers {
				row[i] = short
			}
		}
		t.row(row...)
	}
	t.flush(nil)
	return nil
}
