// Package simnettest is for the tests of simulators: it asks one over HTTP.
package simnettest
