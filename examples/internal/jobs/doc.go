// Package jobs is what the programs that run jobs of core/roster share: the file of
// people, files that only their owner can read, progress on a terminal, the passwords
// that the environment holds, and what the exit codes mean.
package jobs
