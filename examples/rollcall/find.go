package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/rollcall-go/rollcall/core"
)

// userID is userID, and remembers the login that was typed: what is printed then names
// it.
func (c *command) userID(ctx context.Context, s core.Store, word string) (string, error) {
	id, err := userID(ctx, s, word)
	if login, typed := strings.CutPrefix(word, "login:"); typed && err == nil {
		c.logins[id] = login
	}
	return id, err
}

// userID returns the id that a word names: the word itself, or for login:LOGIN the id
// of the one person with that login.
func userID(ctx context.Context, s core.Store, word string) (string, error) {
	login, ok := strings.CutPrefix(word, "login:")
	if !ok {
		return word, nil
	}
	vendor := s.Capabilities().Vendor
	if strings.TrimSpace(login) == "" {
		return "", core.Invalid(vendor, string(core.OpListUsers), "the login behind login: is empty")
	}

	users, err := core.Collect(s.ListUsers(ctx, core.UserQuery{Login: login}))
	if err != nil {
		return "", err
	}
	ids := make([]string, len(users))
	for i, u := range users {
		ids[i] = u.ID
	}
	return theOne(vendor, core.OpListUsers, "user has the login "+login, ids)
}

// target returns the target that KIND:ID or KIND:name:NAME names.
func target(ctx context.Context, s core.Store, t core.Target) (core.Target, error) {
	name, ok := strings.CutPrefix(t.ID, "name:")
	if !ok {
		return t, nil
	}
	vendor := s.Capabilities().Vendor
	if strings.TrimSpace(name) == "" {
		return t, core.Invalid(vendor, string(core.OpListTargets), "the name behind name: is empty")
	}

	found, err := core.Collect(s.ListTargets(ctx, core.TargetQuery{Kind: t.Kind, Name: name}))
	if err != nil {
		return t, err
	}
	ids := make([]string, len(found))
	for i := range found {
		ids[i] = found[i].ID
	}
	if _, err := theOne(vendor, core.OpListTargets, fmt.Sprintf("%s has the name %s", t.Kind, name), ids); err != nil {
		return t, err
	}
	return found[0], nil
}

// theOne returns the only id, and says what is wrong where there is none, or several.
func theOne(vendor string, op core.Operation, what string, ids []string) (string, error) {
	e := &core.Error{Vendor: vendor, Op: string(op), Applied: core.AppliedNo}
	switch len(ids) {
	case 1:
		return ids[0], nil
	case 0:
		e.Class, e.Message = core.ClassNotFound, "no "+what
	default:
		e.Class, e.Message, e.Hint = core.ClassConflict, "more than one "+what+": "+strings.Join(ids, ", "), "name one of them by its id"
	}
	return "", e
}
