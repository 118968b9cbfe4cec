package format

import "fmt"

// SplitFile returns the chunks of an .automerge file, which share its memory:
// one document chunk as a rule, with change chunks behind it if the file was
// saved incrementally, or several document chunks, or change chunks alone. It
// checks that they are whole, not what is in them.
func SplitFile(data []byte) ([][]byte, error) {
	if len(data) > MaxFile {
		return nil, fmt.Errorf("split file of %d bytes: %w", len(data), ErrLimit)
	}
	var chunks [][]byte
	for rest := data; len(rest) > 0 || chunks == nil; {
		kind, _, next, err := splitChunk(rest)
		if err == nil && kind > chunkCompressed {
			err = fmt.Errorf("type %d: %w", kind, ErrChunkType)
		}
		if err != nil {
			return nil, fmt.Errorf("split file at byte %d: %w", len(data)-len(rest), err)
		}
		n := len(rest) - len(next)
		chunks = append(chunks, rest[:n:n])
		rest = next
	}
	return chunks, nil
}

// IsDocument reports whether a chunk is a document chunk and not a change.
func IsDocument(chunk []byte) bool { return len(chunk) >= headLen && chunk[8] == chunkDocument }

// splitChunk takes the first chunk off b.
func splitChunk(b []byte) (kind byte, content, rest []byte, err error) {
	r := reader{b: b, lax: true}
	head := r.take(headLen)
	if r.err == nil && [4]byte(head) != magic {
		return 0, nil, nil, ErrMagic
	}
	content = r.take(r.uleb())
	if r.err != nil {
		return 0, nil, nil, r.err
	}
	return head[8], content, r.b, nil
}
