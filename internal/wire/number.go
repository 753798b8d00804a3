package wire

import (
	"bytes"
	"math"
	"strconv"
)

// What a number can be wrong about, as the Got of a TypeError.
const (
	outOfRange = "number out of range"
	fractional = "number with a fraction"
)

// numberText reads a number, bare or in quotes, and returns its text. want names
// the Go type for the error.
func (d *decoder) numberText(want string) ([]byte, error) {
	c := d.peek()
	if c == '-' || isDigit(c) {
		return d.scanNumber()
	}
	if c != '"' {
		return nil, d.mismatch(want)
	}

	text, err := d.str()
	if err != nil {
		return nil, err
	}
	text = bytes.TrimSpace(text)
	if n, ok := numberLen(text); !ok || n != len(text) {
		return nil, &TypeError{Want: want, Got: "string"}
	}
	return text, nil
}

// integer reads a whole number as sign and magnitude.
func (d *decoder) integer(want string) (neg bool, mag uint64, err error) {
	// The usual case is a short run of digits; everything else goes the long way.
	data, i := d.data, d.pos
	if i < len(data) && data[i] == '-' {
		neg = true
		i++
	}
	first := i
	for i < len(data) && i-first < 19 && isDigit(data[i]) {
		mag = mag*10 + uint64(data[i]-'0')
		i++
	}

	if i > first && i < len(data) && (data[first] != '0' || i == first+1) {
		switch data[i] {
		case ',', '}', ']', ' ', '\n', '\r', '\t':
			d.pos = i
			return neg, mag, nil
		}
	}

	text, err := d.numberText(want)
	if err != nil {
		return false, 0, err
	}
	neg, mag, problem := parseInteger(text)
	if problem != "" {
		return false, 0, &TypeError{Want: want, Got: problem}
	}
	return neg, mag, nil
}

// parseInteger reads a JSON number that denotes a whole number, in whatever
// notation (2.0, 1e3), exactly. problem says why it cannot.
func parseInteger(text []byte) (neg bool, mag uint64, problem string) {
	if text[0] == '-' {
		neg = true
		text = text[1:]
	}

	mantissa := text
	exp := 0
	if i := bytes.IndexAny(text, "eE"); i >= 0 {
		mantissa = text[:i]
		exp = clampedExponent(text[i+1:])
	}

	// The number is then digits times ten to the power of exp.
	whole, frac, _ := bytes.Cut(mantissa, []byte("."))
	frac = bytes.TrimRight(frac, "0")
	exp -= len(frac)
	digits := make([]byte, 0, 32)
	digits = append(append(digits, whole...), frac...)
	digits = bytes.TrimLeft(digits, "0")
	if len(digits) == 0 {
		return neg, 0, ""
	}

	for exp < 0 && digits[len(digits)-1] == '0' {
		digits = digits[:len(digits)-1]
		exp++
	}
	if exp < 0 {
		return false, 0, fractional
	}
	if len(digits)+exp > 20 {
		return false, 0, outOfRange
	}

	for range exp {
		digits = append(digits, '0')
	}
	mag, err := strconv.ParseUint(string(digits), 10, 64)
	if err != nil {
		return false, 0, outOfRange
	}
	return neg, mag, ""
}

// clampedExponent reads an exponent. Beyond a billion its exact value makes no
// difference, as no document has that many digits.
func clampedExponent(text []byte) int {
	neg := text[0] == '-'
	if neg || text[0] == '+' {
		text = text[1:]
	}

	n := 0
	for _, c := range text {
		n = min(n*10+int(c-'0'), 1e9)
	}
	if neg {
		return -n
	}
	return n
}

// signed reads a whole number into the range of a signed type of that many bits.
func (d *decoder) signed(bits int, want string) (int64, error) {
	neg, mag, err := d.integer(want)
	if err != nil {
		return 0, err
	}

	limit := uint64(1) << (bits - 1)
	switch {
	case neg && mag <= limit:
		return -int64(mag), nil // for the least value the conversion wraps, and the minus with it
	case !neg && mag < limit:
		return int64(mag), nil
	}
	return 0, &TypeError{Want: want, Got: outOfRange}
}

// unsigned reads a whole number into the range of an unsigned type.
func (d *decoder) unsigned(bits int, want string) (uint64, error) {
	neg, mag, err := d.integer(want)
	if err != nil {
		return 0, err
	}
	if neg && mag != 0 || mag > math.MaxUint64>>(64-bits) {
		return 0, &TypeError{Want: want, Got: outOfRange}
	}
	return mag, nil
}

// float reads a number as floating point.
func (d *decoder) float(bits int, want string) (float64, error) {
	text, err := d.numberText(want)
	if err != nil {
		return 0, err
	}
	f, err := strconv.ParseFloat(string(text), bits)
	if err != nil {
		return 0, &TypeError{Want: want, Got: outOfRange}
	}
	return f, nil
}

// boolean reads true or false, or 1 or 0 for them, bare or in quotes.
func (d *decoder) boolean(want string) (bool, error) {
	switch d.peek() {
	case 't':
		return true, d.literal("true")
	case 'f':
		return false, d.literal("false")
	case '"':
		text, err := d.str()
		if err != nil {
			return false, err
		}
		switch text = bytes.TrimSpace(text); {
		case len(text) == 4 && bytes.EqualFold(text, []byte("true")), string(text) == "1":
			return true, nil
		case len(text) == 5 && bytes.EqualFold(text, []byte("false")), string(text) == "0":
			return false, nil
		}
		return false, &TypeError{Want: want, Got: "string"}
	case '0', '1':
		text, err := d.scanNumber()
		if err != nil {
			return false, err
		}
		if len(text) == 1 {
			return text[0] == '1', nil
		}
		return false, &TypeError{Want: want, Got: "number"}
	}

	return false, d.mismatch(want)
}

// text reads a string, or a number as it is spelled: identifiers arrive as both.
func (d *decoder) text(want string) (string, error) {
	c := d.peek()
	if c == '"' {
		b, err := d.str()
		if err != nil {
			return "", err
		}
		return d.keep(b), nil
	}
	if c == '-' || isDigit(c) {
		b, err := d.scanNumber()
		if err != nil {
			return "", err
		}
		return d.keep(b), nil
	}
	return "", d.mismatch(want)
}

// SameNumber compares two numbers by value: 30 is 30.0. It is false for what is no number.
func SameNumber(a, b []byte) bool {
	if len(a) == 0 || len(b) == 0 || !isNumber(a) || !isNumber(b) {
		return false
	}
	if bytes.Equal(a, b) {
		return true
	}
	if isPlain(a) && isPlain(b) {
		return string(bytes.TrimPrefix(a, minus)) == "0" && string(bytes.TrimPrefix(b, minus)) == "0"
	}
	return bytes.Equal(AppendDecimal(nil, a), AppendDecimal(nil, b))
}

var minus = []byte("-")

// isPlain reports a number that has but one spelling, unless it is zero.
func isPlain(number []byte) bool { return !bytes.ContainsAny(number, ".eE") }

func isNumber(text []byte) bool {
	n, ok := numberLen(text)
	return ok && n == len(text)
}

// AppendDecimal appends a number in the one form that all spellings of its value have in
// common, and anything else as it is.
func AppendDecimal(dst, text []byte) []byte {
	if !isNumber(text) {
		return append(dst, text...)
	}

	rest, negative := bytes.CutPrefix(text, minus)
	mantissa, power := rest, []byte(nil)
	if i := bytes.IndexAny(rest, "eE"); i >= 0 {
		mantissa, power = rest[:i], rest[i+1:]
	}

	whole, fraction, _ := bytes.Cut(mantissa, []byte("."))
	fraction = bytes.TrimRight(fraction, "0")
	zeros := -len(fraction) // behind the digits, fewer than none where there is a point among them
	if len(fraction) == 0 {
		trimmed := bytes.TrimRight(whole, "0")
		whole, zeros = trimmed, len(whole)-len(trimmed)
	}

	if whole = bytes.TrimLeft(whole, "0"); len(whole) == 0 {
		fraction = bytes.TrimLeft(fraction, "0")
	}
	if len(whole)+len(fraction) == 0 {
		return append(dst, '0')
	}

	exponent, ok := exponentOf(power)
	if !ok {
		return append(dst, text...) // beyond all reason, and equal only to what is spelt like it
	}
	if negative {
		dst = append(dst, '-')
	}
	dst = append(append(dst, whole...), fraction...)
	return strconv.AppendInt(append(dst, 'e'), exponent+int64(zeros), 10)
}

// exponentOf reads the digits behind the e. It is not ok for what leaves no room to
// calculate with.
func exponentOf(text []byte) (int64, bool) {
	if len(text) == 0 {
		return 0, true
	}

	n, err := strconv.ParseInt(string(text), 10, 64)
	const room = 1 << 62
	return n, err == nil && -room < n && n < room
}
