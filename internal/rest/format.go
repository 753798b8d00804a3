package rest

import (
	"fmt"
	"io"
)

// Format prints what the client is called, whatever the verb. Package fmt would read
// everything that it holds, while it is in use, and the secrets among it.
func (c *Client) Format(f fmt.State, _ rune) {
	name := c.cfg.Vendor + " client"
	if c.cfg.Account != "" {
		name += " (" + oneLine(c.cfg.Account) + ")"
	}
	io.WriteString(f, name)
}
