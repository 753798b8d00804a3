package pgroster

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
)

// held claims the lane of a plan of one step and adds its intent and its outcome.
func held(t *testing.T, j *Journal, p roster.Plan) *roster.Claim {
	t.Helper()
	require.NoError(t, j.Begin(t.Context(), p))
	c, err := j.Claim(t.Context(), roster.ClaimRequest{Plan: p.ID(), Lanes: []string{"a/0"}, Owner: "me", TTL: time.Minute})
	require.NoError(t, err)
	require.NoError(t, j.Append(t.Context(), c, roster.Record{Step: p.Steps[0].ID, Phase: roster.PhaseIntent}))
	require.NoError(t, j.Append(t.Context(), c, roster.Record{Step: p.Steps[0].ID, Phase: roster.PhaseOutcome, Result: core.ResultApplied}))
	return c
}

// count is how many records of lanes a journal shows.
func count(t *testing.T, j *Journal, p roster.Plan) (n int) {
	t.Helper()
	for r, err := range j.Records(t.Context(), roster.Query{Plan: p.ID()}) {
		require.NoError(t, err)
		if r.Lane != "" {
			n++
		}
	}
	return n
}

func TestFree_TakesAlongTheOutcomeThatIsLate(t *testing.T) {
	pool, schema := newPool(t)
	j, other, p := Open(pool, schema), Open(pool, schema), rename(1)
	c := held(t, j, p)
	require.Equal(t, 1, count(t, other, p), "the outcome is on its way")

	require.NoError(t, j.Free(t.Context(), c))

	require.Equal(t, 2, count(t, other, p))
	var done, free bool
	require.NoError(t, j.db.row(t.Context(), "select done, owner is null from $.lane").Scan(&done, &free))
	require.True(t, done)
	require.True(t, free)
}

func TestSync_KeepsTheOutcomesThatAreLate(t *testing.T) {
	pool, schema := newPool(t)
	j, other, p := Open(pool, schema), Open(pool, schema), rename(1)
	held(t, j, p)

	require.NoError(t, j.Sync(t.Context()))

	require.Equal(t, 2, count(t, other, p))
}

// TestFree_TellsOfAnOutcomeThatWasLost: the claim was taken over before the outcome was kept,
// also where the holder asked for something else in between.
func TestFree_TellsOfAnOutcomeThatWasLost(t *testing.T) {
	for name, between := range map[string]func(*Journal, *roster.Claim){
		"at once":         func(*Journal, *roster.Claim) {},
		"after a renewal": func(j *Journal, c *roster.Claim) { require.ErrorIs(t, j.Append(t.Context(), c), roster.ErrFenced) },
		"after a sync":    func(j *Journal, _ *roster.Claim) { require.ErrorIs(t, j.Sync(t.Context()), roster.ErrFenced) },
	} {
		t.Run(name, func(t *testing.T) {
			pool, schema := newPool(t)
			j, other, p := Open(pool, schema), Open(pool, schema), rename(1)
			c := held(t, j, p)
			require.NoError(t, j.db.exec(t.Context(), "update $.lane set until = clock_timestamp() - interval '1 s'"))
			_, err := other.Claim(t.Context(), roster.ClaimRequest{Plan: p.ID(), Lanes: []string{"a/0"}, Owner: "other", TTL: time.Minute})
			require.NoError(t, err)
			between(j, c)

			require.ErrorIs(t, j.Free(t.Context(), c), roster.ErrFenced)

			require.Equal(t, 1, count(t, other, p), "the intent, for the other to look at")
			require.NoError(t, j.Free(t.Context(), c), "it is told once")
		})
	}
}

// TestAppend_RefusesAHolderWhoseRecordWasLost in a failover: what it goes by is not there.
func TestAppend_RefusesAHolderWhoseRecordWasLost(t *testing.T) {
	pool, schema := newPool(t)
	j, p := Open(pool, schema), rename(1)
	c := held(t, j, p)
	require.NoError(t, j.Sync(t.Context()))
	require.NoError(t, j.db.exec(t.Context(), "delete from $.record where lane = 'a/0'"))
	require.NoError(t, j.db.exec(t.Context(), "update $.lane set head = ''"))

	require.ErrorIs(t, j.Append(t.Context(), c, roster.Record{Step: p.Steps[0].ID, Phase: roster.PhaseIntent}), roster.ErrFenced)

	require.Zero(t, count(t, j, p))
}

// TestAppend_RefusesATokenThatComesTwice: a failover has lost the claim, and the number of
// the next one is the same.
func TestAppend_RefusesATokenThatComesTwice(t *testing.T) {
	pool, schema := newPool(t)
	j, other, p := Open(pool, schema), Open(pool, schema), rename(1)
	require.NoError(t, j.Begin(t.Context(), p))
	q := roster.ClaimRequest{Plan: p.ID(), Lanes: []string{"a/0"}, Owner: "me", TTL: time.Minute}
	lost, err := j.Claim(t.Context(), q)
	require.NoError(t, err)
	require.NoError(t, j.db.exec(t.Context(), "update $.lane set owner = null, until = null, token = 0"))
	require.NoError(t, j.db.exec(t.Context(), "select setval('$.token', $1, false)", lost.Token))
	c, err := other.Claim(t.Context(), q)
	require.NoError(t, err)
	require.Equal(t, lost.Token, c.Token)

	intent := roster.Record{Step: p.Steps[0].ID, Phase: roster.PhaseIntent}
	require.ErrorIs(t, j.Append(t.Context(), lost, intent), roster.ErrFenced)
	require.NoError(t, other.Append(t.Context(), c, intent))
}

// TestAppend_WaitsForTheDisk whatever the role sets: claims, intents, plans and notes.
func TestAppend_WaitsForTheDisk(t *testing.T) {
	pool, schema := newPool(t)
	cfg := pool.Config()
	cfg.ConnConfig.RuntimeParams["synchronous_commit"] = "off"
	careless, err := pgxpool.NewWithConfig(t.Context(), cfg)
	require.NoError(t, err)
	defer careless.Close()
	j, p := Open(careless, schema), rename(1)
	for _, text := range []string{
		"create table $.commits (of text, durable text)",
		`create function $.seen() returns trigger language plpgsql as $f$ begin
			insert into $.commits values (tg_table_name || ' ' || tg_op, current_setting('synchronous_commit')); return new; end $f$`,
		"create trigger seen after insert on $.record for each row execute function $.seen()",
		"create trigger seen after insert on $.plan for each row execute function $.seen()",
		"create trigger seen after update on $.lane for each row when (new.owner is not null) execute function $.seen()",
	} {
		require.NoError(t, j.db.exec(t.Context(), text))
	}

	c := held(t, j, p)
	require.NoError(t, j.Append(t.Context(), nil, roster.Record{Plan: p.ID(), Phase: roster.PhaseNote, Note: roster.NoteRelease}))
	require.NoError(t, j.Free(t.Context(), c))

	var n, careful int
	require.NoError(t, j.db.row(t.Context(), "select count(*), count(*) filter (where durable = 'on') from $.commits").Scan(&n, &careful))
	require.Equal(t, 7, n) // the plan and its record, a claim, an intent and its lane, a note, an outcome
	require.Equal(t, n, careful)
}
