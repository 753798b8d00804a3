// Package jobs holds tests of core/roster over the five vendors' clients and
// simulators. It has no code of its own beyond its tests: core/roster imports core
// alone, so what it does with real adapters is proven here.
//
//	site_test.go   the five sites: a simulator, its client, and people of each kind
//	wire_test.go   what stands between a client and its simulator: it counts, and breaks off
//	town_test.go   people for whom a job wants something of every kind
//	again_test.go  a job that was done, once more: nothing is to be done
//	cut_test.go    a process that dies anywhere; lost_test.go: answers that are lost
//	kill_test.go   real processes, killed; moved_test.go: worlds that move, undo, leases
//	speed_test.go  how many requests a job takes, and how much time
//
// By default a sample of the cuts is tried. With ROLLCALL_JOBS=all every one is.
package jobs
