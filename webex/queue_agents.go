package webex

// QueueAgents is the resource of agents and the queues they are in.
type QueueAgents struct{ c *Client }
