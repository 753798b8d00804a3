// Package meant finds the word that somebody meant who typed another one.
package meant

import "strings"

// maxOff is how many letters may differ.
const maxOff = 2

// Word returns the word that is nearest to what was typed. It differs in a letter, or what
// was typed is its beginning, or it differs in two letters; in fewer where the word is
// short. Case does not count. It returns "" where none is near, or two begin so.
func Word(typed string, words []string) string {
	typed = strings.ToLower(strings.TrimSpace(typed))
	if typed == "" {
		return ""
	}

	best, name := maxOff+1, ""
	for _, word := range words {
		if d := distance(typed, strings.ToLower(word)); d < best && d < max(2, len(typed)-1) {
			best, name = d, word
		}
	}
	if begun := beginning(typed, words); best > 1 && begun != "" {
		return begun
	}
	return name
}

// beginning returns the one word that begins with what was typed.
func beginning(typed string, words []string) string {
	found := ""
	for _, word := range words {
		switch {
		case len(typed) < 2 || !strings.HasPrefix(strings.ToLower(word), typed):
		case found != "":
			return ""
		default:
			found = word
		}
	}
	return found
}

// Perhaps is the end of an error about an unknown word: it names the one that may be
// meant, as format writes it, and is empty where none is near.
func Perhaps(typed string, words []string, format func(string) string) string {
	word := Word(typed, words)
	if word == "" {
		return ""
	}
	if format != nil {
		word = format(word)
	}
	return "; perhaps " + word + " is meant"
}

// distance counts the letters that differ between two texts; two that are swapped count
// as one (Damerau and Levenshtein, without overlaps).
func distance(a, b string) int {
	var before []int
	last := make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}

	for i := range len(a) {
		row := make([]int, len(b)+1)
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}

			row[j+1] = min(last[j]+cost, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}
