package roster

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"

	"github.com/rollcall-go/rollcall/core"
)

// personLine is one person in the lines of a census.
type personLine struct {
	Person    string               `json:"person"`
	Ambiguous string               `json:"ambiguous,omitzero"`
	Accounts  map[string]core.User `json:"accounts"`
	Links     []linkLine           `json:"links"`
}

// linkLine is an assignment with the account in front.
type linkLine struct {
	Account string `json:"account"`
	core.Assignment
}

// certificateLine is the verdict on one account.
type certificateLine struct {
	Account     string      `json:"account"`
	Certificate Certificate `json:"certificate"`
}

// WriteJSON writes the census as the program rollcall does: a line for each person by
// key, and then one for the certificate of each account. What only the vendor's own type
// holds (User.Native) and presence are not in it.
func (c *Census) WriteJSON(w io.Writer) error {
	b := bufio.NewWriterSize(w, 1<<16)
	for p := range c.people() {
		line := personLine{Person: p.Key, Ambiguous: p.ambiguous, Accounts: p.Accounts, Links: []linkLine{}}
		for _, account := range c.Accounts() {
			u, there := p.Accounts[account]
			if !there {
				continue
			}
			for _, a := range c.accounts[account].linksOf(u.ID) {
				line.Links = append(line.Links, linkLine{account, a})
			}
		}
		if err := writeLine(b, line); err != nil {
			return err
		}
	}

	for _, account := range c.Accounts() {
		if err := writeLine(b, certificateLine{account, c.accounts[account].proof}); err != nil {
			return err
		}
	}
	return b.Flush()
}

func writeLine(b *bufio.Writer, v any) error {
	line, err := marshal(v)
	if err != nil {
		return err
	}
	b.Write(line)
	return b.WriteByte('\n')
}

// ReadCensus reads what WriteJSON wrote. It can be compared with another census, and
// planned against for a rehearsal: f then holds the stores whose capabilities and
// fingerprints the plan is made for, simulators for example. f may be nil where the
// census is only compared. A line that does not belong to a census is ErrRefused.
func ReadCensus(r io.Reader, f Fleet) (*Census, error) {
	c := &Census{fleet: f, accounts: map[string]*listing{}, maxFlips: defaultFlips}
	of := func(account string) *listing {
		if c.accounts[account] == nil {
			c.accounts[account] = newListing(c, account)
			c.accounts[account].linked = true
			c.accounts[account].proof = Certificate{Verdict: Doubtful, Why: []string{"the census has no certificate for the account"}}
		}
		return c.accounts[account]
	}

	lines := bufio.NewReaderSize(r, 1<<16)
	for n := 1; ; n++ {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) && len(bytes.TrimSpace(line)) == 0 {
			break
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}

		var in struct {
			personLine
			certificateLine
		}
		if err := json.Unmarshal(line, &in); err != nil {
			return nil, refuse("census", "line %d: %v", n, err)
		}
		if in.Person == "" && in.Account == "" {
			return nil, refuse("census", "line %d: it is neither a person nor a certificate", n)
		}

		for account, u := range in.Accounts {
			of(account).add(u)
		}
		for _, a := range in.Links {
			l := of(a.Account)
			l.links = append(l.links, a.Assignment)
		}
		if in.Account != "" {
			l := of(in.Account)
			l.proof = in.Certificate
			l.proof.Counted = true
		}
	}

	for _, l := range c.accounts {
		l.seal()
		l.proof.Links = len(l.links)
		if store := f[l.account]; store != nil && store.Capabilities().Of(core.OpListUsers).Partial {
			l.partial = "the vendor's list can miss somebody without saying so"
		}
		if l.proof.Counted {
			l.proof.Counted = l.proof.Users == len(l.users) // not for a census of some people
		}
	}
	return c, nil
}

// MarshalJSON writes no reason as an empty list.
func (c Certificate) MarshalJSON() ([]byte, error) {
	type plain Certificate
	if c.Why == nil {
		c.Why = []string{}
	}
	return json.Marshal(plain(c))
}
