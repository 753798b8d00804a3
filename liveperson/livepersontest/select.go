package livepersontest

import (
	"errors"
	"strings"
)

// selection is a parsed select: the wanted fields of an object, each with the
// selection below it. A nil selection wants everything.
type selection struct {
	fields map[string]*selection
}

// parseSelect reads the GData dialect of the Yoga library: names, commas, and
// parentheses for the fields of a field. An expression that begins with $ is an
// alias, as a whole; $all is the only one.
//
// As in Yoga a field that is given twice counts as given the last time. Unlike
// Yoga, which takes them for odd names, a stray parenthesis and an empty name
// are refused.
func parseSelect(expression string) (*selection, error) {
	if strings.HasPrefix(expression, "$") {
		if expression != "$all" {
			return nil, errors.New("no such alias: " + expression)
		}
		return nil, nil
	}
	p := &selectParser{rest: expression}
	sel, err := p.fields()
	if err == nil && p.rest != "" {
		err = errors.New("closing parenthesis without an opening one")
	}
	return sel, err
}

type selectParser struct{ rest string }

func (p *selectParser) fields() (*selection, error) {
	sel := &selection{fields: map[string]*selection{}}
	for {
		end := strings.IndexAny(p.rest, ",()")
		if end < 0 {
			end = len(p.rest)
		}
		name := p.rest[:end]
		p.rest = p.rest[end:]

		switch {
		case name == "":
			return nil, errors.New("a field has no name")
		case name == "href":
			return nil, errors.New("href is a reserved keyword for selectors")
		case strings.HasPrefix(name, "$"):
			return nil, errors.New("an alias stands alone: " + name)
		}

		sel.fields[name] = nil
		if strings.HasPrefix(p.rest, "(") {
			p.rest = p.rest[1:]
			sub, err := p.fields()
			if err != nil {
				return nil, err
			}
			if !strings.HasPrefix(p.rest, ")") {
				return nil, errors.New("a parenthesis is not closed")
			}
			p.rest = p.rest[1:]

			sel.fields[name] = sub
			if p.rest != "" && p.rest[0] != ',' && p.rest[0] != ')' {
				return nil, errors.New("a nested selector not at the end of its parent must be followed by a comma")
			}
		}

		if !strings.HasPrefix(p.rest, ",") {
			return sel, nil
		}
		p.rest = p.rest[1:]
	}
}

func selectNames(names ...string) *selection {
	sel := &selection{fields: map[string]*selection{}}
	for _, name := range names {
		sel.fields[name] = nil
	}
	return sel
}

// of returns whether a field is wanted, and the selection below it.
func (s *selection) of(name string) (*selection, bool) {
	if s == nil {
		return nil, true
	}
	sub, ok := s.fields[name]
	return sub, ok
}
