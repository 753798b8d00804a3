package roster

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"strconv"
)

// A line of the file journal is one of these, and a newline:
//
//	{"version":1,"journal":ID,"crc":C}                                 the first
//	{"n":N,"synced":S,"prev":H,"head":{…},"body":{…},"crc":C}          an entry
//	{"n":N,"synced":S,"prev":H,"claim":{"lane":…,"by":…,…},"crc":C}    a claim, or its end
//
// n counts the lines. synced is the last line that its writer knew to be on the disk.
// prev is the hash of the line before: of its bytes up to "body" for an entry, so that
// a body can be erased, and up to "crc" for the others. crc is CRC-32C of all bytes
// before it, in 8 digits.
type line struct {
	n, synced int64
	prev      string
	entry     Entry
	head      entryHead // of an entry that is about to be written
	claim     *claimLine
	hashed    []byte // what the hash of a line that was read is over
}

// claimLine says who holds a lane from here on. By names the open journal, and not
// the run: it lives as long as its lock file is locked.
type claimLine struct {
	Lane  string `json:"lane"`
	By    string `json:"by"`
	Owner string `json:"owner"`
	Token int64  `json:"token"`
	Free  bool   `json:"free,omitzero"`
}

type fileHeader struct {
	Version int    `json:"version"`
	Journal string `json:"journal"`
	CRC     string `json:"crc"`
}

var (
	castagnoli = crc32.MakeTable(crc32.Castagnoli)
	errLine    = errors.New("not a line of a journal")

	markHead  = []byte(`,"head":`)
	markBody  = []byte(`,"body":`)
	markClaim = []byte(`,"claim":`)
	markCRC   = []byte(`,"crc":"`)
)

// crcLen is the length of a line's end: ,"crc":"xxxxxxxx"}
var crcLen = len(markCRC) + 8 + 2

// whole cuts the checksum off a line without its newline, and checks it.
func whole(text []byte) ([]byte, bool) {
	cut := len(text) - crcLen
	if cut < 0 || !bytes.HasPrefix(text[cut:], markCRC) || !bytes.HasSuffix(text, []byte(`"}`)) {
		return nil, false
	}
	sum, err := strconv.ParseUint(string(text[cut+len(markCRC):len(text)-2]), 16, 32)
	return text[:cut], err == nil && uint32(sum) == crc32.Checksum(text[:cut], castagnoli)
}

// appendLine writes a line, and returns its hash beside it.
func appendLine(b []byte, l line) ([]byte, string, error) {
	from := len(b)
	b = strconv.AppendInt(append(b, `{"n":`...), l.n, 10)
	b = strconv.AppendInt(append(b, `,"synced":`...), l.synced, 10)
	b = append(append(append(b, `,"prev":"`...), l.prev...), '"')

	if l.claim != nil {
		text, err := marshal(l.claim)
		if err != nil {
			return nil, "", err
		}
		b = append(append(b, markClaim...), text...)
		hash := digest(b[from:])
		return closeFrom(b, from), hash, nil
	}
	b = append(append(b, markHead...), l.entry.Head...)
	hash := digest(b[from:])
	b = append(append(b, markBody...), l.entry.Body...)
	return closeFrom(b, from), hash, nil
}

func closeFrom(b []byte, from int) []byte {
	return fmt.Appendf(b, `,"crc":"%08x"}`+"\n", crc32.Checksum(b[from:], castagnoli))
}

// parseLine reads a line without its newline. An error is errLine where the bytes
// are not what was written.
func parseLine(text []byte) (line, error) {
	body, ok := whole(text)
	if !ok {
		return line{}, errLine
	}

	var l line
	var err error
	rest := body
	for _, field := range []struct {
		mark string
		to   *int64
	}{{`{"n":`, &l.n}, {`,"synced":`, &l.synced}} {
		after, found := bytes.CutPrefix(rest, []byte(field.mark))
		end := bytes.IndexByte(after, ',')
		if !found || end < 0 {
			return line{}, errLine
		}
		n, err := strconv.ParseInt(string(after[:end]), 10, 64)
		if err != nil {
			return line{}, errLine
		}
		*field.to, rest = n, after[end:]
	}

	after, found := bytes.CutPrefix(rest, []byte(`,"prev":"`))
	if !found || len(after) < 66 || after[64] != '"' {
		return line{}, errLine
	}
	l.prev, rest = string(after[:64]), after[65:]

	if claim, ok := bytes.CutPrefix(rest, markClaim); ok {
		l.hashed = body
		l.claim, err = parseClaim(claim)
		return l, err
	}

	head, ok := bytes.CutPrefix(rest, markHead)
	cut := bytes.Index(head, markBody)
	if !ok || cut < 0 {
		return line{}, errLine
	}

	l.entry = Entry{Head: head[:cut], Body: head[cut+len(markBody):]}
	l.hashed = body[:len(body)-len(l.entry.Body)-len(markBody)]
	return l, nil
}

// parseClaim reads a claim. One without escapes is cut up by hand, as a head is.
func parseClaim(text []byte) (*claimLine, error) {
	c := new(claimLine)
	rest, ok := bytes.CutPrefix(text, []byte(`{"lane":"`))
	for _, m := range []struct {
		to  *string
		end string
	}{{&c.Lane, `","by":"`}, {&c.By, `","owner":"`}, {&c.Owner, `","token":`}} {
		value, after, found := bytes.Cut(rest, []byte(m.end))
		*m.to, rest, ok = string(value), after, ok && found
	}

	token, closed := bytes.CutSuffix(rest, []byte("}"))
	token, c.Free = bytes.CutSuffix(token, []byte(`,"free":true`))

	var err error
	if c.Token, err = strconv.ParseInt(string(token), 10, 64); err != nil || !ok || !closed || bytes.IndexByte(text, '\\') >= 0 {
		c = new(claimLine)
		err = json.Unmarshal(text, c)
	}
	return c, err
}
