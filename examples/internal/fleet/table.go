package fleet

import "github.com/rollcall-go/rollcall/core"

// Table is what the vendors offer, for people: one row per operation and per kind
// of assignment, one column per vendor. The first row names the vendors.
func Table(offers ...core.Capabilities) [][]string {
	head := []string{"operation"}
	for _, c := range offers {
		head = append(head, c.Vendor)
	}

	rows := [][]string{head}
	for _, op := range core.Operations() {
		row := []string{string(op)}
		for _, c := range offers {
			row = append(row, string(c.Of(op).Support))
		}
		rows = append(rows, row)
	}

	for _, kind := range core.Kinds() {
		row := []string{"kind " + string(kind)}
		for _, c := range offers {
			row = append(row, kindCell(c, kind))
		}
		rows = append(rows, row)
	}
	return rows
}

func kindCell(c core.Capabilities, kind core.Kind) string {
	k, ok := c.Kind(kind)
	switch {
	case !ok:
		return "-"
	case k.ReadOnly:
		return "read only"
	case k.Single:
		return "one at a time"
	case k.Level != "":
		return "with level"
	}
	return "yes"
}
