package libh3lp

import "strconv"

func itoa(id int64) string { return strconv.FormatInt(id, 10) }

// parseID reads an id as package core has it. Only the vendor's own spelling counts as
// an id.
func parseID(id string) (int64, bool) {
	n, err := strconv.ParseInt(id, 10, 64)
	return n, err == nil && n > 0 && itoa(n) == id
}
