package rest

import (
	"context"
	"fmt"
	"slices"

	"github.com/rollcall-go/rollcall/core"
)

// Intend tells the caller's BlockLog what a block is about to change. Where the log
// fails, or panics, the block must not be sent.
func (c *Client) Intend(ctx context.Context, intent core.Block) error {
	if c.cfg.BlockLog == nil {
		return nil
	}
	intent.Changed = slices.Clone(intent.Changed)

	err := c.logBlock(ctx, intent)
	if err == nil {
		return nil
	}
	return &core.Error{Vendor: c.cfg.Vendor, Account: c.cfg.Account, Op: string(core.OpBlock), Class: core.ClassFailed,
		Applied: core.AppliedNo,
		Message: c.text("the intent of the block could not be logged, and nothing was sent: " + err.Error()), Err: c.Scrub(err)}
}

// logBlock makes an error of a panic: the log is the caller's code, and locks are held
// around it.
func (c *Client) logBlock(ctx context.Context, intent core.Block) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the log panicked: %v", p)
		}
	}()
	return c.cfg.BlockLog(ctx, intent)
}
