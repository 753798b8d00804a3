package avayatest

import (
	"net/http"
	"strconv"
	"strings"
)

// The vendor's violation codes that are known.
const (
	codeNull    = 20002
	codePattern = 20006
)

// A problem is an error answer in the manner of RFC 7807.
type problem struct {
	status     int
	title      string
	fragment   string
	detail     string
	violations []violation
}

// A violation without a code is shown without one. Conflicts have none, and most
// other codes are not documented.
type violation struct {
	field, message string
	code           int
}

// typeBases are the services' documented bases of problem types.
var typeBases = map[string]string{
	"user": TypeBaseAXP, "group": TypeBaseOneCloud, "match": TypeBaseOneCloud, "auth": TypeBaseOneCloud,
}

func (s *Server) renderProblem(r *request, p *problem) object {
	base := s.cfg.typeBase
	if base == "" {
		base = typeBases[r.service]
	}
	if base == "" {
		base = TypeBaseAXP
	}

	out := object{"type": base + "#" + p.fragment, "title": p.title, "status": p.status, "detail": p.detail}
	if s.cfg.stringStatus {
		out["status"] = strconv.Itoa(p.status)
	}

	if len(p.violations) > 0 {
		list := []any{}
		for _, v := range p.violations {
			item := object{"field": v.field, "message": v.message}
			if v.code != 0 {
				item["code"] = v.code
			}
			list = append(list, item)
		}
		out["violations"] = list
	}
	return out
}

// refusal is a problem with a status that an option chose.
func refusal(status int, detail string) *problem {
	p := notFound(detail)
	switch status {
	case http.StatusNotFound:
	case http.StatusBadRequest:
		p = badRequest(detail)
	case http.StatusForbidden:
		p = forbidden(detail)
	default:
		p.status, p.title = status, http.StatusText(status)
		p.fragment = strings.ReplaceAll(strings.ToLower(p.title), " ", "-")
	}
	return p
}

func badRequest(detail string) *problem {
	return &problem{status: http.StatusBadRequest, title: "Bad Request", fragment: "bad-request", detail: detail}
}

func invalid(vs ...violation) *problem {
	return &problem{status: http.StatusBadRequest, title: "Constraint Violation", fragment: "constraint-violation",
		detail: "One or more constraints were violated", violations: vs}
}

// unauthorized ends its detail in what was wrong, as the gateway does.
func unauthorized(what string) *problem {
	return &problem{status: http.StatusUnauthorized, title: "Unauthorized", fragment: "unauthorized",
		detail: "Invalid or missing credentials (" + what + ")"}
}

func forbidden(detail string) *problem {
	return &problem{status: http.StatusForbidden, title: "Forbidden", fragment: "forbidden", detail: detail}
}

func notFound(detail string) *problem {
	return &problem{status: http.StatusNotFound, title: "Resource Not Found", fragment: "resource-not-found", detail: detail}
}

func conflict(vs ...violation) *problem {
	return &problem{status: http.StatusConflict, title: "Conflict", fragment: "conflict",
		detail: "Conflict due to a duplicate value", violations: vs}
}

func methodNotAllowed() *problem {
	return &problem{status: http.StatusMethodNotAllowed, title: "Method Not Allowed", fragment: "method-not-allowed",
		detail: "The method is not allowed for this resource"}
}

func wrongMediaType() *problem {
	return &problem{status: http.StatusUnsupportedMediaType, title: "Unsupported Media Type",
		fragment: "unsupported-media-type", detail: "The content type must be application/json"}
}

func tooMany() *problem {
	return &problem{status: http.StatusTooManyRequests, title: "Too Many Requests", fragment: "too-many-requests",
		detail: "Spike limit exhausted"}
}
