package main

import (
	"fmt"

	"github.com/docker/go-units"
)

// byteSize is a flag's value in bytes, written with a unit of 1,024: 512MB, 8GB. Zero: not given.
type byteSize int64

// Set implements pflag.Value.
func (b *byteSize) Set(s string) error {
	n, err := units.RAMInBytes(s)
	if err != nil || n <= 0 {
		return fmt.Errorf("it is a size, such as 8GB")
	}
	*b = byteSize(n)
	return nil
}

func (b *byteSize) String() string {
	if *b == 0 {
		return ""
	}
	return units.CustomSize("%.4g%s", float64(*b), 1024, []string{"B", "KB", "MB", "GB", "TB"})
}

// Type implements pflag.Value.
func (b *byteSize) Type() string { return "size" }
