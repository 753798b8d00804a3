package core

import "iter"

// Collect gathers a walk into a slice. On an error it returns what came before
// it, together with the error.
func Collect[T any](seq iter.Seq2[T, error]) ([]T, error) {
	var all []T
	for v, err := range seq {
		if err != nil {
			return all, err
		}
		all = append(all, v)
	}
	return all, nil
}
