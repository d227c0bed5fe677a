package main

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"fmt"
	"net/url"
	"strings"

	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"
)

const (
	textType        = "text/plain; version=0.0.4"
	openMetricsType = "application/openmetrics-text; version=1.0.0; charset=utf-8"
	protobufType    = "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited"
)

// A push is one request.
type push struct {
	method, path, contentType, coding string
	body                              []byte
}

func (p push) encoded() []byte {
	var out bytes.Buffer
	switch p.coding {
	case "gzip":
		w := gzip.NewWriter(&out)
		w.Write(p.body)
		w.Close()
	case "snappy":
		w := snappy.NewBufferedWriter(&out)
		w.Write(p.body)
		w.Close()
	case "zstd":
		w, _ := zstd.NewWriter(&out, zstd.WithEncoderConcurrency(1))
		w.Write(p.body)
		w.Close()
	default:
		return p.body
	}
	return out.Bytes()
}

func (p push) String() string {
	return fmt.Sprintf("%s %s\nContent-Type: %s\nbody: %x\n      %.2000q", p.method, p.path, p.contentType, p.body, p.body)
}

// pathOf spells a grouping key, in base64 where a component cannot be spelled otherwise.
func (g *generator) pathOf(job string, pairs [][2]string) string {
	var out strings.Builder
	out.WriteString("/metrics")
	write := func(name, value string) {
		if value == "" || strings.Contains(value, "/") || g.chance(0.1) {
			encoded := base64.RawURLEncoding.EncodeToString([]byte(value))
			if value == "" {
				encoded = "="
			}
			fmt.Fprintf(&out, "/%s@base64/%s", url.PathEscape(name), encoded)
		} else {
			fmt.Fprintf(&out, "/%s/%s", url.PathEscape(name), url.PathEscape(value))
		}
	}
	write("job", job)
	for _, pair := range pairs {
		write(pair[0], pair[1])
	}
	return out.String()
}
