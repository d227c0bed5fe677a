// Command decoders FILE... reads bodies with Go's decoders, as fast as one core can, and prints samples a second. A name
// that ends in .pb is protobuf, any other text. `go run -mod=mod . FILE...`
package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

func samples(family *dto.MetricFamily) int {
	count := 0
	for _, metric := range family.Metric {
		switch {
		case metric.Histogram != nil:
			count += len(metric.Histogram.Bucket) + 2
		case metric.Summary != nil:
			count += len(metric.Summary.Quantile) + 2
		default:
			count++
		}
	}
	return count
}

func decode(body []byte, format expfmt.Format) int {
	count := 0
	for decoder := expfmt.NewDecoder(bytes.NewReader(body), format); ; {
		family := &dto.MetricFamily{}
		if decoder.Decode(family) != nil {
			return count
		}
		count += samples(family)
	}
}

func main() {
	for _, name := range os.Args[1:] {
		body, err := os.ReadFile(name)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		format := expfmt.NewFormat(expfmt.TypeTextPlain).WithEscapingScheme(model.NoEscaping)
		if strings.HasSuffix(name, ".pb") {
			format = expfmt.NewFormat(expfmt.TypeProtoDelim).WithEscapingScheme(model.NoEscaping)
		}
		begin, total := time.Now(), 0
		for time.Since(begin) < 3*time.Second {
			total += decode(body, format)
		}
		fmt.Printf("%s: %.2f M samples/s\n", name, float64(total)/time.Since(begin).Seconds()/1e6)
	}
}
