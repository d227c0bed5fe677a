package main

import (
	"math"
	"math/rand"
	"strconv"
	"strings"
)

// A generator makes pushes from a seed, with values at the edges of what each field may have.
type generator struct {
	*rand.Rand
	utf8Names  bool // whether the gateway takes them
	timestamps bool
	number     int  // of the push
	tame       bool // nothing in it that is refused for a trifle
}

func (g *generator) chance(p float64) bool { return g.Float64() < p }

func oneOf[T any](g *generator, all ...T) T { return all[g.Intn(len(all))] }

func (g *generator) float() float64 {
	switch g.Intn(12) {
	case 0:
		return math.Float64frombits(g.Uint64())
	case 1, 2, 3, 4:
		return float64(g.Intn(5))
	case 5, 6:
		return float64(g.Intn(100)) / 4
	}
	return oneOf(g, 0, math.Copysign(0, -1), 1, -1, 0.5, 1.5, -2.5, math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat64,
		-math.MaxFloat64, math.SmallestNonzeroFloat64, 1<<53, 1<<53+2, 1<<63, 1<<64, 1e19, -1e19, 0.1, 1e-7, 1e6, 999999, 1e21)
}

func (g *generator) unsigned() uint64 {
	if g.chance(0.7) {
		return uint64(g.Intn(8))
	}
	return oneOf[uint64](g, 0, 1, 1<<31-1, 1<<31, 1<<32-1, 1<<32, 1<<53-1, 1<<53, 1<<53+1, 1<<63-1, 1<<63, math.MaxUint64,
		math.MaxUint64-1, g.Uint64())
}

func (g *generator) signed() int64 {
	if g.chance(0.7) {
		return int64(g.Intn(9) - 4)
	}
	return oneOf[int64](g, math.MinInt64, math.MinInt64+1, -1<<31, -1<<31-1, 1<<31-1, 1<<31, 1<<53, math.MaxInt64, -1<<53, int64(g.Uint64()))
}

var texts = []string{"", "", "a", "b", "0", "x y", "\x00", "a\x00b", "\xff", "a\xffb", "\xc3", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80",
	"\"", "\\", "\\n", "\n", "a\nb", "\r", "\t", "\x7f", "\u0085", "\u2028", "\ufeff", "\ufffd", "\uffff", "\U0010ffff", "é", "日本",
	"{", "}", "=", ",", "#", " ", "/", "%", "+", "a\\", "\"quoted\"", "# EOF", "\n# EOF\n", "1", "NaN", "+Inf", "1.0"}

// text returns any string.
func (g *generator) text() string {
	if g.chance(0.5) {
		return oneOf(g, "", "a", "b", "c", "two words", "é")
	}
	if g.chance(0.02) {
		return strings.Repeat(oneOf(g, "x", "é", "\\", "\"", "a b "), g.Intn(3000))
	}
	s := oneOf(g, texts...)
	if g.chance(0.3) {
		s += oneOf(g, texts...)
	}
	if g.tame {
		s = strings.ToValidUTF8(s, "?")
	}
	return s
}

var labelNames = []string{"a", "b", "c", "le", "quantile", "job", "instance", "region", "_", "A9", "__name__", "__x", "__type__", "__unit__", "exported_job",
	"name", "id", "trace_id"}

var utf8Names = []string{"a.b", "a b", "é", "日本", "a\x00b", "\x00", "a\xff", "a\"b", "a\\b", "a\nb", "a,b", "a=b", "a{b", "}", "#x", " ", "1a", "a-b", "a_b",
	"U__a", "U___x", "\ufeff", "\uffff", "\U0010ffff", "a:b", "a/b", ".", "..", "_x.y", "a__b", ""}

func (g *generator) labelName() string {
	if g.chance(0.12) && (g.utf8Names || !g.tame) {
		return g.utf8Name()
	}
	return oneOf(g, labelNames[:8]...)
}

func (g *generator) utf8Name() string {
	name := oneOf(g, utf8Names...)
	if g.tame && (name == "" || strings.ContainsAny(name, "\x00\xff")) {
		return "a.c"
	}
	return name
}

func (g *generator) anyLabelName() string {
	if g.chance(0.25) && !g.tame {
		return oneOf(g, labelNames...)
	}
	return g.labelName()
}

// labelPairs returns some labels, as a rule with distinct names.
func (g *generator) labelPairs(most int) [][2]string {
	var out [][2]string
	for range g.Intn(most + 1) {
		name := g.anyLabelName()
		twice := false
		for _, pair := range out {
			twice = twice || pair[0] == name
		}
		if twice && (g.tame || !g.chance(0.05)) {
			continue
		}
		value := g.text()
		if g.chance(0.15) {
			value = ""
		}
		out = append(out, [2]string{name, value})
	}
	return out
}

// familyName returns a name that is nobody else's, or one of a few that many pushes share.
func (g *generator) familyName() string {
	stem := "f" + strconv.Itoa(g.number) + oneOf(g, "", "x", "y")
	if g.chance(0.25) {
		stem = oneOf(g, "shared", "h", "c", "g", "s")
	}
	if g.chance(0.1) && (g.utf8Names || !g.tame) {
		stem += g.utf8Name()
	}
	if g.chance(0.02) && !g.tame {
		stem = oneOf(g, "", "push_time_seconds", "process_open_fds", "__name__", "up", ":", "a:b", "\xff", "\x00")
	}
	return stem + oneOf(g, "", "", "", "_total", "_total", "_sum", "_count", "_bucket", "_created", "_info", "_seconds", "_gsum", "_gcount")
}

// bound spells a float as one of several texts that mean it.
func (g *generator) bound(v float64) string {
	plain := strconv.FormatFloat(v, 'g', -1, 64)
	if math.IsInf(v, 1) {
		return oneOf(g, "+Inf", "+Inf", "Inf", "inf", "infinity")
	}
	if math.IsNaN(v) || math.IsInf(v, -1) {
		return plain
	}
	switch g.Intn(6) {
	case 0:
		return strconv.FormatFloat(v, 'e', -1, 64)
	case 1:
		return strconv.FormatFloat(v, 'f', 3, 64)
	}
	return plain
}
