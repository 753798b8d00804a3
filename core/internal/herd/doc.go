// Package herd is a crowd of callers at a vendor with a rate limit: what a governor
// is measured with. It serves the tests of core/pace and the suite of
// core/coretest. It runs in real time and in a testing/synctest bubble.
package herd
