// Sends a file as Telegraf and the Go client do: with net/http.
package main

import (
	"bytes"
	"log"
	"net/http"
	"os"
)

func main() {
	body, err := os.ReadFile(os.Args[3])
	if err != nil {
		log.Fatal(err)
	}
	request, err := http.NewRequest(os.Args[1], os.Args[2], bytes.NewReader(body))
	if err != nil {
		log.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		log.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != 200 && answer.StatusCode != 202 {
		log.Fatal(answer.Status)
	}
}
