package livepersontest

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/rollcall-go/rollcall/internal/simnet"
)

// answer is what a handler decided, under the server's lock, to send after the
// lock is released. A problem is an answer too.
type answer = simnet.Answer

// problem is an answer other than success.
type problem = answer

const jsonType = "application/json;charset=utf-8"

func jsonAnswer(status int, body any) *answer { return simnet.JSON(status, jsonType, body) }

// refuse answers with the error object that the login service documents. Account Config
// documents none; that it uses the same one is a guess.
func refuse(status int, format string, args ...any) *problem {
	return refuseWith(status, 0, format, args...)
}

func refuseWith(status, code int, format string, args ...any) *problem {
	type details struct {
		Time           string `json:"time"`
		Message        string `json:"message"`
		InternalCode   int    `json:"internalCode"`
		ResponseStatus string `json:"responseStatus"`
	}
	name := strings.ToUpper(strings.ReplaceAll(http.StatusText(status), " ", "_"))
	return jsonAnswer(status, map[string]details{"error": {
		Time: time.Now().UTC().Format("Jan 2, 2006 3:04:05 PM"), Message: fmt.Sprintf(format, args...),
		InternalCode: code, ResponseStatus: name,
	}})
}

// invalid is the answer to a request that makes no sense.
func invalid(format string, args ...any) *problem {
	return refuse(http.StatusBadRequest, "Validation error: "+format, args...)
}

func notFound() *problem { return refuse(http.StatusNotFound, "Data Not Found") }

// inUse refuses to delete what something else refers to.
func inUse(kind, by string) *problem {
	return jsonAnswer(http.StatusBadRequest, map[string]string{
		"type":    kind + "-dependencies",
		"message": kind + " cannot be deleted because it is assigned to the following entities: " + by,
	})
}

// tooMany refuses a request beyond a rate limit.
func tooMany(l *simnet.Limit, seconds string) *problem {
	p := refuse(http.StatusTooManyRequests, "Too Many Requests")
	if l.Says {
		p.Set("Retry-After", seconds)
	}
	return p
}
