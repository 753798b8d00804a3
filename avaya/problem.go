package avaya

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest"
	"github.com/rollcall-go/rollcall/internal/wire"
)

// problem is the error body of all services, application/problem+json. The page
// "Error Handling" shows its status as a string too, which wire accepts.
type problem struct {
	Type       string      `json:"type"`
	Title      string      `json:"title"`
	Status     int         `json:"status"`
	Detail     string      `json:"detail"`
	Violations []violation `json:"violations"`
	// Ids of things that are not problems, to tell the two apart.
	UserID    string `json:"userId"`
	ProfileID string `json:"profileId"`
}

type violation struct {
	Field   string `json:"field"`
	Message string `json:"message"`
	Code    int    `json:"code"`
}

// explain reads a problem into the error. Only the HTTP status decides the class:
// titles and type URLs differ from service to service.
func explain(body []byte, e *core.Error) {
	var p problem
	if wire.Unmarshal(body, &p) != nil {
		return
	}
	p.into(e)
}

// ownNotFound reports whether a 404 is the vendor's own: a problem, and not any JSON.
func ownNotFound(_ *rest.Op, _ http.Header, body []byte) bool {
	var p problem
	return wire.Unmarshal(body, &p) == nil && (p.Title != "" || p.Type != "" || p.Detail != "")
}

func (p *problem) into(e *core.Error) {
	if _, fragment, ok := strings.Cut(p.Type, "#"); ok {
		e.Code = fragment
	}
	parts := make([]string, 0, 1+len(p.Violations))
	if p.Detail != "" {
		parts = append(parts, p.Detail)
	} else if p.Title != "" {
		parts = append(parts, p.Title)
	}

	for i, v := range p.Violations {
		if i == 0 && v.Code != 0 {
			e.Code = strconv.Itoa(v.Code) // by the spec, messages may change and codes do not
		}
		parts = append(parts, strings.TrimPrefix(v.Field+": "+v.Message, ": "))
	}
	e.Message = strings.Join(parts, "; ")
}

// inspect finds a problem that came with a success: the vendor's own proxy
// sample answers upstream errors with 200.
func inspect(body []byte) *core.Error {
	if !bytes.Contains(body, []byte(`"title"`)) || !bytes.Contains(body, []byte(`"status"`)) {
		return nil
	}
	var p problem
	if wire.Unmarshal(body, &p) != nil || p.Title == "" || p.Status < 400 || p.UserID != "" || p.ProfileID != "" {
		return nil
	}
	e := &core.Error{Status: p.Status} // the status in it decides the class
	p.into(e)
	e.Message += " (sent with a success status)"
	return e
}
