package webex

// People is the resource of the users of an organisation, as on the vendor page
// "People".
type People struct{ c *Client }
