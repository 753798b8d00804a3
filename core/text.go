package core

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Fold returns the form in which logins are compared: without blanks at either
// end, composed (NFC), and regardless of case. Two logins are the same where their
// forms are equal. Bytes that are not UTF-8 stay as they are. It is for comparing,
// not for sending.
func Fold(s string) string {
	s = strings.TrimSpace(s)
	if isASCII(s) {
		return strings.ToLower(s)
	}

	s = norm.NFC.String(s)
	folded := make([]byte, 0, len(s))
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n == 1 {
			folded = append(folded, s[i]) // not as U+FFFD, to which all such bytes would be equal
		} else {
			folded = utf8.AppendRune(folded, foldRune(r))
		}
		i += n
	}

	// Again, because a small letter may compose where its capital did not.
	return string(norm.NFC.Bytes(folded))
}

// foldRune returns the same letter for all letters that Unicode's simple case folding
// equates, such as the two small sigmas: the small one, if there is one.
func foldRune(r rune) rune {
	least, alone := r, true
	for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
		least, alone = min(least, f), false
	}
	if alone {
		return r // the dotted capital I has a small letter, and is not that letter
	}
	return unicode.ToLower(unicode.ToUpper(least)) // by the capital, because the micro sign comes before it
}

// FoldAddress is [Fold] for e-mail and SIP addresses: a domain in Unicode takes the
// same form as in punycode. A text without an @ is folded as a login.
func FoldAddress(s string) string {
	s = Fold(s)
	at := strings.LastIndexByte(s, '@')
	if at < 0 || isASCII(s[at:]) {
		return s
	}

	domain := idnDots.Replace(s[at+1:])
	labels := strings.Split(domain, ".")
	for i, label := range labels {
		if runes := []rune(label); !isASCII(label) && utf8.ValidString(label) && len(runes) <= maxLabel {
			labels[i] = "xn--" + punycode(runes)
		}
	}
	return s[:at+1] + strings.Join(labels, ".")
}

// idnDots are the full stops that separate the labels of a domain beside the usual
// one (RFC 3490, section 3.1).
var idnDots = strings.NewReplacer("\u3002", ".", "\uff0e", ".", "\uff61", ".")

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// The parameters of punycode (RFC 3492, section 5).
const (
	punyBase    = 36
	punyTMin    = 1
	punyTMax    = 26
	punySkew    = 38
	punyDamp    = 700
	punyBias    = 72
	punyInitial = 0x80

	// maxLabel bounds the labels that are encoded, in runes: a DNS label has 63 bytes,
	// and the work grows with the square. Longer ones stay as they are.
	maxLabel = 63
)

// punycode encodes one label of a domain (RFC 3492, section 6.3).
func punycode(label []rune) string {
	var out []byte
	for _, r := range label {
		if r < punyInitial {
			out = append(out, byte(r))
		}
	}

	basic := len(out)
	if basic > 0 {
		out = append(out, '-')
	}

	n, delta, bias := rune(punyInitial), 0, punyBias
	for done := basic; done < len(label); n++ {
		next := rune(unicode.MaxRune)
		for _, r := range label {
			if r >= n {
				next = min(next, r)
			}
		}
		delta += int(next-n) * (done + 1)
		n = next

		for _, r := range label {
			if r < n {
				delta++
			}
			if r == n {
				out = punyNumber(out, delta, bias)
				bias = punyAdapt(delta, done+1, done == basic)
				delta, done = 0, done+1
			}
		}
		delta++
	}
	return string(out)
}

// punyNumber appends a number of variable length.
func punyNumber(out []byte, q, bias int) []byte {
	const digits = "abcdefghijklmnopqrstuvwxyz0123456789"
	for k := punyBase; ; k += punyBase {
		t := min(max(k-bias, punyTMin), punyTMax)
		if q < t {
			return append(out, digits[q])
		}
		out = append(out, digits[t+(q-t)%(punyBase-t)])
		q = (q - t) / (punyBase - t)
	}
}

func punyAdapt(delta, points int, first bool) int {
	if first {
		delta /= punyDamp
	} else {
		delta /= 2
	}
	delta += delta / points

	k := 0
	for ; delta > (punyBase-punyTMin)*punyTMax/2; k += punyBase {
		delta /= punyBase - punyTMin
	}
	return k + (punyBase-punyTMin+1)*delta/(delta+punySkew)
}
