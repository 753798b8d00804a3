package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"

	"github.com/rollcall-go/rollcall/core"
)

func getPresence(ctx context.Context, c *command, s core.Store, p *printer) error {
	pr, err := s.Presence(ctx, c.arg(0))
	if err != nil {
		return err
	}
	p.presence(pr)
	return nil
}

func setPresence(ctx context.Context, c *command, s core.Store, p *printer) error {
	to := core.Availability(c.arg(1))
	switch to {
	case core.Available, core.Busy, core.Away, core.DND, core.Offline:
	default:
		return usagef("no presence %q; there are available, busy, away, dnd and offline", c.arg(1))
	}
	if err := s.SetPresence(ctx, c.arg(0), to); err != nil {
		return err
	}
	p.ok(c.arg(0)+" is set to "+string(to), nil)
	return nil
}

func block(ctx context.Context, c *command, s core.Store, p *printer) error {
	made, err := s.Block(ctx, c.arg(0))
	if err != nil {
		if len(made.Changed) > 0 {
			// What was switched off must be known to be switched on again.
			p.record(made)
		}
		return err
	}
	p.ok("blocked "+c.arg(0), map[string]any{"record": made})
	return nil
}

func unblock(ctx context.Context, c *command, s core.Store, p *printer) error {
	var made []core.Block
	if c.given["record"] {
		b, err := readRecord(c.record, p.in)
		if err != nil {
			return err
		}
		made = append(made, b)
	}
	if err := s.Unblock(ctx, c.arg(0), made...); err != nil {
		return err
	}
	p.ok("unblocked "+c.arg(0), nil)
	return nil
}

// readRecord reads what block printed: the record itself, or the whole line
// with the record in it. "-" is standard input.
func readRecord(file string, in io.Reader) (core.Block, error) {
	var data []byte
	var err error
	if file == "-" {
		data, err = io.ReadAll(io.LimitReader(in, 1<<20))
	} else {
		data, err = os.ReadFile(file)
	}
	if err != nil {
		return core.Block{}, usagef("the record cannot be read: %v", err)
	}
	var line struct {
		core.Block
		Record *core.Block `json:"record"`
	}
	if err := json.Unmarshal(bytes.TrimSpace(data), &line); err != nil {
		return core.Block{}, usagef("the record is not what block printed: %v", err)
	}
	if line.Record != nil {
		return *line.Record, nil
	}
	if line.Block.UserID == "" {
		return core.Block{}, usagef("the record names no user: it is not what block printed")
	}
	return line.Block, nil
}
