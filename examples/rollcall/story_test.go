package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/internal/simnet"
)

// A story is a conversation written down: commands, what each asks of the vendor, what the
// vendor answers, and what the user then sees. It comes from the vendor's pages and shares
// no code with the simulators, so that the two cannot be wrong together.
// testdata/README.md says how one is written.
type story struct {
	env    map[string]string
	flags  []string
	script script // what all commands have in common
	parts  []*part
}

// part is a piece of a story, with a name.
type part struct {
	name     string
	env      map[string]string // which differs from the story's
	commands []*scene
}

// scene is one run of the program.
type scene struct {
	line      string
	isExact   bool              // the words are all there is: no vendor and no flags are added
	files     map[string]string // by name
	exchanges []*exchange
	out, told []string // lines of standard output and of standard error
	end       string   // of a command that fails: exit code, class and what else the error says
}

// TestStories plays every story in testdata.
func TestStories(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "*", "*.txt"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		vendor, name := filepath.Base(filepath.Dir(file)), strings.TrimSuffix(filepath.Base(file), ".txt")
		if name == "vendor" {
			continue // the start of every story of that vendor
		}
		t.Run(vendor+"/"+name, func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			play(t, vendor, string(text))
		})
	}
}

// play plays a story, and returns what each command left behind.
func play(t *testing.T, vendor, text string) (results []result) {
	t.Helper()
	s := readStory(t, vendor, text)
	for _, p := range s.parts {
		t.Run(p.name, func(t *testing.T) {
			for _, c := range p.commands {
				results = append(results, s.run(t, vendor, p.env, c))
			}
		})
	}
	return results
}

// TestLog_TellsEveryAttempt; that it tells no secret is checked for every command.
func TestLog_TellsEveryAttempt(t *testing.T) {
	text, err := os.ReadFile("testdata/avaya/log.txt")
	require.NoError(t, err)
	changed := play(t, "avaya", string(text))[0]
	for _, want := range []string{"Users.Get", "Users.Replace", "Token", "status=200", "status=202"} {
		require.Contains(t, changed.err, want)
	}
}

// silent is a vendor's settings, and a network where nothing may be asked.
func silent(t *testing.T, vendor string) (env map[string]string, run func(env map[string]string, words ...string) result) {
	t.Helper()
	s := readStory(t, vendor, "")
	server := s.script.begin(nil, nil)
	t.Cleanup(func() { require.Empty(t, server.problems(), "nothing is sent") })
	return s.env, func(env map[string]string, words ...string) result {
		t.Helper()
		return rollcallAt(t, t.Context(), &simnet.Transport{Handler: server}, env, "", append([]string{"--vendor", vendor}, words...)...)
	}
}

// readStory reads a story, which begins with what its vendor.txt says.
func readStory(t *testing.T, vendor, text string) *story {
	t.Helper()
	start, err := os.ReadFile(filepath.Join("testdata", vendor, "vendor.txt"))
	require.NoError(t, err)
	s := &story{env: map[string]string{}}
	s.parts = []*part{{env: s.env}}
	always := &scene{} // the exchanges that may come at any time
	c := always
	var lets []string
	lastMark, files := "", map[string]string{}

	for line := range strings.Lines(string(start) + "\n" + text) {
		line = strings.TrimRight(line, "\n")
		if rest, ok := strings.CutPrefix(line, "let "); ok {
			name, value, _ := strings.Cut(rest, " ")
			lets = append([]string{name, strings.NewReplacer(lets...).Replace(value)}, lets...)
			continue
		}
		mark, rest, _ := strings.Cut(strings.NewReplacer(lets...).Replace(line), " ")
		now := s.parts[len(s.parts)-1]
		switch mark {
		case "", "#":
		case "env":
			name, value, _ := strings.Cut(rest, "=")
			now.env[name] = value
		case "flags":
			s.flags = append(s.flags, strings.Fields(rest)...)
		case "with":
			s.script.with = append(s.script.with, rest)
		case "answers":
			s.script.answers = append(s.script.answers, rest)
		case "always":
			always = &scene{}
			c = always
		case "==":
			s.parts, c = append(s.parts, &part{name: rest, env: maps.Clone(s.env)}), &scene{}
		case "@":
			name, content, _ := strings.Cut(rest, " ")
			files[name] += content + "\n"
		case "$", "$$":
			c = &scene{line: rest, isExact: mark == "$$", files: files}
			now.commands, files = append(now.commands, c), map[string]string{}
		case "=":
			c.out = append(c.out, rest)
		case "~":
			c.told = append(c.told, rest)
		case "!":
			c.end = rest
		default:
			require.True(t, c.exchange(mark, lastMark, rest), "no such line in a story: %s", line)
		}
		lastMark = mark
	}
	s.parts = s.parts[1:]
	s.script.always = always.exchanges
	return s
}

// exchange reads a line of a request or an answer.
func (c *scene) exchange(mark, lastMark, rest string) bool {
	isNew := !strings.Contains(">&+?", lastMark)
	switch {
	case mark == "&", mark == "+", mark == ">" && (isNew || lastMark == ""):
		c.exchanges = append(c.exchanges, &exchange{request: rest, mark: mark})
		return true
	case len(c.exchanges) == 0:
		return false
	}
	e := c.exchanges[len(c.exchanges)-1]
	switch {
	case mark == ">":
		e.body += rest
	case mark == "?":
		e.header = append(e.header, rest)
	case mark == "<" && e.answer == "":
		e.answer = rest
	case mark == "<":
		e.text += rest + "\n"
	default:
		return false
	}
	return true
}

var inQuotes = regexp.MustCompile(`'[^']*'|\S+`)

// run plays one command, in virtual time.
func (s *story) run(t *testing.T, vendor string, env map[string]string, c *scene) (r result) {
	t.Helper()
	words := append([]string{"--vendor", vendor, "--json"}, s.flags...)
	if c.isExact {
		words = nil
	}
	for _, word := range inQuotes.FindAllString(c.line, -1) {
		if content, ok := c.files[strings.TrimPrefix(word, "@")]; ok && word[0] == '@' {
			word = filepath.Join(t.TempDir(), word[1:])
			require.NoError(t, os.WriteFile(word, []byte(content), 0o600))
		}
		words = append(words, strings.Trim(word, "'"))
	}

	synctest.Test(t, func(t *testing.T) {
		ctx, interrupt := context.WithCancel(t.Context())
		defer interrupt()
		server := s.script.begin(c.exchanges, interrupt)
		begun := time.Now()
		r = rollcallAt(t, ctx, &simnet.Transport{Handler: server}, env, "", words...)
		c.check(t, r, server, time.Since(begun))
	})
	r.t = t
	return r
}

// check compares what a command did and said with the story.
func (c *scene) check(t *testing.T, r result, server *script, took time.Duration) {
	t.Helper()
	require.Empty(t, server.problems(), "%s\n%s", c.line, r.err)

	code, want, _ := strings.Cut(c.end+" ", " ")
	require.Equal(t, max(code, "0"), fmt.Sprint(r.code), "%s\n%s", c.line, r.err)
	var told []string
	for line := range strings.Lines(r.err) {
		switch line = strings.TrimSuffix(line, "\n"); {
		case strings.HasPrefix(line, `{"error"`):
			require.Empty(t, errorUnlike(want, r.fails(r.code, strings.Fields(want + " ?")[0]), took), c.line)
		case strings.HasPrefix(line, "time="): // the log tells no query, and nothing of a credential
			require.NotRegexp(t, `(?i)\?|authorization|bearer|appkey|password`, line)
		default:
			told = append(told, line)
		}
	}
	require.Len(t, told, len(c.told), "%s\n%s", c.line, r.err)
	for i, line := range told {
		require.Contains(t, line, c.told[i], c.line)
	}

	var out []string
	if r.out != "" {
		out = strings.Split(strings.TrimSuffix(r.out, "\n"), "\n")
	}
	require.Len(t, out, len(c.out), "%s\n%s", c.line, r.out)
	for i, line := range out {
		require.True(t, isAlike(c.out[i], line), "%s\nwant %s\n got %s", c.line, c.out[i], line)
	}
}

// errorUnlike says in what an error is not what was wanted: CLASS NAME=VALUE... and, in
// quotes, a piece of the message. took=SECONDS is for the whole command.
func errorUnlike(want string, e object, took time.Duration) string {
	want, piece, _ := strings.Cut(strings.TrimSpace(want), ` "`)
	e["took"] = int(took.Round(time.Second).Seconds())
	for _, pair := range strings.Fields(want)[1:] {
		if name, value, _ := strings.Cut(pair, "="); fmt.Sprint(e[name]) != value {
			return fmt.Sprintf("%s is %v, and the story says %s", name, e[name], value)
		}
	}
	if message := e["message"].(string); !strings.Contains(message, strings.TrimSuffix(piece, `"`)) {
		return message
	}
	return ""
}

// isAlike reports whether a text is the one that is wanted. JSON is compared value for
// value and digit for digit; the string "..." stands for any value.
func isAlike(want, got string) bool {
	var a, b any
	if simnet.Decode([]byte(want), &a) != nil || simnet.Decode([]byte(got), &b) != nil {
		return want == got
	}
	return isSame(a, b)
}

func isSame(want, got any) bool {
	switch want := want.(type) {
	case string:
		return want == "..." || want == got
	case object:
		got, ok := got.(object)
		for name, v := range want {
			is, has := got[name]
			ok = ok && has && isSame(v, is)
		}
		return ok && len(got) == len(want)
	case []any:
		got, ok := got.([]any)
		if !ok || len(got) != len(want) {
			return false
		}
		for i := range want {
			if !isSame(want[i], got[i]) {
				return false
			}
		}
		return true
	}
	return want == got
}
