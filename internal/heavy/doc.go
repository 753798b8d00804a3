// Package heavy makes answers that are small for the sender and meant to cost whoever
// reads them memory or time, and measures what they cost. It is for tests.
package heavy
