package pgroster

import (
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
)

// What a client asked of a lane. A token of 0 is a claim.
type laneInput struct {
	what  string
	token int64
}

// laneOutput is the token of a claim, 0 for none, or whether an append was taken.
type laneOutput struct {
	token int64
	ok    bool
}

// laneState is what the model knows: the token that holds the lane, 0 for none, and the
// highest one so far.
type laneState struct{ held, highest int64 }

// fencing is a lane as it must look from outside. Time is not modelled: whoever is
// refused may have been late.
var fencing = porcupine.Model{
	Init: func() any { return laneState{} },
	Step: func(state, input, output any) (bool, any) {
		s, in, out := state.(laneState), input.(laneInput), output.(laneOutput)
		switch {
		case in.what == "claim" && out.token > 0:
			return out.token > s.highest, laneState{out.token, out.token}
		case in.what == "append" && out.ok:
			return in.token == s.held, s
		case in.what == "free" && in.token == s.held:
			return true, laneState{0, s.highest}
		}
		return true, s
	},
}

// history records what clients do to one lane.
type history struct {
	mu  sync.Mutex
	all []porcupine.Operation
}

func (h *history) do(client int, in laneInput, f func() laneOutput) {
	call := time.Now().UnixNano()
	out := f()
	h.mu.Lock()
	defer h.mu.Unlock()
	h.all = append(h.all, porcupine.Operation{ClientId: client, Input: in, Call: call, Output: out, Return: time.Now().UnixNano()})
}

// TestFencing_NoAppendUnderAnOldToken: clients that claim, append and pause for longer
// than their claims last. The histories must be those of the model.
func TestFencing_NoAppendUnderAnOldToken(t *testing.T) {
	pool, schema := newPool(t)
	p := rename(1)
	require.NoError(t, Open(pool, schema).Begin(t.Context(), p))
	const clients, rounds, ttl = 5, 12, 60 * time.Millisecond

	var h history
	var wg sync.WaitGroup
	var mu sync.Mutex
	fenced, taken := 0, 0
	for client := range clients {
		j := Open(pool, schema)
		wg.Go(func() {
			for range rounds {
				var c *roster.Claim
				h.do(client, laneInput{what: "claim"}, func() (out laneOutput) {
					c, _ = j.Claim(t.Context(), roster.ClaimRequest{Plan: p.ID(), Lanes: []string{"a/0"}, Owner: "client", TTL: ttl})
					if c != nil {
						out.token = c.Token
					}
					return out
				})
				if c == nil {
					time.Sleep(rand.N(ttl / 2))
					continue
				}
				for range 2 {
					time.Sleep(rand.N(2 * ttl)) // now and then it sleeps for too long
					h.do(client, laneInput{"append", c.Token}, func() laneOutput {
						err := j.Append(t.Context(), c, roster.Record{Step: p.Steps[0].ID, Phase: roster.PhaseIntent, At: time.Now()})
						mu.Lock()
						defer mu.Unlock()
						switch {
						case err == nil:
							taken++
						case errors.Is(err, roster.ErrFenced):
							fenced++
						default:
							t.Error(err)
						}
						return laneOutput{ok: err == nil}
					})
				}
				h.do(client, laneInput{"free", c.Token}, func() laneOutput {
					if err := j.Free(t.Context(), c); err != nil {
						t.Error(err)
					}
					return laneOutput{}
				})
			}
		})
	}
	wg.Wait()

	require.Positive(t, fenced, "somebody came too late")
	require.Positive(t, taken)
	require.True(t, porcupine.CheckOperations(fencing, h.all))
	records, err := core.Collect(Open(pool, schema).Records(t.Context(), roster.Query{Plan: p.ID(), Lane: "a/0"}))
	require.NoError(t, err)
	require.Len(t, records, taken)
	for i := 1; i < len(records); i++ {
		require.LessOrEqual(t, records[i-1].Token, records[i].Token)
		require.Equal(t, records[i-1].Entry().Hash(), records[i].Prev)
	}

	// The model finds an append that should have been fenced.
	late := time.Now().UnixNano()
	h.do(clients, laneInput{what: "claim"}, func() laneOutput { return laneOutput{token: 1 << 40} })
	h.all = append(h.all, porcupine.Operation{ClientId: clients + 1, Input: laneInput{"append", records[0].Token},
		Call: late + int64(time.Second), Output: laneOutput{ok: true}, Return: late + int64(2*time.Second)})
	require.False(t, porcupine.CheckOperations(fencing, h.all))
}
