package roster

import (
	"errors"
	"strings"
)

// fileIndex says where everything is in the file of a journal. It holds no bodies.
type fileIndex struct {
	order []string
	byID  map[string]*planIndex
	all   []place
	held  map[string]claimLine
}

type planIndex struct {
	begun place
	all   []place
	lanes map[string]*laneIndex
}

type laneIndex struct {
	last string // hash
	seq  int64
	all  []place
}

// place is where a line is, without its newline.
type place struct {
	n      int64
	offset int64
	size   int
}

func newFileIndex() fileIndex {
	return fileIndex{byID: map[string]*planIndex{}, held: map[string]claimLine{}}
}

// add takes a line in. An entry must follow from the one before it in its lane, and
// its body must be the one that the head names.
func (x *fileIndex) add(l line, offset int64, size int) error {
	if l.claim != nil {
		x.held[l.claim.Lane] = *l.claim
		return nil
	}

	head, err := parseHead(l.entry.Head)
	if err != nil {
		return err
	}
	if !l.entry.Erased() && !isDigest(head.Sum, l.entry.Body) {
		return errors.New("its body is not the one that was written")
	}
	return x.put(head, l.entry.Hash(), place{n: l.n, offset: offset, size: size})
}

// put takes an entry in. It must follow from the one before it in its lane.
func (x *fileIndex) put(head entryHead, hash string, at place) error {
	p := x.byID[head.Plan]
	if p == nil {
		p = &planIndex{begun: at, lanes: map[string]*laneIndex{}}
		id := strings.Clone(head.Plan) // else the whole head would stay in memory
		x.byID[id] = p
		x.order = append(x.order, id)
	}

	lane := p.lanes[head.Lane]
	if lane == nil {
		lane = &laneIndex{}
		p.lanes[strings.Clone(head.Lane)] = lane
	}
	if head.Prev != lane.last {
		return errors.New("it does not follow from the record before it in its lane")
	}

	lane.last, lane.seq = hash, at.n
	lane.all, p.all, x.all = append(lane.all, at), append(p.all, at), append(x.all, at)
	return nil
}

func (x *fileIndex) knows(plan string) bool { return x.byID[plan] != nil }

func (x *fileIndex) plans() []string { return x.order[:len(x.order):len(x.order)] }

func (x *fileIndex) begun(plan string) (place, bool) {
	p := x.byID[plan]
	if p == nil {
		return place{}, false
	}
	return p.begun, true
}

func (x *fileIndex) lane(plan, lane string) laneIndex {
	if p := x.byID[plan]; p != nil && p.lanes[lane] != nil {
		return *p.lanes[lane]
	}
	return laneIndex{}
}

func (x *fileIndex) last(plan, lane string) string   { return x.lane(plan, lane).last }
func (x *fileIndex) lastSeq(plan, lane string) int64 { return x.lane(plan, lane).seq }

// holder returns the open journal that holds a lane, "" where none does, and the
// last token of the lane.
func (x *fileIndex) holder(lane string) (by string, token int64) {
	c := x.held[lane]
	if c.Free {
		return "", c.Token
	}
	return c.By, c.Token
}

// places returns where the records are that a query asks for.
func (x *fileIndex) places(q Query, notesOnly bool) []place {
	from := x.all
	switch {
	case q.Plan != "" && (q.Lane != "" || notesOnly):
		from = x.lane(q.Plan, q.Lane).all
	case q.Plan != "":
		from = nil
		if p := x.byID[q.Plan]; p != nil {
			from = p.all
		}
	}

	// The first place behind After: they are in order.
	lo, hi := 0, len(from)
	for lo < hi {
		if mid := (lo + hi) / 2; from[mid].n <= q.After {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return from[lo:len(from):len(from)]
}
