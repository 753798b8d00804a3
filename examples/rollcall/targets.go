package main

import (
	"context"
	"slices"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/examples/internal/meant"
)

func listTargets(ctx context.Context, c *command, s core.Store, p *printer) (err error) {
	for flag, value := range map[string]string{"kind": c.kind, "name": c.name} {
		if c.given[flag] && value == "" {
			return usagef("--%s is empty", flag)
		}
	}

	t := p.table(targetColumns)
	defer func() { t.flush(err) }()
	for target, err := range s.ListTargets(ctx, core.TargetQuery{Kind: core.Kind(c.kind), Name: c.name}) {
		if err != nil && c.given["kind"] && !slices.Contains(kindNames(), c.kind) {
			return hinted(err, "there are "+andList(kindNames())+meant.Perhaps(c.kind, kindNames(), nil))
		}
		if err != nil {
			return err
		}
		if t.target(target); p.out.err != nil {
			break
		}
	}
	return nil
}
