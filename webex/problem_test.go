package webex_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest/resttest"
	"github.com/rollcall-go/rollcall/webex"
	"github.com/rollcall-go/rollcall/webex/webextest"
)

func TestErrorBodiesOfAllForms(t *testing.T) {
	for _, w := range []struct{ body, code, message, id string }{
		// Of the platform.
		{`{"message":"License conflict","errors":[{"errorCode":400407,"description":"not both"}],"trackingId":"NA_1"}`, "400407",
			"License conflict; not both", "NA_1"},
		{`{"message":"no","errors":[{"description":"no"}],"trackingId":"NA_1"}`, "", "no", "NA_1"},
		// Of telephony, with the code at the top, or in the list, or in both.
		{`{"errorCode":25024,"message":"Invalid JSON","errors":[{"errorCode":25024,"description":"Invalid JSON"}],"trackingId":"R"}`, "25024",
			"Invalid JSON", "R"},
		{`{"errorCode":9290,"message":"limit"}`, "9290", "limit", ""},
		{`{"errors":[{"errorCode":"4008","description":"no calling licence"}]}`, "4008", "no calling licence", ""},
		// Nested: a list or an object, the code a text or a number.
		{`{"error":[{"key":"400","message":[{"description":"Target user not authorized","code":"4003"}]}],"trackingId":"ROUTERGW_1"}`, "4003",
			"Target user not authorized", "ROUTERGW_1"},
		{`{"error":{"key":"400","message":{"description":"x","code":1001,"locationId":"L"}}}`, "1001", "x", ""},
		{`{"error":{"key":"400","message":"plain"}}`, "400", "plain", ""},
		// Of the token endpoint, and what was never seen.
		{`{"error":"invalid_grant","error_description":"lapsed"}`, "invalid_grant", "lapsed; invalid_grant", ""},
		{`{"message":{"a":1},"errors":"odd","error":true,"trackingId":7}`, "", "", "7"},
		{`{"errors":[null,3,{"errorCode":null,"description":["x"]}],"message":"m"}`, "", "m", ""},
		{`<html>busy</html>`, "", "", ""},
		{`plain text`, "", "plain text", ""},
		{`{"message":"cut`, "", "", ""},
		{`[]`, "", "", ""},
		{``, "", "", ""},
	} {
		e := webex.Explain([]byte(w.body), "People.Get", core.ClassInvalid)
		assert.Equal(t, []string{w.code, w.message, w.id}, []string{e.Code, e.Message, e.RequestID}, w.body)
		assert.Equal(t, core.ClassInvalid, e.Class)
	}
}

func TestTheTrackingIdAndTheCodeComeFromTheHeadersWhereTheBodyIsSilent(t *testing.T) {
	c, mt := mocked(t)
	mt.RegisterResponder("GET", base+"/people/"+dana, resttest.Answer(400, `{"message":"no","trackingId":"OF_BODY"}`, "Trackingid",
		"OF_HEADER", "Cisco-Spark-Error-Codes", "4251"))
	_, err := c.People.Get(t.Context(), dana)
	e := resttest.ErrorOf(t, err)
	require.Equal(t, []string{"OF_HEADER", "4251"}, []string{e.RequestID, e.Code})
	mt.RegisterResponder("GET", base+"/people/"+dana, resttest.Answer(502, ``, "Cisco-Spark-Error-Codes", "4251"))
	_, err = c.People.Get(t.Context(), dana)
	require.Equal(t, "4251", resttest.ErrorOf(t, err).Code)
}

func TestARefusedPermissionSaysWhatIsNeeded(t *testing.T) {
	for op, want := range map[string]string{
		"Supervisors.Create": "location administrator", "Supervisors.Delete": "neither change nor delete",
		"Supervisors.List": "telephony_config_read", "People.Get": "people_read", "Queues.Modify": "telephony_config_write", "Other": "",
	} {
		e := webex.Explain([]byte(`{"message":"no"}`), op, core.ClassPermission)
		if want == "" {
			assert.Empty(t, e.Hint)
		}
		assert.Contains(t, e.Hint, want, op)
	}
	assert.Empty(t, webex.Explain([]byte(`{}`), "People.Get", core.ClassNotFound).Hint)
}

func TestAProblemSentAsASuccessIsAnError(t *testing.T) {
	e := webex.Inspect([]byte(`{"errorCode":25008,"message":"missing","trackingId":"x"}`))
	require.NotNil(t, e)
	require.Equal(t, "25008", e.Code)
	for _, body := range []string{
		`{"items":[],"errors":[{"description":"denied"}]}`, `{"items":[],"notFoundIds":null,"errors":[{"description":"denied"}]}`,
		`{"supervisors":[],"errorCode":25008,"message":"missing"}`,
	} {
		require.NotNil(t, webex.Inspect([]byte(body)), body)
	}
	for _, body := range []string{
		``, `{}`, `{"id":"x","errors":{"licenses":{"code":"kms","reason":"slow"}}}`, `{"items":[{"errors":{}}]}`, `{"errors":[]}`, `[]`,
		`{"error`,
		`{"items":[],"errors":[]}`, `{"items":[{"id":"x"}],"errors":[{"description":"slow"}]}`,
		`{"message":"done","errors":[]}`, `{"message":"done","errorCode":0,"errors":null}`,
		`{"supervisorAgentStatus":[{"message":"[Error 6612]"}]}`,
	} {
		require.Nil(t, webex.Inspect([]byte(body)), body)
	}
}

// TestWaitsOfEveryForm: what the vendor may send as Retry-After, from the middle of
// a list, a lookup and a create, is waited for, and never a crash or a hammer.
func TestWaitsOfEveryForm(t *testing.T) {
	for _, w := range []struct {
		status     int
		after      string
		least, not time.Duration
	}{
		{429, "7", 7 * time.Second, 8 * time.Second},
		{429, "0", time.Second, 2 * time.Second},
		{429, "", 15 * time.Second, 16 * time.Second},
		{429, "rand(30),add(30)", 30 * time.Second, 61 * time.Second},
		{429, " rand(30), add(30) ", 30 * time.Second, 61 * time.Second},
		{429, "soon", 15 * time.Second, 16 * time.Second},
		{429, "-5", 15 * time.Second, 16 * time.Second},
		{423, "3", 3 * time.Second, 4 * time.Second},
		{503, "rand(1),add(1)", time.Second, 3 * time.Second},
	} {
		t.Run(fmt.Sprint(w.status, " ", w.after), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sim := webextest.NewServer(webextest.WithSampleData())
				c := over(t, sim, webex.Assist)
				for _, call := range []struct {
					op  string
					run func() error
				}{
					{"People.Get", func() error { _, err := c.People.Get(t.Context(), webextest.PersonAna); return err }},
					{"People.Create", func() error {
						_, err := c.People.Create(t.Context(), webex.Person{Emails: []string{"x@y.test"}, FirstName: core.Set("X")})
						return err
					}},
				} {
					sim.Fault(webextest.Fault{Op: call.op, Status: w.status, RetryAfter: w.after})
					start := time.Now()
					require.NoError(t, call.run())
					took := time.Since(start)
					require.GreaterOrEqual(t, took, w.least)
					require.Less(t, took, w.not)
					require.Empty(t, sim.Unstruck())
					require.Len(t, sim.Requests(call.op), 2)
					sim.Reset()
					time.Sleep(time.Hour) // past what the pace has learnt
				}
			})
		})
	}
}

func TestALockWithoutAWaitIsNotTriedAgain(t *testing.T) {
	sim := webextest.NewServer(webextest.WithSampleData())
	sim.Fault(webextest.Fault{Op: "People.Get", Status: http.StatusLocked})
	_, err := over(t, sim, webex.Assist).People.Get(t.Context(), webextest.PersonAna)
	e := resttest.ErrorOf(t, err)
	require.Equal(t, core.ClassUnavailable, e.Class)
	require.Equal(t, 1, e.Attempts)
}

func TestAWaitThatIsTooLongIsNotSlept(t *testing.T) {
	sim := webextest.NewServer(webextest.WithSampleData())
	sim.Fault(webextest.Fault{Op: "People.Get", Status: 429, RetryAfter: "rand(300),add(300)"})
	_, err := over(t, sim, webex.Assist).People.Get(t.Context(), webextest.PersonAna)
	e := resttest.ErrorOf(t, err)
	require.Equal(t, core.ClassRateLimited, e.Class)
	require.GreaterOrEqual(t, e.RetryAfter, 5*time.Minute)
	require.LessOrEqual(t, e.RetryAfter, 10*time.Minute)
}

func TestErrorBodiesOfAllShapesOverTheWire(t *testing.T) {
	for _, shape := range []webextest.Shape{webextest.NoBody, webextest.E1, webextest.E2, webextest.E3, webextest.E3Object, webextest.HTML,
		webextest.Garbage} {
		sim := webextest.NewServer(webextest.WithSampleData())
		sim.Fault(webextest.Refusal("People.Get", 403, shape, 4003, "not you"))
		_, err := over(t, sim, webex.Assist).People.Get(t.Context(), webextest.PersonAna)
		e := resttest.ErrorOf(t, err)
		require.Equal(t, core.ClassPermission, e.Class, shape)
		require.NotEmpty(t, e.RequestID, shape)
		require.False(t, strings.Contains(err.Error(), "\n"))
		switch shape {
		case webextest.E1, webextest.E2, webextest.E3, webextest.E3Object:
			require.Equal(t, "4003", e.Code, shape)
			require.Contains(t, e.Message, "not you", shape)
		}
	}
}
