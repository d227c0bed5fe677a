// The judge pushes what could spoil a scrape to a gateway and has Prometheus' own parsers read what is then shown, in every
// protocol that Prometheus can ask for. A push is refused, or sound in all of them.
//
//	judge -gateway BINARY [-pushes N] [-seed N] [-flags N] [-strict=false]
//	judge -address 127.0.0.1:9091
//
// The second form reads what a running gateway shows.
//
// A failure prints the flags of the gateway, the protocol and the pushes, as few as show it. At the end it lists what was
// refused although Prometheus would have taken it.
package main

import (
	"flag"
	"fmt"
	"math/rand"
	"net/http"
	"os"
	"sort"
	"strings"
	"time"
)

const batchSize = 50

// settings lists the flags that widen what is taken.
var settings = [][]string{
	{},
	{"--push.enable-utf8-names"},
	{"--push.enable-utf8-names", "--push.timestamps=keep", "--push.lenient", "--web.openmetrics-created"},
	{"--push.timestamps=drop", "--push.lenient", "--web.openmetrics-created"},
	{"--push.disable-consistency-check", "--push.enable-utf8-names", "--push.timestamps=keep", "--push.lenient", "--web.openmetrics-created"},
	{"--push.disable-consistency-check"},
}

type run struct {
	gateway            *gateway
	strict             bool // reading by the standard is slow: one batch of forty
	batches            int
	accepted, declined int
	needless           refusals
}

func main() {
	binary := flag.String("gateway", "", "the program under test")
	pushes := flag.Int("pushes", 3000, "how many pushes, over all settings")
	seed := flag.Int64("seed", 1, "where to begin")
	only := flag.Int("flags", -1, "the number of the only setting of flags to try")
	strict := flag.Bool("strict", true, "also read OpenMetrics by the standard")
	keepGoing := flag.Bool("keep-going", false, "go on after a failure")
	more := flag.String("more", "", "flags for every gateway, separated by blanks")
	list := flag.Int("list", 40, "how many kinds of refusals to list")
	address := flag.String("address", "", "a running gateway, of which only the scrape is read")
	flag.Parse()
	if *address != "" {
		os.Exit(readOnly(*address))
	}
	begin := time.Now()
	failures := 0
	needless := refusals{}
	var accepted, declined int
	for number, flags := range settings {
		if *only >= 0 && *only != number {
			continue
		}
		flags = append(append([]string{}, flags...), strings.Fields(*more)...)
		g, err := start(*binary, flags)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
		r := &run{gateway: g, strict: *strict, needless: needless}
		share := *pushes / len(settings)
		if *only >= 0 {
			share = *pushes
		}
		source := &generator{Rand: rand.New(rand.NewSource(*seed*1000 + int64(number))), utf8Names: strings.Contains(strings.Join(flags, " "), "utf8"),
			timestamps: strings.Contains(strings.Join(flags, " "), "timestamps")}
		for done := 0; done < share; done += batchSize {
			var batch []push
			for range min(batchSize, share-done) {
				batch = append(batch, source.push())
			}
			wrong, err := r.try(batch, source.utf8Names)
			if err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(2)
			}
			if wrong == "" {
				continue
			}
			failures++
			r.report(batch, wrong, *seed, number)
			if !*keepGoing {
				g.stop()
				os.Exit(1)
			}
		}
		accepted += r.accepted
		declined += r.declined
		g.stop()
	}
	fmt.Printf("%d pushes were taken and %d refused, in %.1f s; %d failures\n", accepted, declined, time.Since(begin).Seconds(), failures)
	needless.print(*list)
	if failures != 0 {
		os.Exit(1)
	}
	if accepted < *pushes/10 {
		fmt.Println("too few were taken for a verdict")
		os.Exit(1)
	}
}

func readOnly(address string) int {
	running := &gateway{address: address, client: &http.Client{Timeout: time.Minute}}
	expositions, err := running.scrape()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	if wrong := find(expositions, true); wrong != "" {
		fmt.Println("The scrape fails:", wrong)
		return 1
	}
	fmt.Println("The scrape is sound in", len(expositions), "protocols")
	return 0
}

// try pushes a batch to an empty gateway and returns why a scrape then fails.
func (r *run) try(batch []push, utf8Names bool) (string, error) {
	for _, p := range batch {
		status, text, err := r.gateway.push(p)
		if err != nil {
			return "", fmt.Errorf("%v\n%s", err, p)
		}
		switch {
		case status/100 == 2:
			r.accepted++
		case status/100 == 4 || status/100 == 3:
			r.declined++
			if status == 400 && soundToPrometheus(p, utf8Names) {
				r.needless.add(p, text)
			}
		default:
			return fmt.Sprintf("a push is answered %d: %s", status, text), nil
		}
	}
	wrong, err := r.look()
	if wrong == "" {
		r.batches++
	}
	return wrong, err
}

func (r *run) look() (string, error) {
	expositions, err := r.gateway.scrape()
	if err != nil {
		return "", err
	}
	wrong := find(expositions, r.strict && r.batches%40 == 0)
	return wrong, r.gateway.wipe()
}

// fails tells whether these pushes alone spoil a scrape, and how.
func (r *run) fails(batch []push) string {
	r.gateway.wipe()
	for _, p := range batch {
		r.gateway.push(p)
	}
	wrong, err := r.look()
	if err != nil {
		return err.Error()
	}
	return wrong
}

// report prints as few pushes as show the failure, as short as they can be.
func (r *run) report(batch []push, wrong string, seed int64, number int) {
	for size := (len(batch) + 1) / 2; size > 0; size /= 2 {
		for at := 0; at < len(batch); {
			rest := append(append([]push{}, batch[:at]...), batch[min(len(batch), at+size):]...)
			if why := r.fails(rest); len(rest) != 0 && why != "" {
				batch, wrong = rest, why
			} else {
				at += size
			}
		}
	}
	for i := range batch {
		for size := len(batch[i].body) / 2; size > 0; size /= 2 {
			for at := 0; at < len(batch[i].body) && batch[i].contentType != protobufType; {
				whole := batch[i].body
				batch[i].body = append(append([]byte{}, whole[:at]...), whole[min(len(whole), at+size):]...)
				if why := r.fails(batch); why != "" {
					wrong = why
				} else {
					batch[i].body = whole
					at += size
				}
			}
		}
	}
	fmt.Printf("seed %d, setting %d: %s\nThe scrape fails: %s\n", seed, number, strings.Join(r.gateway.flags, " "), wrong)
	for _, p := range batch {
		status, text, _ := r.gateway.push(p)
		fmt.Printf("%s\nis answered %d %s\n", p, status, text)
	}
	fmt.Println()
	r.gateway.wipe()
}

func (r refusals) print(most int) {
	var kinds []string
	total := 0
	for kind, why := range r {
		kinds = append(kinds, kind)
		total += why.count
	}
	sort.Slice(kinds, func(i, k int) bool {
		return r[kinds[i]].count > r[kinds[k]].count || r[kinds[i]].count == r[kinds[k]].count && kinds[i] < kinds[k]
	})
	fmt.Printf("%d were refused that Prometheus would have taken, for %d reasons\n", total, len(kinds))
	for _, kind := range kinds[:min(len(kinds), most)] {
		fmt.Printf("%6d %s\n       %s\n", r[kind].count, kind, r[kind].example)
	}
}
