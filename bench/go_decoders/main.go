// Command decoders FILE... reads bodies with Go's decoders and prints samples for each second of processor time. A name that
// ends in .pb is protobuf, any other text. `go run -mod=mod . FILE...`
package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"syscall"
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

// used is the processor time that this program has taken, its collector included.
func used() time.Duration {
	var usage syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &usage) != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
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
		begin, total := used(), 0
		for used()-begin < 2*time.Second {
			total += decode(body, format)
		}
		fmt.Printf("%s: %.2f M samples/s\n", name, float64(total)/(used()-begin).Seconds()/1e6)
	}
}
