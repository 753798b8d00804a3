package coretest

import (
	"fmt"
	"net/http"
	"time"

	"github.com/rollcall-go/rollcall/core/simtest"
)

// Disturbance is what goes wrong with one request; see [Fixture.Disturb]. One of
// Status, LoseAnswer, CutBody and Delay is set.
type Disturbance struct {
	Name string
	// Status is answered instead of carrying the request out, with Body, and with
	// RetryAfter and Location as the headers of these names where they are not empty.
	Status               int
	Body, ContentType    string
	RetryAfter, Location string
	// Effect carries the request out before Status is answered.
	Effect bool
	// LoseAnswer carries the request out and breaks the connection before a byte of
	// the answer is sent.
	LoseAnswer bool
	// CutBody carries the request out and breaks the connection in the middle of
	// the answer's body.
	CutBody bool
	// Delay holds the request back before it is carried out.
	Delay time.Duration
}

// cutAt is how many bytes of a body come before it is cut.
const cutAt = 9

// Fault is the disturbance as the simulators take it, to strike after skip requests.
func (d Disturbance) Fault(skip int) simtest.Fault {
	f := simtest.Fault{
		Skip: skip, Status: d.Status, Effect: d.Effect, Body: d.Body, ContentType: d.ContentType, RetryAfter: d.RetryAfter,
		LoseAnswer: d.LoseAnswer, Delay: d.Delay,
	}
	if d.CutBody {
		f.CutBody = cutAt
	}
	if d.Location != "" {
		f.Header = http.Header{"Location": {d.Location}}
	}
	return f
}

// The disturbances. Each is tried with every request of every operation.
var (
	tooMany = Disturbance{Name: "429", Status: http.StatusTooManyRequests, RetryAfter: "1"}
	broken  = Disturbance{Name: "500", Status: http.StatusInternalServerError}
	lost    = Disturbance{Name: "a lost answer", LoseAnswer: true}
	cut     = Disturbance{Name: "a cut body", CutBody: true}
	slow    = Disturbance{Name: "a slow answer", Delay: 20 * time.Second}
	hanging = Disturbance{Name: "no answer", Delay: time.Hour}

	nowhere = Disturbance{Name: "404", Status: http.StatusNotFound, ContentType: "application/json", Body: `{"message":"not found"}`}

	pages = []Disturbance{
		page(http.StatusNotFound), page(http.StatusForbidden), page(http.StatusBadGateway), page(http.StatusOK),
		page(http.StatusMovedPermanently),
	}
	halves = []Disturbance{
		half(http.StatusOK), half(http.StatusBadRequest), half(http.StatusNotFound), half(http.StatusPartialContent),
	}
)

// page is the answer of a proxy between us and the vendor.
func page(status int) Disturbance {
	d := Disturbance{Name: fmt.Sprintf("a page with %d", status), Status: status, ContentType: "text/html",
		Body: "<!DOCTYPE html><html><head><title>Blocked</title></head><body><h1>The request was blocked</h1></body></html>"}
	if status == http.StatusMovedPermanently {
		d.Location = "/elsewhere"
	}
	return d
}

// half is the beginning of an answer.
func half(status int) Disturbance {
	return Disturbance{Name: fmt.Sprintf("half an answer with %d", status), Status: status, ContentType: "application/json",
		Body: `{"message":"bo`}
}

// after returns the disturbances, each to come after the request was carried out.
func after(ds []Disturbance) []Disturbance {
	out := make([]Disturbance, len(ds))
	for i, d := range ds {
		d.Effect = true
		d.Name += ", after it was done"
		out[i] = d
	}
	return out
}

// passes reports whether a repeatable operation survives the disturbance.
func (d Disturbance) passes() bool {
	return d.Status == http.StatusTooManyRequests || d.Status >= 500 || d.LoseAnswer || d.CutBody || d.Delay > 0
}

// harmless reports whether every operation succeeds after the disturbance.
func (d Disturbance) harmless() bool { return d.Status == http.StatusTooManyRequests || d.Delay > 0 }

// aboutNobody reports whether the answer proves nothing about the thing asked for: a page
// that is not the API's, or a 404 to a collection or a creation.
func (d Disturbance) aboutNobody(collection bool) bool {
	return d.Body != "" && (d.Body != nowhere.Body || collection)
}
