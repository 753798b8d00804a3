package main

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
)

// exchanges writes down exchanges of a story: a request and its JSON, over and over.
func exchanges(texts ...string) (story string) {
	for i := 0; i < len(texts); i += 2 {
		story += "> " + texts[i] + "\n< 200\n< " + texts[i+1] + "\n"
	}
	return story
}

// rowsOf are n rows of a list, and the lines that a command prints of them.
func rowsOf(from, to int, row, line string) (rows, lines string) {
	for n := from; n < to; n++ {
		rows += "," + strings.ReplaceAll(row, "{n}", fmt.Sprintf("%04d", n))
		lines += "= " + strings.ReplaceAll(line, "{n}", fmt.Sprintf("%04d", n)) + "\n"
	}
	return strings.TrimPrefix(rows, ","), lines
}

// TestUsersList_ReadsEveryPage: one token, and a list that is not as long as the vendor
// says is incomplete, though what was listed is real.
func TestUsersList_ReadsEveryPage(t *testing.T) {
	const row = `{"userId":"10000000-0000-4000-8000-00000000{n}","loginId":"{n}@example.com","firstName":"N","lastName":"L"}`
	const line = `{"vendor":"avaya","id":"10000000-0000-4000-8000-00000000{n}","login":"{n}@example.com","firstName":"N","lastName":"L"}`
	for total, end := range map[int]string{123: "", 128: "! 1 incomplete applied=no\n", 118: "! 1 incomplete applied=no\n"} {
		story, printed := "== a list\n$ users list\n", ""
		for page := 1; page <= 3; page++ {
			rows, lines := rowsOf(50*(page-1), min(50*page, 123), row, line)
			printed += lines
			story += exchanges(fmt.Sprintf("GET {api}/users?orderBy=loginId&pageNumber=%d&pageSize=50", page),
				fmt.Sprintf(`{"pagination":{"pageNumber":%d,"pageSize":50,"total":%d},"users":[%s],"links":null}`, page, total, rows))
		}
		if total == 128 { // there may be more
			story += exchanges("GET {api}/users?orderBy=loginId&pageNumber=4&pageSize=50", `{"pagination":{"pageNumber":4,"pageSize":50,"total":128},"users":[]}`)
		}
		play(t, "avaya", story+printed+end)
	}
}

// TestUsersList_WaitsOutABusyPage among two thousand people.
func TestUsersList_WaitsOutABusyPage(t *testing.T) {
	const row = `{"id":"i{n}","emails":["{n}@example.com"],"displayName":"P","loginEnabled":true,"type":"person"}`
	const line = `{"vendor":"webex","id":"i{n}","login":"{n}@example.com","displayName":"P","email":"{n}@example.com","enabled":true}`
	story, printed, request := "== a list\n$ users list\n", "", "GET /v1/people?callingData=true&excludeStatus=true&max=100"
	for page := range 20 {
		rows, lines := rowsOf(100*page, 100*page+100, row, line)
		printed += lines
		if page == 2 {
			story += strings.Repeat("> "+request+"\n< 429 Retry-After: 0\n", 2)
		}
		next := fmt.Sprintf("/v1/people?max=100&before&after=%d", 100*page+100)
		story += "> " + request + "\n< 200"
		if page < 19 {
			story += " Link: <http://127.0.0.1" + next + `>; rel="next"`
		}
		story += "\n< " + `{"notFoundIds":null,"items":[` + rows + "]}\n"
		request = "GET " + next + "&callingData=true&excludeStatus=true"
	}
	play(t, "webex", story+printed)
}

// TestAssignmentsAdd_AThousandAgents are one write and one look: a page and its end.
func TestAssignmentsAdd_AThousandAgents(t *testing.T) {
	person := func(n int) string {
		return base64.RawStdEncoding.EncodeToString(fmt.Appendf(nil, "ciscospark://us/PEOPLE/aaaaaaaa-0000-4000-8000-%012d", n))
	}
	boss := person(0)
	var users, sent, there []string
	var printed strings.Builder
	for n := 1; n <= 1000; n++ {
		result, code := "applied", ""
		switch n {
		case 500:
			result, code = "failed", "NOT_AVAILABLE" // nobody
		case 501:
			result, code = "already", "DUPLICATE"
		}
		users, sent = append(users, person(n)), append(sent, `{"id":"`+person(n)+`","action":"ADD"}`)
		if n != 500 {
			there = append(there, `{"id":"`+person(n)+`","firstName":"A"}`)
		}
		fmt.Fprintf(&printed, `= {"assignment":{"userId":%q,"target":{"kind":"supervisor","id":%q,"name":""},"level":null,"suspended":false},`+
			`"result":%q,"code":%q,"message":"...","before":"..."}`+"\n", person(n), boss, result, code)
	}

	const refused = `{"id":"aaaaaaaa-0000-4000-8000-000000000%d","status":%q,"message":"m"}`
	agents := "/v1/telephony/config/supervisors/" + boss + "?hasCxEssentials=true"
	play(t, "webex", "== a thousand\n$ assignments add supervisor:"+boss+" "+strings.Join(users, " ")+"\n"+
		"> PUT "+agents+"\n> {\"agents\":["+strings.Join(sent, ",")+"]}\n< 206\n"+
		"< {\"supervisorAgentStatus\":["+fmt.Sprintf(refused+","+refused, 500, "NOT_AVAILABLE", 501, "DUPLICATE")+"]}\n"+
		exchanges("GET "+agents+"&max=100&start=0", `{"id":"`+boss+`","agents":[`+strings.Join(there, ",")+`]}`,
			"GET "+agents+"&max=100&start=999", `{"id":"`+boss+`","agents":[]}`)+
		printed.String()+"! 3 partial applied=yes\n")
}
