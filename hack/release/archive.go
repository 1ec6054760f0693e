package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"fmt"
	"time"
)

// tarred packs files below a directory of one name. Nobody owns them, and all carry one date.
func tarred(base string, files []file, date time.Time) ([]byte, error) {
	var b bytes.Buffer
	packed, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, fmt.Errorf("pack: %w", err)
	}
	w := tar.NewWriter(packed)
	for _, f := range files {
		head := tar.Header{Typeflag: tar.TypeReg, Name: base + "/" + f.name, Size: int64(len(f.data)), Mode: int64(f.mode), ModTime: date, Format: tar.FormatUSTAR}
		if err := w.WriteHeader(&head); err != nil {
			return nil, fmt.Errorf("pack %s: %w", f.name, err)
		}
		if _, err := w.Write(f.data); err != nil {
			return nil, fmt.Errorf("pack %s: %w", f.name, err)
		}
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("pack: %w", err)
	}
	if err := packed.Close(); err != nil {
		return nil, fmt.Errorf("pack: %w", err)
	}
	return b.Bytes(), nil
}

// zipped is tarred for Windows.
func zipped(base string, files []file, date time.Time) ([]byte, error) {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, f := range files {
		head := zip.FileHeader{Name: base + "/" + f.name, Method: zip.Deflate, Modified: date}
		head.SetMode(f.mode)
		entry, err := w.CreateHeader(&head)
		if err != nil {
			return nil, fmt.Errorf("pack %s: %w", f.name, err)
		}
		if _, err := entry.Write(f.data); err != nil {
			return nil, fmt.Errorf("pack %s: %w", f.name, err)
		}
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("pack: %w", err)
	}
	return b.Bytes(), nil
}
