package main

import (
	"html/template"
	"strings"

	"github.com/wsxgo/wsx"
)

type section struct {
	ID, Title, Text string
	Demos           []demo
}

// demo is one piece of the gallery. Its markup is the template "demo/<name>", or the template of its kind.
type demo struct {
	Name, Text string
	handler    string // also shown as code, unless empty
	kind       kind

	Live template.HTML   // the working piece
	Code []template.HTML // its code
}

type kind int

const (
	markup kind = iota
	verb        // a constructor of fragments
	method      // of the client
	event       // of the page
)

// ID returns the id of the piece's heading.
func (d demo) ID() string { return "d-" + strings.NewReplacer(":", "-", "*", "all").Replace(d.Name) }

// rendered returns the sections with all pieces rendered for one page.
func rendered(sections []section, data any) ([]section, error) {
	var all []section
	for _, s := range sections {
		var demos []demo
		for _, d := range s.Demos {
			if err := d.render(data); err != nil {
				return nil, err
			}
			demos = append(demos, d)
		}
		s.Demos = demos
		all = append(all, s)
	}
	return all, nil
}

// render runs for each page, because some pieces contain a ticket or current data. The code beside
// them does not change, so withCode runs once.
func (d *demo) render(data any) (err error) {
	switch d.kind {
	case verb:
		d.Live, err = wsx.Execute(pages, "verb", map[string]any{"Name": d.Name, "Stage": stages[d.Name]})
	case method:
		d.Live, err = wsx.Execute(pages, "method", d.Name)
	case event:
		if d.Name == "wsx:connected" { // one list for all of them
			d.Live, err = wsx.Execute(pages, "events", nil)
		}
	default:
		d.Live, err = wsx.Execute(pages, "demo/"+d.Name, data)
	}
	return err
}

// withCode returns d with its code.
func (d demo) withCode() demo {
	var code []string
	switch d.kind {
	case verb:
		text := snippet("verbs.go", d.Name)
		_, text, _ = strings.Cut(text, "{ return ")
		code = append(code, strings.TrimSuffix(text, " }"))
		if stage := stages[d.Name]; stage != "" {
			code = append(code, string(stage))
		}
	case method, event:
		code = append(code, snippet("web/app.js", d.Name))
	default:
		code = append(code, strings.TrimSpace(written.Lookup("demo/"+d.Name).Tree.Root.String()))
	}
	if d.handler != "" {
		code = append(code, snippet("handlers.go", d.handler))
	}
	for _, text := range code {
		d.Code = append(d.Code, marked(text))
	}
	return d
}

// stages are the elements that verbs change. Verbs without a stage act on the page.
var stages = map[string]template.HTML{
	"SetText":     `<p id="v-SetText" class="well">Old</p>`,
	"Remove":      `<p id="v-Remove" class="well">Still here</p>`,
	"SetValue":    `<input id="v-SetValue" aria-label="A field">`,
	"SetAttr":     `<details id="v-SetAttr"><summary>Closed</summary>Open</details>`,
	"RemoveAttr":  `<details id="v-RemoveAttr" open><summary>Open</summary>Visible</details>`,
	"AddClass":    `<p id="v-AddClass">Red?</p>`,
	"RemoveClass": `<p id="v-RemoveClass" class="problem">Red?</p>`,
	"ToggleClass": `<p id="v-ToggleClass">Red?</p>`,
	"Focus":       `<input id="v-Focus" aria-label="The field to focus">`,
}
