package rest

import "bytes"

// Room holds the body of a page for the next page of the same walk, which is read into
// the same memory. It is of one walk, and not safe for concurrent use.
type Room struct{ body *bytes.Buffer }

// maxRoom bounds what a walk keeps from page to page.
const maxRoom = 2 << 20

// takeBody returns a buffer for the body of an answer.
func (x *exchange) takeBody() *bytes.Buffer {
	if room := x.req.Room; room != nil && room.body != nil {
		body := room.body
		room.body = nil
		return body
	}
	return buffers.Get().(*bytes.Buffer)
}

// keepBody keeps the buffer for the next body: of the same walk, or of any call.
func (x *exchange) keepBody() {
	switch room := x.req.Room; {
	case x.body == nil:
	case room != nil && x.body.Cap() <= maxRoom:
		room.body = x.body
	case x.body.Cap() <= pooled:
		buffers.Put(x.body)
	}
}
