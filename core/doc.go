// Package core holds the vendor-neutral words of rollcall: users, assignments
// and presence, the three interfaces that every vendor implements, and the one
// error that every vendor returns. It imports no HTTP engine and no vendor.
package core
