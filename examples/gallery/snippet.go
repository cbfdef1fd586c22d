package main

import (
	"html/template"
	"regexp"
	"strings"

	"github.com/wsxgo/wsx"
)

// snippet returns the entry of a map literal in a file: from the line that begins with the quoted name to the next line with the
// same indentation. It panics if there is no such entry.
func snippet(path, name string) string {
	source, err := sources.ReadFile(path)
	if err != nil {
		panic(err)
	}
	var lines []string
	indent := -1
	for line := range strings.Lines(string(source)) {
		depth := len(line) - len(strings.TrimLeft(line, " \t"))
		switch {
		case indent < 0 && strings.HasPrefix(strings.TrimSpace(line), `"`+name+`":`):
			indent = depth
		case indent < 0:
			continue
		case depth < indent, depth == indent && !strings.HasPrefix(line[depth:], "}"):
			return strings.TrimSuffix(strings.TrimSpace(strings.Join(lines, "")), ",")
		}
		lines = append(lines, line[min(indent, depth):])
	}
	panic("no " + name + " in " + path)
}

var attribute = regexp.MustCompile(`\bwx-[\w-]+|\bwsx:\w+`)

// marked converts code to HTML, with the names of wsx in bold.
func marked(code string) template.HTML {
	var html template.HTML
	last := 0
	for _, at := range attribute.FindAllStringIndex(code, -1) {
		html += wsx.HTMLf("%s<b>%s</b>", code[last:at[0]], code[at[0]:at[1]])
		last = at[1]
	}
	return html + wsx.Text(code[last:])
}
