package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/examples/internal/jobs"
)

// table prints rows, aligned for people; with --json one object each. On a terminal names
// stand before ids. In a pipe the order stays what it always was, for scripts that count
// columns.
type table struct {
	p     *printer
	grid  *jobs.Grid
	piped []int // the order of the columns in a pipe, if it is another one
	n     int
}

func (p *printer) table(columns []jobs.Column, piped ...int) *table {
	t := &table{p: p}
	if p.json {
		return t
	}
	if p.width == 0 {
		t.piped = piped
	}
	t.grid = &jobs.Grid{Width: p.width, Columns: inOrder(columns, t.piped)}
	return t
}

// inOrder puts cells into another order, if there is one.
func inOrder[T any](cells []T, order []int) []T {
	if len(order) == 0 {
		return cells
	}
	out := make([]T, len(order))
	for i, from := range order {
		out[i] = cells[from]
	}
	return out
}

// The columns of the tables.
var (
	userColumns = []jobs.Column{{Head: "LOGIN", Least: 20}, {Head: "NAME", Least: 10, Optional: true},
		{Head: "EMAIL", Least: 10, Optional: true},
		{Head: "ENABLED", Optional: true}, {Head: "ROLES", ID: true, Optional: true}, {Head: "ID", ID: true}}
	linkColumns = []jobs.Column{{Head: "NAME", Least: 12, Optional: true}, {Head: "KIND"}, {Head: "LEVEL", Optional: true},
		{Head: "SUSPENDED"},
		{Head: "USER", ID: true}, {Head: "ID", ID: true}}
	outcomeColumns = []jobs.Column{{Head: "USER", ID: true}, {Head: "TARGET", ID: true}, {Head: "RESULT"},
		{Head: "CODE", Least: 8, Optional: true},
		{Head: "MESSAGE", Below: true}}
	censusColumns = []jobs.Column{{Head: "NAME", Least: 10}, {Head: "PERSON", Least: 20}, {Head: "ACCOUNT", Least: 8}, {Head: "STAFFS"},
		{Head: "ID", ID: true}}
	targetColumns = []jobs.Column{{Head: "KIND"}, {Head: "NAME", Least: 20, Optional: true}, {Head: "ID", ID: true}}
)

// blockRows is how many rows are aligned together, so that a long list is neither held
// back nor held in memory.
const blockRows = 500

func (t *table) row(cells ...string) {
	t.grid.Row(inOrder(cells, t.piped)...)
	if t.n++; t.n%blockRows == 0 {
		t.grid.Flush(t.p.out)
	}
}

// flush ends a table. One that is empty because of an error prints nothing: the
// error does.
func (t *table) flush(err error) {
	switch {
	case t.grid == nil:
	case t.n > 0 && t.grid.Rows() > 0:
		t.grid.Flush(t.p.out)
	case t.n == 0 && err == nil:
		fmt.Fprintln(t.p.out, "nothing found")
	}
}

// same stands for what the cell before says: a terminal has no room for it twice.
const same = "\""

func (t *table) user(u core.User, deferred bool) {
	if t.grid == nil {
		t.p.line(userLine{User: u, Deferred: deferred})
		return
	}
	email := u.Email
	if t.p.width > 0 && email != "" && core.FoldAddress(email) == core.FoldAddress(u.Login) {
		email = same
	}
	t.row(u.Login, nameOf(u), email, maybe(u.Enabled), strings.Join(u.Roles, ", "), u.ID)
}

func (t *table) assignment(a core.Assignment) {
	if t.grid == nil {
		t.p.line(a)
		return
	}
	level := ""
	if a.Level != nil {
		level = strconv.Itoa(*a.Level)
	}
	t.row(a.Target.Name, string(a.Target.Kind), level, strconv.FormatBool(a.Suspended), t.p.who(a.UserID), a.Target.ID)
}

func (t *table) target(to core.Target) {
	if t.grid == nil {
		t.p.line(to)
		return
	}
	t.row(string(to.Kind), to.Name, to.ID)
}

func (t *table) outcome(o core.Outcome) {
	if t.grid == nil {
		o.Err = nil // the error of the command is the last line, and no part of this one
		t.p.line(o)
		return
	}

	to := o.Assignment.Target
	text := to.String()
	if to.Name != "" && t.p.width > 0 {
		text = string(to.Kind) + " " + to.Name
	}
	t.row(t.p.who(o.Assignment.UserID), text, string(o.Result), o.Code, o.Message)
}
