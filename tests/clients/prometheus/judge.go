package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/exemplar"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/textparse"

	dto "github.com/prometheus/client_model/go"
)

// A protocol is what Prometheus may write into Accept.
type protocol struct {
	name, accept string
	validation   model.ValidationScheme
}

// protocols lists what the scrape protocols of Prometheus ask for, in each way of escaping that its configuration knows.
// Protobuf and the old text formats are asked for without one.
func protocols() []protocol {
	const protobuf = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"
	out := []protocol{
		{"protobuf", protobuf, model.LegacyValidation},
		{"text 0.0.4", "text/plain;version=0.0.4", model.LegacyValidation},
		{"OpenMetrics 0.0.1", "application/openmetrics-text;version=0.0.1", model.LegacyValidation},
	}
	for _, escaping := range []string{"allow-utf-8", "underscores", "dots", "values"} {
		validation := model.LegacyValidation
		if escaping == "allow-utf-8" {
			validation = model.UTF8Validation
		}
		for _, p := range [][2]string{{"text 1.0.0", "text/plain;version=1.0.0"},
			{"OpenMetrics 1.0.0", "application/openmetrics-text;version=1.0.0"}, {"protobuf", protobuf}} {
			accept := p[1] + ";escaping=" + escaping
			if strings.HasPrefix(p[0], "text") {
				accept += ";q=0.5,text/plain;version=0.0.4;q=0.4"
			}
			out = append(out, protocol{p[0] + " " + escaping, accept, validation})
		}
	}
	return out
}

// readings lists the ways in which the settings of a scrape have a body parsed.
func readings(contentType string) []textparse.ParserOptions {
	var out []textparse.ParserOptions
	for bits := range 16 {
		o := textparse.ParserOptions{
			ConvertClassicHistogramsToNHCB:          bits&1 != 0,
			KeepClassicOnClassicAndNativeHistograms: bits&2 != 0,
			IgnoreNativeHistograms:                  bits&4 != 0,
			OpenMetricsSkipSTSeries:                 bits&8 != 0,
			EnableTypeAndUnitLabels:                 bits == 15,
		}
		switch {
		case strings.HasPrefix(contentType, "application/vnd.google.protobuf"):
			if bits&8 != 0 && bits != 15 { // start times are part of the messages
				continue
			}
		case strings.HasPrefix(contentType, "application/openmetrics-text"):
			if bits&4 != 0 && bits != 15 {
				continue
			}
		default:
			if bits&12 != 0 && bits != 15 {
				continue
			}
		}
		out = append(out, o)
	}
	return out
}

func describe(o textparse.ParserOptions) string {
	var words []string
	for _, w := range []struct {
		is   bool
		word string
	}{{o.ConvertClassicHistogramsToNHCB, "converted to custom buckets"}, {o.KeepClassicOnClassicAndNativeHistograms, "classic kept"},
		{o.IgnoreNativeHistograms, "native ignored"}, {o.OpenMetricsSkipSTSeries, "start times"}, {o.EnableTypeAndUnitLabels, "type labels"}} {
		if w.is {
			words = append(words, w.word)
		}
	}
	return strings.Join(words, ", ")
}

// A value is what one series has.
type value struct {
	name   string
	number float64
	time   int64
	native bool
}

// A reading is what Prometheus finds in a body.
type reading struct {
	series map[string]value
	parted map[string]bool // families whose parts have other names or values elsewhere: gauge histograms and native ones
}

// The parsers of text give the names of TYPE lines as they are spelled.
var unescape = strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\"`, `"`)

// read goes through a body as a scrape does.
func read(body []byte, contentType string, options textparse.ParserOptions, validation model.ValidationScheme) (found reading, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("Prometheus would panic: %v", r)
		}
	}()
	found = reading{map[string]value{}, map[string]bool{}}
	if len(body) == 0 {
		return found, nil
	}
	parser, err := textparse.New(body, contentType, labels.NewSymbolTable(), options)
	if err != nil {
		return found, err
	}
	for {
		entry, err := parser.Next()
		if errors.Is(err, io.EOF) {
			return found, nil
		}
		if err != nil {
			return found, err
		}
		switch entry {
		case textparse.EntryHelp:
			if _, help := parser.Help(); !utf8.Valid(help) {
				return found, fmt.Errorf("a help that is not UTF-8: %q", help)
			}
		case textparse.EntryType:
			if name, kind := parser.Type(); kind == model.MetricTypeGaugeHistogram {
				found.parted[unescape.Replace(string(name))] = true
			}
		case textparse.EntryUnit:
			parser.Unit()
		case textparse.EntrySeries, textparse.EntryHistogram:
			if err := readSeries(parser, entry, options, validation, found.series); err != nil {
				return found, err
			}
		}
	}
}

func readSeries(parser textparse.Parser, entry textparse.Entry, options textparse.ParserOptions, validation model.ValidationScheme,
	series map[string]value) error {
	var v value
	var time *int64
	if entry == textparse.EntryHistogram {
		var whole *histogram.Histogram
		var floats *histogram.FloatHistogram
		_, time, whole, floats = parser.Histogram()
		v.native = true
		switch {
		case whole != nil:
			if err := whole.Validate(); err != nil {
				return err
			}
			v.number = float64(whole.Count)
		case floats != nil:
			if err := floats.Validate(); err != nil {
				return err
			}
			v.number = floats.Count
		default:
			return errors.New("a histogram that is none")
		}
	} else {
		_, time, v.number = parser.Series()
	}
	if time != nil {
		v.time = *time
	}
	var all labels.Labels
	parser.Labels(&all)
	if !all.Has(model.MetricNameLabel) {
		return errors.New("a series without a name")
	}
	if !all.IsValid(validation) {
		return fmt.Errorf("invalid metric name or label names: %s", all)
	}
	all = all.WithoutEmpty()
	if name, twice := all.HasDuplicateLabelNames(); twice {
		return fmt.Errorf("the label %q twice: %s", name, all)
	}
	v.name = all.Get(model.MetricNameLabel)
	bad := ""
	all.Range(func(l labels.Label) {
		if !utf8.ValidString(l.Name) || !utf8.ValidString(l.Value) {
			bad = l.Name
		}
	})
	if bad != "" {
		return fmt.Errorf("the label %q is not UTF-8", bad)
	}
	id := all.String()
	if _, there := series[id]; there {
		return fmt.Errorf("the series %s twice", id)
	}
	series[id] = v
	if options.OpenMetricsSkipSTSeries {
		parser.StartTimestamp()
	}
	var ex exemplar.Exemplar
	for i := 0; parser.Exemplar(&ex); i++ {
		ex.Labels.Range(func(l labels.Label) {
			if !utf8.ValidString(l.Name) || !utf8.ValidString(l.Value) {
				bad = l.Name
			}
		})
		if bad != "" {
			return fmt.Errorf("the label %q of an exemplar is not UTF-8", bad)
		}
		ex = exemplar.Exemplar{}
	}
	return nil
}

// readStrictly reads OpenMetrics by the standard.
func readStrictly(body []byte, contentType string) error {
	decoder := expfmt.NewDecoder(bytes.NewReader(body), expfmt.Format(contentType))
	for {
		var family dto.MetricFamily
		if err := decoder.Decode(&family); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return fmt.Errorf("read by the standard: %w", err)
		}
	}
}

// An exposition is what a gateway shows in one protocol.
type exposition struct {
	protocol
	contentType string
	body        []byte
}

// find returns why a scrape in some protocol would fail, or an empty string.
func find(expositions []exposition, strict bool) string {
	plain := map[string]reading{}
	native := map[string]bool{}
	for _, e := range expositions {
		for _, options := range readings(e.contentType) {
			found, err := read(e.body, e.contentType, options, e.validation)
			if err != nil {
				return fmt.Sprintf("%s (%s): %v", e.name, describe(options), err)
			}
			isProtobuf := strings.HasPrefix(e.contentType, "application/vnd")
			if options == (textparse.ParserOptions{}) && isProtobuf {
				for _, v := range found.series {
					if v.native {
						native[v.name] = true
					}
				}
			}
			if options == (textparse.ParserOptions{IgnoreNativeHistograms: isProtobuf}) {
				plain[e.name] = found
			}
		}
		if strict && e.name == "OpenMetrics 1.0.0 allow-utf-8" {
			if err := readStrictly(e.body, e.contentType); err != nil {
				return fmt.Sprintf("%s: %v", e.name, err)
			}
		}
	}
	for _, found := range plain {
		for name := range native {
			found.parted[name] = true
		}
	}
	for _, pair := range [][2]string{{"text 1.0.0 allow-utf-8", "protobuf allow-utf-8"}, {"text 1.0.0 allow-utf-8", "OpenMetrics 1.0.0 allow-utf-8"},
		{"text 0.0.4", "protobuf"}, {"text 1.0.0 dots", "protobuf dots"}, {"text 1.0.0 values", "OpenMetrics 1.0.0 values"}} {
		if wrong := difference(plain[pair[0]], plain[pair[1]]); wrong != "" {
			return fmt.Sprintf("%s and %s differ: %s", pair[0], pair[1], wrong)
		}
	}
	return ""
}

// difference returns what two protocols show differently, but for what they must: times of creation, gauge histograms, classic
// buckets beside native ones, and the gateway's own metrics, which go on.
func difference(a, b reading) string {
	expected := func(name string) bool {
		if strings.HasSuffix(name, "_created") || strings.HasPrefix(name, "process_") || strings.HasPrefix(name, "pushgateway_") {
			return true
		}
		for _, part := range []string{"_bucket", "_sum", "_count", "_gsum", "_gcount"} {
			if stem, is := strings.CutSuffix(name, part); is && (a.parted[stem] || b.parted[stem]) {
				return true
			}
		}
		return false
	}
	var wrong []string
	for id, v := range a.series {
		w, there := b.series[id]
		if expected(v.name) {
			continue
		}
		if !there {
			wrong = append(wrong, "only the first has "+id)
		} else if v.number != w.number && !(math.IsNaN(v.number) && math.IsNaN(w.number)) {
			wrong = append(wrong, fmt.Sprintf("%s is %v and %v", id, v.number, w.number))
		}
	}
	for id, v := range b.series {
		if _, there := a.series[id]; !there && !expected(v.name) {
			wrong = append(wrong, "only the second has "+id)
		}
	}
	sort.Strings(wrong)
	return strings.Join(wrong[:min(len(wrong), 3)], "; ")
}
