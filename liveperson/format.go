package liveperson

import "fmt"

// Format prints what the client is called, whatever the verb, and nothing that it
// holds: also while it is in use.
func (c *Client) Format(f fmt.State, verb rune) { c.rest.Format(f, verb) }
