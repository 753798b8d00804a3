package main

import (
	"encoding/json"
	"os"
	"slices"
	"sync"

	"github.com/rollcall-go/rollcall/core"
)

// entry is one person's block, as it is kept on disk.
type entry struct {
	Login string     `json:"login"`
	Block core.Block `json:"block"`
}

// journal keeps what was changed, in memory and in a file.
type journal struct {
	file string // none: in memory alone

	mu      sync.Mutex
	entries []entry
}

// load reads what the file holds.
func (j *journal) load() error {
	data, err := os.ReadFile(j.file)
	if err != nil {
		return err
	}
	return json.Unmarshal(data, &j.entries)
}

// people are those who are in it, as VENDOR=LOGIN, each once.
func (j *journal) people() (out []string) {
	for _, e := range j.entries {
		if p := e.Block.Vendor + "=" + e.Login; !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	return out
}

// add keeps a block that changed something, and puts the file in place as a whole.
func (j *journal) add(e entry) error {
	if len(e.Block.Changed) == 0 {
		return nil
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.entries = append(j.entries, e)
	if j.file == "" {
		return nil
	}
	data, err := json.MarshalIndent(j.entries, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(j.file+".new", append(data, '\n'), 0o600); err != nil {
		return err
	}
	return os.Rename(j.file+".new", j.file)
}
