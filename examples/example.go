package main

import (
	"html/template"
	"regexp"
	"strings"

	"github.com/wsxgo/wsx"
)

type state string

const (
	waiting  state = "Waiting"
	building state = "Building"
	starting state = "Starting"
	running  state = "Running"
	failed   state = "Failed"
)

// example is one program and its card. The first block never changes; the gallery's mu guards the second.
type example struct {
	Name          string
	Title         string
	Text          template.HTML   // one paragraph
	Points        []template.HTML // what it shows
	Alt           string          // of the screenshot
	HasScreenshot bool

	State   state
	URL     string // set while it runs
	Problem string // set when it failed
}

const mostPoints = 4

var (
	picture = regexp.MustCompile(`^!\[([^\]]*)\]\(screenshot\.png\)`)
	link    = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`)
)

// describe reads the title, the first paragraph and the left column of the table under "What it shows" from a README.
func (e *example) describe(readme string) {
	e.Title, e.Alt = e.Name, "Screenshot"
	section, inCode := "", false
	var paragraph []string
	for line := range strings.Lines(readme + "\n\n") {
		line = strings.TrimSpace(line)
		// An escaped pipe is not a border of the table, so another character takes its place
		// meanwhile.
		cells := strings.Split(strings.ReplaceAll(line, `\|`, "¦"), "|")
		switch {
		case strings.HasPrefix(line, "```"):
			inCode = !inCode
		// Comments in code may begin with "#", like headings.
		case inCode:
		case strings.HasPrefix(line, "# "):
			e.Title = strings.TrimPrefix(line, "# ")
		case strings.HasPrefix(line, "#"):
			section = strings.TrimLeft(line, "# ")
		case picture.MatchString(line):
			e.Alt = picture.FindStringSubmatch(line)[1]
		case len(cells) > 2:
			if cell := strings.TrimSpace(cells[1]); section == "What it shows" && strings.Trim(cell, "-: ") != "" && len(e.Points) < mostPoints {
				e.Points = append(e.Points, inline(strings.ReplaceAll(cell, "¦", "|")))
			}
		case line != "":
			paragraph = append(paragraph, line)
		case len(paragraph) > 0:
			if e.Text == "" {
				e.Text = inline(strings.Join(paragraph, " "))
			}
			paragraph = nil
		}
	}
}

// inline converts a line of Markdown to HTML. Code keeps its formatting; links and bold text become plain text.
func inline(text string) template.HTML {
	var html template.HTML
	for i, part := range strings.Split(text, "`") {
		if i%2 == 1 {
			html += wsx.HTMLf("<code>%s</code>", part)
		} else {
			html += wsx.Text(strings.ReplaceAll(link.ReplaceAllString(part, "$1"), "**", ""))
		}
	}
	return html
}
