package frame

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestAppendHeader(t *testing.T) {
	t.Parallel()

	tests := []struct {
		op   Opcode
		rsv1 bool
		n    int
		want []byte
	}{
		{OpText, false, 0, []byte{0x81, 0}},
		{OpText, false, 1, []byte{0x81, 1}},
		{OpText, false, 125, []byte{0x81, 125}},
		{OpText, false, 126, []byte{0x81, 126, 0, 126}},
		{OpText, false, 127, []byte{0x81, 126, 0, 127}},
		{OpText, false, 256, []byte{0x81, 126, 1, 0}},
		{OpText, false, 65535, []byte{0x81, 126, 0xff, 0xff}},
		{OpText, false, 65536, []byte{0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0}},
		{OpText, false, 1<<31 - 1, []byte{0x81, 127, 0, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff}},
		{OpText, true, 125, []byte{0xc1, 125}},
		{OpText, true, 126, []byte{0xc1, 126, 0, 126}},
		{OpText, true, 65536, []byte{0xc1, 127, 0, 0, 0, 0, 0, 1, 0, 0}},
		{OpContinuation, false, 5, []byte{0x80, 5}},
		{OpBinary, false, 5, []byte{0x82, 5}},
		{OpClose, false, 2, []byte{0x88, 2}},
		{OpPing, false, 0, []byte{0x89, 0}},
		{OpPong, false, 125, []byte{0x8a, 125}},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("op=%d rsv1=%t n=%d", tt.op, tt.rsv1, tt.n), func(t *testing.T) {
			t.Parallel()
			got := AppendHeader([]byte("before"), tt.op, tt.rsv1, tt.n)
			if want := append([]byte("before"), tt.want...); !bytes.Equal(got, want) {
				t.Errorf("got % x, want % x", got, want)
			}
			if got := HeaderLen(tt.n); got != len(tt.want) {
				t.Errorf("HeaderLen(%d) = %d, want %d", tt.n, got, len(tt.want))
			}
			if len(tt.want) > MaxHeader {
				t.Errorf("a header of %d bytes is over MaxHeader", len(tt.want))
			}
		})
	}
}

func TestPing(t *testing.T) {
	t.Parallel()

	if want := AppendHeader(nil, OpPing, false, 0); !bytes.Equal(Ping, want) {
		t.Errorf("Ping is % x, want % x", Ping, want)
	}
}

func TestText(t *testing.T) {
	t.Parallel()

	for _, n := range []int{0, 1, 125, 126, 127, 65535, 65536, 100_000} {
		payload := bytes.Repeat([]byte("x"), n)
		whole := Text(payload)
		if cap(whole) < len(whole) || len(whole) != HeaderLen(n)+n {
			t.Errorf("Text of %d bytes is %d long", n, len(whole))
		}
		got, rest, err := parse(whole)
		if err != nil {
			t.Fatalf("Text of %d bytes: %v", n, err)
		}
		if got.op != OpText || got.rsv1 || len(rest) != 0 || !bytes.Equal(got.payload, payload) {
			t.Errorf("Text of %d bytes came back as op %d, rsv1 %t, %d bytes, %d left over",
				n, got.op, got.rsv1, len(got.payload), len(rest))
		}
	}
}

func TestFinish(t *testing.T) {
	t.Parallel()

	for _, n := range []int{0, 1, 125, 126, 65535, 65536} {
		b := append(make([]byte, MaxHeader), bytes.Repeat([]byte("x"), n)...)
		got := Finish(b, OpText)
		if want := Text(b[MaxHeader:]); !bytes.Equal(got, want) {
			t.Errorf("%d bytes: header % x, want % x", n, got[:HeaderLen(n)], want[:HeaderLen(n)])
		}
		if n > 0 && &got[len(got)-1] != &b[len(b)-1] {
			t.Errorf("%d bytes were copied", n)
		}
	}
}

func TestFramesFollowEachOther(t *testing.T) {
	t.Parallel()

	var stream []byte
	sizes := []int{0, 125, 126, 65535, 65536}
	for _, n := range sizes {
		stream = AppendHeader(stream, OpText, n%2 == 0, n)
		stream = append(stream, bytes.Repeat([]byte{byte(n)}, n)...)
		stream = append(stream, Ping...)
	}
	for _, n := range sizes {
		var data, ping parsed
		var err error
		if data, stream, err = parse(stream); err != nil {
			t.Fatal(err)
		}
		if len(data.payload) != n || data.rsv1 != (n%2 == 0) {
			t.Errorf("got %d bytes, rsv1 %t, want %d bytes", len(data.payload), data.rsv1, n)
		}
		if ping, stream, err = parse(stream); err != nil || ping.op != OpPing {
			t.Fatalf("no ping after %d bytes: op %d, %v", n, ping.op, err)
		}
	}
	if len(stream) != 0 {
		t.Errorf("%d bytes left over", len(stream))
	}
}

func FuzzAppendHeader(f *testing.F) {
	for _, n := range []int{0, 125, 126, 65535, 65536} {
		f.Add(byte(OpText), false, n)
		f.Add(byte(OpBinary), true, n)
	}
	f.Fuzz(func(t *testing.T, op byte, rsv1 bool, n int) {
		op &= 0x0f
		n &= 1<<20 - 1
		whole := append(AppendHeader(nil, Opcode(op), rsv1, n), make([]byte, n)...)
		got, rest, err := parse(whole)
		if err != nil {
			t.Fatal(err)
		}
		if got.op != Opcode(op) || got.rsv1 != rsv1 || len(got.payload) != n || len(rest) != 0 {
			t.Fatalf("op %d rsv1 %t n %d came back as op %d rsv1 %t n %d, %d left over",
				op, rsv1, n, got.op, got.rsv1, len(got.payload), len(rest))
		}
	})
}

func BenchmarkAppendHeader(b *testing.B) {
	var dst [MaxHeader]byte
	b.ReportAllocs()
	for b.Loop() {
		AppendHeader(dst[:0], OpText, false, 1000)
	}
}

type parsed struct {
	op      Opcode
	rsv1    bool
	payload []byte
}

// parse reads one frame from the front of b, as a client has to. It shares
// nothing with the code under test, and refuses what RFC 6455 forbids a server.
func parse(b []byte) (f parsed, rest []byte, err error) {
	if len(b) < 2 {
		return f, b, errors.New("short header")
	}
	if b[0]>>7 != 1 {
		return f, b, errors.New("not final")
	}
	if b[0]&0x30 != 0 {
		return f, b, errors.New("reserved bits")
	}
	if b[1]>>7 != 0 {
		return f, b, errors.New("a server must not mask")
	}
	f.op, f.rsv1 = Opcode(b[0]%16), b[0]&0x40 != 0
	n, width := uint64(b[1]), 0
	switch n {
	case 126:
		width = 2
	case 127:
		width = 8
	}
	b = b[2:]
	if len(b) < width {
		return f, b, errors.New("short length")
	}
	if width > 0 {
		n = 0
		for _, digit := range b[:width] {
			n = n*256 + uint64(digit)
		}
		if n < 126 || width == 8 && n < 65536 {
			return f, b, fmt.Errorf("length %d is not in its shortest form", n)
		}
		b = b[width:]
	}
	if uint64(len(b)) < n {
		return f, b, errors.New("short payload")
	}
	f.payload = b[:n]
	return f, b[n:], nil
}

func TestTexts(t *testing.T) {
	var frames []byte
	var want []string
	for _, n := range []int{0, 1, 125, 126, 65535, 65536} {
		text := strings.Repeat("x", n)
		want = append(want, text)
		frames = append(append(frames, Ping...), Text([]byte(text))...)
	}
	var got []string
	for payload := range Texts(frames) {
		got = append(got, string(payload))
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %d payloads, which are not the %d that went in", len(got), len(want))
	}
	for range Texts(frames) {
		break // and nothing more is asked for
	}
	for payload := range Texts(slices.Concat(Ping, Ping)) {
		t.Errorf("%q is in no text frame", payload)
	}
}
