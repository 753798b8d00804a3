package pgroster

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/rollcall-go/rollcall/core/internal/lease"
	"github.com/rollcall-go/rollcall/core/roster"
)

var _ roster.Journal = (*Journal)(nil)

// Journal keeps a journal in PostgreSQL, for any number of machines. Make it with
// Open; it is safe for concurrent use and has nothing to close but the pool.
type Journal struct {
	db     db
	me     string // this process, in the owner of its claims
	notice func(string)
	while  context.Context

	asking group[question]

	mu    sync.Mutex
	holds map[*roster.Claim]*hold
	away  atomic.Bool
}

// Option configures a Journal, a Governor or Migrate.
type Option func(*options)

type options struct {
	schema string
	notice func(string)
	while  context.Context
	limits map[string]lease.Limit
}

// DefaultSchema is where the tables are unless InSchema names another place.
const DefaultSchema = "rollcall"

// InSchema puts the tables into another schema. Give it to Migrate and to Open alike.
func InSchema(name string) Option { return func(o *options) { o.schema = name } }

// Notice is told in a sentence when the database cannot be reached, once, and when it
// is back. The sentence holds no address and no password.
func Notice(f func(text string)) Option { return func(o *options) { o.notice = f } }

// While bounds how long a database that is away is waited for: until ctx ends. Without
// it, and as long as ctx lasts, calls wait until their own context ends.
func While(ctx context.Context) Option { return func(o *options) { o.while = ctx } }

func optionsOf(opts []Option) options {
	o := options{schema: DefaultSchema, notice: func(string) {}, while: context.Background(), limits: map[string]lease.Limit{}}
	for _, opt := range opts {
		if opt != nil {
			opt(&o)
		}
	}
	return o
}

// Open returns the journal in a database whose tables Migrate has made. It sends
// nothing. Every journal that is opened is an owner of its own.
func Open(pool *pgxpool.Pool, opts ...Option) *Journal {
	o := optionsOf(opts)
	var id [6]byte
	rand.Read(id[:])
	d := newDB(pool, o.schema)
	j := &Journal{db: d, me: hex.EncodeToString(id[:]), notice: o.notice, while: o.while, holds: map[*roster.Claim]*hold{},
		asking: group[question]{carry: d.together}}
	j.asking.orphaned = j.giveBack
	return j
}

// db sends statements without state in the session: each is one transaction, and
// prepared under no name. In a statement "$." stands for the schema.
type db struct {
	pool   *pgxpool.Pool
	schema string
	often  pgx.QueryExecMode // of statements that are sent over and over
}

// newDB chooses the mode in which pgx asks once for each connection what the parameters
// of a statement are, and sends them in binary, unless the pool is told not to.
func newDB(pool *pgxpool.Pool, schema string) db {
	d := db{pool, schema, pgx.QueryExecModeCacheDescribe}
	if pool.Config().ConnConfig.DescriptionCacheCapacity == 0 {
		d.often = pgx.QueryExecModeExec
	}
	return d
}

func (d db) sql(text string) string {
	return strings.ReplaceAll(text, "$.", pgx.Identifier{d.schema}.Sanitize()+".")
}

func (d db) query(ctx context.Context, text string, args ...any) (pgx.Rows, error) {
	return d.pool.Query(ctx, d.sql(text), append([]any{pgx.QueryExecModeExec}, args...)...)
}

// again is query for a statement that is sent over and over.
func (d db) again(ctx context.Context, text string, args ...any) (pgx.Rows, error) {
	return d.pool.Query(ctx, d.sql(text), append([]any{d.often}, args...)...)
}

func (d db) row(ctx context.Context, text string, args ...any) pgx.Row {
	return d.pool.QueryRow(ctx, d.sql(text), append([]any{pgx.QueryExecModeExec}, args...)...)
}

func (d db) exec(ctx context.Context, text string, args ...any) error {
	_, err := d.pool.Exec(ctx, d.sql(text), append([]any{pgx.QueryExecModeExec}, args...)...)
	return err
}

// How long one try may take, and how long the pause before the next one is.
const (
	oneTry   = 5 * time.Second
	minPause = 50 * time.Millisecond
	maxPause = time.Second
)

// ask runs f, and again as long as the database is away: until ctx ends, or the
// moment end has come, where it is set. F must find out by itself whether an earlier
// try was carried out.
func (j *Journal) ask(ctx context.Context, end time.Time, f func(ctx context.Context) error) error {
	for pause := minPause; ; pause = min(2*pause, maxPause) {
		try, cancel := context.WithTimeout(ctx, oneTry)
		err := f(try)
		cancel()
		if !isAway(err) || ctx.Err() != nil {
			if err == nil && j.away.CompareAndSwap(true, false) {
				j.notice("the database is back")
			}
			return err
		}

		if j.away.CompareAndSwap(false, true) {
			j.notice("the database cannot be reached (" + Reason(err) + "); waiting for it")
		}
		if j.while.Err() != nil || !end.IsZero() && !time.Now().Add(pause).Before(end) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-j.while.Done():
		case <-time.After(pause):
		}
	}
}

// isAway reports whether an error says that the database was not reached, or is not
// ready, so that the same may be asked again.
func isAway(err error) bool {
	if err == nil {
		return false
	}

	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		switch {
		case strings.HasPrefix(pg.Code, "08"), // connection
			strings.HasPrefix(pg.Code, "57P"),      // shut down, starting up
			pg.Code == "53300",                     // too many connections
			pg.Code == "40001",                     // conflicts with another transaction
			pg.Code == "40P01", pg.Code == "25006": // deadlock; a standby that is not promoted yet
			return true
		}
		return false
	}

	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return true
	}

	var network net.Error
	return errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, context.DeadlineExceeded) || errors.Is(err, net.ErrClosed) || pgconn.SafeToRetry(err) ||
		strings.Contains(err.Error(), "conn closed")
}

// Reason says what is wrong with the database, without its address.
func Reason(err error) string {
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return pg.Message
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return "no answer in time"
	}

	var op *net.OpError
	if errors.As(err, &op) {
		return op.Op + ": " + op.Err.Error()
	}
	return "the connection was lost"
}
