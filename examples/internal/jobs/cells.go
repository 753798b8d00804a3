package jobs

import "unicode"

// Cells is how many columns of a terminal a text takes: none for a mark that is put on
// the letter before it, two for an East Asian letter and for a picture.
func Cells(text string) int {
	n := 0
	for _, r := range text {
		n += cellsOf(r)
	}
	return n
}

func cellsOf(r rune) int {
	switch {
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	case unicode.In(r, unicode.Han, unicode.Hangul, unicode.Hiragana, unicode.Katakana),
		0x3000 <= r && r <= 0x303e, 0xff01 <= r && r <= 0xff60, 0x1f300 <= r && r <= 0x1faff:
		return 2
	}
	return 1
}

// Middle shortens a text in the middle so that it takes so many columns, five at least.
// Both ends of an id tell it from others.
func Middle(text string, width int) string {
	width = max(width, 5)
	if Cells(text) <= width {
		return text
	}

	letters := []rune(text)
	front, back := 0, len(letters)
	for left := width - 1; ; {
		if left -= cellsOf(letters[front]); left < 0 {
			break
		}
		front++
		if left -= cellsOf(letters[back-1]); left < 0 {
			break
		}
		back--
	}
	return string(letters[:front]) + "…" + string(letters[back:])
}

// End shortens a text at its end so that it takes so many columns, two at least.
func End(text string, width int) string {
	width = max(width, 2)
	if Cells(text) <= width {
		return text
	}

	left := width - 1
	for i, r := range text {
		if left -= cellsOf(r); left < 0 {
			return text[:i] + "…"
		}
	}
	return text
}
