//go:build unix

package servicetest

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// Database is a PostgreSQL of a test's own, which can be restarted.
type Database struct {
	t    testing.TB
	dir  string
	port int
	as   *syscall.Credential // PostgreSQL refuses to run as root
}

// StartPostgres starts a PostgreSQL on loopback, for as long as the test runs. Where it is
// not installed the test ends as with Address.
func StartPostgres(t testing.TB) *Database {
	t.Helper()
	if program("postgres") == "" || program("initdb") == "" || program("pg_ctl") == "" {
		Missing(t, "PostgreSQL is not installed, which this test restarts; .ci/services installs it")
	}

	d := &Database{t: t}
	var err error
	if d.dir, err = os.MkdirTemp("", "rollcall-postgres."); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(d.dir) })

	if os.Getuid() == 0 {
		d.as = nobody(t)
		if err := os.Chown(d.dir, int(d.as.Uid), int(d.as.Gid)); err != nil {
			t.Fatal(err)
		}
	}

	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d.port = l.Addr().(*net.TCPAddr).Port
	l.Close()

	d.run("initdb", "-N", "-U", "rollcall", "-A", "trust", "-E", "UTF8", "--no-locale")
	d.run("pg_ctl", "start", "-w", "-l", filepath.Join(d.dir, "log"), "-o",
		fmt.Sprintf("-k %s -h 127.0.0.1 -p %d -c max_connections=200", d.dir, d.port))
	t.Cleanup(func() { d.run("pg_ctl", "stop", "-w", "-m", "immediate") })
	return d
}

// Address is its address, for a user who may do everything.
func (d *Database) Address() string {
	return fmt.Sprintf("postgres://rollcall@127.0.0.1:%d/postgres?sslmode=disable", d.port)
}

// Crash ends it without notice, as a crash does, and starts it again after a
// while.
func (d *Database) Crash(away time.Duration) {
	d.t.Helper()
	d.run("pg_ctl", "stop", "-w", "-m", "immediate")
	time.Sleep(away)
	d.run("pg_ctl", "start", "-w", "-l", filepath.Join(d.dir, "log"), "-o",
		fmt.Sprintf("-k %s -h 127.0.0.1 -p %d -c max_connections=200", d.dir, d.port))
}

func (d *Database) run(name string, args ...string) {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()

	c := exec.CommandContext(ctx, program(name), append([]string{"-D", filepath.Join(d.dir, "data")}, args...)...)
	c.Dir = d.dir
	c.SysProcAttr = &syscall.SysProcAttr{Credential: d.as}

	// The program's own output goes to a file: a server that runs on would keep a pipe open.
	out, err := os.Create(filepath.Join(d.dir, name+".out"))
	if err != nil {
		d.t.Fatal(err)
	}
	defer out.Close()
	c.Stdout, c.Stderr = out, out
	if err := c.Run(); err != nil {
		text, _ := os.ReadFile(out.Name())
		d.t.Fatalf("%s %v: %v\n%s", name, args, err, text)
	}
}

// program finds a program of PostgreSQL: Debian keeps them out of PATH.
func program(name string) string {
	if path, err := exec.LookPath(name); err == nil {
		return path
	}

	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	slices.Sort(found)
	if len(found) == 0 {
		return ""
	}
	return found[len(found)-1]
}

func nobody(t testing.TB) *syscall.Credential {
	t.Helper()
	u, err := user.Lookup("nobody")
	if err != nil {
		t.Fatal(err)
	}
	uid, _ := strconv.Atoi(u.Uid)
	gid, _ := strconv.Atoi(u.Gid)
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
}
