package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/examples/internal/meant"
)

func getPresence(ctx context.Context, c *command, s core.Store, p *printer) error {
	id, err := c.userID(ctx, s, c.arg(0))
	if err != nil {
		return err
	}
	pr, err := s.Presence(ctx, id)
	if err != nil {
		return err
	}
	p.presence(pr)
	return nil
}

// availabilities are what a presence can be set to.
var availabilities = []string{string(core.Available), string(core.Busy), string(core.Away), string(core.DND), string(core.Offline)}

func setPresence(ctx context.Context, c *command, s core.Store, p *printer) error {
	to := core.Availability(c.arg(1))
	switch to {
	case core.Available, core.Busy, core.Away, core.DND, core.Offline:
	default:
		return usagef("no presence %q; there are %s%s", c.arg(1), andList(availabilities), meant.Perhaps(c.arg(1), availabilities, nil))
	}

	id, err := c.userID(ctx, s, c.arg(0))
	if err != nil {
		return err
	}
	if err := s.SetPresence(ctx, id, to); err != nil {
		return err
	}
	p.ok(c.arg(0)+" is set to "+string(to), nil)
	return nil
}

func block(ctx context.Context, c *command, s core.Store, p *printer) error {
	id, err := c.userID(ctx, s, c.arg(0))
	if err != nil {
		return err
	}

	made, err := s.Block(ctx, id)
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
	id, err := c.userID(ctx, s, c.arg(0))
	if err != nil {
		return err
	}

	if !c.given["record"] {
		err = s.LiftBlocks(ctx, id)
	} else {
		var made []core.Block
		if made, err = readRecords(c.record, p.in); err == nil {
			err = s.Unblock(ctx, id, made...)
		}
	}
	if err != nil {
		return err
	}
	p.ok("unblocked "+c.arg(0), nil)
	return nil
}

// readRecords reads what block printed, once or several times: the record itself, or
// the whole line with the record in it, with and without --json. "-" is standard input.
func readRecords(file string, in io.Reader) ([]core.Block, error) {
	var data []byte
	var err error
	if file == "-" {
		data, err = io.ReadAll(io.LimitReader(in, 1<<20))
	} else {
		data, err = os.ReadFile(file)
	}
	if err != nil {
		return nil, usagef("the record cannot be read: %v", err)
	}

	made, err := decodeRecords(data)

	if err != nil {
		// As it was printed for people: a word before each record.
		var lines []byte
		for line := range bytes.Lines(data) {
			if i := bytes.IndexByte(line, '{'); i >= 0 {
				lines = append(lines, line[i:]...)
			}
		}
		if made, err = decodeRecords(lines); err != nil {
			return nil, usagef("the record is not what block printed: %v", err)
		}
	}
	if len(made) == 0 {
		return nil, usagef("the record names no user: it is not what block printed")
	}

	return made, nil
}

// decodeRecords reads JSON objects. One that is no record, such as that of an error,
// is left out.
func decodeRecords(data []byte) (made []core.Block, err error) {
	for d := json.NewDecoder(bytes.NewReader(data)); ; {
		var line struct {
			core.Block
			Record *core.Block `json:"record"`
		}
		switch err := d.Decode(&line); {
		case err == io.EOF:
			return made, nil
		case err != nil:
			return nil, err
		case line.Record != nil && line.Record.UserID != "":
			made = append(made, *line.Record)
		case line.Block.UserID != "":
			made = append(made, line.Block)
		}
	}
}
