package heavy

import (
	"io"
	"sync/atomic"
)

// Counted adds what is read of a body to n.
func Counted(body io.ReadCloser, n *atomic.Int64) io.ReadCloser { return &counted{body, n} }

type counted struct {
	io.ReadCloser
	n *atomic.Int64
}

// Read implements io.Reader.
func (c *counted) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	c.n.Add(int64(n))
	return n, err
}
