package simnet

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"sync"
	"syscall"
)

// Transport hands requests straight to a handler, without a network. Unlike a
// TCP connection it may be used inside a testing/synctest bubble. Answers
// stream: the header arrives before the handler has finished its body.
type Transport struct {
	Handler http.Handler
}

// errReset is what a broken connection looks like to a client.
var errReset = &net.OpError{Op: "read", Net: "mem", Err: syscall.ECONNRESET}

// RoundTrip implements http.RoundTripper.
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	in := req.Clone(ctx)
	in.URL = &url.URL{Path: req.URL.Path, RawPath: req.URL.RawPath, RawQuery: req.URL.RawQuery}
	in.RequestURI = req.URL.RequestURI()
	in.RemoteAddr = "mem"

	if in.Host == "" {
		in.Host = req.URL.Host
	}
	if in.Body == nil {
		in.Body = http.NoBody
	}

	pr, pw := io.Pipe()
	w := &pipeWriter{header: http.Header{}, pipe: pw, out: bufio.NewWriterSize(pw, 4096), ready: make(chan struct{})}

	go func() {
		defer in.Body.Close()
		defer func() {
			err := recover()
			if err != nil && err != http.ErrAbortHandler {
				panic(err)
			}
			w.finish(err != nil)
		}()
		t.Handler.ServeHTTP(w, in)
	}()

	select {
	case <-w.ready:
	case <-ctx.Done():
		pr.CloseWithError(ctx.Err())
		return nil, ctx.Err()
	}
	if w.broken {
		return nil, errReset
	}

	length := int64(-1)
	if n, err := strconv.ParseInt(w.sent.Get("Content-Length"), 10, 64); err == nil {
		length = n
	}

	body := &pipeBody{PipeReader: pr, stop: func() bool { return false }}
	body.stop = afterFunc(ctx.Done(), func() { pr.CloseWithError(ctx.Err()) })

	return &http.Response{
		Status: strconv.Itoa(w.status) + " " + http.StatusText(w.status), StatusCode: w.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: w.sent, Body: body, ContentLength: length, Request: req,
	}, nil
}

// afterFunc is context.AfterFunc for a done channel that may be nil; its
// goroutine ends with the body.
func afterFunc(done <-chan struct{}, f func()) func() bool {
	if done == nil {
		return func() bool { return true }
	}
	closed := make(chan struct{})
	go func() {
		select {
		case <-done:
			f()
		case <-closed:
		}
	}()
	return sync.OnceValue(func() bool { close(closed); return true })
}

type pipeBody struct {
	*io.PipeReader
	stop func() bool
}

func (b *pipeBody) Close() error {
	b.stop()
	return b.PipeReader.Close()
}

// Read releases the context's watcher at the end of the body, as the body of a
// real connection does: callers that read to the end and forget to close leak
// nothing.
func (b *pipeBody) Read(p []byte) (int, error) {
	n, err := b.PipeReader.Read(p)
	if err != nil {
		b.stop()
	}
	return n, err
}

type pipeWriter struct {
	header http.Header
	sent   http.Header
	status int
	broken bool
	pipe   *io.PipeWriter
	out    *bufio.Writer
	ready  chan struct{}
}

func (w *pipeWriter) Header() http.Header { return w.header }

func (w *pipeWriter) WriteHeader(status int) {
	if w.sent != nil {
		return
	}
	w.status, w.sent = status, w.header.Clone()
	close(w.ready)
}

func (w *pipeWriter) Write(p []byte) (int, error) {
	if w.sent == nil {
		if w.header.Get("Content-Type") == "" {
			w.header.Set("Content-Type", http.DetectContentType(p))
		}
		w.WriteHeader(http.StatusOK)
	}
	return w.out.Write(p)
}

func (w *pipeWriter) Flush() {
	w.WriteHeader(http.StatusOK)
	w.out.Flush()
}

// finish ends the answer. One that was aborted before its header is a broken connection.
func (w *pipeWriter) finish(aborted bool) {
	if aborted && w.sent == nil {
		w.broken = true
		close(w.ready)
		return
	}

	w.WriteHeader(http.StatusOK)
	w.out.Flush()

	if aborted {
		w.pipe.CloseWithError(io.ErrUnexpectedEOF)
		return
	}
	w.pipe.Close()
}

// Listen serves a handler on a free loopback port until close is called.
func Listen(h http.Handler) (base string, close func(), err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, errors.Join(errors.New("no loopback port for the simulator"), err)
	}

	srv := &httptest.Server{Listener: l, Config: &http.Server{Handler: h}}
	srv.Start()
	return srv.URL, srv.Close, nil
}

// Listeners are the loopback ports at which a simulator serves. The zero value is
// ready.
type Listeners struct {
	mu    sync.Mutex
	stops []func()
}

// Serve serves a handler at one more free loopback port, until Close.
func (l *Listeners) Serve(h http.Handler) (base string, err error) {
	base, stop, err := Listen(h)
	if err != nil {
		return "", err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.stops = append(l.stops, stop)
	return base, nil
}

// Close stops serving and waits for the requests under way. Others may be served
// afterwards.
func (l *Listeners) Close() {
	l.mu.Lock()
	stops := l.stops
	l.stops = nil
	l.mu.Unlock()
	for _, stop := range stops {
		stop()
	}
}
