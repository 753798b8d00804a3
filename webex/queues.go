package webex

// Queues is the resource of call queues.
type Queues struct{ c *Client }
