package pgroster

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

//go:embed schema/*.sql
var schemas embed.FS

// schemaVersion is the last of the files in the folder schema.
const schemaVersion = 6

// Migrate makes the tables, or brings them up to date. It may be called by several
// machines at once, and again at any time. Tables of a later version are ErrNewerTables.
func Migrate(ctx context.Context, pool *pgxpool.Pool, opts ...Option) error {
	d := newDB(pool, optionsOf(opts).schema)
	err := pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error { return d.migrate(ctx, tx) })
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

func (d db) migrate(ctx context.Context, tx pgx.Tx) error {
	schema := pgx.Identifier{d.schema}.Sanitize()
	for _, text := range []string{
		"select pg_advisory_xact_lock(hashtextextended('rollcall migrate', 0))", // one at a time
		"create schema if not exists " + schema,
		"create table if not exists " + schema + ".version (version int not null)",
	} {
		if _, err := tx.Exec(ctx, text, pgx.QueryExecModeExec); err != nil {
			return err
		}
	}

	var at int
	err := tx.QueryRow(ctx, "select coalesce(max(version), 0) from "+schema+".version", pgx.QueryExecModeExec).Scan(&at)
	if err != nil {
		return err
	}
	if at > schemaVersion {
		return fmt.Errorf("%w: version %d; this one knows up to version %d", ErrNewerTables, at, schemaVersion)
	}

	if _, err := tx.Exec(ctx, "set local search_path to "+schema); err != nil {
		return err
	}
	for at++; at <= schemaVersion; at++ {
		text, err := schemas.ReadFile(fmt.Sprintf("schema/%d.sql", at))
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, d.sql(string(text)), pgx.QueryExecModeSimpleProtocol); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "insert into version values ($1)", pgx.QueryExecModeExec, at); err != nil {
			return err
		}
	}
	return nil
}

// ErrNotMigrated: the database does not have the tables of this version.
var ErrNotMigrated = errors.New("the database does not have the tables of this version")

// ErrNewerTables: a later rollcall has made the tables, and this one must not touch them.
var ErrNewerTables = errors.New("the tables were made by a later rollcall")

// Ready waits for the database and says whether Migrate has made its tables: if not, the
// error is ErrNotMigrated, and with those of a later version ErrNewerTables.
func (j *Journal) Ready(ctx context.Context) error {
	var at int
	err := j.ask(ctx, time.Time{}, func(ctx context.Context) error {
		return j.db.row(ctx, "select coalesce(max(version), 0) from $.version").Scan(&at)
	})

	pg, ok := errors.AsType[*pgconn.PgError](err)
	switch {
	case ok && (pg.Code == "42P01" || pg.Code == "3F000"), err == nil && at < schemaVersion:
		return ErrNotMigrated
	case err == nil && at > schemaVersion:
		return ErrNewerTables
	case err != nil:
		return failed("open", err)
	}
	return nil
}
