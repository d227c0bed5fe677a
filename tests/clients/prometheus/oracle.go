package main

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/textparse"
)

// soundToPrometheus tells whether Prometheus would take the pushed body itself, scraped from a target.
func soundToPrometheus(p push, utf8Names bool) bool {
	validation := model.LegacyValidation
	if utf8Names {
		validation = model.UTF8Validation
	}
	for _, options := range readings(p.contentType) {
		options.FallbackContentType = "text/plain"
		if options == (textparse.ParserOptions{EnableTypeAndUnitLabels: true}) {
			continue
		}
		if _, err := read(p.body, p.contentType, options, validation); err != nil {
			return false
		}
	}
	return true
}

var varying = regexp.MustCompile(`"(\\.|[^"\\])*"?|\{[^}]*\}|[-+]?\d[\w.+-]*|\b\w*_\w*\b|<[^>]*>`)

// category returns what an error text says, without what it is about.
func category(text string) string {
	text, _, _ = strings.Cut(text, ", at \"")
	text = varying.ReplaceAllString(strings.TrimSpace(text), "…")
	if len(text) > 150 {
		text = text[:150]
	}
	return text
}

// refusals counts the reasons for which a gateway refused what Prometheus would have taken.
type refusals map[string]*refusal

type refusal struct {
	count   int
	example string
}

func (r refusals) add(p push, text string) {
	kind := category(text)
	if r[kind] == nil {
		r[kind] = &refusal{example: fmt.Sprintf("%s %s %.300q", strings.TrimSpace(text), p.path, p.body)}
	}
	r[kind].count++
}
