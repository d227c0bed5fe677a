package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// A gateway is a process under test.
type gateway struct {
	address string
	flags   []string
	process *exec.Cmd
	client  *http.Client
}

func start(binary string, flags []string) (*gateway, error) {
	probe, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	address := probe.Addr().String()
	probe.Close()
	arguments := append([]string{"--web.listen-address=" + address, "--web.enable-admin-api", "--log.level=error"}, flags...)
	if help, _ := exec.Command(binary, "--help").CombinedOutput(); bytes.Contains(help, []byte("web.enable-openmetrics")) {
		arguments = append(arguments, "--web.enable-openmetrics")
	}
	g := &gateway{address: address, flags: flags, process: exec.Command(binary, arguments...), client: &http.Client{Timeout: time.Minute}}
	g.process.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := g.process.Start(); err != nil {
		return nil, err
	}
	for range 300 {
		if answer, err := g.client.Get("http://" + address + "/-/ready"); err == nil {
			answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return g, nil
			}
		}
		time.Sleep(100 * time.Millisecond)
	}
	g.stop()
	return nil, fmt.Errorf("%s %s does not answer", binary, strings.Join(flags, " "))
}

func (g *gateway) stop() {
	g.process.Process.Kill()
	g.process.Wait()
}

func (g *gateway) do(method, path string, header http.Header, body []byte) (int, http.Header, []byte, error) {
	request := &http.Request{
		Method: method, URL: &url.URL{Scheme: "http", Host: g.address, Opaque: "//" + g.address + path}, Header: header,
		Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)), Host: g.address,
	}
	answer, err := g.client.Do(request)
	if err != nil {
		return 0, nil, nil, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	return answer.StatusCode, answer.Header, text, err
}

// push returns the status and the text of the answer.
func (g *gateway) push(p push) (int, string, error) {
	header := http.Header{"Content-Type": []string{p.contentType}}
	if p.coding != "" {
		header.Set("Content-Encoding", p.coding)
	}
	status, _, text, err := g.do(p.method, p.path, header, p.encoded())
	return status, string(text), err
}

func (g *gateway) wipe() error {
	status, _, _, err := g.do("PUT", "/api/v1/admin/wipe", http.Header{}, nil)
	if err == nil && status != http.StatusAccepted {
		err = fmt.Errorf("the wipe is answered %d", status)
	}
	return err
}

// scrape returns what is shown in all protocols.
func (g *gateway) scrape() ([]exposition, error) {
	var out []exposition
	for _, p := range protocols() {
		status, header, body, err := g.do("GET", "/metrics", http.Header{"Accept": []string{p.accept}}, nil)
		if err != nil {
			return nil, err
		}
		if status != http.StatusOK {
			return nil, fmt.Errorf("a scrape as %s is answered %d", p.name, status)
		}
		out = append(out, exposition{p, header.Get("Content-Type"), body})
	}
	return out, nil
}
