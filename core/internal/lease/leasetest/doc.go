// Package leasetest measures governors that several machines share: a table in virtual
// time over the server's own rules, and the same table with real processes. It serves
// the tests of core/pace/redispace and core/roster/pgroster.
package leasetest
