package wsxtest

import (
	"context"
	"encoding/json"
	"html/template"
	"strings"

	"github.com/wsxgo/wsx"
)

// A frame is a message from the hub. Its fields are the union of all kinds.
type frame struct {
	Type string
	ID   string
	Conn string

	update
	OOB     []update
	Updates []update

	Code string
}

// An update is a fragment as it is sent.
type update struct {
	Target string
	HTML   string
	Swap   string
	Args   json.RawMessage // of a verb, whose Swap is "action"
}

// fragment returns the fragment as the program made it, so that a test can compare a verb with a
// call of package dom.
func (u update) fragment() wsx.Fragment {
	swap := u.Swap
	if u.Args != nil {
		swap += " " + string(u.Args)
	}
	return wsx.Fragment{Target: u.Target, HTML: template.HTML(u.HTML), Swap: wsx.Swap(swap)}
}

// read handles frames until the connection ends. It continues after an invalid frame, so that the
// test fails with the frame and not with a timeout.
func (b *Browser) read() {
	defer close(b.done)
	for {
		_, data, err := b.ws.Read(context.Background())
		if err != nil {
			b.note(func() { b.end = err })
			return
		}
		var f frame
		if err := json.Unmarshal(data, &f); err != nil {
			b.tb.Errorf("wsxtest: invalid frame from the hub: %v: %.200s", err, data)
			continue
		}
		b.note(func() { b.take(f) })
	}
}

// note calls change with mu held and then wakes wait.
func (b *Browser) note(change func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	change()
	close(b.changed)
	b.changed = make(chan struct{})
}

// take stores the content of a frame. A response is recognized by the prefix of its id, since
// broadcasts have ids too. The caller holds mu.
func (b *Browser) take(f frame) {
	switch f.Type {
	case "hello":
		b.hello = f.Conn
	case "ack":
		b.answers[f.ID] = answer{}
	case "error":
		b.answers[f.ID] = answer{code: f.Code, html: template.HTML(f.HTML)}
	case "batch":
		for _, u := range f.Updates {
			b.pushed = append(b.pushed, u.fragment())
		}
	case "":
		fragments := []wsx.Fragment{f.fragment()}
		for _, u := range f.OOB {
			fragments = append(fragments, u.fragment())
		}
		if strings.HasPrefix(f.ID, "wsxtest-") {
			b.answers[f.ID] = answer{fragments: fragments}
		} else {
			b.pushed = append(b.pushed, fragments...)
		}
	}
}
