package heavy

// Pass says which floods of a table, given by their kinds, are tried with the operation of
// a number: one of each kind, and with the next operation the next one. As many passes as
// a kind has floods meet every cell once.
func Pass(kinds []string, op, pass int) []bool {
	members := map[string][]int{}
	for i, kind := range kinds {
		members[kind] = append(members[kind], i)
	}

	in := make([]bool, len(kinds))
	for _, of := range members {
		in[of[(op+max(pass, 0))%len(of)]] = true
	}
	return in
}
