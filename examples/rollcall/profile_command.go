package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// The bounds of a command that prints a secret.
const (
	maxSecret     = 64 << 10
	maxSecretTime = 30 * time.Second
)

// checkCommand refuses a command whose program depends on the folder that rollcall is
// started in.
func checkCommand(argv []string) error {
	if p := argv[0]; p == "" || strings.ContainsAny(p, `/\`) && !filepath.IsAbs(p) {
		return fmt.Errorf("the program %q is neither a bare name nor an absolute path", p)
	}
	return nil
}

// onlyOurs refuses a file that others than its owner can write: whoever can write it
// decides which commands are run.
func onlyOurs(f *os.File) error {
	if runtime.GOOS == "windows" {
		return nil // its permissions are not in the mode
	}
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return errors.New("it names commands and is no ordinary file")
	}
	if info.Mode().Perm()&0o022 != 0 {
		return fmt.Errorf("it names commands, and others can write it (mode %04o): chmod go-w", info.Mode().Perm())
	}

	path, err := filepath.EvalSymlinks(f.Name())
	if err != nil {
		return err
	}
	dir, err := os.Stat(filepath.Dir(path))
	if err != nil {
		return err
	}
	if dir.Mode().Perm()&0o022 != 0 && dir.Mode()&os.ModeSticky == 0 {
		return fmt.Errorf("it names commands, and others can replace it, because they can write its folder (mode %04o)", dir.Mode().Perm())
	}
	return nil
}

// printed runs a command, without a shell, and returns the one line that it prints. What
// it says on standard error is for the user. No error holds what it printed.
func printed(ctx context.Context, argv []string, errs io.Writer) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, maxSecretTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	out := &bounded{left: maxSecret}
	cmd.Stdout, cmd.Stderr, cmd.WaitDelay = out, errs, time.Second
	err := cmd.Run()

	text := strings.TrimSuffix(strings.TrimSuffix(out.text.String(), "\n"), "\r")
	switch {
	case ctx.Err() != nil:
		return "", fmt.Errorf("the command %s did not end in time", argv[0])
	case err != nil:
		return "", fmt.Errorf("the command %s failed: %w", argv[0], err)
	case text == "":
		return "", fmt.Errorf("the command %s printed nothing", argv[0])
	case strings.ContainsAny(text, "\r\n"):
		return "", fmt.Errorf("the command %s printed more than one line", argv[0])
	}
	return text, nil
}

// bounded holds so many bytes and refuses more.
type bounded struct {
	text bytes.Buffer
	left int
}

func (b *bounded) Write(text []byte) (int, error) {
	if b.left -= len(text); b.left < 0 {
		return 0, errors.New("it prints too much")
	}
	return b.text.Write(text)
}
