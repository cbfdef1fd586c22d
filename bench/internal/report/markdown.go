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

This page compares what it costs to send HTML to many browsers with wsx, with other libraries, and with a bare loop of
writes. The program in [bench/](../bench) measured all figures and wrote this page. To repeat the measurement, run
` + "`make bench`" + `. All figures are for one server process, and less is better.`
}

// short returns a summary of the main results. It claims only what the numbers support.
func (r *Results) short() string {
	lines := []string{"## In short", ""}
	add := func(format string, args ...any) { lines = append(lines, "- "+fmt.Sprintf(format, args...)) }
	for _, c := range r.contests()[:3] {
		least, most := span(c.value)
		add("%s: wsx **%s**, other libraries %s to %s.", sentence(c.about), c.format(c.value(contender.Wsx)), c.format(least), c.format(most))
	}
	if rooms := r.cells(room); len(rooms) > 0 {
		value := func(name string) float64 { return r.median(name, rooms[0], perRoom) }
		least, most := span(value)
		add("CPU of a broadcast to a room of %d among %s connections: wsx **%s µs**, other libraries %s to %s µs.",
			rooms[0].Room, thousands(int64(rooms[0].Sockets)), number(value(contender.Wsx)), number(least), number(most))
	}
	if s, ok := r.slowOf(contender.Wsx); ok {
		add("Beside %s browsers that read nothing, the p99 delay of %s others is **%s ms** with wsx, and %s ms without them.\n"+
			"  Afterwards %d sockets remain in the kernel.", thousands(int64(r.SlowPlan.Stalled)), thousands(int64(r.SlowPlan.Healthy)), millis(s.With.P99), millis(s.Alone.P99), s.Orphans)
	}
	return strings.Join(lines, "\n")
}

func sentence(text string) string { return strings.ToUpper(text[:1]) + text[1:] }

// others lists where libraries are better than wsx.
func (r *Results) others() string {
	lines := r.unfavorable()
	if len(lines) == 0 {
		lines = []string{"None of the figures on this page."}
	}
	return `
## Where others are better

The program generates this list. It contains every figure on this page for which another library is better than wsx.

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
Each server is a file in [bench/internal/contender](../bench/internal/contender), written in the style of the library's own
examples. Pings are off for all. Where a program has to choose the length of a queue, it is 256 messages. Rooms are measured
for libraries that have rooms or filters. With the others, the program has to implement rooms itself.`,
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
			rounds = append(rounds, fmt.Sprintf("%d rounds of single broadcasts and %d of bursts with %s sockets",
				r.rounds(single, i.Sockets), r.rounds(burst, i.Sockets), thousands(int64(i.Sockets))))
		}
	}
	return fmt.Sprintf(`
## How

- Server and client are two processes on one machine, with real TCP between them. The client checks that every message
  arrives exactly once, in order, and only where it should. A library that loses a message is not measured, and is listed
  under "What failed".
- The cost is the CPU time of the server process, user and system by getrusage, divided by the number of received messages.
- The **floor** is a loop that writes one prepared frame. A library that makes one write per message cannot do less work.
  **Floor, joined** makes one write for all messages of a burst. Neither reads, and neither would survive a slow browser.
- All contenders run at the same time. They take turns for each load, in a different order each round:
  %s.
- Ratios are to the floor of the same load in the same round. A busy period of the machine therefore affects all contenders
  alike. Tables show the median of the rounds. Means of ratios are geometric.
- A single broadcast is sent when the previous one has arrived everywhere. A burst is 100 broadcasts at once.
- The size of a message is that of its HTML. wsx and centrifuge wrap it in an envelope, which is part of their cost. The
  others send it bare.
- The measurement itself creates a message and wakes the server once for each broadcast. This is the same for all, including
  the floor, and matters only for the smallest rooms.

Limits of this method: loopback charges the receiver's half of TCP to the sender. Times therefore differ from those on a
network, but the ratios hold. There is no TLS. The client shares the cores with the server. Real programs do more than send.`,
		strings.Join(rounds, ";\n  "))
}

func (r *Results) cpuSection() string {
	return fmt.Sprintf(`
## CPU per delivery

In µs, with the ratio to the floor in parentheses.

### Single broadcasts

![Server CPU per delivery of single broadcasts](performance/singles.svg)

%s
### Bursts of 100

![Server CPU per delivery in bursts](performance/bursts.svg)

%s
A burst is cheap for a library that writes all queued messages with one call. A busy chat or a ticker produces such bursts.`,
		r.cpuTable(single), r.cpuTable(burst))
}

func (r *Results) memorySection() string {
	return fmt.Sprintf(`
## Memory per connection

![Memory per idle connection](performance/memory.svg)

With %s connections, in KB per connection, after a garbage collection that returns free memory to the system. Kernel memory
for the sockets is not included, and is the same for all. The last column was measured after all loads of this page.

%s`, thousands(int64(r.most())), r.idleTable())
}

func (r *Results) roomSection() string {
	if len(r.cells(room)) == 0 {
		return ""
	}
	return fmt.Sprintf(`
## Rooms

![Server CPU of a broadcast to a small room](performance/rooms.svg)

The CPU of one broadcast of 1 KB to a room among %s connections, in µs. A library without an index scans all connections.

%s`, thousands(int64(r.most())), r.roomTable())
}

func (r *Results) returnsSection() string {
	return fmt.Sprintf(`
## How long the call takes

Milliseconds until the call that sends to %s connections returns. A handler is busy for that time. With the floor, the call
returns when everything has been written.

%s`, thousands(int64(r.most())), r.returnsTable())
}

func (r *Results) slowSection() string {
	if len(r.Slow) == 0 {
		return ""
	}
	p := r.SlowPlan
	return fmt.Sprintf(`
## Slow readers

At first %s browsers connect and read. Then %s more connect that never read. All are sent %s every %s, until a second
after the server has dropped the slow ones, or for %s at most. The columns are:

- Times in ms, from just before a message is sent until a reader has received it.
- Memory in MB: the largest increase. "Kernel" is TCP memory in /proc/net/sockstat. The heap includes dead objects.
- "Kernel after" and "orphans" are measured a second after the drop, or at the end. Orphans are sockets without a process.
- "Lost" counts messages that readers did not receive, and "cut" counts readers that the server mistook for slow ones.

The floor is not included: it would block on the first slow reader.

To shorten the measurement, the server's sockets have send buffers of %s. Loopback, with its segments of 64 KB, would let
each buffer grow to 2.6 MB, which does not happen on a network.

%s`, thousands(int64(p.Healthy)), thousands(int64(p.Stalled)), size(p.Size), spaced(p.Gap), spaced(p.Longest), size(p.SendBuffer), r.slowTable())
}

func (r *Results) bytesSection() string {
	return fmt.Sprintf(`
## Bytes on the wire

For a single message, including the frame's header and the library's envelope.

%s`, r.bytesTable())
}

func (r *Results) compressionSection() string {
	t := r.compressionTable()
	if len(t.rows) == 0 {
		return ""
	}
	return fmt.Sprintf(`
## Compression

wsx with and without `+"`Options.Compression`"+`, %s sockets: µs of CPU per delivery, and bytes on the wire. A message is
compressed once, however many connections receive it.

%s`, thousands(int64(r.compressed()[0].Sockets)), t)
}

func (r *Results) failures() string {
	if len(r.Failed) == 0 {
		return ""
	}
	return "## What failed\n\n- " + strings.Join(r.Failed, "\n- ")
}

const again = `
## Repeat the measurement

On Linux, on an otherwise idle machine, with a limit of at least 11,000 open files:

` + "```" + `
make bench                   # everything, in about twelve minutes
go run ./bench -quick        # checks in seconds that everything works, without measuring
go run ./bench -render       # renders this page from the figures in bench/results.json
` + "```"
