// Size writes the table of sizes in docs/guide/client.md: what browsers load of the client, and of others that do the same,
// measured from their npm packages. Run it in the root of the repository:
//
//	npm ci --prefix client/build/size --ignore-scripts
//	go run ./client/build/size
//
// With -own it renews the rows of the client alone, after each build of it, and needs no packages.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"strings"
	"time"
)

const (
	guide    = "docs/guide/client.md"
	dist     = "client/dist"
	packages = "client/build/size"
)

func main() {
	log.SetFlags(0)
	own := flag.Bool("own", false, "only renew the rows of the client itself")
	flag.Parse()
	if err := run(*own); err != nil {
		log.Fatal(err)
	}
}

func run(own bool) error {
	ours, err := ownRows(dist)
	if err != nil {
		return err
	}
	page, err := os.ReadFile(guide)
	if err != nil {
		return err
	}
	before, section, after, err := split(string(page))
	if err != nil {
		return err
	}
	foreign := foreignPart(section)
	if !own {
		rows, err := otherRows(packages)
		if err != nil {
			return err
		}
		foreign = rows + fmt.Sprintf("\nEach was bundled and minified with esbuild, as in an application, from the npm package of that version, on %s. "+
			"Socket.IO and Centrifuge deliver messages; the page needs code of its own to show them. Datastar's later versions are not on npm.\n",
			time.Now().UTC().Format("2 January 2006"))
	}
	return os.WriteFile(guide, []byte(before+"\n"+head+ours+foreign+after), 0o644)
}

const (
	begin = "<!-- sizes: written by go run ./client/build/size -->"
	end   = "<!-- /sizes -->"
	head  = "| | minified | gzip -9 |\n|---|---:|---:|\n"
)

// split returns what stands before, between and behind the markers; each of them stays with its outer part.
func split(page string) (before, section, after string, err error) {
	before, rest, found := strings.Cut(page, begin)
	section, after, closed := strings.Cut(rest, end)
	if !found || !closed {
		return "", "", "", fmt.Errorf("%s has no %s ... %s", guide, begin, end)
	}
	return before + begin, section, end + after, nil
}

// foreignPart is what follows the client's own rows.
func foreignPart(section string) string {
	lines := strings.SplitAfter(strings.TrimPrefix(section, "\n"), "\n")
	for i, line := range lines {
		if i >= strings.Count(head, "\n") && !strings.HasPrefix(line, ownRow) {
			return strings.Join(lines[i:], "")
		}
	}
	return ""
}
