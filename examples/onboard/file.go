package main

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/rollcall-go/rollcall/core"
)

// newcomer is one line of the file.
type newcomer struct {
	spec  core.UserSpec
	links []core.Assignment // without the user's id, which is not known yet
}

// read reads a whole file, and says of a bad cell where it is.
func read(in io.Reader, password core.Secret) ([]newcomer, error) {
	r := csv.NewReader(in)
	columns, err := r.Read()
	if err != nil {
		return nil, fmt.Errorf("the line that names the columns: %w", err)
	}
	var out []newcomer
	seen := map[string]bool{}
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		line, _ := r.FieldPos(0)
		n := newcomer{spec: core.UserSpec{Password: password}}
		for i, cell := range cells {
			if cell == "" {
				continue
			}
			if err := n.set(columns[i], cell); err != nil {
				return nil, fmt.Errorf("line %d, %s: %w", line, columns[i], err)
			}
		}
		if n.spec.Login == "" || seen[n.spec.Login] {
			return nil, fmt.Errorf("line %d: the login %q is missing, or is there twice", line, n.spec.Login)
		}
		seen[n.spec.Login] = true
		out = append(out, n)
	}
	if len(out) == 0 {
		return nil, errors.New("the file names nobody")
	}
	return out, nil
}

func (n *newcomer) set(column, cell string) error {
	switch column {
	case "login":
		n.spec.Login = cell
	case "first":
		n.spec.FirstName = cell
	case "last":
		n.spec.LastName = cell
	case "display":
		n.spec.DisplayName = cell
	case "email":
		n.spec.Email = cell
	case "roles":
		n.spec.Roles = strings.Split(cell, ";")
	case "assign":
		for text := range strings.SplitSeq(cell, ";") {
			target, level, err := core.ParseLevelled(text)
			if err != nil {
				return err
			}
			n.links = append(n.links, core.Assignment{Target: target, Level: level})
		}
	default:
		if !json.Valid([]byte(cell)) {
			return fmt.Errorf("%s is no JSON", cell)
		}
		if n.spec.Fields == nil {
			n.spec.Fields = map[string]any{}
		}
		n.spec.Fields[column] = json.RawMessage(cell)
	}
	return nil
}
