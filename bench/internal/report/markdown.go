package report

import (
	"fmt"
	"strings"

	"github.com/wsxgo/wsx/bench/internal/contender"
)

// Markdown returns docs/performance.md.
func (r *Results) Markdown() string {
	var b strings.Builder
	for _, section := range []string{
		r.introduction(), r.short(), r.others(), r.machine(), r.method(),
		r.cpuSection(), r.memorySection(), r.roomSection(), r.returnsSection(), r.slowSection(), r.bytesSection(),
		r.compressionSection(), r.failures(), again,
	} {
		if section != "" {
			b.WriteString(strings.TrimSpace(section) + "\n\n")
		}
	}
	return strings.TrimSpace(b.String()) + "\n"
}

func (r *Results) introduction() string {
	return `
# Performance

What sending HTML to many browsers costs with wsx, with other libraries, and at least. Everything here was measured and
written by the program in [bench/](../bench), so that anybody can do it again: ` + "`make bench`" + `. All figures are for one
server process; less is better.`
}

// short returns a summary of the main results. It claims only what the numbers support.
func (r *Results) short() string {
	lines := []string{"## In short", ""}
	add := func(format string, args ...any) { lines = append(lines, "- "+fmt.Sprintf(format, args...)) }
	for _, c := range r.contests()[:3] {
		least, most := span(c.value)
		add("%s: wsx **%s**, the libraries %s to %s.", sentence(c.about), c.format(c.value(contender.Wsx)), c.format(least), c.format(most))
	}
	if rooms := r.cells(room); len(rooms) > 0 {
		value := func(name string) float64 { return r.median(name, rooms[0], perRoom) }
		least, most := span(value)
		add("CPU of a broadcast to a room of %d among %s connections: wsx **%s µs**, the libraries %s to %s µs.",
			rooms[0].Room, thousands(int64(rooms[0].Sockets)), number(value(contender.Wsx)), number(least), number(most))
	}
	if s, ok := r.slowOf(contender.Wsx); ok {
		add("Beside %s browsers that read nothing, the p99 of %s others is **%s ms** with wsx, %s ms without them; %d sockets are left\n"+
			"  to the kernel.", thousands(int64(r.SlowPlan.Stalled)), thousands(int64(r.SlowPlan.Healthy)), millis(s.With.P99), millis(s.Alone.P99), s.Orphans)
	}
	return strings.Join(lines, "\n")
}

func sentence(text string) string { return strings.ToUpper(text[:1]) + text[1:] }

// others lists where libraries are better than wsx.
func (r *Results) others() string {
	lines := r.unfavourable()
	if len(lines) == 0 {
		lines = []string{"Nowhere, in what is measured here."}
	}
	return `
## Where others are better

The program writes this list: every figure of this page in which a library is better than wsx.

` + strings.Join(lines, "\n")
}

func (r *Results) machine() string {
	t := table{head: []string{"", "version", "what its server does"}, words: true}
	for _, e := range r.Entries {
		t.rows = append(t.rows, []string{emphasis(e.Name), e.Version, e.How})
	}
	return fmt.Sprintf(`
## What was measured

%s, %d cores, %s of memory, %s, Go %s; on %s, in %s.

%s
The servers are in [bench/internal/contender](../bench/internal/contender), one file each, written as the library's own
examples do it. Pings are off everywhere. Where a program has to choose how much may wait for a slow browser it is 256
messages. Rooms are measured for libraries that have rooms or filters; with the others they are the program's own affair.`,
		r.Machine.CPU, r.Machine.Cores, r.Machine.Memory, r.Machine.Kernel, r.Machine.Go,
		r.Date.Format("2 January 2006"), minutes(r), t)
}

func minutes(r *Results) string {
	if m := int(r.Took.Minutes() + 0.5); m != 1 {
		return fmt.Sprintf("%d minutes", m)
	}
	return "1 minute"
}

func (r *Results) method() string {
	var rounds []string
	for _, i := range r.Idle {
		if i.Contender == contender.Wsx {
			rounds = append(rounds, fmt.Sprintf("%d of singles and %d of bursts with %s sockets",
				r.rounds(single, i.Sockets), r.rounds(burst, i.Sockets), thousands(int64(i.Sockets))))
		}
	}
	return fmt.Sprintf(`
## How

- Server and client are two processes on one machine, with real TCP between them. The client checks every message: each
  arrives once, in order, and only where it should. Who loses one is not measured, but named under "What failed".
- The cost is the CPU time of the server process, user and system by getrusage, divided by the messages that arrived.
- The **floor** is what no library can be under as long as it makes one write for each message: a loop of writes of one ready
  frame. **Floor, joined** makes one write of all messages of a burst. Neither of them reads, or would survive a slow browser.
- All contenders are there at once and take turns, load after load, in another order each round:
  %s.
- A ratio is to the floor of the same load in the same round; what a table shows is the median of the rounds, and a mean of
  ratios is the geometric one. So a machine that is busy for a while disturbs everybody alike.
- Single broadcasts: the next is sent when the last has arrived everywhere. Bursts: 100 at once.
- The size of a message is that of its HTML. wsx and centrifuge wrap it in their envelopes, which is a part of what they cost;
  with the others it goes out bare.
- Making a message, and one wake-up for each broadcast, is the measuring itself. It is the same for all, the floor included,
  and matters only for the smallest rooms.

What this cannot say: loopback bills the receiver's half of TCP to the sender, so a µs here is not a µs on a network, though
the ratios hold; there is no TLS; the client shares the cores with the server; and nobody's program does nothing but send.`,
		strings.Join(rounds, ";\n  "))
}

func (r *Results) cpuSection() string {
	return fmt.Sprintf(`
## CPU per delivery

In µs, and in brackets in times the floor.

### Single broadcasts

![Server CPU per delivery of single broadcasts](performance/singles.svg)

%s
### Bursts of 100

![Server CPU per delivery in bursts](performance/bursts.svg)

%s
A burst is cheap for those who write what has piled up with one call. That is what a busy chat or a ticker looks like.`,
		r.cpuTable(single), r.cpuTable(burst))
}

func (r *Results) memorySection() string {
	return fmt.Sprintf(`
## Memory per connection

![Memory per idle connection](performance/memory.svg)

With %s connections, after a garbage collection and with what is free given back; KB for each connection. What the kernel
holds for a socket is not in it, and the same for all. The last column is after all loads of this page.

%s`, thousands(int64(r.most())), r.idleTable())
}

func (r *Results) roomSection() string {
	if len(r.cells(room)) == 0 {
		return ""
	}
	return fmt.Sprintf(`
## Rooms

![Server CPU of a broadcast to a small room](performance/rooms.svg)

The CPU of one broadcast of 1 KB to a room among %s connections, in µs. Who has no index looks at every connection.

%s`, thousands(int64(r.most())), r.roomTable())
}

func (r *Results) returnsSection() string {
	return fmt.Sprintf(`
## How long the call takes

Milliseconds until the call that sends to %s connections returns, that is, for how long a handler is busy with it. The floor
returns when all has been written.

%s`, thousands(int64(r.most())), r.returnsTable())
}

func (r *Results) slowSection() string {
	if len(r.Slow) == 0 {
		return ""
	}
	p := r.SlowPlan
	return fmt.Sprintf(`
## Slow readers

%s browsers read; then %s come that do not. Everybody is sent %s every %s, until the server has dropped those who do not
read, and for a second longer, but for at most %s. Times are in ms, from just before a message is sent until one of the
readers has it; memory in MB, how much it grew at most. "Kernel" is the memory of TCP in /proc/net/sockstat; "kernel after" and
"orphans", sockets that no process has any more, are a second after the drop, or at the end. "Lost" are messages that readers
did not get, "cut" readers that the server took for slow ones. The floor has no part in this: it would wait for the first
of them for ever.

So that it does not take minutes, the server's sockets have send buffers of %s: loopback, with its segments of 64 KB, would
let each of them grow to 2.6 MB, which a network does not. The heap is as the garbage collector left it, dead objects included.

%s`, thousands(int64(p.Healthy)), thousands(int64(p.Stalled)), size(p.Size), p.Gap, p.Longest, size(p.SendBuffer), r.slowTable())
}

func (r *Results) bytesSection() string {
	return fmt.Sprintf(`
## Bytes on the wire

Of one message alone, with its frame's header and the library's envelope.

%s`, r.bytesTable())
}

func (r *Results) compressionSection() string {
	t := r.compressionTable()
	if len(t.rows) == 0 {
		return ""
	}
	return fmt.Sprintf(`
## Compression

wsx with `+"`Options.Compression`"+` and without it, %s sockets: µs of CPU for one delivery, and bytes on the wire. A message is
compressed once, whoever many get it.

%s`, thousands(int64(r.compressed()[0].Sockets)), t)
}

func (r *Results) failures() string {
	if len(r.Failed) == 0 {
		return ""
	}
	return "## What failed\n\n- " + strings.Join(r.Failed, "\n- ")
}

const again = `
## Do it again

On Linux, on a machine that does nothing else, with a limit of open files of 11,000 or more:

` + "```" + `
make bench                   # all of this, in about twelve minutes
go run ./bench -quick        # shows in seconds that everything works, and measures nothing
go run ./bench -render       # writes this page again, of the figures in bench/results.json
` + "```"
