package libh3lptest

import (
	"fmt"
	"net/http"
	"strconv"

	"github.com/rollcall-go/rollcall/internal/simnet"
)

type object = map[string]any

// answer is what a handler decided, under the server's lock, to send after the
// lock is released.
type answer = simnet.Answer

// json is an answer as the JSON endpoints give it: one line.
func (s *Server) json(status int, v any) *answer {
	return simnet.Text(status, s.cfg.contentType, append(simnet.Encode(v), '\n'))
}

func (s *Server) success() *answer { return s.json(http.StatusOK, object{"success": true}) }

// one answers a create or an update.
func (s *Server) one(o object) *answer {
	if s.cfg.bare {
		return s.json(http.StatusOK, o)
	}
	return s.json(http.StatusOK, []object{o})
}

// fail reports a failure as the vendor does: under a status that means success.
func (s *Server) fail(format string, args ...any) *answer {
	return s.failure(http.StatusOK, FailureNull, s.cfg.reasonKey, fmt.Sprintf(format, args...))
}

// refuse reports a failure under a status that says so.
func (s *Server) refuse(status int, format string, args ...any) *answer {
	return s.failure(status, FailureNull, s.cfg.reasonKey, fmt.Sprintf(format, args...))
}

// failure spells success as observed at this operation, unless an option chooses.
func (s *Server) failure(status int, seen Failure, key, message string) *answer {
	if s.cfg.failure != FailureAsSeen {
		seen = s.cfg.failure
	}

	o := object{}
	switch seen {
	case FailureString:
		o["success"] = "false"
	case FailureFalse:
		o["success"] = false
	case FailureAbsent:
	default:
		o["success"] = nil
	}

	if key != "" {
		o[key] = message
	}
	return s.json(status, o)
}

// missing is the answer to a request for what is not there.
func (s *Server) missing(kind string, id int64) *answer {
	switch s.cfg.missing {
	case MissingFailure:
		return s.fail("There is no %s %d.", kind, id)
	case MissingEmptyArray:
		return s.json(http.StatusOK, []object{})
	case MissingNull:
		return s.json(http.StatusOK, nil)
	}
	return s.refuse(http.StatusNotFound, "There is no %s %d.", kind, id)
}

// flag puts a boolean into an object as the first API spells it.
func (s *Server) flag(o object, field string, on bool) {
	switch {
	case on:
		o[field] = true
	case s.cfg.off == OffAbsent:
	case s.cfg.off == OffFalse:
		o[field] = false
	case s.cfg.off == OffString:
		o[field] = "false"
	default:
		o[field] = nil
	}
}

func (s *Server) id(id int64) any {
	if s.cfg.stringIDs {
		return strconv.FormatInt(id, 10)
	}
	return id
}

// ErrorPage is an error page as the vendor's servers send it with a 500, for the
// Body of a [Fault]. LoginPage is the page for a human who is to log in: with 200,
// what a client may get instead of JSON when its session has ended.
const (
	ErrorPage = "<html>\n<head><title>Error 500 </title></head>\n<body><h1>Internal Server Error</h1></body>\n</html>\n"
	LoginPage = "<!DOCTYPE html>\n<html>\n<head><title>Log in to LibraryH3lp</title></head>\n" +
		"<body><form method=\"post\"><input name=\"username\"/></form></body>\n</html>\n"
)

const notFoundPage = "<html>\n<head><title>Not found</title></head>\n<body><h1>Not found</h1></body>\n</html>\n"

func page(status int, body string) *answer {
	return simnet.Text(status, "text/html; charset=utf-8", body)
}

func loginPage(status int) *answer { return page(status, LoginPage) }

func notFound() *answer { return page(http.StatusNotFound, notFoundPage) }
