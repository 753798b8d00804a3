// Package adapter is what the adapters of all vendors to package core share: one table
// of neutral fields per vendor (fields.go) that creation, change, refusal, comparison and
// capabilities read (users.go), one engine for many changes of assignments (links.go),
// one way to match logins and addresses (match.go), and the names that errors have at the
// border of a Store (border.go). A vendor supplies data and the functions that read and
// write; the rules are here.
package adapter
