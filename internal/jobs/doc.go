// Package jobs holds tests of core/roster over the five vendors' clients and
// simulators. It has no code of its own beyond its tests: core/roster imports core
// alone, so what it does with real adapters is proven here.
//
//	site_test.go   the five sites: a simulator, its client, and people of each kind
//	wire_test.go   what stands between a client and its simulator: it counts, and breaks off
//	...
//
// By default a sample of the cuts is tried. With ROLLCALL_JOBS=all every one is.
package jobs
