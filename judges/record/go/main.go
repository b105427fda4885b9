// An outside verifier of a log directory, on golang.org/x/mod/sumdb (note and tlog), which the Go project wrote for
// its own checksum database. It checks signatures and cosignatures, proofs it makes itself from the tiles, and proofs
// that the log made. It shares no code with the log.
//
//	record-judge DIR
//
// prints one line a check, "ok NAME" or "not ok NAME: REASON".
package main

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const tileHeight = 8

// cosigner verifies cosignature/v1 (type 0x04), which x/mod leaves to its users.
type cosigner struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func (c cosigner) Name() string    { return c.name }
func (c cosigner) KeyHash() uint32 { return c.hash }
func (c cosigner) Verify(msg, sig []byte) bool {
	if len(sig) != 8+ed25519.SignatureSize {
		return false
	}
	header := fmt.Sprintf("cosignature/v1\ntime %d\n", binary.BigEndian.Uint64(sig))
	return ed25519.Verify(c.key, append([]byte(header), msg...), sig[8:])
}

// keys reads the log's and the witnesses' keys from a policy file.
func keys(path string) (logs, witnesses []note.Verifier, err error) {
	policy, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, err
	}
	for _, line := range strings.Split(string(policy), "\n") {
		words := strings.Fields(line)
		switch {
		case len(words) >= 2 && words[0] == "log":
			verifier, err := note.NewVerifier(words[1])
			if err != nil {
				return nil, nil, err
			}
			logs = append(logs, verifier)
		case len(words) >= 3 && words[0] == "witness":
			parts := strings.SplitN(words[2], "+", 3)
			if len(parts) != 3 {
				return nil, nil, fmt.Errorf("bad vkey %q", words[2])
			}
			hash, err := strconv.ParseUint(parts[1], 16, 32)
			if err != nil {
				return nil, nil, err
			}
			key, err := base64.StdEncoding.DecodeString(parts[2])
			if err != nil || len(key) != 33 || key[0] != 4 {
				return nil, nil, fmt.Errorf("bad cosignature key %q", words[2])
			}
			witnesses = append(witnesses, cosigner{parts[0], uint32(hash), key[1:]})
		}
	}
	return logs, witnesses, nil
}

type logDir struct{ path string }

func (d logDir) Height() int { return tileHeight }

// ReadTiles reads tiles under their C2SP paths, which lack the height that x/mod puts in.
func (d logDir) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range tiles {
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		data, err := os.ReadFile(filepath.Join(d.path, path))
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

func (d logDir) SaveTiles([]tlog.Tile, [][]byte) {}

// entry reads one entry from its bundle.
func (d logDir) entry(index, size int64) ([]byte, error) {
	width := min(size-index/256*256, 256)
	tile := tlog.Tile{H: tileHeight, L: 0, N: index / 256, W: int(width)}
	path := strings.Replace(tile.Path(), "tile/8/0/", "tile/entries/", 1)
	data, err := os.ReadFile(filepath.Join(d.path, path))
	if err != nil {
		return nil, err
	}
	for skip := index % 256; ; skip-- {
		if len(data) < 2 {
			return nil, fmt.Errorf("bundle of entry %d is cut off", index)
		}
		length := int(binary.BigEndian.Uint16(data))
		if len(data) < 2+length {
			return nil, fmt.Errorf("bundle of entry %d is cut off", index)
		}
		if skip == 0 {
			return data[2 : 2+length], nil
		}
		data = data[2+length:]
	}
}

type tree struct {
	size int64
	root tlog.Hash
}

// open verifies a checkpoint: the log's signature and every witness's cosignature.
func open(data []byte, logs, witnesses []note.Verifier) (tree, error) {
	known := note.VerifierList(append(append([]note.Verifier{}, logs...), witnesses...)...)
	opened, err := note.Open(data, known)
	if err != nil {
		return tree{}, err
	}
	if len(opened.Sigs) != len(logs)+len(witnesses) || len(opened.UnverifiedSigs) != 0 {
		return tree{}, fmt.Errorf("%d signatures verified, %d unknown", len(opened.Sigs), len(opened.UnverifiedSigs))
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != logs[0].Name() || lines[3] != "" {
		return tree{}, fmt.Errorf("not a checkpoint: %q", opened.Text)
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return tree{}, err
	}
	root, err := tlog.ParseHash(lines[2])
	return tree{size, root}, err
}

func hashes(words []string) ([]tlog.Hash, error) {
	var all []tlog.Hash
	for _, word := range words {
		hash, err := tlog.ParseHash(word)
		if err != nil {
			return nil, err
		}
		all = append(all, hash)
	}
	return all, nil
}

// everyHundredth proves each 100th entry from the tiles, and that the proof fails for other data.
func everyHundredth(dir logDir, head tree, reader tlog.HashReader) (int, error) {
	count := 0
	for index := int64(0); index < head.size; index += 100 {
		entry, err := dir.entry(index, head.size)
		if err != nil {
			return 0, err
		}
		proof, err := tlog.ProveRecord(head.size, index, reader)
		if err != nil {
			return 0, err
		}
		if err := tlog.CheckRecord(proof, head.size, head.root, index, tlog.RecordHash(entry)); err != nil {
			return 0, fmt.Errorf("entry %d: %v", index, err)
		}
		forged := append(bytes.Clone(entry), 'x')
		if tlog.CheckRecord(proof, head.size, head.root, index, tlog.RecordHash(forged)) == nil {
			return 0, fmt.Errorf("entry %d: a forged entry was accepted", index)
		}
		count++
	}
	return count, nil
}

// growth proves 50 older sizes consistent, from the tiles.
func growth(head tree, reader tlog.HashReader) (int, error) {
	count := 0
	step := max(head.size/47, 1)
	sizes := []int64{1, 255, 256, 257, 65535, 65536, 65537, head.size - 1, head.size}
	for size := step; count+len(sizes) < 50+9 && size < head.size; size += step {
		sizes = append(sizes, size)
	}
	for _, size := range sizes {
		if size < 1 || size > head.size {
			continue
		}
		old, err := tlog.TreeHash(size, reader)
		if err != nil {
			return 0, err
		}
		proof, err := tlog.ProveTree(head.size, size, reader)
		if err != nil {
			return 0, err
		}
		if err := tlog.CheckTree(proof, head.size, head.root, size, old); err != nil {
			return 0, fmt.Errorf("size %d: %v", size, err)
		}
		old[7] ^= 1
		if tlog.CheckTree(proof, head.size, head.root, size, old) == nil {
			return 0, fmt.Errorf("size %d: a forged root was accepted", size)
		}
		count++
	}
	return count, nil
}

// theirInclusion verifies the proofs that the log itself made.
func theirInclusion(dir logDir, logs, witnesses []note.Verifier) (int, error) {
	files, err := filepath.Glob(filepath.Join(dir.path, "proofs", "*.tlog-proof"))
	if err != nil {
		return 0, err
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return 0, err
		}
		top, checkpoint, found := bytes.Cut(data, []byte("\n\n"))
		lines := strings.Split(string(top), "\n")
		if !found || len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" {
			return 0, fmt.Errorf("%s: not a tlog-proof", file)
		}
		index, err := strconv.ParseInt(strings.TrimPrefix(lines[1], "index "), 10, 64)
		if err != nil {
			return 0, err
		}
		proof, err := hashes(lines[2:])
		if err != nil {
			return 0, err
		}
		head, err := open(checkpoint, logs, witnesses)
		if err != nil {
			return 0, fmt.Errorf("%s: %v", file, err)
		}
		entry, err := dir.entry(index, head.size)
		if err != nil {
			return 0, err
		}
		if err := tlog.CheckRecord(proof, head.size, head.root, index, tlog.RecordHash(entry)); err != nil {
			return 0, fmt.Errorf("%s: %v", file, err)
		}
	}
	return len(files), nil
}

// theirConsistency verifies the consistency proofs that the log itself made.
func theirConsistency(dir logDir, head tree) (int, error) {
	data, err := os.ReadFile(filepath.Join(dir.path, "consistency"))
	if err != nil {
		return 0, err
	}
	count := 0
	for _, line := range strings.Split(strings.TrimSpace(string(data)), "\n") {
		words := strings.Fields(line)
		if len(words) < 2 {
			continue
		}
		size, err := strconv.ParseInt(words[0], 10, 64)
		if err != nil {
			return 0, err
		}
		all, err := hashes(words[1:])
		if err != nil {
			return 0, err
		}
		if err := tlog.CheckTree(all[1:], head.size, head.root, size, all[0]); err != nil {
			return 0, fmt.Errorf("size %d: %v", size, err)
		}
		count++
	}
	return count, nil
}

func report(name string, count int, err error) {
	if err != nil {
		fmt.Printf("not ok x/mod %s: %v\n", name, err)
	} else {
		fmt.Printf("ok x/mod %s (%d)\n", name, count)
	}
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: record-judge DIR")
		os.Exit(2)
	}
	dir := logDir{os.Args[1]}
	logs, witnesses, err := keys(filepath.Join(dir.path, "policy"))
	if err != nil {
		fmt.Println("not ok x/mod policy:", err)
		return
	}
	data, err := os.ReadFile(filepath.Join(dir.path, "checkpoint"))
	if err != nil {
		fmt.Println("not ok x/mod checkpoint:", err)
		return
	}
	head, err := open(data, logs, witnesses)
	report("checkpoint: log signature and cosignatures", len(logs)+len(witnesses), err)
	if err != nil {
		return
	}
	reader := tlog.TileHashReader(tlog.Tree{N: head.size, Hash: head.root}, dir)
	count, err := everyHundredth(dir, head, reader)
	report("inclusion of every 100th entry", count, err)
	count, err = growth(head, reader)
	report("consistency with older sizes", count, err)
	count, err = theirInclusion(dir, logs, witnesses)
	report("tlog-proofs the log made", count, err)
	count, err = theirConsistency(dir, head)
	report("consistency proofs the log made", count, err)
}
