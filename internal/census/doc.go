// Package census tests, against the clients and simulators of all five vendors, what
// core/roster makes of lists that are wrong without saying so: one that is capped, one
// whose second page loses the filter, and an empty 200. It holds tests alone.
package census
