//go:build linux

package main

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wsxgo/wsx/bench/internal/contender"
)

func TestMain(m *testing.M) {
	played, err := playRole(os.Args) // the benchmark starts this program again
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if !played {
		os.Exit(m.Run())
	}
}

// Every contender handles a little of every load and loses no message. The timing doesn't matter here.
func TestQuick(t *testing.T) {
	t.Parallel()
	p := quickPlan()
	results, err := measure(t.Context(), p, io.Discard)
	require.NoError(t, err)
	assert.Empty(t, results.Failed)

	measured := make(map[string]int)
	for _, s := range results.Samples {
		measured[s.Contender]++
		assert.Positivef(t, s.CPU, "%s, %s", s.Contender, describe(s.Cell))
		if s.Contender != contender.WsxDeflate {
			assert.GreaterOrEqualf(t, s.Bytes, float64(s.Size), "%s, %s", s.Contender, describe(s.Cell))
		}
	}
	for _, e := range contender.All {
		want := 0
		for _, b := range p.blocks {
			for _, c := range b.cells() {
				if (c.Room == 0 || e.Rooms) && (e.Name != contender.WsxDeflate || b.compressed && c.Room == 0) {
					want++
				}
			}
		}
		assert.Equal(t, want, measured[e.Name], e.Name)
	}
	assert.Len(t, results.Slow, len(contender.All)-2, "all but the floor and the compressed wsx")
}

// The report in the repository matches the stored results.
func TestReportIsOfItsFigures(t *testing.T) {
	t.Parallel()
	results, err := readResults(filepath.Join("..", resultsFile))
	require.NoError(t, err)
	dir := t.TempDir()
	require.NoError(t, write(dir, results))
	require.NoError(t, filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		want, err := os.ReadFile(path)
		require.NoError(t, err)
		name, err := filepath.Rel(dir, path)
		require.NoError(t, err)
		got, err := os.ReadFile(filepath.Join("..", name))
		require.NoError(t, err)
		assert.Equal(t, string(want), string(got), "%s; go run ./bench -render writes it", name)
		return nil
	}))
}
