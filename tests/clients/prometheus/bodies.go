package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
)

// push makes the next one.
func (g *generator) push() push {
	g.number++
	g.tame = g.chance(0.6)
	p := push{method: oneOf(g, "PUT", "PUT", "POST"), path: g.path()}
	var families []*dto.MetricFamily
	for range 1 + g.Intn(3) {
		families = append(families, g.family())
	}
	switch g.Intn(10) {
	case 0, 1, 2, 3:
		p.contentType = protobufType
		for _, f := range families {
			message, _ := proto.MarshalOptions{AllowPartial: true}.Marshal(f)
			if g.chance(0.05) && !g.tame {
				message = g.mutated(message)
			}
			p.body = protowire.AppendBytes(p.body, message)
		}
	case 4, 5, 6:
		p.contentType = openMetricsType
		p.body = g.lines(families, true)
	default:
		p.contentType = textType
		p.body = g.lines(families, false)
	}
	if g.chance(0.3) && !g.tame {
		p.body = g.mutated(p.body)
	}
	if g.chance(0.04) && !g.tame {
		p.contentType = oneOf(g, textType, openMetricsType, protobufType)
	}
	if g.chance(0.15) {
		p.coding = oneOf(g, "gzip", "snappy", "zstd")
	}
	return p
}

func (g *generator) path() string {
	var key [][2]string
	if g.chance(0.25) {
		for _, pair := range g.labelPairs(2) {
			if pair[0] == "" || strings.ContainsAny(pair[0], "/") {
				continue
			}
			if g.chance(0.1) {
				pair[0] = oneOf(g, "U__a_2e_b", "U__a_0_b", "U___x", "U__", "U__a_110000_b", "U__a_D800_b", "U__a_FFFF_", "le", "quantile", "__name__")
			}
			key = append(key, pair)
		}
	}
	job := "j" + strconv.Itoa(g.number)
	if g.chance(0.2) {
		job = oneOf(g, "j", "k", g.text())
	}
	return g.pathOf(job, key)
}

var tokens = []string{"\x00", "\xff", "\"", "{", "}", "=", ",", "\n", "\\", "#", " ", "\t", "\r\n", "# EOF\n", "# TYPE ", "# HELP ", "# UNIT ", "le=", "NaN", "-1", "+Inf",
	"_bucket", "_total", "_sum", "_count", "_created", " 1\n", " # {} 1", "histogram", "summary", "counter", "1e999", "0x1p3", "1_0", "é", "\ufeff", "{\"a.b\"} 1\n", "gaugehistogram", "info", "stateset"}

// mutated changes a few bytes.
func (g *generator) mutated(body []byte) []byte {
	body = append([]byte{}, body...)
	for range 1 + g.Intn(3) {
		at := g.Intn(len(body) + 1)
		switch g.Intn(7) {
		case 0:
			if at < len(body) {
				body[at] ^= 1 << g.Intn(8)
			}
		case 1:
			if at < len(body) {
				body[at] = oneOf[byte](g, 0, 1, 0x7f, 0x80, 0xff, '\n', '"', '\\', ' ')
			}
		case 2:
			end := min(len(body), at+1+g.Intn(8))
			body = append(body[:at:at], body[end:]...)
		case 3, 4:
			body = append(body[:at:at], append([]byte(oneOf(g, tokens...)), body[at:]...)...)
		case 5:
			end := min(len(body), at+g.Intn(60))
			body = append(body[:end:end], append(append([]byte{}, body[at:end]...), body[end:]...)...)
		case 6:
			if lines := strings.SplitAfter(string(body), "\n"); len(lines) > 2 {
				i, k := g.Intn(len(lines)-1), g.Intn(len(lines)-1)
				lines[i], lines[k] = lines[k], lines[i]
				body = []byte(strings.Join(lines, ""))
			}
		}
	}
	return body
}

// lines writes families as text, with what a writer may do and with what it must not.
func (g *generator) lines(families []*dto.MetricFamily, openMetrics bool) []byte {
	var out strings.Builder
	for _, f := range families {
		g.familyLines(&out, f, openMetrics)
	}
	if openMetrics && !g.chance(0.05) {
		out.WriteString("# EOF\n")
	}
	return []byte(out.String())
}

func (g *generator) familyLines(out *strings.Builder, f *dto.MetricFamily, openMetrics bool) {
	name := f.GetName()
	described := name
	if openMetrics && f.GetType() == dto.MetricType_COUNTER {
		described = strings.TrimSuffix(name, "_total")
		name = described + "_total"
	}
	if !g.chance(0.1) {
		word := strings.ToLower(f.GetType().String())
		switch {
		case f.GetType() == dto.MetricType_GAUGE_HISTOGRAM:
			word = "gaugehistogram"
		case f.GetType() == dto.MetricType_UNTYPED && openMetrics:
			word = oneOf(g, "unknown", "unknown", "info", "stateset")
		}
		fmt.Fprintf(out, "# TYPE %s %s\n", g.metricName(described), word)
	}
	if f.Help != nil {
		help := strings.NewReplacer("\\", "\\\\", "\n", "\\n").Replace(f.GetHelp())
		if openMetrics {
			help = strings.ReplaceAll(help, "\"", "\\\"")
		}
		fmt.Fprintf(out, "# HELP %s %s\n", g.metricName(described), help)
	}
	if openMetrics && f.Unit != nil {
		fmt.Fprintf(out, "# UNIT %s %s\n", g.metricName(described), f.GetUnit())
	}
	for _, m := range f.Metric {
		g.metricLines(out, f, name, described, m, openMetrics)
	}
}

func (g *generator) metricLines(out *strings.Builder, f *dto.MetricFamily, name, described string, m *dto.Metric, openMetrics bool) {
	line := func(name string, value string, e *dto.Exemplar, extra ...string) {
		out.WriteString(g.series(name, m.Label, extra))
		out.WriteByte(' ')
		out.WriteString(value)
		if m.TimestampMs != nil {
			if openMetrics {
				fmt.Fprintf(out, " %d.%03d", m.GetTimestampMs()/1000, abs(m.GetTimestampMs()%1000))
			} else {
				fmt.Fprintf(out, " %d", m.GetTimestampMs())
			}
		}
		if e != nil && openMetrics {
			fmt.Fprintf(out, " # %s %s", g.braces(e.Label, nil), g.spelled(e.GetValue()))
			if e.Timestamp != nil {
				fmt.Fprintf(out, " %d.%d", e.Timestamp.Seconds, e.Timestamp.Nanos)
			}
		}
		out.WriteByte('\n')
	}
	count := func(whole uint64, float *float64) string {
		if float != nil {
			return g.spelled(*float)
		}
		return strconv.FormatUint(whole, 10)
	}
	switch {
	case m.Counter != nil:
		line(name, g.spelled(m.Counter.GetValue()), m.Counter.Exemplar)
		if c := m.Counter.CreatedTimestamp; c != nil && openMetrics {
			line(described+"_created", fmt.Sprintf("%d.%d", c.Seconds, abs(int64(c.Nanos))), nil)
		}
	case m.Gauge != nil:
		line(name, g.spelled(m.Gauge.GetValue()), nil)
	case m.Untyped != nil:
		line(name, g.spelled(m.Untyped.GetValue()), nil)
	case m.Summary != nil:
		for _, q := range m.Summary.Quantile {
			line(name, g.spelled(q.GetValue()), nil, "quantile", g.bound(q.GetQuantile()))
		}
		if !g.chance(0.1) {
			line(name+"_sum", g.spelled(m.Summary.GetSampleSum()), nil)
		}
		if !g.chance(0.1) {
			line(name+"_count", strconv.FormatUint(m.Summary.GetSampleCount(), 10), nil)
		}
	case m.Histogram != nil:
		h := m.Histogram
		sum, total := "_sum", "_count"
		if f.GetType() == dto.MetricType_GAUGE_HISTOGRAM && openMetrics {
			sum, total = "_gsum", "_gcount"
		}
		for _, b := range h.Bucket {
			line(name+"_bucket", count(b.GetCumulativeCount(), b.CumulativeCountFloat), b.Exemplar, "le", g.bound(b.GetUpperBound()))
		}
		if len(h.Bucket) == 0 || !math.IsInf(h.Bucket[len(h.Bucket)-1].GetUpperBound(), 1) {
			if openMetrics || g.chance(0.5) {
				line(name+"_bucket", count(h.GetSampleCount(), h.SampleCountFloat), nil, "le", "+Inf")
			}
		}
		if !g.chance(0.1) {
			line(name+sum, g.spelled(h.GetSampleSum()), nil)
		}
		if !g.chance(0.1) {
			line(name+total, count(h.GetSampleCount(), h.SampleCountFloat), nil)
		}
		if c := h.CreatedTimestamp; c != nil && openMetrics {
			line(described+"_created", fmt.Sprintf("%d.%d", c.Seconds, abs(int64(c.Nanos))), nil)
		}
	default:
		line(name, "1", nil)
	}
}

func abs(n int64) int64 {
	if n < 0 {
		return -n
	}
	return n
}

func (g *generator) spelled(v float64) string {
	return strconv.FormatFloat(v, oneOf[byte](g, 'g', 'g', 'e'), -1, 64)
}

func isLegacy(name string, colon bool) bool {
	for i, c := range []byte(name) {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || colon && c == ':'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return name != ""
}

func escaped(s string) string {
	return strings.NewReplacer("\\", "\\\\", "\n", "\\n", "\"", "\\\"").Replace(s)
}

func (g *generator) metricName(name string) string {
	if isLegacy(name, true) && !g.chance(0.03) {
		return name
	}
	return "\"" + escaped(name) + "\""
}

func (g *generator) braces(all []*dto.LabelPair, first []string) string {
	parts := append([]string{}, first...)
	for _, l := range all {
		name := l.GetName()
		if !isLegacy(name, false) {
			name = "\"" + escaped(name) + "\""
		}
		parts = append(parts, name+"=\""+escaped(l.GetValue())+"\"")
	}
	if len(parts) == 0 && !g.chance(0.05) && first == nil {
		return "{}"
	}
	return "{" + strings.Join(parts, ",") + "}"
}

func (g *generator) series(name string, all []*dto.LabelPair, extra []string) string {
	if len(extra) == 2 {
		all = append(append([]*dto.LabelPair{}, all...), &dto.LabelPair{Name: &extra[0], Value: &extra[1]})
	}
	if isLegacy(name, true) {
		if len(all) == 0 {
			return name
		}
		return name + g.braces(all, nil)
	}
	return g.braces(all, []string{"\"" + escaped(name) + "\""})
}
