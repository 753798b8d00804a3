package simnettest

import (
	"bytes"
	"io"
	"net/http"
	"testing"

	"github.com/rollcall-go/rollcall/internal/simnet"
)

// Reply is an answer that was read to its end. A simulator's tests embed it, and
// add what only they ask of one.
type Reply struct {
	T      testing.TB
	Status int
	Header http.Header
	Body   string
}

// Send asks, and reads the answer. A body is sent as it is if it is a text, and as
// JSON otherwise. The headers are names and values in turn: a later one replaces an
// earlier, and a blank value takes the header away.
func Send(t testing.TB, client *http.Client, method, url string, body any, headers ...string) (*Reply, error) {
	t.Helper()
	var content io.Reader
	if body != nil {
		text, err := simnet.Seed(body)
		if err != nil {
			t.Fatal(err)
		}
		content = bytes.NewReader(text)
	}

	req, err := http.NewRequestWithContext(t.Context(), method, url, content)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		if req.Header.Set(headers[i], headers[i+1]); headers[i+1] == "" {
			req.Header.Del(headers[i])
		}
	}

	res, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()

	text, err := io.ReadAll(res.Body)
	return &Reply{T: t, Status: res.StatusCode, Header: res.Header, Body: string(text)}, err
}

// Decode reads the body, which is one JSON value.
func (r *Reply) Decode(to any) {
	r.T.Helper()
	if err := simnet.Decode([]byte(r.Body), to); err != nil {
		r.T.Fatalf("%v: %s", err, r.Body)
	}
}

// Object returns the body, which is an object.
func (r *Reply) Object() (o map[string]any) {
	r.T.Helper()
	if r.Decode(&o); o == nil {
		r.T.Fatalf("not an object: %s", r.Body)
	}
	return o
}

// Array returns the body, which is an array of objects.
func (r *Reply) Array() (a []map[string]any) {
	r.T.Helper()
	if r.Decode(&a); a == nil {
		r.T.Fatalf("not an array: %s", r.Body)
	}
	return a
}

// Each returns one field of each object.
func Each(objects []map[string]any, field string) (out []any) {
	for _, o := range objects {
		out = append(out, o[field])
	}
	return out
}
