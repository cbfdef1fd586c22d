package main

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/wsxgo/wsx"
	"github.com/wsxgo/wsx/wsxtest"
)

func newTestTown(t *testing.T) *town {
	t.Helper()
	town := newTown(time.Minute)
	t.Cleanup(func() { town.hub.Shutdown(t.Context()) })
	return town
}

// lookAt connects a browser and chooses a place.
func lookAt(t *testing.T, town *town, p point) *wsxtest.Browser {
	t.Helper()
	b := wsxtest.Open(t, town.hub, nil)
	b.Ask("move", p)
	for _, target := range []string{"#you", "#where", "#pins", "#events"} {
		require.Equal(t, target, b.Next().Target)
	}
	return b
}

func TestDistanceIsThatOfNear(t *testing.T) {
	town := newTestTown(t)
	center := places[0].point
	b := lookAt(t, town, center)
	for _, p := range []point{{0, 0}, {width, height}, {700, 500}, {500, 599}, {500, 601}, {749, 350}, {752, 350}, {323, 173}, {676, 527}} {
		km := p.distance(center)
		lat, lng := p.location()
		assert.Equal(t, 1, town.hub.Count(wsx.Near(lat, lng, km+1e-6)), "%v", p)
		assert.Equal(t, 0, town.hub.Count(wsx.Near(lat, lng, km-1e-6)), "%v", p)
	}
	assert.InDelta(t, 10, point{500, 600}.distance(center), 0.01)
	assert.InDelta(t, 10, point{750, 350}.distance(center), 0.02, "the map treats the area as flat")
	assert.Zero(t, b.Conn().Context().Err())
}

func TestPlaces(t *testing.T) {
	for _, p := range places {
		assert.True(t, p.onMap() && p.onLand(), p.Name)
		assert.Equal(t, p.Name, describe(p.point))
	}
	assert.Equal(t, "2 km from Market Square", describe(point{550, 350}))
	for range 1000 {
		assert.True(t, invented().onMap())
	}
	assert.False(t, point{200, 60}.onLand(), "the Outer Sea")
	assert.True(t, point{900, 60}.onLand())
}

func TestEventsReachThoseNear(t *testing.T) {
	town := newTestTown(t)
	ann, bob := lookAt(t, town, places[0].point), lookAt(t, town, places[6].point)

	var batch wsx.Batch
	town.mu.Lock()
	_, err := town.add(&batch, event{Kind: kinds[0], Text: "<b>here</b>", point: places[1].point})
	require.NoError(t, err)
	_, err = town.add(&batch, event{Kind: kinds[1], Text: "there", point: places[6].point})
	require.NoError(t, err)
	require.NoError(t, town.hub.Flush(&batch))
	town.mu.Unlock()

	pin, item := ann.Next(), ann.Next()
	assert.Equal(t, []string{"#pins", "#events"}, []string{pin.Target, item.Target})
	assert.Contains(t, item.HTML, "&lt;b&gt;here&lt;/b&gt;")
	bob.Next()
	assert.Contains(t, bob.Next().HTML, "there")

	town.step(time.Now().Add(2*time.Minute), false)
	assert.Equal(t, wsx.Fragment{Target: "all .e1", Swap: wsx.Delete}, ann.Next())
	assert.Equal(t, wsx.Fragment{Target: "all .e2", Swap: wsx.Delete}, bob.Next())
	assert.Empty(t, town.events)
}

func TestRefusals(t *testing.T) {
	town := newTestTown(t)
	b := wsxtest.Open(t, town.hub, nil)
	for _, c := range []struct {
		handler string
		data    any
		words   string
	}{
		{"move", point{-1, 0}, "off the map"},
		{"move", point{0, height + 1}, "off the map"},
		{"post", map[string]string{"kind": "food", "text": "Soup"}, "Choose a place"},
	} {
		_, html := b.AskError(c.handler, c.data)
		assert.Contains(t, html, c.words)
	}
	b = lookAt(t, town, places[0].point)
	for _, c := range []struct{ kind, text, words string }{
		{"", "Soup", "what kind"},
		{"war", "Soup", "what kind"},
		{"food", " \n", "Describe"},
		{"food", strings.Repeat("ä", maxText+1), "80 characters"},
	} {
		_, html := b.AskError("post", map[string]string{"kind": c.kind, "text": c.text})
		assert.Contains(t, html, c.words)
	}
	good := map[string]string{"kind": "food", "text": strings.Repeat("ä", maxText)}
	assert.Contains(t, b.Ask("post", good)[0].HTML, "No other page")
	_, html := b.AskError("post", good)
	assert.Contains(t, html, "wait a second")

	for len(town.events) < mostEvents {
		_, err := town.add(new(wsx.Batch), event{Kind: kinds[0], point: places[0].point})
		require.NoError(t, err)
	}
	_, err := town.add(new(wsx.Batch), event{Kind: kinds[0], point: places[0].point})
	assert.ErrorContains(t, err, "too many")
}
