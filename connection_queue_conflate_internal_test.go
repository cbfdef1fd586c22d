package wsx

import (
	"fmt"
	"html/template"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wsxgo/wsx/internal/protocol"
)

// A node of the model's page is an element, with an id, or a piece of text. Its html is written "[a x[b y]]": the element #a
// with the text x and the element #b in it.
type node struct {
	id, text string
	kids     []*node
}

// parseNodes reads nodes up to a "]" or the end.
func parseNodes(html string) (nodes []*node, rest string) {
	for html != "" && html[0] != ']' {
		if html[0] != '[' {
			nodes, html = append(nodes, &node{text: html[:1]}), html[1:]
			continue
		}
		n := &node{id: html[1:2]}
		n.kids, html = parseNodes(html[2:])
		nodes, html = append(nodes, n), html[1:]
	}
	return nodes, html
}

func (n *node) String() string {
	if n.id == "" {
		return n.text
	}
	return "[" + n.id + n.inside() + "]"
}

func (n *node) inside() string {
	var b strings.Builder
	for _, kid := range n.kids {
		b.WriteString(kid.String())
	}
	return b.String()
}

func textOf(nodes []*node) (text string) {
	for _, n := range nodes {
		text += n.text + textOf(n.kids)
	}
	return text
}

// find returns the first element of that id in document order, by its parent and its place there.
func (n *node) find(id string) (parent *node, at int) {
	for i, kid := range n.kids {
		if kid.id == id {
			return n, i
		}
		if parent, at = kid.find(id); parent != nil {
			return parent, at
		}
	}
	return nil, 0
}

// apply shows a fragment as the client does: at the first element that "#a", or "#a #b", selects.
func (n *node) apply(f protocol.Fragment) {
	parent, at := n, 0
	for i, part := range strings.Fields(f.Target) {
		if i > 0 {
			parent = parent.kids[at]
		}
		if parent, at = parent.find(part[1:]); parent == nil {
			return
		}
	}
	target := parent.kids[at]
	fresh, _ := parseNodes(f.HTML)
	style, _, _ := strings.Cut(f.Swap, " ")
	switch Swap(style) {
	case Inner, MorphInner:
		target.kids = fresh
	case TextContent:
		target.kids, _ = parseNodes(textOf(fresh))
	case Outer, Morph:
		parent.kids = slices.Concat(parent.kids[:at:at], fresh, parent.kids[at+1:])
	case Before:
		parent.kids = slices.Insert(parent.kids, at, fresh...)
	case After:
		parent.kids = slices.Insert(parent.kids, at+1, fresh...)
	case Prepend:
		target.kids = slices.Concat(fresh, target.kids)
	case Append:
		target.kids = append(target.kids, fresh...)
	case Delete:
		parent.kids = slices.Delete(parent.kids, at, at+1)
	case "x-double":
		target.kids, _ = parseNodes(target.inside() + target.inside())
	}
}

func shown(page *node, m *message) {
	for _, f := range m.fragments {
		page.apply(f)
	}
}

func newPage() *node {
	kids, _ := parseNodes("[ax][b[c y][d]z][e][k]")
	return &node{kids: kids}
}

// someHTML makes up html. The id "k" is in none: see someMessage.
func someHTML(random *rand.Rand, depth int) (html string) {
	for range random.IntN(3) {
		if depth > 0 && random.IntN(2) == 0 {
			html += "[" + string("abcde"[random.IntN(5)]) + someHTML(random, depth-1) + "]"
		} else {
			html += string("uvwxyz"[random.IntN(6)])
		}
	}
	return html
}

// someMessage makes up what a program may send. The element #k is shown by messages with a key alone, because that is what
// a key promises.
func someMessage(random *rand.Rand, n int) *message {
	if random.IntN(6) == 0 {
		m := updateOf("", []Fragment{{"#k", template.HTML(fmt.Sprint(n % 10)), pickOf(random, Inner, TextContent)}})
		m.key, m.volatile = "k", random.IntN(3) == 0
		return m
	}
	var fragments []Fragment
	for range 1 + random.IntN(5)/4 {
		target := pickOf(random, "#a", "#b", "#b", "#c", "#d", "#e", "#b #c", "#a #b")
		swap := pickOf(random, Inner, Inner, Inner, MorphInner, TextContent, Outer, Morph, Append, Prepend, Before, After, Delete, None,
			"innerHTML swap:1s", "x-double")
		fragments = append(fragments, Fragment{target, template.HTML(someHTML(random, 2)), swap})
	}
	m := updateOf("", fragments)
	m.room = pickOf(random, "", "", "", "tea")
	m.reply = random.IntN(10) == 0
	return m
}

func pickOf[T any](random *rand.Rand, from ...T) T { return from[random.IntN(len(from))] }

// A conflation is a rule like supersedes.
type conflation func(newer, older *message, last bool) bool

// schedule queues random messages, with the rule, while a slow browser takes one now and then. It returns the page that the
// browser ends up with, the one that it should, and how many messages were left out.
func schedule(random *rand.Rand, rule conflation) (got, want string, conflated int) {
	conflating, plain := newPage(), newPage()
	var queue []*message
	for n := range 2 + random.IntN(20) {
		m := someMessage(random, n)
		shown(plain, m)
		for i := len(queue) - 1; i >= 0; i-- {
			if rule(m, queue[i], i == len(queue)-1) {
				queue = slices.Delete(queue, i, i+1)
				conflated++
				break
			}
		}
		queue = append(queue, m)
		for len(queue) > 0 && random.IntN(4) == 0 {
			shown(conflating, queue[0])
			queue = queue[1:]
		}
	}
	for _, m := range queue {
		shown(conflating, m)
	}
	return conflating.inside(), plain.inside(), conflated
}

// obvious is the rule that one thinks of first: an update of the same target that replaces everything makes an older one
// superfluous.
func obvious(newer, older *message, _ bool) bool {
	return newer.replacesInside() && older.replacesInside() &&
		newer.fragments[0].Target == older.fragments[0].Target
}

func TestConflationChangesNoPage(t *testing.T) {
	t.Parallel()
	const schedules = 8_000
	seed := rand.Uint64()
	conflated := 0
	for i := range uint64(schedules) {
		got, want, n := schedule(rand.New(rand.NewPCG(seed, i)), supersedes)
		require.Equal(t, want, got, "seed %d, schedule %d", seed, i)
		conflated += n
	}
	assert.Greater(t, conflated, schedules/10, "or else this shows nothing")
}

// The harness finds what is wrong with the obvious rule: what lies between may have its place inside what the older one
// shows.
func TestTheObviousConflationIsWrong(t *testing.T) {
	t.Parallel()
	const schedules = 8_000
	wrong := 0
	for i := range uint64(schedules) {
		if got, want, _ := schedule(rand.New(rand.NewPCG(1, i)), obvious); got != want {
			wrong++
		}
	}
	t.Logf("%d of %d pages were wrong", wrong, schedules)
	assert.Positive(t, wrong)

	// With every id unique too: a card moves from the list #b to the list #e and is changed there.
	older, newer := checked(t, Fragment{"#b", "[d]", Inner}), checked(t, Fragment{"#b", "[d]z", Inner})
	between := checked(t, Fragment{"#e", "[cy]", Append}, Fragment{"#c", "q", Inner})
	right, naive := newPage(), newPage()
	for _, f := range slices.Concat(older, between, newer) {
		right.apply(f)
	}
	for _, f := range slices.Concat(between, newer) {
		naive.apply(f)
	}
	assert.Equal(t, "[ax][b[d]z][e[cq]][k]", right.inside())
	assert.Equal(t, "[ax][b[d]z][e[cy]][k]", naive.inside(), "the change went to the card that was about to go")
}

func TestSupersedes(t *testing.T) {
	t.Parallel()
	update := func(target string, swap Swap, change func(*message)) *message {
		m := updateOf("", []Fragment{{target, "x", swap}})
		if change != nil {
			change(m)
		}
		return m
	}
	inner := update("#a", Inner, nil)
	keyed := func(m *message) { m.key = "k" }
	for name, test := range map[string]struct {
		newer, older *message
		last, want   bool
	}{
		"the same target":                       {inner, update("#a", Inner, nil), true, true},
		"whichever replaces all that is inside": {inner, update("#a", TextContent, nil), true, true},
		"something lies between":                {inner, update("#a", Inner, nil), false, false},
		"another target":                        {inner, update("#b", Inner, nil), true, false},
		"the older one replaces the element":    {inner, update("#a", Outer, nil), true, false},
		"the newer one replaces the element":    {update("#a", Outer, nil), inner, true, false},
		"a class":                               {update(".a", Inner, nil), update(".a", Inner, nil), true, false},
		"an escaped id":                         {update(`#a\.b`, Inner, nil), update(`#a\.b`, Inner, nil), true, false},
		"all that match":                        {update("all #a", Inner, nil), update("all #a", Inner, nil), true, false},
		"a modifier":                            {update("#a", "innerHTML scroll:top", nil), inner, true, false},
		"another room":                          {update("#a", Inner, func(m *message) { m.room = "tea" }), inner, true, false},
		"the older one is an answer":            {inner, update("#a", Inner, func(m *message) { m.reply = true }), true, false},
		"the newer one is an answer":            {update("#a", Inner, func(m *message) { m.reply = true }), inner, true, false},
		"the newer one may be lost":             {update("#a", Inner, func(m *message) { m.volatile = true }), inner, true, false},
		"the older one may be lost":             {inner, update("#a", Inner, func(m *message) { m.volatile = true }), true, true},
		"the same key, whatever lies between":   {update("#a", Append, keyed), update("#b", Outer, keyed), false, true},
		"the same key in another room":          {update("#a", Inner, keyed), update("#a", Inner, func(m *message) { m.key, m.room = "k", "tea" }), true, false},
		"one has a key":                         {update("#a", Append, keyed), update("#a", Append, nil), true, false},
		"two fragments":                         {inner, updateOf("", []Fragment{{"#a", "x", Inner}, {"#b", "x", Inner}}), true, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, test.want, supersedes(test.newer, test.older, test.last))
		})
	}
}
