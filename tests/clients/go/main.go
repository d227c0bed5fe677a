// Command client ADDRESS PHASE does what a job in Go does.
package main

import (
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"os"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/push"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"google.golang.org/protobuf/proto"
)

func metrics() *prometheus.Registry {
	registry := prometheus.NewRegistry()
	jobs := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "client_jobs_total", Help: "Jobs done."}, []string{"kind"})
	temperature := prometheus.NewGauge(prometheus.GaugeOpts{Name: "client_temperature", Help: "How warm."})
	sizes := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "client_size", Help: "Sizes.", Buckets: []float64{0.5, 1}})
	times := prometheus.NewSummary(prometheus.SummaryOpts{
		Name: "client_time", Help: "Times.", Objectives: map[float64]float64{0.5: 0.01, 1: 0}})
	native := prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "client_native", Help: "Native.", NativeHistogramBucketFactor: 1.1})
	untyped := prometheus.NewUntypedFunc(prometheus.UntypedOpts{Name: "client_untyped", Help: "Anything."},
		func() float64 { return math.Inf(1) })
	registry.MustRegister(jobs, temperature, sizes, times, native, untyped)
	jobs.WithLabelValues("a").(prometheus.ExemplarAdder).AddWithExemplar(4, prometheus.Labels{"trace": "t1"})
	temperature.Set(21.5)
	for _, value := range []float64{0.25, 0.75, 2} {
		sizes.(prometheus.ExemplarObserver).ObserveWithExemplar(value, prometheus.Labels{"trace": "t2"})
	}
	for _, value := range []float64{1, 3} {
		times.Observe(value)
	}
	for _, value := range []float64{-2, 0, 0.5, 0.6, 100} {
		native.(prometheus.ExemplarObserver).ObserveWithExemplar(value, prometheus.Labels{"trace": "t3"})
	}
	return registry
}

// scraped is what a scrape in protobuf shows of the names that the job has.
func scraped(address string) (map[string]*dto.MetricFamily, error) {
	request, err := http.NewRequest(http.MethodGet, "http://"+address+"/metrics", nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", string(expfmt.NewFormat(expfmt.TypeProtoDelim)))
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	format := expfmt.ResponseFormat(response.Header)
	if format.FormatType() != expfmt.TypeProtoDelim {
		return nil, fmt.Errorf("the scrape is in %q", response.Header.Get("Content-Type"))
	}
	families := map[string]*dto.MetricFamily{}
	for decoder := expfmt.NewDecoder(response.Body, format); ; {
		family := &dto.MetricFamily{}
		if err := decoder.Decode(family); errors.Is(err, io.EOF) {
			return families, nil
		} else if err != nil {
			return nil, err
		}
		families[family.GetName()] = family
	}
}

// compare fails if a family that was pushed is not shown bit for bit, but for the labels that its group adds.
func compare(address string, registry prometheus.Gatherer) error {
	shown, err := scraped(address)
	if err != nil {
		return err
	}
	pushed, err := registry.Gather()
	if err != nil {
		return err
	}
	for _, family := range pushed {
		other := shown[family.GetName()]
		if other == nil || len(other.Metric) != len(family.Metric) {
			return fmt.Errorf("%s is not shown", family.GetName())
		}
		for i := range family.Metric {
			a, b := proto.Clone(family.Metric[i]).(*dto.Metric), proto.Clone(other.Metric[i]).(*dto.Metric)
			a.Label, b.Label = nil, nil
			if !proto.Equal(a, b) {
				return fmt.Errorf("%s was pushed as\n%v\nand is shown as\n%v", family.GetName(), a, b)
			}
		}
		if family.GetHelp() != other.GetHelp() || family.GetType() != other.GetType() {
			return fmt.Errorf("%s has another help or type", family.GetName())
		}
	}
	return nil
}

func run(address, phase string) error {
	registry := metrics()
	pusher := push.New("http://"+address, "client").Grouping("instance", "go").Grouping("path", "/var/tmp").Gatherer(registry)
	switch phase {
	case "push":
		if err := pusher.Push(); err != nil {
			return err
		}
		return compare(address, registry)
	case "add":
		one := prometheus.NewGauge(prometheus.GaugeOpts{Name: "client_temperature", Help: "How warm."})
		one.Set(5)
		return push.New("http://"+address, "client").Grouping("instance", "go").Grouping("path", "/var/tmp").Collector(one).Add()
	case "text":
		return pusher.Format(expfmt.NewFormat(expfmt.TypeTextPlain)).Push()
	case "password":
		return pusher.BasicAuth("alice", "cello").Push()
	case "wrong_password":
		if err := pusher.BasicAuth("alice", "violin").Push(); err == nil || !strings.Contains(err.Error(), "401") {
			return fmt.Errorf("a push with a wrong password ends with %v", err)
		}
		return nil
	case "delete":
		return pusher.Delete()
	}
	return fmt.Errorf("no phase %q", phase)
}

func main() {
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
