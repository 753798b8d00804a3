package main

import (
	"cmp"
	"fmt"
	"runtime"
	"runtime/debug"
)

// build is which program this is.
type build struct {
	Version  string `json:"version"`
	Revision string `json:"revision"` // of the version control system, empty where it is not known
	Modified bool   `json:"modified"` // there were changes that were not committed
	Time     string `json:"time"`     // of the revision
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

// printVersion prints the module's version, the revision that it was built from, and the
// version of Go.
func printVersion(_ *command, p *printer) error {
	info, _ := debug.ReadBuildInfo()
	b := buildOf(info)
	if p.json {
		p.line(b)
		return nil
	}

	text := "rollcall " + b.Version
	if b.Revision != "" {
		text += ", revision " + b.Revision
	}
	if b.Modified {
		text += " with changes"
	}
	fmt.Fprintf(p.out, "%s, %s, %s\n", text, b.Go, b.Platform)
	return nil
}

// buildOf reads what Go wrote into the program. A program that was built from a folder has
// no version: it is called (devel).
func buildOf(info *debug.BuildInfo) build {
	b := build{Version: "(devel)", Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	if info == nil {
		return b
	}

	b.Version, b.Go = cmp.Or(info.Main.Version, b.Version), cmp.Or(info.GoVersion, b.Go)
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Revision = s.Value
		case "vcs.modified":
			b.Modified = s.Value == "true"
		case "vcs.time":
			b.Time = s.Value
		}
	}
	return b
}
