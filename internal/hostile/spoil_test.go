package hostile

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
)

// The ways in which a real answer is changed.

// before answers a write with the objects as they were before the first one.
func before(n *network, a answer) answer {
	if len(n.past) == 0 {
		return a
	}
	was := func(v any) any {
		if d, ok := v.(doc); ok {
			if old := n.past[0].world.docs[n.v.path(d)]; old != nil {
				return old
			}
		}
		return v
	}
	return changed(a, func(v any) any {
		list, ok := v.([]any)
		if !ok {
			return was(v)
		}
		for i := range list {
			list[i] = was(list[i])
		}
		return list
	})
}

// changed changes the JSON of an answer.
func changed(a answer, change func(any) any) answer {
	var v any
	if json.Unmarshal([]byte(a.body), &v) == nil {
		a.body = text(change(v))
	}
	return a
}

// each changes every object of an answer.
func each(a answer, change func(doc)) answer {
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case doc:
			for _, member := range v {
				walk(member)
			}
			change(v)
		case []any:
			for _, element := range v {
				walk(element)
			}
		}
	}
	return changed(a, func(v any) any { walk(v); return v })
}

func blankID(d doc) {
	for name, v := range d {
		if !slices.Contains([]string{"id", "Id", "userId", "queueId", "groupId"}, name) {
			continue
		}
		if _, isText := v.(string); isText {
			d[name] = ""
		} else {
			d[name] = nil
		}
	}
}

// unknownField is a field of users that no client knows.
const unknownField = "costCentre"

func textsToObjects(d doc) {
	for name, v := range d {
		if s, ok := v.(string); ok && name != unknownField {
			d[name] = doc{"value": s}
		}
	}
}

func numbersToLists(d doc) {
	for name, v := range d {
		if f, ok := v.(float64); ok && name != unknownField {
			d[name] = []any{f, f}
		}
	}
}

// someone answers with another user, in the shape of the real answer.
func someone(n *network, a answer) answer {
	return changed(a, func(v any) any {
		var o any
		json.Unmarshal([]byte(n.v.other), &o)
		if _, list := v.([]any); list {
			n.likely = true
			return []any{o}
		}
		if d, ok := v.(doc); ok {
			for _, name := range slices.Sorted(maps.Keys(d)) {
				if list, ok := d[name].([]any); ok && len(list) > 0 {
					if _, objects := list[0].(doc); objects && d["id"] == nil && d["userId"] == nil && d["Id"] == nil {
						n.likely = true
						d[name] = []any{o}
						return d
					}
				}
			}
		}
		return o
	})
}

// withRows changes the rows of a list, if the answer is one of two or more.
func withRows(a answer, change func([]any) []any) answer {
	return changed(a, func(v any) any {
		if list, ok := v.([]any); ok && len(list) > 1 {
			return change(list)
		}
		d, ok := v.(doc)
		if !ok {
			return v
		}
		for _, name := range slices.Sorted(maps.Keys(d)) {
			list, ok := d[name].([]any)
			if !ok || len(list) < 2 {
				continue
			}
			if _, objects := list[0].(doc); objects {
				d[name] = change(list)
				break
			}
		}
		return d
	})
}

func again(r []any) []any { return append(slices.Clone(r[:len(r)-1]), r[0]) }

// rowOfFirst puts the first of all users in place of the last one of a page.
func rowOfFirst(n *network, a answer) answer {
	return withRows(a, func(r []any) []any {
		last, ok := r[len(r)-1].(doc)
		if !ok || len(n.world.docs[n.v.path(last)]) != len(last) {
			return r // no list of users
		}
		return append(slices.Clone(r[:len(r)-1]), n.world.under("users/")[0])
	})
}

// part is a partial answer: the first row of a list, or as much as there is.
func part(_ *network, a answer) answer {
	a = withRows(a, func(r []any) []any { return r[:1] })
	a.status, a.header = http.StatusPartialContent, map[string]string{"Content-Range": "items 0-0/9"}
	return a
}
