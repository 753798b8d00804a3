package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/rollcall-go/rollcall/core"
)

// newcomer is one line of the file.
type newcomer struct {
	spec  core.UserSpec
	links []core.Assignment // without the user's id, which is not known yet
}

// read reads a whole file as a spreadsheet saves it, and says of a bad cell where it
// is. Blanks around a cell do not count, nor does the case of a column's name.
func read(in io.Reader, password core.Secret) ([]newcomer, error) {
	data, err := io.ReadAll(in)
	if err != nil {
		return nil, err
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if !utf8.Valid(data) {
		return nil, errors.New("the file is not UTF-8: save it as \"CSV UTF-8\"")
	}

	r := csv.NewReader(bytes.NewReader(data))
	columns, err := r.Read()
	if err != nil {
		return nil, fmt.Errorf("the line that names the columns: %w", err)
	}
	if len(columns) == 1 && strings.Contains(columns[0], ";") {
		return nil, errors.New("the columns are separated by semicolons: save the file with commas")
	}
	for i, column := range columns {
		columns[i] = columnName(column)
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
			if cell = strings.TrimSpace(cell); cell == "" {
				continue
			}
			if err := n.set(columns[i], cell); err != nil {
				return nil, fmt.Errorf("line %d, %s: %w", line, columns[i], err)
			}
		}
		if n.spec.Login == "" || seen[core.FoldAddress(n.spec.Login)] {
			return nil, fmt.Errorf("line %d: the login %q is missing, or is there twice", line, n.spec.Login)
		}
		seen[core.FoldAddress(n.spec.Login)] = true
		out = append(out, n)
	}
	if len(out) == 0 {
		return nil, errors.New("the file names nobody")
	}
	return out, nil
}

// columnName is the name of one of the program's own columns in any case, and else a
// vendor field, whose case counts. LUCS has a field Roles, which is not the column roles.
func columnName(s string) string {
	s = strings.TrimSpace(s)
	switch own := strings.ToLower(s); own {
	case "login", "first", "last", "display", "email", "assign":
		return own
	}
	return s
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
