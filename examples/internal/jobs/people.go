package jobs

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
)

// ReadPeople reads a whole file of people as a spreadsheet saves it: the first line
// names the columns. They become hires of one account, and the error of a bad cell says
// where it is. Blanks around a cell do not count, nor does the case of a column's name.
//
// The columns are login, first, last, display, email, roles and assign, the last two
// separated by semicolons; an assignment is KIND:ID or KIND:ID@LEVEL. Any other column
// is a vendor's field by its wire name, and its cells are JSON.
func ReadPeople(in io.Reader, account string) ([]roster.Hire, error) {
	data, err := io.ReadAll(in)
	if err != nil {
		return nil, err
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if !utf8.Valid(data) {
		return nil, errors.New("the file is not UTF-8: save it as \"CSV UTF-8\"")
	}

	r := csv.NewReader(bytes.NewReader(data))
	r.FieldsPerRecord = -1 // an empty row has any number of them
	columns, err := readColumns(r)
	if err != nil {
		return nil, err
	}

	var hires []roster.Hire
	seen := map[string]bool{}
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}

		if !slices.ContainsFunc(cells, func(cell string) bool { return strings.TrimSpace(cell) != "" }) {
			continue // spreadsheets save rows of commas behind the last one
		}
		line, _ := r.FieldPos(0)
		if len(cells) != len(columns) {
			return nil, fmt.Errorf("line %d: wrong number of fields: it has %d, and there are %d columns", line, len(cells), len(columns))
		}

		h := roster.Hire{Account: account}
		for i, cell := range cells {
			if cell = strings.TrimSpace(cell); cell == "" {
				continue
			}
			if err := setCell(&h, columns[i], cell); err != nil {
				return nil, fmt.Errorf("line %d, %s: %w", line, cmp.Or(columns[i], "a column without a name"), err)
			}
		}

		if h.Spec.Login == "" || seen[core.FoldAddress(h.Spec.Login)] {
			return nil, fmt.Errorf("line %d: the login %q is missing, or is there twice", line, h.Spec.Login)
		}
		seen[core.FoldAddress(h.Spec.Login)] = true
		h.Person = cmp.Or(h.Spec.Email, h.Spec.Login)
		hires = append(hires, h)
	}

	if len(hires) == 0 {
		return nil, errors.New("the file names nobody")
	}
	return hires, nil
}

// readColumns reads the line that names the columns. A name that stands there twice is
// refused: one of its cells would be dropped.
func readColumns(r *csv.Reader) ([]string, error) {
	columns, err := r.Read()
	if err != nil {
		return nil, fmt.Errorf("the line that names the columns: %w", err)
	}
	if len(columns) == 1 && strings.Contains(columns[0], ";") {
		return nil, errors.New("the columns are separated by semicolons: save the file with commas")
	}

	seen := map[string]bool{}
	for i, column := range columns {
		name := columnName(column)
		if name != "" && seen[name] {
			return nil, fmt.Errorf("the column %s is there twice", name)
		}
		columns[i], seen[name] = name, true
	}
	return columns, nil
}

// columnName is the name of one of the program's own columns in any case, and otherwise a
// vendor field, whose case counts. LUCS has a field Roles, which is not the column roles.
func columnName(s string) string {
	s = strings.TrimSpace(s)
	switch own := strings.ToLower(s); own {
	case "login", "first", "last", "display", "email", "assign":
		return own
	}
	return s
}

// setCell takes one cell into a hire.
func setCell(h *roster.Hire, column, cell string) error {
	switch column {
	case "login":
		h.Spec.Login = cell
	case "first":
		h.Spec.FirstName = cell
	case "last":
		h.Spec.LastName = cell
	case "display":
		h.Spec.DisplayName = cell
	case "email":
		h.Spec.Email = cell

	case "":
		return fmt.Errorf("it is not known what %s is", cell)

	case "roles":
		h.Spec.Roles = parts(cell)

	case "assign":
		for _, text := range parts(cell) {
			target, level, err := core.ParseLevelled(text)
			if err != nil {
				return err
			}
			h.Links = append(h.Links, core.Assignment{Target: target, Level: level})
		}

	default: // a field of the vendor, by its wire name
		if !json.Valid([]byte(cell)) {
			return fmt.Errorf("%s is not JSON", cell)
		}
		if h.Spec.Fields == nil {
			h.Spec.Fields = map[string]any{}
		}
		h.Spec.Fields[column] = json.RawMessage(cell)
	}

	return nil
}

// parts are the texts of a cell that are separated by semicolons, without blanks around
// them.
func parts(cell string) (texts []string) {
	for text := range strings.SplitSeq(cell, ";") {
		if text = strings.TrimSpace(text); text != "" {
			texts = append(texts, text)
		}
	}
	return texts
}
