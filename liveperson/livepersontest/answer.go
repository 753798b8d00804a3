package livepersontest

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// answer is what a handler decided, under the server's lock, to send after the
// lock is released. A problem is an answer too.
type answer struct {
	status int
	header map[string]string
	cookie *http.Cookie
	// write sends the body; nil means an empty one.
	write func(w *bufio.Writer)
}

// problem is an answer other than success.
type problem = answer

func (a *answer) send(w http.ResponseWriter) {
	for name, value := range a.header {
		w.Header().Set(name, value)
	}
	if a.cookie != nil {
		http.SetCookie(w, a.cookie)
	}
	w.WriteHeader(a.status)

	if a.write != nil {
		out := bufio.NewWriterSize(w, 16<<10)
		a.write(out)
		out.Flush()
	}
}

func (a *answer) set(name, value string) {
	if a.header == nil {
		a.header = map[string]string{}
	}
	a.header[name] = value
}

func jsonAnswer(status int, body any) *answer {
	text, err := json.Marshal(body)
	if err != nil {
		panic(fmt.Sprintf("livepersontest: %v", err)) // our own types
	}
	return textAnswer(status, "application/json;charset=utf-8", string(text))
}

func textAnswer(status int, contentType, text string) *answer {
	return &answer{
		status: status,
		header: map[string]string{"Content-Type": contentType},
		write:  func(w *bufio.Writer) { w.WriteString(text) },
	}
}

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
