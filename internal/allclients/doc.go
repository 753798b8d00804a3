// Package allclients holds tests of what the clients of all vendors have in common:
// options, names of operations, pace, events, and what they must never show. A rule that
// holds at one vendor holds at all five, so each test is written once and runs at each.
package allclients
