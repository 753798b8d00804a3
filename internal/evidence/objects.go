package evidence

import (
	"cmp"
	"slices"

	"github.com/rollcall-go/rollcall/internal/wire"
)

// sameObject compares the members that were sent of an object. The other one may have
// more. Of a name that is there several times, the last one counts.
func (c *comparison) sameObject(r *Rule, want, is *wire.Cursor) bool {
	if isObject := is.Kind() == '{'; !isObject || r.Present {
		c.skip(want)
		c.skip(is)
		return isObject
	}

	start, shownAt := want.At(), is.At()
	shown, inStep, n := c.inStep(r, want, is)
	if inStep {
		return shown
	}

	want.Go(start)
	is.Go(shownAt)
	return c.byName(r, want, is, n)
}

// inStep compares two objects that have the same members in the same order, as most
// have. Otherwise n is how many members of both are known to be the same.
func (c *comparison) inStep(r *Rule, want, is *wire.Cursor) (shown, inStep bool, n int) {
	more, moreShown := want.Enter(), is.Enter()
	for ; more && moreShown && !c.spent(); n++ {
		name := want.Name()
		if wire.CompareNames(name, is.Name()) != 0 {
			return false, false, n
		}
		if !c.member(r, name, want, is) {
			again := c.comesAgain(want, name)
			if c.comesAgain(is, name) || again {
				return false, false, n
			}
			return false, true, n
		}
		more, moreShown = want.More(), is.More()
	}
	return true, !more && !moreShown, n
}

// comesAgain steps out of an object, behind one of its members, and reports whether
// another one has the name.
func (c *comparison) comesAgain(at *wire.Cursor, name []byte) (again bool) {
	for at.More() {
		again = wire.CompareNames(at.Name(), name) == 0 || again
		c.skip(at)
	}
	return again
}

// member compares one member of two objects.
func (c *comparison) member(r *Rule, name []byte, want, is *wire.Cursor) bool {
	if len(r.Members) > 0 {
		text, _ := wire.Text(name)
		if rule, own := r.Members[text]; own {
			return c.shows(&rule, nil, want, is)
		}
	}
	return c.shows(r.member(), nil, want, is)
}

// named is where a member of an object is. It is small because there may be many.
type named struct{ name, value, nth uint32 }

// byName compares two objects whose members are in any order, and of which the first n
// are known to be the same.
func (c *comparison) byName(r *Rule, want, is *wire.Cursor, n int) bool {
	sent, end := c.index(want)
	there, shownEnd := c.index(is)

	ok := true
	for _, m := range sent {
		if c.spent() {
			break
		}
		want.Go(int(m.name))
		name := want.Name()
		for len(there) > 0 && compareAt(is, there[0], name) < 0 {
			there = there[1:]
		}

		shown := wire.NewCursor(nil)
		if len(there) > 0 && compareAt(is, there[0], name) == 0 {
			if m.nth == there[0].nth && int(m.nth) < n {
				continue
			}
			is.Go(int(there[0].value))
			shown = is
		}
		want.Go(int(m.value))
		if ok = c.member(r, name, want, shown); !ok {
			break
		}
	}

	want.Go(end)
	is.Go(shownEnd)
	return ok
}

// compareAt compares the name of a member with another one.
func compareAt(at *wire.Cursor, m named, name []byte) int {
	at.Go(int(m.name))
	return wire.CompareNames(at.Name(), name)
}

// index returns where the members of an object are, in the order of their names, and
// where the object ends.
func (c *comparison) index(at *wire.Cursor) (members []named, end int) {
	start, n := at.At(), 0
	for more := at.Enter(); more; more = at.More() {
		at.Name()
		c.skip(at)
		n++
	}
	end = at.At()

	at.Go(start)
	members = make([]named, 0, n)
	for more := at.Enter(); more; more = at.More() {
		m := named{name: uint32(at.At()), nth: uint32(len(members))}
		at.Name()
		m.value = uint32(at.At())
		c.skip(at)
		members = append(members, m)
	}

	slices.SortFunc(members, func(a, b named) int {
		at.Go(int(b.name))
		name := at.Name()
		return cmp.Or(compareAt(at, a, name), cmp.Compare(b.nth, a.nth)) // the last one first
	})
	members = slices.CompactFunc(members, func(a, b named) bool {
		at.Go(int(b.name))
		return compareAt(at, a, at.Name()) == 0
	})
	at.Go(end)
	return members, end
}
