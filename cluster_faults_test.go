package wsx_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/wsxgo/wsx/wsxtest"
)

// Random pages, cuts, deploys and faults of the broker on two nodes. No page shows a hole, and all of
// them come to what the table has.
func TestPagesOfTwoNodesEqualTheTable(t *testing.T) {
	t.Parallel()
	rounds := 6
	if testing.Short() {
		rounds = 2
	}
	for range rounds {
		seed := rand.Uint64()
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			newFaults(t, seed).run()
		})
	}
}

type faults struct {
	t      *testing.T
	random *rand.Rand // owned by run
	broker *wsxtest.Broker
	db     *table

	mu    sync.Mutex // guards what follows
	nodes [2]*clusterNode
}

func newFaults(t *testing.T, seed uint64) *faults {
	broker := wsxtest.NewBroker()
	return &faults{
		t: t, random: rand.New(rand.NewPCG(seed, 1)), broker: broker, db: &table{rows: make(map[string]int)},
		nodes: [2]*clusterNode{newNode(t, broker), newNode(t, broker)},
	}
}

func (f *faults) node(i int) *clusterNode {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.nodes[i]
}

func (f *faults) run() {
	rooms := []string{"room/1", "room/2", "room/3"}
	var pages []*page
	for i := range 8 {
		pages = append(pages, openPage(f.t, f.db, rooms[i%len(rooms)], f.node(i%2)))
	}
	end := make(chan struct{})
	var publishing sync.WaitGroup
	for i, room := range rooms {
		publishing.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-end:
					return
				case <-time.After(3 * time.Millisecond):
				}
				f.db.publish(f.t, room, func() *clusterNode { return f.node((i + n) % 2) })
			}
		})
	}
	for range 60 {
		f.step(pages)
		time.Sleep(time.Duration(f.random.IntN(15)) * time.Millisecond)
	}
	close(end)
	for i := range f.nodes {
		f.node(i).broker.Fail(nil)
		f.node(i).broker.Release()
	}
	publishing.Wait()
	for i, p := range pages {
		p.cut()
		p.connect(f.node(i % 2))
		p.untilCurrent()
	}
}

// step lets one thing happen.
func (f *faults) step(pages []*page) {
	i := f.random.IntN(2)
	p := pages[f.random.IntN(len(pages))]
	switch f.random.IntN(12) {
	case 0, 1, 2, 3:
		p.cut()
		p.connect(f.node(i))
	case 4:
		f.node(i).broker.Lose(1 + f.random.IntN(3))
	case 5:
		f.node(i).broker.Double(1)
	case 6:
		f.node(i).broker.Cut()
	case 7:
		f.node(i).broker.Hold()
	case 8:
		f.node(i).broker.Release()
	case 9:
		f.node(i).broker.Fail(errors.New("no way to the broker"))
		time.Sleep(time.Duration(f.random.IntN(50)) * time.Millisecond)
		f.node(i).broker.Fail(nil)
	case 10: // a deploy
		fresh := newNode(f.t, f.broker)
		f.mu.Lock()
		old := f.nodes[i]
		f.nodes[i] = fresh
		f.mu.Unlock()
		old.stop()
	case 11:
		if f.random.IntN(3) == 0 {
			f.broker.Replace()
		}
	}
}
