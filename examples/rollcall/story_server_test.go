package main

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// script is the vendor of a story: it answers what the story says, in its order, and
// nothing else.
type script struct {
	with, answers []string    // headers of every request, and of every answer
	always        []*exchange // which may come at any time

	mu        sync.Mutex
	left      []*exchange
	wrong     []string
	interrupt func()
}

// exchange is one request and its answer.
type exchange struct {
	request string // method and path
	header  []string
	body    string
	answer  string // status and headers, or what goes wrong
	text    string
	// mark says when it may come: ">" in its turn; "&" before or after its neighbours that
	// have the same mark; "+" as well, and as often as it takes, but once at least.
	mark string
	came bool
}

// begin returns the server of one command.
func (s *script) begin(exchanges []*exchange, interrupt func()) *script {
	return &script{with: s.with, answers: s.answers, always: s.always, left: exchanges, interrupt: interrupt}
}

// problems are the requests that the story does not know, and those that did not come.
func (s *script) problems() (out []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.left {
		if !e.came {
			out = append(out, "did not come: "+e.request+" "+e.body)
		}
	}
	return append(s.wrong, out...)
}

// ServeHTTP answers one request.
func (s *script) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	e := s.next(r, string(body))
	if e == nil {
		w.WriteHeader(http.StatusTeapot)
		return
	}

	what, _, _ := strings.Cut(e.answer, " ")
	switch what {
	case "lost": // the answer, after the request was carried out
		panic(http.ErrAbortHandler)
	case "interrupt": // somebody presses Ctrl-C
		s.interrupt()
		fallthrough
	case "never":
		<-r.Context().Done()
		panic(http.ErrAbortHandler)
	}
	status, isCut := strings.CutPrefix(e.answer, "cut ")
	e.say(w, status, s.answers)
	if isCut {
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}
}

// say writes the answer: STATUS NAME: VALUE; NAME: VALUE.
func (e *exchange) say(w http.ResponseWriter, line string, headers []string) {
	code, own, _ := strings.Cut(line, " ")
	status, err := strconv.Atoi(code)
	if err != nil {
		panic("no status in a story: " + line)
	}
	for _, header := range append(slices.Clone(headers), strings.Split(own, " | ")...) {
		if name, value, ok := strings.Cut(header, ":"); ok {
			w.Header().Set(name, strings.TrimSpace(value))
		}
	}
	w.WriteHeader(status)
	io.WriteString(w, strings.TrimSuffix(e.text, "\n"))
}

// next takes the exchange of a request out of the story. It is the next one, one of several
// that come in any order, or one that may come at any time.
func (s *script) next(r *http.Request, body string) *exchange {
	s.mu.Lock()
	defer s.mu.Unlock()
	why := "nothing more was expected"
	for i := 0; i < len(s.left); i++ {
		e := s.left[i]
		unlike := e.unlike(r, body)
		if unlike == "" {
			unlike = lacks(r, s.with, e.header)
		}
		switch {
		case unlike == "":
			e.came = true
			s.left = slices.DeleteFunc(s.left, func(o *exchange) bool { return o == e && e.mark != "+" || o.came && o.mark != e.mark })
			return e
		case e.mark == "+" && e.came:
			continue // it was looked at often enough
		}
		if why = unlike; e.mark == ">" || i+1 < len(s.left) && s.left[i+1].mark != e.mark {
			break
		}
	}
	for _, e := range s.always {
		if e.unlike(r, body) == "" && lacks(r, nil, e.header) == "" {
			return e
		}
	}
	s.wrong = append(s.wrong, fmt.Sprintf("unexpected: %s %s %s: %s", r.Method, r.URL.RequestURI(), body, why))
	return nil
}

// unlike says why a request is not the one of the exchange.
func (e *exchange) unlike(r *http.Request, body string) string {
	if got := r.Method + " " + r.URL.RequestURI(); got != e.request {
		return "expected " + e.request
	}
	if !isAlike(e.body, body) {
		return "expected the body " + e.body
	}
	kind := r.Header.Get("Content-Type")
	switch {
	case body == "":
	case body[0] == '{' || body[0] == '[':
		if kind != "application/json" && !strings.HasPrefix(kind, "application/json;") {
			return "the body is JSON, and its type " + kind
		}
	case kind != "application/x-www-form-urlencoded":
		return "the body is a form, and its type " + kind
	}
	return ""
}

// lacks names a header that the request should carry: one of every request, unless the
// exchange names another value for it. NAME alone must be absent.
func lacks(r *http.Request, with, own []string) string {
	want := map[string]string{}
	for _, header := range append(slices.Clone(with), own...) {
		name, value, _ := strings.Cut(header, ":")
		want[name] = strings.TrimSpace(value)
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if got := r.Header.Get(name); got != want[name] {
			return fmt.Sprintf("the header %s is %q, not %q", name, got, want[name])
		}
	}
	return ""
}
