// Package pgroster keeps a roster.Journal in PostgreSQL, so that several machines
// carry plans out together, and a core.Governor for a limit that they share.
//
//	pool, err := pgxpool.New(ctx, os.Getenv("DATABASE_URL"))
//	err = pgroster.Migrate(ctx, pool)
//	run := roster.Run{Fleet: fleet, Journal: pgroster.Open(pool)}
//
// A lane is claimed for a limited time. A machine that dies or hangs loses its lanes
// when that time is over, and whoever takes them looks before it writes. A machine
// that wakes after that can begin nothing: the database refuses its records.
//
// The package keeps no state in a session of the database, so a pooler that hands
// out a connection for each transaction works.
package pgroster
