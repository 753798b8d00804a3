package main

import (
	"slices"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/examples/internal/meant"
)

// parseTarget reads KIND:ID. The error of an unknown kind names the known ones.
func parseTarget(text string) (core.Target, error) {
	t, err := core.ParseTarget(text)
	return t, kindError(text, err)
}

// parseLevelled reads KIND:ID@LEVEL, in which the level may be missing.
func parseLevelled(text string) (core.Target, *int, error) {
	t, level, err := core.ParseLevelled(text)
	return t, level, kindError(text, err)
}

// kindError adds the known kinds to the error of a target that cannot be read.
func kindError(text string, err error) error {
	if err == nil {
		return nil
	}
	kind, _, ok := strings.Cut(text, ":")
	if !ok || slices.Contains(kindNames(), kind) {
		return usagef("%v", err)
	}
	return usagef("%v; there are %s%s", err, andList(kindNames()), meant.Perhaps(kind, kindNames(), nil))
}

func kindNames() []string {
	var names []string
	for _, k := range core.Kinds() {
		names = append(names, string(k))
	}
	return names
}
