// Command verify holds an exported log against a verifier key, by the Go team's own code
// (golang.org/x/mod/sumdb: note and tlog): the note, every tile, every entry, an inclusion proof of
// each entry, and the log's consistency with older checkpoints and at many sizes.
//
// It knows nothing of Specie. Build it without modules, from Debian's golang-go and
// golang-golang-x-mod-dev:
//
//	GO111MODULE=off GOPATH=/usr/share/gocode go build -o verify main.go
//	./verify FOLDER VKEY [OLD-CHECKPOINT-FILE ...]
package main

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8
const width = 1 << height

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "NOT VERIFIED:", err)
		os.Exit(1)
	}
}

// folder reads tiles from files, from a complete tile where the partial one is gone. saved has the
// tiles whose hashes were proven against the root.
type folder struct {
	path  string
	saved map[tlog.Tile][]byte
}

func (f *folder) Height() int { return height }

func (f *folder) SaveTiles(tiles []tlog.Tile, data [][]byte) {
	for i, tile := range tiles {
		f.saved[tile] = data[i]
	}
}

// find returns a file's bytes, and whether they are the complete tile's in a partial one's place.
func (f *folder) find(path string) ([]byte, bool, error) {
	data, err := os.ReadFile(filepath.Join(f.path, path))
	if cut := strings.Index(path, ".p/"); err != nil && cut >= 0 {
		data, err = os.ReadFile(filepath.Join(f.path, path[:cut]))
		return data, true, err
	}
	return data, false, err
}

func (f *folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range tiles {
		data, known := f.saved[tile]
		if !known {
			// C2SP tlog-tiles leaves the height out of the path.
			path := "tile/" + strings.TrimPrefix(tile.Path(), fmt.Sprintf("tile/%d/", height))
			found, isComplete, err := f.find(path)
			if err != nil {
				return nil, err
			}
			size, wanted := len(found), tile.W*tlog.HashSize
			if isComplete && size == width*tlog.HashSize {
				found, size = found[:wanted], wanted
			}
			if size != wanted {
				return nil, fmt.Errorf("%s has %d bytes, not %d", path, size, wanted)
			}
			data = found
		}
		all = append(all, data)
	}
	return all, nil
}

// entries returns the leaf hash of each entry, from the bundles.
func (f *folder) entries(size int64) (leaves []tlog.Hash, err error) {
	for n := int64(0); n*width < size; n++ {
		count := size - n*width
		if count > width {
			count = width
		}
		path := "tile/entries/" + strings.TrimPrefix(
			tlog.Tile{H: height, L: 0, N: n, W: int(count)}.Path(), fmt.Sprintf("tile/%d/0/", height))
		bundle, isComplete, err := f.find(path)
		if err != nil {
			return nil, err
		}
		found := int64(0)
		for ; len(bundle) >= 2; found++ {
			length := int(binary.BigEndian.Uint16(bundle))
			if len(bundle) < 2+length {
				break
			}
			if found < count {
				leaves = append(leaves, tlog.RecordHash(bundle[2:2+length]))
			}
			bundle = bundle[2+length:]
		}
		if len(bundle) > 0 || found != count && !(isComplete && found == width) {
			return nil, fmt.Errorf("%s is no bundle of %d entries", path, count)
		}
	}
	return leaves, nil
}

// open returns the tree of a signed checkpoint.
func open(path, vkey string) tlog.Tree {
	verifier, err := note.NewVerifier(vkey)
	check(err)
	text, err := os.ReadFile(path)
	check(err)
	opened, err := note.Open(text, note.VerifierList(verifier))
	check(err)
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() {
		check(fmt.Errorf("%s is no checkpoint of %s", path, verifier.Name()))
	}
	// Its own form has another first line, and the same two after it.
	tree, err := tlog.ParseTree([]byte("go.sum database tree\n" + lines[1] + "\n" + lines[2] + "\n"))
	check(err)
	return tree
}

func main() {
	if len(os.Args) < 3 {
		check(fmt.Errorf("usage: verify FOLDER VKEY [OLD-CHECKPOINT-FILE ...]"))
	}
	f := &folder{os.Args[1], map[tlog.Tile][]byte{}}
	tree := open(filepath.Join(f.path, "checkpoint"), os.Args[2])
	leaves, err := f.entries(tree.N)
	check(err)

	// Every tile is read and proven: it has some leaf hash, or some parent of one.
	proven := tlog.TileHashReader(tree, f)
	var indexes []int64
	for i := int64(0); i < tree.N; i++ {
		indexes = append(indexes, tlog.StoredHashIndex(0, i))
		if len(indexes) == width || i == tree.N-1 {
			hashes, err := proven.ReadHashes(indexes)
			check(err)
			for j, hash := range hashes {
				if n := i + 1 - int64(len(hashes)-j); hash != leaves[n] {
					check(fmt.Errorf("entry %d is not the one under the root", n))
				}
			}
			indexes = nil
		}
	}

	// From here on by what was proven alone, each hash made once.
	known := map[int64]tlog.Hash{}
	hashes := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		var found []tlog.Hash
		for _, index := range indexes {
			hash, isKnown := known[index]
			if !isKnown {
				tile := tlog.TileForIndex(height, index)
				if last := tree.N >> (height * uint(tile.L)); (tile.N+1)*width > last {
					tile.W = int(last - tile.N*width)
				} else {
					tile.W = width
				}
				data, isProven := f.saved[tile]
				if !isProven {
					return nil, fmt.Errorf("%s was not proven", tile.Path())
				}
				var err error
				if hash, err = tlog.HashFromTile(tile, data, index); err != nil {
					return nil, err
				}
				known[index] = hash
			}
			found = append(found, hash)
		}
		return found, nil
	})
	root, err := tlog.TreeHash(tree.N, hashes)
	check(err)
	if root != tree.Hash {
		check(fmt.Errorf("the root is %v, and the checkpoint's %v", root, tree.Hash))
	}
	for n, leaf := range leaves {
		proof, err := tlog.ProveRecord(tree.N, int64(n), hashes)
		check(err)
		check(tlog.CheckRecord(proof, tree.N, tree.Hash, int64(n), leaf))
	}

	older := map[int64]tlog.Hash{}
	for _, path := range os.Args[3:] {
		old := open(path, os.Args[2])
		older[old.N] = old.Hash
	}
	checkpoints := len(older)
	for _, n := range []int64{1, 2, 255, 256, 257, tree.N / 2, tree.N - 1, tree.N} {
		if _, isOld := older[n]; n >= 1 && n <= tree.N && !isOld {
			older[n], err = tlog.TreeHash(n, hashes)
			check(err)
		}
	}
	for n, hash := range older {
		proof, err := tlog.ProveTree(tree.N, n, hashes)
		check(err)
		check(tlog.CheckTree(proof, tree.N, tree.Hash, n, hash))
	}
	fmt.Printf("verified: %d entries, %d tiles, %d older checkpoints, %d consistency proofs\n",
		tree.N, len(f.saved), checkpoints, len(older))
}
