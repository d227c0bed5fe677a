package main

import (
	"math"
	"sort"

	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// family makes a metric family, sound for the most part.
func (g *generator) family() *dto.MetricFamily {
	f := &dto.MetricFamily{Name: proto.String(g.familyName())}
	kind := dto.MetricType(g.Intn(6))
	if g.chance(0.35) {
		kind = oneOf(g, dto.MetricType_HISTOGRAM, dto.MetricType_GAUGE_HISTOGRAM, dto.MetricType_HISTOGRAM)
	}
	f.Type = kind.Enum()
	if g.chance(0.4) {
		f.Help = proto.String(g.text())
	}
	if g.chance(0.1) {
		f.Unit = proto.String(oneOf(g, "seconds", "", "bytes", "\xff", "a b", "\n"))
	}
	count := 1
	if g.chance(0.3) {
		count = g.Intn(4)
	}
	for range count {
		f.Metric = append(f.Metric, g.metric(kind))
	}
	if g.chance(0.03) && !g.tame {
		f.Type = dto.MetricType(g.Intn(8) - 1).Enum()
	}
	return f
}

func (g *generator) metric(kind dto.MetricType) *dto.Metric {
	m := &dto.Metric{Label: pairs(g.labelPairs(3))}
	switch kind {
	case dto.MetricType_COUNTER:
		m.Counter = &dto.Counter{Value: proto.Float64(g.float())}
		if g.chance(0.3) {
			m.Counter.Exemplar = g.exemplar()
		}
		m.Counter.CreatedTimestamp = g.created()
	case dto.MetricType_GAUGE:
		m.Gauge = &dto.Gauge{Value: proto.Float64(g.float())}
	case dto.MetricType_SUMMARY:
		m.Summary = g.summary()
	case dto.MetricType_HISTOGRAM, dto.MetricType_GAUGE_HISTOGRAM:
		m.Histogram = g.histogram()
	default:
		m.Untyped = &dto.Untyped{Value: proto.Float64(g.float())}
	}
	if g.chance(0.07) && (g.timestamps || !g.tame) {
		m.TimestampMs = proto.Int64(oneOf(g, g.signed(), 0, 1, -1, 1700000000000))
	}
	return m
}

func pairs(all [][2]string) []*dto.LabelPair {
	var out []*dto.LabelPair
	for _, pair := range all {
		out = append(out, &dto.LabelPair{Name: proto.String(pair[0]), Value: proto.String(pair[1])})
	}
	return out
}

func (g *generator) created() *timestamppb.Timestamp {
	if !g.chance(0.2) {
		return nil
	}
	return g.instant()
}

func (g *generator) instant() *timestamppb.Timestamp {
	if g.chance(0.7) {
		return &timestamppb.Timestamp{Seconds: int64(g.Intn(2000000000)), Nanos: int32(g.Intn(1000000000))}
	}
	return &timestamppb.Timestamp{Seconds: g.signed(), Nanos: oneOf[int32](g, 0, 1, -1, 999999999, 1000000000, math.MaxInt32, math.MinInt32)}
}

func (g *generator) exemplar() *dto.Exemplar {
	e := &dto.Exemplar{Label: pairs(g.labelPairs(3)), Value: proto.Float64(g.float())}
	if g.chance(0.6) {
		e.Timestamp = g.instant()
	}
	if g.chance(0.3) {
		e.Label = pairs([][2]string{{"trace_id", "abc"}})
	}
	return e
}

func (g *generator) summary() *dto.Summary {
	s := &dto.Summary{SampleCount: proto.Uint64(g.unsigned()), SampleSum: proto.Float64(g.float()), CreatedTimestamp: g.created()}
	for range g.Intn(4) {
		s.Quantile = append(s.Quantile, &dto.Quantile{
			Quantile: proto.Float64(oneOf(g, 0.5, 0.9, 0.99, 0, 1, 0.25, 0.75, 0.1, g.float())), Value: proto.Float64(g.float())})
	}
	return s
}

// histogram makes one that is consistent, then perhaps spoils a field.
func (g *generator) histogram() *dto.Histogram {
	h := &dto.Histogram{SampleSum: proto.Float64(g.float()), CreatedTimestamp: g.created()}
	floats := g.chance(0.3)
	native := g.chance(0.5)
	var total float64
	if native {
		total = g.native(h, floats)
	} else {
		total = float64(g.Intn(20))
		if floats {
			total += 0.5
		}
	}
	if !native || g.chance(0.4) {
		g.classic(h, floats, total)
	}
	g.setCount(h, floats, total)
	if g.chance(0.15) {
		for range 1 + g.Intn(2) {
			h.Exemplars = append(h.Exemplars, g.exemplar())
		}
	}
	for range oneOf(g, 0, 0, 0, 1, 1, 2) {
		g.spoil(h, native)
	}
	return h
}

func (g *generator) setCount(h *dto.Histogram, floats bool, total float64) {
	if floats {
		h.SampleCountFloat = proto.Float64(total)
	} else {
		h.SampleCount = proto.Uint64(uint64(total))
	}
}

func (g *generator) classic(h *dto.Histogram, floats bool, total float64) {
	var bounds []float64
	for range g.Intn(5) {
		bounds = append(bounds, oneOf(g, 0.1, 0.5, 1, 2, 5, 10, -1, 0, 1e6, 0.25))
	}
	sort.Float64s(bounds)
	if !g.chance(0.1) {
		distinct := bounds[:0]
		for i, b := range bounds {
			if i == 0 || b != bounds[i-1] {
				distinct = append(distinct, b)
			}
		}
		bounds = distinct
	}
	if g.chance(0.6) {
		bounds = append(bounds, math.Inf(1))
	}
	for i, b := range bounds {
		count := math.Floor(total * float64(i+1) / float64(len(bounds)))
		if i == len(bounds)-1 && math.IsInf(b, 1) {
			count = total
		}
		bucket := &dto.Bucket{UpperBound: proto.Float64(b)}
		if floats {
			bucket.CumulativeCountFloat = proto.Float64(count)
		} else {
			bucket.CumulativeCount = proto.Uint64(uint64(count))
		}
		if g.chance(0.15) {
			bucket.Exemplar = g.exemplar()
		}
		h.Bucket = append(h.Bucket, bucket)
	}
}

// native fills in native buckets and returns how much they hold.
func (g *generator) native(h *dto.Histogram, floats bool) float64 {
	h.Schema = proto.Int32(int32(g.Intn(13) - 4))
	h.ZeroThreshold = proto.Float64(oneOf(g, 0, 1e-128, 0.001, 1))
	zero := uint64(g.Intn(3))
	total := float64(zero)
	if floats {
		h.ZeroCountFloat = proto.Float64(float64(zero))
	} else {
		h.ZeroCount = proto.Uint64(zero)
	}
	side := func() (spans []*dto.BucketSpan, deltas []int64, counts []float64) {
		last := int64(0)
		for i := range g.Intn(4) {
			offset := int32(g.Intn(4))
			if i == 0 {
				offset -= 2
			}
			length := uint32(g.Intn(3))
			spans = append(spans, &dto.BucketSpan{Offset: proto.Int32(offset), Length: proto.Uint32(length)})
			for range length {
				count := int64(g.Intn(5))
				total += float64(count)
				deltas = append(deltas, count-last)
				counts = append(counts, float64(count))
				last = count
			}
		}
		return
	}
	var deltas []int64
	var counts []float64
	h.PositiveSpan, deltas, counts = side()
	if floats {
		h.PositiveCount = counts
	} else {
		h.PositiveDelta = deltas
	}
	h.NegativeSpan, deltas, counts = side()
	if floats {
		h.NegativeCount = counts
	} else {
		h.NegativeDelta = deltas
	}
	return total
}

// spoil sets one field to a value at its edge.
func (g *generator) spoil(h *dto.Histogram, native bool) {
	bucket := func(change func(*dto.Bucket)) {
		if len(h.Bucket) != 0 {
			change(h.Bucket[g.Intn(len(h.Bucket))])
		}
	}
	span := func() *dto.BucketSpan {
		all := append(append([]*dto.BucketSpan{}, h.PositiveSpan...), h.NegativeSpan...)
		if len(all) == 0 {
			return &dto.BucketSpan{}
		}
		return oneOf(g, all...)
	}
	switch g.Intn(22) {
	case 0:
		h.SampleCount = proto.Uint64(g.unsigned())
	case 1:
		h.SampleCountFloat = proto.Float64(g.float())
	case 2:
		h.SampleSum = proto.Float64(math.NaN())
	case 3:
		h.Schema = proto.Int32(oneOf[int32](g, -5, -4, 8, 9, 52, -53, -9, -10, math.MaxInt32, math.MinInt32))
	case 4:
		h.ZeroThreshold = proto.Float64(g.float())
	case 5:
		h.ZeroCount = proto.Uint64(g.unsigned())
	case 6:
		h.ZeroCountFloat = proto.Float64(g.float())
	case 7:
		span().Offset = proto.Int32(oneOf[int32](g, -1, 0, math.MinInt32, math.MaxInt32, math.MaxInt32-1, -3))
	case 8:
		span().Length = proto.Uint32(oneOf[uint32](g, 0, 1, 2, 3, math.MaxInt32, math.MaxUint32))
	case 9:
		h.PositiveDelta = append(h.PositiveDelta, g.signed())
	case 10:
		h.NegativeCount = append(h.NegativeCount, g.float())
	case 11:
		if len(h.PositiveDelta) != 0 {
			h.PositiveDelta[g.Intn(len(h.PositiveDelta))] = g.signed()
		}
	case 12:
		if len(h.PositiveCount) != 0 {
			h.PositiveCount[g.Intn(len(h.PositiveCount))] = g.float()
		}
	case 13:
		h.PositiveSpan = append(h.PositiveSpan, &dto.BucketSpan{Offset: proto.Int32(0), Length: proto.Uint32(0)})
	case 14:
		bucket(func(b *dto.Bucket) { b.UpperBound = proto.Float64(g.float()) })
	case 15:
		bucket(func(b *dto.Bucket) { b.CumulativeCount = proto.Uint64(g.unsigned()) })
	case 16:
		bucket(func(b *dto.Bucket) { b.CumulativeCountFloat = proto.Float64(g.float()) })
	case 17:
		if len(h.Bucket) > 1 {
			h.Bucket[0], h.Bucket[len(h.Bucket)-1] = h.Bucket[len(h.Bucket)-1], h.Bucket[0]
		}
	case 18:
		bucket(func(b *dto.Bucket) { h.Bucket = append(h.Bucket, b) })
	case 19:
		h.SampleCount = nil
		h.SampleCountFloat = nil
	case 20:
		h.PositiveDelta, h.NegativeDelta = h.NegativeDelta, h.PositiveDelta
	case 21:
		bucket(func(b *dto.Bucket) { b.Exemplar = g.exemplar() })
	}
}
