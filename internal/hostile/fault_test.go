package hostile

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// place is which requests of an operation a fault strikes.
type place int

const (
	onTarget place = iota // the writes of an operation that writes, the reads of one that reads
	onRead                // the reads before the first write
	onLook                // the reads after the first write
	onAll                 // every request
)

// fault is one way in which a server or the network between goes wrong.
type fault struct {
	name  string
	place place
	// effect says that a write is carried out before its answer goes wrong.
	effect bool
	// times is how many requests it strikes; 0 means all of its place. Before that it
	// lets some of them pass.
	times, passes int
	// then is what strikes in its stead after the first time.
	then *fault

	lost    bool // no answer at all
	unsent  bool // no connection, so that the request does not leave the machine
	cancels bool // the caller gives up while the answer is on its way
	spoil   func(n *network, real answer) answer
	wire    wire
	lag     time.Duration // reads are so far behind writes
	old     bool          // the answers to writes too show the state of before

	// clear says that the answer is the vendor's own clear word that nothing was
	// done: who believes it is lied to, and not wrong.
	clear bool
	// resend says that the contract lets any write be sent again after the answer.
	resend bool
	// lie says that the answer is the very one of a success that did not happen; bare
	// that it is a success without a word.
	lie, bare bool
	// plausible says that a list which is not the real one may well be one.
	plausible bool
	// missing says that the answer is a 404, nobody that it is about nobody: a page or
	// half an answer, and base that all of the API is not there.
	missing, nobody, base bool
}

// now is the fault that strikes the next request.
func (f *fault) now(n *network) *fault {
	if f.then != nil && n.struck > 0 {
		return f.then
	}
	return f
}

// strikes reports whether the fault strikes the next request.
func (f *fault) strikes(n *network, write bool) bool {
	if !f.concerns(n, write) || f.times > 0 && n.struck >= f.times {
		return false
	}
	n.met++
	return n.met > f.passes
}

// concerns reports whether the next request is of the fault's place.
func (f *fault) concerns(n *network, write bool) bool {
	switch f.place {
	case onRead:
		return !write && n.writes == 0
	case onLook:
		return !write && n.writes > 0
	case onAll:
		return true
	}
	return write || n.reading
}

// forReads reports whether the fault makes sense for an operation that only reads.
func (f *fault) forReads() bool {
	return !f.effect && !f.lie && f.lag == 0 && (f.place == onTarget || f.place == onAll)
}

const (
	page = `<!DOCTYPE html><html><head><title>Blocked</title></head><body><h1>The request was blocked</h1></body></html>`
	half = `{"message":"bo`

	someoneElse = "somebody else"
)

// wording is a body that is not the real one.
type wording struct {
	name, body string
	own        bool // the vendor's own error body
}

var (
	own    = wording{name: "own words", own: true}
	aPage  = wording{name: "a page", body: page}
	aHalf  = wording{name: "half an answer", body: half}
	empty  = wording{name: "nothing"}
	denied = wording{name: "denied", body: `{"message":"denied"}`}

	anError  = wording{name: "error", body: `{"error":"denied"}`}
	anObject = wording{name: "an empty object", body: `{}`}
	aList    = wording{name: "an empty list", body: `[]`}
	strange  = []wording{
		aPage, aHalf, empty, denied, own,
		{name: "success false", body: `{"success":false,"message":"denied"}`},
		{name: "result error", body: `{"result":"error"}`},
		anError, anObject, aList,
		{name: "null", body: `null`},
		{name: "a text", body: `"denied"`},
		{name: "false", body: `false`},
	}
)

// saying answers with a status and a body that is not the real one.
func saying(status int, w wording, header map[string]string) func(*network, answer) answer {
	return func(n *network, _ answer) answer {
		a := answer{status: status, body: w.body}
		if w.own {
			a = n.v.refuse(status)
		}
		a.header = header
		return a
	}
}

// faults is the table. The names are unique.
func faults() []fault {
	var all []fault
	for _, status := range []int{301, 302, 303, 307, 400, 401, 403, 404, 405, 408, 409, 410, 412, 413, 415, 422, 423, 429, 451, 500, 501, 502,
		503, 504, 599} {
		all = append(all, refusals(status, "")...)
	}
	for _, status := range []int{423, 429, 503} {
		all = append(all, refusals(status, "1")...)
	}
	all = append(all, successes()...)
	all = append(all, spoiled()...)
	all = append(all, broken()...)
	all = append(all, sequences()...)
	return append(all, reads()...)
}

// isClear reports whether a status by itself says that nothing was done: a refusal,
// or a request to send the same again elsewhere. After 301 to 303 it may have been.
func isClear(status int) bool {
	return status >= 400 && status < 500 && status != http.StatusRequestTimeout || status == http.StatusTemporaryRedirect
}

// refusals are the answers with a status that says no.
func refusals(status int, retryAfter string) []fault {
	name, header := fmt.Sprint(status), map[string]string{}
	if retryAfter != "" {
		name += " with Retry-After"
		header["Retry-After"] = retryAfter
	}
	if status < 400 {
		header["Location"] = "/elsewhere"
	}
	add := func(w wording, effect bool, times int) fault {
		f := fault{name: name + ", " + w.name, effect: effect, times: times, spoil: saying(status, w, header)}
		ambiguous := w.name == aPage.name || w.name == aHalf.name
		told := retryAfter != "" || status == http.StatusTooManyRequests
		f.resend = told || status == http.StatusUnauthorized && !ambiguous
		f.clear = told || isClear(status) && !ambiguous
		f.missing, f.nobody = status == http.StatusNotFound, status == http.StatusNotFound && ambiguous
		if f.name += ", instead"; effect {
			f.name = name + ", " + w.name + ", after"
		}
		if times == 0 {
			f.name += " all"
		} else {
			f.name += " one"
		}
		return f
	}
	out := []fault{
		add(aPage, true, 0), add(aPage, true, 1), add(aPage, false, 0),
		add(aHalf, true, 1), add(aHalf, true, 0),
		add(empty, true, 0), add(empty, false, 1),
	}
	if status >= 400 {
		out = append(out, add(own, true, 0), add(own, true, 1), add(own, false, 0), add(denied, true, 0))
	}
	return out
}

// successes are the answers with a status that says yes.
func successes() []fault {
	var out []fault
	for _, w := range strange {
		refusal := slices.Contains([]string{own.name, "error", "success false"}, w.name)
		for _, effect := range []bool{false, true} {
			name := fmt.Sprintf("200, %s, instead", w.name)
			if effect {
				name = fmt.Sprintf("200, %s, after", w.name)
			}
			out = append(out, fault{name: name, effect: effect, clear: refusal, plausible: w == aList, spoil: saying(200, w, nil)})
		}
		out = append(out, fault{name: fmt.Sprintf("200, %s, after one", w.name), effect: true, times: 1, clear: refusal,
			spoil: saying(200, w, nil)})
	}
	for _, status := range []int{201, 202, 204} {
		out = append(out, fault{name: fmt.Sprint(status, ", nothing, instead"), spoil: saying(status, empty, nil)})
	}
	for i := range out {
		// It may be all that a vendor says of what it accepted.
		out[i].lie = strings.HasSuffix(out[i].name, ", nothing, instead")
		out[i].bare = out[i].lie
	}
	return append(out,
		fault{name: "the real answer, instead", lie: true},
		fault{name: "206, a part, after", effect: true, spoil: part},
		fault{name: "206, a part, instead", lie: true, spoil: part},
		fault{name: "206, nothing, instead", spoil: saying(206, empty, map[string]string{"Content-Range": "items 0-0/9"})},
	)
}

// spoiled are real answers that were changed.
func spoiled() []fault {
	var out []fault
	for _, s := range []struct {
		name  string
		spoil func(*network, answer) answer
	}{
		{someoneElse, someone},
		{"ids are blank", func(n *network, a answer) answer { return each(a, blankID) }},
		{"texts are objects", func(_ *network, a answer) answer { return each(a, textsToObjects) }},
		{"numbers are lists", func(_ *network, a answer) answer { return each(a, numbersToLists) }},
		{"wrapped in data", func(_ *network, a answer) answer { return changed(a, func(v any) any { return doc{"data": v} }) }},
		{"a second document", func(_ *network, a answer) answer {
			if a.body != "" {
				a.body += `{"error":"denied"}`
			}
			return a
		}},
		{"a null row", func(_ *network, a answer) answer { return withRows(a, func(r []any) []any { return append(r, nil) }) }},
		{"a row again in place of another", func(_ *network, a answer) answer { return withRows(a, again) }},
		{"more rows elsewhere", func(_ *network, a answer) answer {
			a = withRows(a, func(r []any) []any { return r[:1] })
			a.header = map[string]string{"X-Total-Count": "18000", "Link": `</elsewhere?page=2>; rel="next"`}
			return a
		}},
	} {
		out = append(out,
			fault{name: s.name + ", instead", spoil: s.spoil, plausible: s.name == someoneElse},
			fault{name: s.name + ", after", effect: true, spoil: s.spoil},
			fault{name: s.name + ", after one", effect: true, times: 1, spoil: s.spoil})
	}
	return out
}

// broken are the faults of the network.
func broken() []fault {
	out := []fault{
		{name: "lost, before", lost: true}, {name: "lost, before one", lost: true, times: 1},
		{name: "lost, after", lost: true, effect: true}, {name: "lost, after one", lost: true, effect: true, times: 1},
	}
	for _, w := range []struct {
		name string
		wire wire
	}{
		{"cut", wire{cut: true}}, {"dripping", wire{drip: 50 * time.Millisecond}}, {"late by 3 s", wire{delay: 3 * time.Second}},
		{"late by 90 s", wire{delay: 90 * time.Second}}, {"announced longer", wire{length: 7}}, {"announced shorter", wire{length: -2}},
	} {
		out = append(out,
			fault{name: w.name + ", instead", wire: w.wire, lie: true},
			fault{name: w.name + ", after", effect: true, wire: w.wire},
			fault{name: w.name + ", after one", effect: true, times: 1, wire: w.wire})
	}
	return out
}

// sequences are faults after which the next attempt meets another. The doubt that the
// first opens is not closed by the refusal of the second.
func sequences() []fault {
	var out []fault
	for _, first := range []fault{
		{name: "lost", effect: true, lost: true},
		{name: "502, a page", effect: true, spoil: saying(502, aPage, nil)},
		{name: "cut", effect: true, wire: wire{cut: true}},
		{name: "503 with Retry-After", spoil: saying(503, own, map[string]string{"Retry-After": "1"})},
	} {
		for _, second := range []fault{
			{name: "400", spoil: saying(400, own, nil), clear: true}, {name: "401", spoil: saying(401, own, nil), clear: true},
			{name: "403", spoil: saying(403, own, nil), clear: true},
			{name: "404", spoil: saying(404, own, nil), clear: true, missing: true}, {name: "409", spoil: saying(409, own, nil), clear: true},
			{name: "412", spoil: saying(412, own, nil), clear: true},
			{name: "429", spoil: saying(429, own, nil), resend: true},
			{name: "302", spoil: saying(302, empty, map[string]string{"Location": "/elsewhere"})},
			{name: "500", spoil: saying(500, own, nil)}, {name: "lost", lost: true}, {name: "lost after it was done", lost: true, effect: true},
			{name: "200, denied", spoil: saying(200, denied, nil)},
		} {
			f := first
			f.name, f.then, f.missing = first.name+", then "+second.name, &second, second.missing
			f.resend, f.clear = second.resend, !f.effect && second.clear
			out = append(out, f)
		}
	}
	for _, f := range []fault{
		{name: "403, own words, instead", spoil: saying(403, own, nil)}, {name: "404, own words, instead", spoil: saying(404, own, nil),
			clear: true, missing: true},
		{name: "200, an empty object, instead", spoil: saying(200, anObject, nil)}, {name: "200, half an answer, instead",
			spoil: saying(200, aHalf, nil)},
		{name: "404, a page, instead", spoil: saying(404, aPage, nil), missing: true, nobody: true}, {name: "204, nothing, instead",
			spoil: saying(204, empty, nil)},
		{name: "500, a page, after", effect: true, spoil: saying(500, aPage, nil)}, {name: "403, a page, after", effect: true,
			spoil: saying(403, aPage, nil)},
		{name: "lost, before", lost: true}, {name: "lost, after", lost: true, effect: true}, {name: "200, denied, instead",
			spoil: saying(200, denied, nil)},
	} {
		f.name, f.passes = "the second: "+f.name, 1
		out = append(out, f)
	}
	return append(out,
		fault{name: "the third: a row of the first page", passes: 2, spoil: rowOfFirst},
		fault{name: "cancelled, before", cancels: true}, fault{name: "cancelled, after", cancels: true, effect: true},
		fault{name: "the second: cancelled, after", cancels: true, effect: true, passes: 1},
		fault{name: "reads before: cancelled", cancels: true, effect: true, place: onRead}, fault{name: "looks: cancelled", cancels: true,
			effect: true, place: onLook})
}

// reads are the faults of the reads that an operation makes around its writes, and
// of all requests.
func reads() []fault {
	out := []fault{
		readsLag(time.Second), readsLag(4 * time.Second), readsLag(forEver),
		{name: "the state of before, after", effect: true, old: true, spoil: before},
		{name: "the state of before, after one", effect: true, old: true, times: 1, spoil: before},
		allLags(time.Second), allLags(4 * time.Second), allLags(forEver),
		{name: "all: 404 of the base path", place: onAll, missing: true, nobody: true, base: true, spoil: saying(404, own, nil)},
		{name: "all: 404, a page", place: onAll, missing: true, nobody: true, base: true, spoil: saying(404, aPage, nil)},
		{name: "all: 200, a page", place: onAll, spoil: saying(200, aPage, nil)},
		{name: "all: 200, an empty object", place: onAll, spoil: saying(200, anObject, nil)},
		{name: "all: 403, a page", place: onAll, spoil: saying(403, aPage, nil)},
		{name: "all: lost", place: onAll, lost: true},
	}
	for _, where := range []struct {
		name  string
		place place
	}{{"reads before", onRead}, {"looks", onLook}} {
		for _, s := range []struct {
			name   string
			spoil  func(*network, answer) answer
			nobody bool
		}{
			{"404, own words", saying(404, own, nil), false}, {"404, a page", saying(404, aPage, nil), true},
			{"500, own words", saying(500, own, nil), false},
			{"403, own words", saying(403, own, nil), false},
			{"200, a page", saying(200, aPage, nil), false}, {"200, half an answer", saying(200, aHalf, nil), false},
			{"200, an empty object", saying(200, anObject, nil), false},
			{"200, an empty list", saying(200, aList, nil), false}, {"200, error", saying(200, anError, nil), false},
			{"206, a part", part, false}, {someoneElse, someone, false},
			{"ids are blank", func(n *network, a answer) answer { return each(a, blankID) }, false},
		} {
			for times := range 2 {
				f := fault{name: where.name + ": " + s.name, place: where.place, times: times, effect: true, spoil: s.spoil,
					missing: strings.HasPrefix(s.name, "404"), nobody: s.nobody, plausible: s.name == someoneElse || s.name == "200, an empty list"}
				if times == 1 {
					f.name += ", one"
				}
				out = append(out, f)
			}
		}
		out = append(out, fault{name: where.name + ": lost", place: where.place, lost: true}, fault{name: where.name + ": lost, one",
			place: where.place, lost: true, times: 1},
			fault{name: where.name + ": cut", place: where.place, effect: true, wire: wire{cut: true}})
	}
	return out
}

// forEver is the lag of reads that never show a write.
const forEver = -1 * time.Second

func lagName(d time.Duration) string {
	if d == forEver {
		return "lag for ever"
	}
	return "lag by " + d.String()
}

func readsLag(d time.Duration) fault { return fault{name: "reads " + lagName(d), effect: true, lag: d} }

func allLags(d time.Duration) fault {
	return fault{name: "reads and answers " + lagName(d), effect: true, old: true, lag: d, spoil: before}
}
