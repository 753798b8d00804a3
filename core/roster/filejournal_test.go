package roster_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/coretest"
	"github.com/rollcall-go/rollcall/core/roster"
)

func TestFileJournal_Promises(t *testing.T) {
	coretest.TestJournal(t, func(t *testing.T) func() roster.Journal {
		path := filepath.Join(t.TempDir(), "j")
		return func() roster.Journal { return open(t, path) }
	})
}

// written is a journal's file after a run.
func written(t *testing.T) (file []byte, p roster.Plan) {
	t.Helper()
	w := town()
	p = planOf(t, w, mixed())
	path := filepath.Join(t.TempDir(), "j")
	j := open(t, path)
	_, err := runOn(w, j).Apply(t.Context(), p)
	require.NoError(t, err)
	require.NoError(t, j.Close())
	file, err = os.ReadFile(path)
	require.NoError(t, err)
	info, err := os.Stat(path)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	rest, err := filepath.Glob(path + ".*")
	require.NoError(t, err)
	assert.Empty(t, rest, "a journal that was closed leaves no lock behind")
	assert.NotContains(t, string(file), "first-secret")
	return file, p
}

func store2(t *testing.T, file []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "j")
	require.NoError(t, os.WriteFile(path, file, 0o600))
	return path
}

func TestFileJournal_FindsEveryChange(t *testing.T) {
	file, _ := written(t)
	lines := bytes.SplitAfter(file, []byte("\n"))
	lines = lines[:len(lines)-1]

	damaged := func(what string, file []byte) {
		t.Helper()
		j, err := roster.OpenFile(store2(t, file), roster.Unsynced())
		if err != nil {
			assert.ErrorIs(t, err, roster.ErrDamaged, what)
			return
		}
		defer j.Close()
		require.ErrorIs(t, j.Damage(), roster.ErrDamaged, what)
		require.ErrorIs(t, j.Begin(t.Context(), roster.Plan{}), roster.ErrDamaged, what)
		_, err = j.Claim(t.Context(), roster.ClaimRequest{Plan: "p", Lanes: []string{"l"}})
		require.ErrorIs(t, err, roster.ErrDamaged, what)
		_, err = core.Collect(j.Records(t.Context(), roster.Query{}))
		require.NoError(t, err, "what stands before the damage can be read")
	}

	// The last lines may not have been confirmed: a change there is a torn tail.
	middle := len(lines) / 2
	for i := 1; i < middle; i += 3 {
		changed := bytes.Clone(file)
		at := bytes.Index(file, lines[i]) + len(lines[i])/2
		changed[at] ^= 1
		damaged(fmt.Sprintf("line %d changed", i), changed)
		damaged(fmt.Sprintf("line %d removed", i), bytes.Replace(file, lines[i], nil, 1))
		damaged(fmt.Sprintf("line %d twice", i), bytes.Replace(file, lines[i], append(bytes.Clone(lines[i]), lines[i]...), 1))
		swapped := bytes.Replace(file, append(bytes.Clone(lines[i]), lines[i+1]...), append(bytes.Clone(lines[i+1]), lines[i]...), 1)
		damaged(fmt.Sprintf("lines %d and %d swapped", i, i+1), swapped)
	}
}

func TestFileJournal_CutsATornTail(t *testing.T) {
	file, p := written(t)
	last := bytes.LastIndexByte(file[:len(file)-1], '\n') + 1
	for _, tail := range [][]byte{file[last : len(file)-1], file[last : last+9], make([]byte, 300), []byte("{}\n"),
		bytes.Repeat([]byte("x\n"), 4)} {
		path := store2(t, append(bytes.Clone(file[:last]), tail...))
		j := open(t, path)
		require.NoError(t, j.Damage())
		_, err := j.Plan(t.Context(), p.ID())
		require.NoError(t, err)
		require.NoError(t, j.Begin(t.Context(), p, roster.Record{Phase: roster.PhaseNote, Note: "more"}))
		j.Close()
		require.NoError(t, open(t, path).Damage())
	}

	// A reader cuts nothing off.
	path := store2(t, append(bytes.Clone(file), "torn"...))
	j, err := roster.OpenFile(path, roster.ReadOnly())
	require.NoError(t, err)
	defer j.Close()
	_, err = j.Plan(t.Context(), p.ID())
	require.NoError(t, err)
	assert.ErrorIs(t, j.Begin(t.Context(), p), roster.ErrBroken)
	after, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.True(t, bytes.HasSuffix(after, []byte("torn")))
	_, err = roster.OpenFile(path+".none", roster.ReadOnly())
	assert.ErrorIs(t, err, os.ErrNotExist)
}

// TestFileJournal_KilledAtItsFirstLineHoldsNothing: it is no wrong file, and what is one is
// neither read nor cut.
func TestFileJournal_KilledAtItsFirstLineHoldsNothing(t *testing.T) {
	file, p := written(t)
	header := bytes.IndexByte(file, '\n')
	for _, n := range []int{0, 1, 15, 30, header} {
		path := store2(t, file[:n])
		j, err := roster.OpenFile(path, roster.ReadOnly())
		require.NoError(t, err, n)
		_, err = j.Plan(t.Context(), p.ID())
		require.ErrorIs(t, err, core.ErrNotFound)
		require.NoError(t, j.Close())
		require.NoError(t, open(t, path).Begin(t.Context(), p))
	}

	for _, other := range []string{"x", `{"version":1,"person":"kim"}`, `{"id":"sha256:`} {
		path := store2(t, []byte(other))
		for _, opts := range [][]roster.FileOption{nil, {roster.ReadOnly()}} {
			_, err := roster.OpenFile(path, opts...)
			require.ErrorContains(t, err, "no journal")
		}
		is, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, other, string(is), "it is somebody's file")
	}
}

func TestFileJournal_RefusesAfterAFailedSync(t *testing.T) {
	bad := false
	path := filepath.Join(t.TempDir(), "j")
	j, err := roster.OpenFile(path, roster.FailingSync(&bad))
	require.NoError(t, err)
	w := town()
	p := planOf(t, w, mixed())
	require.NoError(t, j.Begin(t.Context(), p))
	bad = true
	_, err = runOn(w, j).Apply(t.Context(), p)
	require.ErrorIs(t, err, roster.ErrBroken)
	assert.Zero(t, w.sent(), "an intent that is not durable is not sent")
	bad = false
	require.ErrorIs(t, j.Begin(t.Context(), p), roster.ErrBroken, "it refuses everything from then on")
	j.Close()

	_, err = runOn(w, open(t, path)).Apply(t.Context(), p)
	require.NoError(t, err)
	assert.Equal(t, finalState, w.state())
}

// TestFileJournal_ReadsWhatAnotherHasAppended since the file was opened.
func TestFileJournal_ReadsWhatAnotherHasAppended(t *testing.T) {
	path := filepath.Join(t.TempDir(), "j")
	writer, reader := open(t, path), open(t, path)
	p := planOf(t, newWorld(), hires(1))
	require.NoError(t, writer.Begin(t.Context(), p))

	is, err := reader.Plan(t.Context(), p.ID())

	require.NoError(t, err)
	require.Equal(t, p.ID(), is.ID())
}

// stuckDisk is a disk whose next sync waits, and fails.
type stuckDisk struct {
	roster.Disk
	stuck         *atomic.Bool
	syncing, fail chan struct{}
}

func (d stuckDisk) Sync() error {
	if !d.stuck.Swap(false) {
		return d.Disk.Sync()
	}
	close(d.syncing)
	<-d.fail
	return errors.New("the disk is gone")
}

// TestFileJournal_TellsAllWhoWaitOfAFailedSync: the sync that fails is another one's, and
// nobody who waits for it may take the record for durable.
func TestFileJournal_TellsAllWhoWaitOfAFailedSync(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := stuckDisk{stuck: new(atomic.Bool), syncing: make(chan struct{}), fail: make(chan struct{})}
		j, err := roster.OpenFile(filepath.Join(t.TempDir(), "j"), roster.OnDisk(func(disk roster.Disk) roster.Disk {
			d.Disk = disk
			return d
		}))
		require.NoError(t, err)
		defer j.Close()
		p := planOf(t, newWorld(), hires(4)) // every step has a lane of its own
		require.NoError(t, j.Begin(t.Context(), p))

		ends := make(chan error, 4)
		intend := func(s roster.Step) {
			c, err := j.Claim(t.Context(), roster.ClaimRequest{Plan: p.ID(), Lanes: []string{s.Lane}, Owner: "test"})
			require.NoError(t, err)
			go func() { ends <- j.Append(t.Context(), c, roster.Record{Step: s.ID, Phase: roster.PhaseIntent}) }()
		}
		d.stuck.Store(true)
		intend(p.Steps[0])
		<-d.syncing
		for _, s := range p.Steps[1:cap(ends)] {
			intend(s)
		}
		synctest.Wait() // until they wait for the sync
		close(d.fail)

		for range cap(ends) {
			require.ErrorIs(t, <-ends, roster.ErrBroken)
		}
	})
}

func TestFileJournal_RefusesALaterVersionAndOtherFiles(t *testing.T) {
	_, err := roster.OpenFile(store2(t, []byte(`{"version":2,"journal":"x","crc":"00000000"}`+"\n")))
	require.ErrorIs(t, err, roster.ErrRefused)
	assert.ErrorContains(t, err, "version 2")
	for _, text := range []string{"hello\n", "hello", "{\"id\":1}\n"} {
		path := store2(t, []byte(text))
		_, err := roster.OpenFile(path)
		require.Error(t, err)
		after, _ := os.ReadFile(path)
		assert.Equal(t, text, string(after), "a file that is no journal is left alone")
	}
}

// TestMain lets the test's own program play another process.
func TestMain(m *testing.M) {
	if path := os.Getenv("ROSTER_HOLD"); path != "" {
		holdForever(path)
		return
	}
	os.Exit(m.Run())
}

// holdForever claims a lane, appends an intent and waits to be killed.
func holdForever(path string) {
	j, err := roster.OpenFile(path)
	if err != nil {
		panic(err)
	}
	var lane string
	for p, err := range j.Plans(context.Background()) {
		if err != nil {
			panic(err)
		}
		lane = p.Steps[0].Lane
		c, err := j.Claim(context.Background(), roster.ClaimRequest{Plan: p.ID(), Lanes: []string{lane}, Owner: "child"})
		if err == nil {
			err = j.Append(context.Background(), c, roster.Record{Step: p.Steps[0].ID, Phase: roster.PhaseIntent})
		}
		if err != nil {
			panic(err)
		}
	}
	fmt.Println(lane)
	time.Sleep(time.Minute)
}

func TestFileJournal_ALaneIsHeldWhileItsProcessLives(t *testing.T) {
	w := town()
	p := planOf(t, w, roster.Want{Blocked: []string{"shut0@x.test", "shut1@x.test"}})
	path := filepath.Join(t.TempDir(), "j")
	j := open(t, path)
	require.NoError(t, j.Begin(t.Context(), p))

	child := exec.Command(os.Args[0], "-test.run=^$")
	child.Env = append(os.Environ(), "ROSTER_HOLD="+path)
	out, err := child.StdoutPipe()
	require.NoError(t, err)
	child.Stderr = os.Stderr
	require.NoError(t, child.Start())
	lane, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	lane = strings.TrimSpace(lane)

	_, err = j.Claim(t.Context(), roster.ClaimRequest{Plan: p.ID(), Lanes: []string{lane}, Owner: "me"})
	require.ErrorIs(t, err, roster.ErrNothing)
	rs, err := core.Collect(j.Records(t.Context(), roster.Query{Plan: p.ID(), Lane: lane}))
	require.NoError(t, err)
	require.Len(t, rs, 1, "what another process appended is seen")

	// The process is killed: the lane can be taken at once, and what it began is looked
	// at.
	require.NoError(t, child.Process.Kill())
	child.Wait()
	report, err := runOn(w, j).Apply(t.Context(), p)
	require.NoError(t, err)
	assert.Equal(t, 2, report.Applied)
	assert.Equal(t, 2, w.sent())
	locks, err := filepath.Glob(path + ".*.lock")
	require.NoError(t, err)
	assert.Len(t, locks, 1, "the dead process's lock file is swept")
}

func TestStatus_ReadsWhatWasBegun(t *testing.T) {
	w := town()
	p := planOf(t, w, roster.Want{Blocked: []string{"shut0@x.test", "shut1@x.test"}})
	j := newJournal(t)
	_, err := roster.Status(t.Context(), j, p.ID())
	require.ErrorIs(t, err, core.ErrNotFound)

	w.strike = func(int, core.Operation) fault { return crashAfter }
	_, err = runOn(w, dying{j}).Apply(t.Context(), p)
	require.ErrorIs(t, err, errCrash)
	before := w.traffic()
	report, err := roster.Status(t.Context(), j, p.ID())
	require.NoError(t, err)
	assert.Equal(t, before, w.traffic())
	assert.Equal(t, 1, report.Unknown)
	assert.Equal(t, 1, report.Open)
	line, err := report.StatusJSON()
	require.NoError(t, err)
	assert.JSONEq(t, fmt.Sprintf(`{"plan":%q,"applied":0,"already":0,"failed":0,"unknown":1,"moved":0,"waiting":0,"open":1}`, p.ID()),
		string(line))
}

// dying is a journal whose process dies before its first outcome.
type dying struct{ roster.Journal }

func (d dying) Append(ctx context.Context, c *roster.Claim, rs ...roster.Record) error {
	for _, r := range rs {
		if r.Phase == roster.PhaseOutcome {
			return errCrash
		}
	}
	return d.Journal.Append(ctx, c, rs...)
}
