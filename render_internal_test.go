package wsx

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"html"
	"html/template"
	"io"
	"strings"
	"testing"
)

func TestText(t *testing.T) {
	t.Parallel()

	tests := []struct{ in, want string }{
		{"", ""},
		{"Ann", "Ann"},
		{`<b>&"'`, "&lt;b&gt;&amp;&#34;&#39;"},
		{"&lt;", "&amp;lt;"},
		{"a\x00b", "a\ufffdb"},
		{"größer\n日本", "größer\n日本"},
	}
	for _, tt := range tests {
		if got := Text(tt.in); string(got) != tt.want {
			t.Errorf("Text(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

// shouter has text that is worth escaping behind each of fmt's methods.
type shouter struct{ text string }

func (s shouter) String() string { return "<s>" + s.text }

type failing struct{}

func (failing) Error() string { return "<e>" }

type broken struct{}

func (broken) String() string { panic("<p>") }

type named string

func TestHTMLf(t *testing.T) {
	t.Parallel()

	b := template.HTML("<b>")
	tests := []struct {
		format literal
		args   []any
		want   string
	}{
		{"<p>", nil, "<p>"},
		{"100%%", nil, "100%"},
		{"<p>%s</p>", []any{"<b>"}, "<p>&lt;b&gt;</p>"},
		{`<p title="%s">`, []any{`"'`}, `<p title="&#34;&#39;">`},
		{"%s", []any{b}, "<b>"},
		{"%v", []any{b}, "<b>"},
		{"%5s|%-5s", []any{b, b}, "  <b>|<b>  "},
		{"%s %s", []any{b, "<b>"}, "<b> &lt;b&gt;"},
		{"%s", []any{named("<b>")}, "&lt;b&gt;"},
		{"%s", []any{[]byte("<b>")}, "&lt;b&gt;"},
		{"%s", []any{shouter{"x"}}, "&lt;s&gt;x"},
		{"%v", []any{failing{}}, "&lt;e&gt;"},
		{"%v", []any{[]string{"<b>"}}, "[&lt;b&gt;]"},
		{"%v", []any{[]template.HTML{b}}, "[&lt;b&gt;]"},
		{"%v", []any{struct{ A template.HTML }{b}}, "{&lt;b&gt;}"},
		{"%v", []any{template.JS("<b>")}, "&lt;b&gt;"},
		{"%v", []any{nil}, "&lt;nil&gt;"},

		{"%d", []any{12}, "12"},
		{"%+d %x %X %o %b", []any{12, 255, 255, 8, 5}, "+12 ff FF 10 101"},
		{"%05d|%-5d|%5d", []any{12, 12, 12}, "00012|12   |   12"},
		{"%d %d", []any{int64(-1), uint8(200)}, "-1 200"},
		{"%5.2f %g %e", []any{3.14159, 1.5, 100.0}, " 3.14 1.5 1.000000e+02"},
		{"%t", []any{true}, "true"},
		{"%c", []any{int('<')}, "&lt;"},
		{"%c", []any{'<'}, "&lt;"},
		{"%#U", []any{int('<')}, "U+003C &#39;&lt;&#39;"},
		{"%q", []any{int('<')}, "&#39;&lt;&#39;"},
		{"%q", []any{`<"`}, "&#34;&lt;\\&#34;&#34;"},
		{"%x", []any{"<"}, "3c"},
		{"%.2s", []any{"<b>"}, "&lt;b"},
		{"%5s", []any{"<"}, "    &lt;"},
		{"%*d|%-*d|%.*f", []any{4, 7, 3, 7, 2, 1.005}, "   7|7  |1.00"},
		{"%*s", []any{3, "<"}, "  &lt;"},
		{"%[2]s %[1]s", []any{"a", "<"}, "&lt; a"},
		{"%[2]*[1]d", []any{7, 3}, "  7"},

		// A piece of HTML that is cut or quoted is HTML no more.
		{"%.2s", []any{b}, "&lt;b"},
		{"%q", []any{b}, "&#34;&lt;b&gt;&#34;"},
		{"%#v", []any{b}, "&#34;&lt;b&gt;&#34;"},

		// Verbs that fmt does not show to a Formatter.
		{"%T", []any{"<b>"}, "string"},
		{"%T %T", []any{3, []any{}}, "int []interface {}"},
		{"%T", []any{map[string]struct{ A chan<- int }{}}, "map[string]struct { A chan&lt;- int }"},
		{"%10T|%[1]T", []any{1.5}, "   float64|float64"},
		{"%p", []any{"<b>"}, "%!p(string=&lt;b&gt;)"},
		{"%w", []any{errors.New("<b>")}, "%!w(*errors.errorString=&amp;{&lt;b&gt;})"},
		{"%w", []any{b}, "%!w(template.HTML=&lt;b&gt;)"},
		{"%T%s%p", []any{"a", "<", "b"}, "string&lt;%!p(string=b)"},

		// Mistakes.
		{"%d", []any{"<b>"}, "%!d(string=&lt;b&gt;)"},
		{"%d", []any{b}, "%!d(template.HTML=&lt;b&gt;)"},
		{"%y", []any{"<b>"}, "%!y(string=&lt;b&gt;)"},
		{"%s", []any{broken{}}, "%!s(PANIC=String method: &lt;p&gt;)"},
		{"%s", nil, "%!s(MISSING)"},
		{"%", []any{"<b>"}, "%!(NOVERB)%!(EXTRA wsx.escaped=&lt;b&gt;)"},
		{"x", []any{"<b>", 3}, "x%!(EXTRA wsx.escaped=&lt;b&gt;, wsx.escapedInt=3)"},
		{"%*d", []any{"<b>", 3}, "%!(BADWIDTH)3"},
		{"%[5]d", []any{3}, "%!d(BADINDEX)"},
	}
	for _, tt := range tests {
		t.Run(string(tt.format), func(t *testing.T) {
			t.Parallel()
			if got := HTMLf(tt.format, tt.args...); string(got) != tt.want {
				t.Errorf("HTMLf(%q, %q)\n got %s\nwant %s", tt.format, tt.args, got, tt.want)
			}
		})
	}
}

func TestHTMLfLeavesItsArgumentsAlone(t *testing.T) {
	t.Parallel()

	args := []any{"<", 3}
	HTMLf("%s %d", args...)
	if args[0] != "<" || args[1] != 3 {
		t.Errorf("the arguments became %v", args)
	}
}

func FuzzHTMLf(f *testing.F) {
	for _, format := range []string{"%s", "%w", "%p%T", "%[1]*.[2]*[3]f", "%#v", "%!", "%[T]w", "%-+# 0s", "%x", "%"} {
		f.Add(format, `<a b="'&`, 3)
	}
	f.Fuzz(func(t *testing.T, format, arg string, n int) {
		if strings.ContainsAny(format, "<>\"'") {
			return // trusted by HTMLf, and no proof of anything here
		}
		n %= 1000 // fmt takes a * up to a million
		got := string(HTMLf(literal(format), arg, n, shouter{arg}, []string{arg}, map[string]error{arg: failing{}}, nil))
		if strings.ContainsAny(got, "<>\"'") {
			t.Fatalf("HTMLf(%q, %q, %d) = %s", format, arg, n, got)
		}
		for _, verb := range []string{"%s", "%v", "%q", "%x", "%-9s", "%.3s", "%+q", "%#v", "%T", "%d"} {
			want := html.UnescapeString(template.HTMLEscapeString(fmt.Sprintf(verb, arg)))
			if got := html.UnescapeString(string(HTMLf(literal(verb), arg))); got != want {
				t.Fatalf("%s of %q reads %q, want %q", verb, arg, got, want)
			}
		}
	})
}

func TestExecute(t *testing.T) {
	t.Parallel()

	tmpl := template.Must(template.New("page").Parse(
		`{{define "item"}}<li>{{.}}</li>{{end}}<ul>{{template "item" .}}</ul>`))

	t.Run("a named template", func(t *testing.T) {
		t.Parallel()
		got, err := Execute(tmpl, "item", "<b>")
		if want := template.HTML("<li>&lt;b&gt;</li>"); got != want || err != nil {
			t.Errorf("got %q, %v, want %q", got, err, want)
		}
	})
	t.Run("the template itself", func(t *testing.T) {
		t.Parallel()
		got, err := Execute(tmpl, "", "x")
		if want := template.HTML("<ul><li>x</li></ul>"); got != want || err != nil {
			t.Errorf("got %q, %v, want %q", got, err, want)
		}
	})
	t.Run("a name that is not there", func(t *testing.T) {
		t.Parallel()
		got, err := Execute(tmpl, "other", nil)
		if got != "" || err == nil || !strings.HasPrefix(err.Error(), `wsx: execute template "other": `) {
			t.Errorf("got %q, %v", got, err)
		}
	})
	t.Run("nil", func(t *testing.T) {
		t.Parallel()
		got, err := Execute(nil, "item", nil)
		if got != "" || err == nil || err.Error() != `wsx: execute template "item": the template is nil` {
			t.Errorf("got %q, %v", got, err)
		}
	})
	t.Run("an error in the middle", func(t *testing.T) {
		t.Parallel()
		fail := func() (string, error) { return "", io.ErrUnexpectedEOF }
		tmpl := template.Must(template.New("half").Funcs(template.FuncMap{"fail": fail}).Parse(`<p>so far{{fail}}</p>`))
		for _, name := range []string{"", "half"} {
			got, err := Execute(tmpl, name, nil)
			if got != "" || !errors.Is(err, io.ErrUnexpectedEOF) || !strings.HasPrefix(err.Error(), `wsx: execute template "half": `) {
				t.Errorf("name %q: got %q, %v", name, got, err)
			}
		}
	})
}

type componentFunc func(ctx context.Context, w io.Writer) error

func (f componentFunc) Render(ctx context.Context, w io.Writer) error { return f(ctx, w) }

func TestRender(t *testing.T) {
	t.Parallel()

	t.Run("passes the context on", func(t *testing.T) {
		t.Parallel()
		type key struct{}
		ctx := context.WithValue(t.Context(), key{}, "Ann")
		got, err := Render(ctx, componentFunc(func(ctx context.Context, w io.Writer) error {
			_, err := fmt.Fprintf(w, "<b>%s</b>", ctx.Value(key{}))
			return err
		}))
		if want := template.HTML("<b>Ann</b>"); got != want || err != nil {
			t.Errorf("got %q, %v, want %q", got, err, want)
		}
	})
	t.Run("an error in the middle", func(t *testing.T) {
		t.Parallel()
		got, err := Render(t.Context(), componentFunc(func(_ context.Context, w io.Writer) error {
			_, _ = io.WriteString(w, "<p>so far")
			return io.ErrUnexpectedEOF
		}))
		if got != "" || !errors.Is(err, io.ErrUnexpectedEOF) || err.Error() != "wsx: render component: unexpected EOF" {
			t.Errorf("got %q, %v", got, err)
		}
	})
	t.Run("nil", func(t *testing.T) {
		t.Parallel()
		if got, err := Render(t.Context(), nil); got != "" || err == nil {
			t.Errorf("got %q, %v, want an error", got, err)
		}
	})
	t.Run("what is written late is not in it", func(t *testing.T) {
		t.Parallel()
		var kept io.Writer
		got, err := Render(t.Context(), componentFunc(func(_ context.Context, w io.Writer) error {
			kept = w
			_, err := w.Write(bytes.Repeat([]byte("a"), 100))
			return err
		}))
		_, _ = io.WriteString(kept, "late")
		if err != nil || string(got) != strings.Repeat("a", 100) {
			t.Errorf("got %q, %v", got, err)
		}
	})
}

func TestID(t *testing.T) {
	t.Parallel()

	// From the web platform tests of CSS.escape, css/cssom/escape.html.
	tests := []struct{ in, want string }{
		{"", "#"},
		{"messages", "#messages"},
		{"\x00", "#\ufffd"}, {"a\x00b", "#a\ufffdb"},
		{"\ufffd", "#\ufffd"},
		{"0a", `#\30 a`}, {"1a", `#\31 a`}, {"9a", `#\39 a`},
		{"a0b", "#a0b"}, {"a9b", "#a9b"},
		{"-0a", `#-\30 a`}, {"-9a", `#-\39 a`},
		{"-a", "#-a"}, {"-", `#\-`}, {"--a", "#--a"}, {"--0", "#--0"},
		{"\x01\x02\x1e\x1f", `#\1 \2 \1e \1f `},
		{"\u0080\u002D\u005F\u00A9", "#\u0080\u002D\u005F\u00A9"},
		{"\x7f\u0080\u0081", "#\\7f \u0080\u0081"},
		{"a0123456789b", "#a0123456789b"},
		{"abcxyzABCXYZ", "#abcxyzABCXYZ"},
		{" !xy", `#\ \!xy`},
		{"a.b:c[d]\"'\\#", `#a\.b\:c\[d\]\"\'\\\#`},
		{"user@example.com", `#user\@example\.com`},
		{"7f3c", `#\37 f3c`},
		{"日本😀", "#日本😀"},
		{"-é1", "#-é1"},
		{"é1", "#é1"},
		{"\xff", "#\ufffd"},
	}
	for _, tt := range tests {
		if got := ID(tt.in); got != tt.want {
			t.Errorf("ID(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}
