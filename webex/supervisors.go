package webex

// Supervisors is the resource of those who watch over agents.
type Supervisors struct{ c *Client }
