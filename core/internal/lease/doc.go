// Package lease is a machine's side of a governor that several machines share. A
// server that all of them reach leases moments in time, in blocks of a tenth of a
// second; the machine hands them to its callers. It serves core/pace/redispace and
// core/roster/pgroster, which bring the server.
//
// Moments travel as distances from now, so no two clocks are ever compared.
package lease
