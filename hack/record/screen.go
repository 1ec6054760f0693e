package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// screen is as much of a terminal as the wizard's drawing needs: text, cursor movements, clearing and colours.
type screen struct {
	width, height int
	x, y          int
	lines         [][]cell
	style         style
	rest          string // an unfinished sequence
}

type cell struct {
	text  string
	style style
}

type style struct {
	fg            int // -1: the terminal's own
	bold, reverse bool
}

func newScreen(width, height int) *screen {
	s := &screen{width: width, height: height, style: style{fg: -1}}
	for range height {
		s.lines = append(s.lines, s.blank())
	}
	return s
}

func (s *screen) blank() []cell {
	line := make([]cell, s.width)
	for i := range line {
		line[i] = cell{" ", style{fg: -1}}
	}
	return line
}

func (s *screen) copy() [][]cell {
	var out [][]cell
	for _, l := range s.lines {
		out = append(out, append([]cell{}, l...))
	}
	return out
}

// write takes what a program prints.
func (s *screen) write(text string) {
	text = s.rest + text
	s.rest = ""
	if at := strings.LastIndexByte(text, 0x1b); at >= 0 && len(text)-at < 24 && !strings.ContainsAny(text[at+1:], "ABCDHJKfhlmrtuP\\\a=>") {
		text, s.rest = text[:at], text[at:]
	}
	var state byte
	for len(text) > 0 {
		seq, width, n, next := ansi.DecodeSequence(text, state, nil)
		state, text = next, text[n:]
		switch {
		case width > 0:
			s.put(seq, width)
		case seq == "\r":
			s.x = 0
		case seq == "\n":
			s.down()
		case seq == "\b":
			s.x = max(0, s.x-1)
		case strings.HasPrefix(seq, "\x1b["):
			s.control(seq[2:len(seq)-1], seq[len(seq)-1])
		}
	}
}

func (s *screen) put(text string, width int) {
	if s.x >= s.width {
		s.x = 0
		s.down()
	}
	s.lines[s.y][s.x] = cell{text, s.style}
	for i := 1; i < width && s.x+i < s.width; i++ {
		s.lines[s.y][s.x+i] = cell{"", s.style}
	}
	s.x += width
}

func (s *screen) down() {
	if s.y++; s.y >= s.height {
		s.lines, s.y = append(s.lines[1:], s.blank()), s.height-1
	}
}

// control carries out a control sequence.
func (s *screen) control(params string, final byte) {
	n := func(i int) int { // the i-th parameter; left out it is 1
		parts := strings.Split(params, ";")
		if i < len(parts) {
			if v, err := strconv.Atoi(parts[i]); err == nil && v > 0 {
				return v
			}
		}
		return 1
	}
	switch final {
	case 'A':
		s.y = max(0, s.y-n(0))
	case 'B':
		s.y = min(s.height-1, s.y+n(0))
	case 'C':
		s.x = min(s.width-1, s.x+n(0))
	case 'D':
		s.x = max(0, s.x-n(0))
	case 'H', 'f':
		s.y, s.x = min(s.height, n(0))-1, min(s.width, n(1))-1
	case 'J':
		from := s.y + 1
		if params == "2" {
			from = 0
		} else {
			s.clear(s.x)
		}
		for y := from; y < s.height; y++ {
			s.lines[y] = s.blank()
		}
	case 'K':
		if params == "2" {
			s.clear(0)
		} else {
			s.clear(s.x)
		}
	case 'm':
		s.render(params)
	}
}

func (s *screen) clear(from int) {
	for x := from; x < s.width; x++ {
		s.lines[s.y][x] = cell{" ", style{fg: -1}}
	}
}

// render takes a change of colour or weight.
func (s *screen) render(params string) {
	parts := strings.Split(params, ";")
	for i := 0; i < len(parts); i++ {
		v, _ := strconv.Atoi(parts[i])
		switch {
		case v == 0:
			s.style = style{fg: -1}
		case v == 1:
			s.style.bold = true
		case v == 22:
			s.style.bold = false
		case v == 7:
			s.style.reverse = true
		case v == 27:
			s.style.reverse = false
		case v >= 30 && v <= 37:
			s.style.fg = v - 30
		case v >= 90 && v <= 97:
			s.style.fg = v - 90 + 8
		case v == 39:
			s.style.fg = -1
		case v == 38 && i+2 < len(parts) && parts[i+1] == "5":
			s.style.fg, _ = strconv.Atoi(parts[i+2])
			i += 2
		}
	}
}

// colour is the style's colour on a dark ground, for a picture.
func (s style) colour() string {
	base := []string{"#484f58", "#ff7b72", "#7ee787", "#d29922", "#79b8ff", "#d2a8ff", "#76e3ea", "#c9d1d9", "#6e7681", "#ffa198", "#7ee787", "#e3b341", "#a5d6ff", "#e2c5ff", "#b3f0ff", "#f0f6fc"}
	switch {
	case s.fg < 0:
		return "#e6edf3"
	case s.fg < 16:
		return base[s.fg]
	case s.fg < 232:
		level := func(v int) int {
			if v == 0 {
				return 0
			}
			return 55 + 40*v
		}
		n := s.fg - 16
		return fmt.Sprintf("#%02x%02x%02x", level(n/36), level(n/6%6), level(n%6))
	}
	grey := 8 + 10*(s.fg-232)
	return fmt.Sprintf("#%02x%02x%02x", grey, grey, grey)
}
