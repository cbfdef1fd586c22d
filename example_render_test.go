package wsx_test

import (
	"context"
	"fmt"
	"html/template"
	"io"
	"os"

	"github.com/wsxgo/wsx"
)

func ExampleText() {
	fmt.Println(wsx.Text(`Fish & <script>`))
	// Output: Fish &amp; &lt;script&gt;
}

func ExampleHTMLf() {
	name, bold := "<Ann>", template.HTML("<b>!</b>")
	fmt.Println(wsx.HTMLf(`<li title="%s">%s has %d points, %.1f%% %s</li>`, name, name, 12, 99.5, bold))
	// Output: <li title="&lt;Ann&gt;">&lt;Ann&gt; has 12 points, 99.5% <b>!</b></li>
}

func ExampleExecute() {
	page := template.Must(template.New("page").Parse(`{{define "message"}}<li>{{.From}}: {{.Text}}</li>{{end}}`))
	html, err := wsx.Execute(page, "message", map[string]string{"From": "Ann", "Text": "1 < 2"})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return
	}
	fmt.Println(html)
	// Output: <li>Ann: 1 &lt; 2</li>
}

// A templ component has this method; here it is written by hand.
type badge int

func (b badge) Render(_ context.Context, w io.Writer) error {
	_, err := fmt.Fprintf(w, `<span class="badge">%d</span>`, int(b))
	return err
}

func ExampleRender() {
	html, err := wsx.Render(context.Background(), badge(3))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return
	}
	fmt.Println(html)
	// Output: <span class="badge">3</span>
}

func ExampleID() {
	fmt.Println(wsx.ID("messages"))
	fmt.Println(wsx.ID("user:7.5"))
	fmt.Println(wsx.ID("7f3c"))
	// Output:
	// #messages
	// #user\:7\.5
	// #\37 f3c
}
