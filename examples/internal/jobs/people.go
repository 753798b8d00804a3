package jobs

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
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

		line, _ := r.FieldPos(0)
		h := roster.Hire{Account: account}
		for i, cell := range cells {
			if cell = strings.TrimSpace(cell); cell == "" {
				continue
			}
			if err := setCell(&h, columns[i], cell); err != nil {
				return nil, fmt.Errorf("line %d, %s: %w", line, columns[i], err)
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

	case "roles":
		h.Spec.Roles = strings.Split(cell, ";")

	case "assign":
		for text := range strings.SplitSeq(cell, ";") {
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
