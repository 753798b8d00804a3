package redispace

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	lua "github.com/yuin/gopher-lua"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/internal/lease"
)

// model runs take.lua without a Redis, on the clock of the test: so a testing/synctest
// bubble needs no time. A question takes a fifth of a millisecond in each direction.
type model struct {
	mu       sync.Mutex
	state    *lua.LState
	script   *lua.LFunction
	hash     map[string]map[string]string
	machines map[string]map[string]float64
}

const modelTrip = 200 * time.Microsecond

func newModel(t testing.TB) *model {
	m := &model{state: lua.NewState(), hash: map[string]map[string]string{}, machines: map[string]map[string]float64{}}
	f, err := m.state.LoadString(takeLua)
	require.NoError(t, err)
	m.script = f
	m.state.SetGlobal("redis", m.state.SetFuncs(m.state.NewTable(), map[string]lua.LGFunction{"call": m.call}))
	return m
}

// Forget implements leasetest.Model.
func (m *model) Forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	clear(m.hash)
	clear(m.machines)
}

// call is the part of Redis that the script uses.
func (m *model) call(l *lua.LState) int {
	key := l.OptString(2, "")
	number := func(i int) float64 { v, _ := strconv.ParseFloat(l.CheckString(i), 64); return v }
	answer := l.NewTable()
	switch command := l.CheckString(1); command {
	case "TIME":
		now := time.Now()
		answer.Append(lua.LString(fmt.Sprint(now.Unix())))
		answer.Append(lua.LString(fmt.Sprint(now.Nanosecond() / 1000)))
	case "HGETALL":
		for name, value := range m.hash[key] {
			answer.Append(lua.LString(name))
			answer.Append(lua.LString(value))
		}
	case "HSET":
		h := map[string]string{}
		for i := 3; i < l.GetTop(); i += 2 {
			h[l.CheckString(i)] = l.CheckString(i + 1)
		}
		m.hash[key] = h
	case "ZADD":
		if m.machines[key] == nil {
			m.machines[key] = map[string]float64{}
		}
		m.machines[key][l.CheckString(4)] = number(3)
	case "ZREMRANGEBYSCORE":
		for name, at := range m.machines[key] {
			if at <= number(4) {
				delete(m.machines[key], name)
			}
		}
	case "ZCARD":
		l.Push(lua.LNumber(len(m.machines[key])))
		return 1
	case "PEXPIRE":
	default:
		l.RaiseError("the model does not know %s", command)
	}
	l.Push(answer)
	return 1
}

// Trip implements leasetest.Model.
func (m *model) Trip() time.Duration { return 2 * modelTrip }

// Fallback implements leasetest.Model.
func (m *model) Fallback(perSecond float64) core.Governor { return fallback(perSecond) }

// Take implements lease.Server.
func (m *model) Take(_ context.Context, a lease.Ask) (lease.Grant, error) {
	time.Sleep(modelTrip)
	g, err := m.run(a)
	time.Sleep(modelTrip)
	return g, err
}

func (m *model) run(a lease.Ask) (lease.Grant, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	keys, args := m.state.NewTable(), m.state.NewTable()
	for _, key := range keysOf(DefaultPrefix, "model", a.Bucket) {
		keys.Append(lua.LString(key))
	}
	for _, arg := range argsOf(a) {
		args.Append(lua.LString(fmt.Sprint(arg)))
	}
	m.state.SetGlobal("KEYS", keys)
	m.state.SetGlobal("ARGV", args)
	m.state.Push(m.script)
	if err := m.state.PCall(0, 1, nil); err != nil {
		return lease.Grant{}, err
	}
	table := m.state.CheckTable(-1)
	m.state.Pop(1)
	var reply []any
	table.ForEach(func(_, v lua.LValue) { reply = append(reply, v.String()) })
	return grantOf(reply)
}
