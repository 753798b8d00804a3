package wire

import (
	"bytes"
	"encoding/json"
	"runtime"
	"testing"
)

func benchUser() []byte { return userJSON(7) }

// benchUserExtra is the same user with two members that no field takes.
func benchUserExtra() []byte {
	doc := bytes.TrimSuffix(userJSON(7), []byte("}"))
	return append(doc, `,"resetMfaSecret":false,"uiSettings":{"theme":"dark","zoom":1.25}}`...)
}

func benchDecode[T any](b *testing.B, doc []byte, unmarshal func([]byte, any) error) {
	b.SetBytes(int64(len(doc)))
	b.ReportAllocs()
	for b.Loop() {
		var v T
		if err := unmarshal(doc, &v); err != nil {
			b.Fatal(err)
		}
	}
}

// What encoding/json needs is measured on the plain struct, which is kind to it,
// and on the struct with Opt fields, whose methods it has to call.
func BenchmarkUnmarshal(b *testing.B) {
	b.Run("user/wire", func(b *testing.B) { benchDecode[optUser](b, benchUser(), Unmarshal) })
	b.Run("user/wire-plain", func(b *testing.B) { benchDecode[plainUser](b, benchUser(), Unmarshal) })
	b.Run("user/std-plain", func(b *testing.B) { benchDecode[plainUser](b, benchUser(), json.Unmarshal) })
	b.Run("user/std-opt", func(b *testing.B) { benchDecode[optUser](b, benchUser(), json.Unmarshal) })
	b.Run("extra2/wire", func(b *testing.B) { benchDecode[optUser](b, benchUserExtra(), Unmarshal) })
	b.Run("extra2/std-plain", func(b *testing.B) { benchDecode[plainUser](b, benchUserExtra(), json.Unmarshal) })
	b.Run("any/wire", func(b *testing.B) { benchDecode[any](b, benchUser(), Unmarshal) })
	b.Run("any/std", func(b *testing.B) { benchDecode[any](b, benchUser(), json.Unmarshal) })
}

// More goroutines must not make one document slower: compare with -cpu=1,2.
func BenchmarkParallel(b *testing.B) {
	doc := benchUser()
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			var v optUser
			if err := Unmarshal(doc, &v); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkArray(b *testing.B) {
	doc := usersJSON(10_000)
	b.Run("wire", func(b *testing.B) {
		b.SetBytes(int64(len(doc)))
		b.ReportAllocs()
		for b.Loop() {
			a := NewArray(bytes.NewReader(doc))
			var u optUser
			n := 0
			for ok, err := a.Next(&u); ok || err != nil; ok, err = a.Next(&u) {
				if err != nil {
					b.Fatal(err)
				}
				n++
			}
			if a.Close(); n != 10_000 {
				b.Fatal(n)
			}
		}
	})
	b.Run("std", func(b *testing.B) {
		b.SetBytes(int64(len(doc)))
		b.ReportAllocs()
		for b.Loop() {
			dec := json.NewDecoder(bytes.NewReader(doc))
			if _, err := dec.Token(); err != nil {
				b.Fatal(err)
			}
			for dec.More() {
				var u plainUser
				if err := dec.Decode(&u); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
}

func BenchmarkMarshal(b *testing.B) {
	var o optUser
	var p plainUser
	if err := Unmarshal(benchUserExtra(), &o); err != nil {
		b.Fatal(err)
	}
	if err := Unmarshal(benchUserExtra(), &p); err != nil {
		b.Fatal(err)
	}
	run := func(name string, marshal func(any) ([]byte, error), v any) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := marshal(v); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	run("wire", Marshal, &o)
	run("std-plain", json.Marshal, &p)
	run("std-opt", json.Marshal, &o)
}

// BenchmarkLive reports the live heap half-way through lists of two lengths: it
// must be the same.
func BenchmarkLive(b *testing.B) {
	for _, size := range []struct {
		name string
		n    int
	}{{"1k", 1_000}, {"20k", 20_000}} {
		b.Run(size.name, func(b *testing.B) {
			var live float64
			for b.Loop() {
				var before, during runtime.MemStats
				runtime.GC()
				runtime.GC()
				runtime.ReadMemStats(&before)
				a := NewArray(&endless{n: size.n})
				var u optUser
				for i := range size.n {
					if ok, err := a.Next(&u); !ok || err != nil {
						b.Fatal(i, ok, err)
					}
				}
				runtime.GC()
				runtime.ReadMemStats(&during)
				live = float64(during.HeapAlloc) - float64(before.HeapAlloc)
				a.Close()
				runtime.KeepAlive(u)
			}
			b.ReportMetric(live/1024, "live-KiB")
		})
	}
}

// endless makes a list of users as it is read, so that the list itself takes no memory.
type endless struct {
	n, i int
	buf  []byte
}

func (e *endless) Read(p []byte) (int, error) {
	if len(e.buf) == 0 {
		sep := byte(',')
		if e.i == 0 {
			sep = '['
		}
		e.buf = append(append(e.buf[:0], sep), userJSON(e.i)...)
		if e.i++; e.i > e.n {
			e.buf = append(e.buf[:0], ']')
		}
	}
	n := copy(p, e.buf)
	e.buf = e.buf[n:]
	return n, nil
}
