package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// liar stands in front of a vendor and cuts each list of users to so many rows, as a
// server does whose filter is broken or whose index is behind. Below 0 it tells the truth.
type liar struct{ rows atomic.Int32 }

// behind puts a liar in front of a vendor.
func (c *centre) behind(vendor string) *liar {
	name := strings.ToUpper(vendor) + "_BASE_URL"
	if vendor == "liveperson" {
		c.env[name] = c.env["LIVEPERSON_DOMAIN_URL"] // the simulator is one origin
	}
	to, err := url.Parse(c.env[name])
	require.NoError(c.t, err)

	l := &liar{}
	l.rows.Store(-1)
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(&url.URL{Scheme: to.Scheme, Host: to.Host})
			r.Out.Header.Del("Accept-Encoding")
		},
		ModifyResponse: l.lie,
		ErrorLog:       log.New(io.Discard, "", 0), // of a program that ended
	}
	server := httptest.NewServer(proxy)
	c.t.Cleanup(server.Close)
	c.env[name] = server.URL + to.Path
	return l
}

func (l *liar) lie(r *http.Response) error {
	path := r.Request.URL.Path
	n := int(l.rows.Load())
	if n < 0 || r.Request.Method != http.MethodGet || !strings.HasSuffix(path, "/users") && !strings.HasSuffix(path, "/people") {
		return nil
	}
	var body any
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		return err
	}
	cut := func(list []any) []any { return list[:min(n, len(list))] }
	switch is := body.(type) {
	case []any:
		body = cut(is)
	case map[string]any:
		for name, v := range is {
			if list, ok := v.([]any); ok {
				is[name] = cut(list)
			}
		}
	}
	data, err := json.Marshal(body)
	if err != nil {
		return err
	}
	r.Header.Del("Link")
	r.Header.Set("Content-Length", fmt.Sprint(len(data)))
	r.ContentLength, r.Body = int64(len(data)), io.NopCloser(bytes.NewReader(data))
	return nil
}

// crew is the busiest target of a vendor, and the people in it, in the order of the list.
func (c *centre) crew(vendor string) (target object, people []string) {
	c.t.Helper()
	targets, crews := map[string]object{}, map[string][]string{}
	best := ""
	for _, line := range c.run("--vendor", vendor, "census").done() {
		links, _ := line["links"].([]any)
		for _, link := range links {
			to := link.(object)["target"].(object)
			at := fmt.Sprint(to["kind"], ":", to["id"])
			targets[at] = object{"kind": to["kind"], "id": to["id"]}
			crews[at] = append(crews[at], line["person"].(string))
			if to["kind"] != "profile" && to["kind"] != "group" && len(crews[at]) > len(crews[best]) {
				best = at
			}
		}
	}
	return targets[best], crews[best]
}

func text(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(data)
}

// taken are the steps of a plan that take somebody or something away.
func (r result) taken() (steps []string) {
	for _, line := range r.lines() {
		if s, ok := line["step"].(object); ok && (s["op"] == "users.delete" || s["op"] == "assignments.remove") {
			steps = append(steps, s["id"].(string))
		}
	}
	return steps
}

// TestPlan_ALyingListTakesNobodyAway at every vendor: a list that was cut, or an empty
// one with a 200, is no proof that anybody has left.
func TestPlan_ALyingListTakesNobodyAway(t *testing.T) {
	for vendor := range strings.SplitSeq(fiveVendors, ",") {
		t.Run(vendor, func(t *testing.T) {
			c := newCentre(t)
			l := c.behind(vendor)
			target, people := c.crew(vendor)
			require.Greater(t, len(people), 2, target)
			want := c.write("want.json", text(object{"members": []object{{"account": vendor, "target": target, "mode": "exact",
				"people": people[len(people)-1:], "within": "everyone", "floor": 1}}}))
			plan := func() result { return c.run("--vendor", vendor, "plan", want, "--force") }
			r := plan()
			r.done()
			taken := len(people) - 1
			if vendor == "lucs" {
				taken = 0 // it has no links to take away, and nobody is deleted
			}
			require.Len(t, r.taken(), taken, "the truth is believed: %s", r.out)

			cuts := []int32{0, 1}
			if vendor == "avaya" || vendor == "libh3lp" {
				cuts = append(cuts, 6) // which shows a part of the crew, without whom the want names
			}
			for _, rows := range cuts {
				l.rows.Store(rows)
				r = plan()
				require.Empty(t, r.taken(), "rows %d: %s", rows, r.out)
				if r.code == exitDone {
					require.Contains(t, r.out, `"gap"`)
					writes := len(c.writes())
					c.run("--vendor", vendor, "apply", c.at("want.plan.json")).fails(exitPartial, "partial")
					require.Len(t, c.writes(), writes)
				}
				census := c.run("--vendor", vendor, "census")
				require.Contains(t, []int{exitDone, exitFailed}, census.code)
			}
			l.rows.Store(-1)
			require.Len(t, plan().taken(), taken)
		})
	}
}
