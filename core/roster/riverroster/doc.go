// Package riverroster lets River carry out the plans of a roster.Journal in PostgreSQL,
// on any number of machines.
//
// A submitted plan is a few jobs, each of which drives the plan on whatever machine
// takes it. What is right never depends on River: the journal knows what was begun, and
// a job that runs twice or dies finds out from it.
package riverroster
