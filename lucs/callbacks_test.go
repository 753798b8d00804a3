package lucs_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest/resttest"
	"github.com/rollcall-go/rollcall/lucs"
	"github.com/rollcall-go/rollcall/lucs/lucstest"
)

func newCallback() lucs.Callback {
	return lucs.Callback{Target: core.Set("tel: +41 44 123 45 67"), ServiceSip: core.Set[lucs.SIPURI](" sip:helpdesk@example.internal"),
		SecondsBetweenRetries: core.Set[int64](0), Priority: core.Set(lucs.PriorityNormal), ExternalTaskID: core.Set("ticket/1 ü")}
}

// created is the sample answer of the vendor page "Manage Callbacks", rebuilt.
const created = `{"Id":"` + aGUID + `","Creator":"API","LeftInQueueTimeInSeconds":3600,"AppPoolId":"` + other + `","InitiatingSessionId":null,"Initiator":null,
	"State":"Pending","RetryType":"SingleSession","RetryCount":0,"Target":"sip:customer@example.internal","AlternativeTarget":null,"MaxRetries":3,
	"SecondsBetweenRetries":60,"ServiceId":"` + other + `","ServiceSip":null,"IncomingServiceSipUri":null,"Priority":"Normal","ContextUrl":null,
	"DueDate":"03.02.2021 09:15:00.1234567Z","Supervisor":null,"Description":null,"ExternalTaskId":null,"CallerId":null,"Tomorrow":[1]}`

func TestACallbackIsSentAsDocumented(t *testing.T) {
	c, mt := mocked(t, lucs.Dialect{})
	var body string
	mt.RegisterResponder("POST", base+"/v1.0/callbacks", resttest.AnswerTo(nil, &body, 200, created))
	cb := newCallback()
	cb.DueDate, cb.State, cb.ID, cb.RetryCount = core.Set[lucs.Date]("24.06.2019 13:00:56Z"), core.Set(lucs.CallbackPending), other, core.Set[int64](7)
	made, err := c.Callbacks.Create(t.Context(), cb)
	require.NoError(t, err)
	require.JSONEq(t, `{"Target":"tel:+41441234567","ServiceSip":"sip:helpdesk@example.internal","SecondsBetweenRetries":0,"Priority":"Normal",
		"ExternalTaskId":"ticket/1 ü","DueDate":"2019-06-24T13:00:56Z"}`, body)
	require.Equal(t, []any{aGUID, lucs.CallbackPending, int64(3), true}, []any{made.ID, made.State.Or(""), made.MaxRetries.Or(0), made.ServiceSip.IsClear()})
	due, ok := made.DueDate.Or("").Time()
	require.True(t, ok)
	require.Equal(t, time.Date(2021, 2, 3, 9, 15, 0, 123456700, time.UTC), due)
	require.JSONEq(t, "[1]", string(made.Extra["Tomorrow"]))
}

func TestACallbackThatLacksSomethingIsNotSent(t *testing.T) {
	c, mt := mocked(t, lucs.Dialect{})
	for why, change := range map[string]func(*lucs.Callback){
		"ServiceId or ServiceSip is required": func(cb *lucs.Callback) { cb.ServiceSip = core.Opt[lucs.SIPURI]{} },
		"ServiceSip must be":                  func(cb *lucs.Callback) { cb.ServiceSip = core.Set[lucs.SIPURI]("helpdesk") },
		"ServiceId is not a GUID":             func(cb *lucs.Callback) { cb.ServiceID = core.Set("7") },
		"SecondsBetweenRetries is required":   func(cb *lucs.Callback) { cb.SecondsBetweenRetries = core.Opt[int64]{} },
		"Priority is required":                func(cb *lucs.Callback) { cb.Priority = core.Clear[lucs.CallbackPriority]() },
		"longer than 150":                     func(cb *lucs.Callback) { cb.Description = core.Set(strings.Repeat("ü", 151)) },
		"DueDate is not a time":               func(cb *lucs.Callback) { cb.DueDate = core.Set[lucs.Date]("soon") },
	} {
		cb := newCallback()
		change(&cb)
		_, err := c.Callbacks.Create(t.Context(), cb)
		require.ErrorIs(t, err, core.ErrInvalid)
		require.Contains(t, err.Error(), why)
	}
	_, err := core.Collect(c.Callbacks.List(t.Context(), lucs.CallbackListOptions{ExternalTaskID: ""}))
	require.ErrorIs(t, err, core.ErrInvalid)
	_, err = c.Callbacks.Get(t.Context(), "x")
	require.ErrorIs(t, err, core.ErrInvalid)
	require.ErrorIs(t, c.Callbacks.Cancel(t.Context(), "x"), core.ErrInvalid)
	require.Zero(t, mt.GetTotalCallCount())
	cb := newCallback()
	cb.Description = core.Set(strings.Repeat("ü", 150))
	mt.RegisterNoResponder(resttest.Answer(200, `{"State":"Pending"}`))
	_, err = c.Callbacks.Create(t.Context(), cb)
	e := resttest.ErrorOf(t, err)
	require.Equal(t, []any{core.ClassProtocol, core.AppliedUnknown}, []any{e.Class, e.Applied}, "an answer without an id")
}

func TestCallbacksOverTheSimulator(t *testing.T) {
	for name, way := range map[string]struct {
		opts []lucstest.Option
		d    lucs.Dialect
	}{
		"as documented": {},
		"otherwise": {[]lucstest.Option{lucstest.WithDueDate(lucstest.DueRFC3339), lucstest.WithCallbackObject(), lucstest.WithExternalTaskParameter("ext"),
			lucstest.WithSearchFields("Start", "End"), lucstest.WithCancelledAnswer()}, lucs.Dialect{ExternalTaskParameter: "ext", SearchFrom: "Start", SearchTo: "End"}},
		"ignorant": {[]lucstest.Option{lucstest.WithExternalTaskIgnored()}, lucs.Dialect{}},
	} {
		t.Run(name, func(t *testing.T) {
			sim := lucstest.NewServer(append(way.opts, lucstest.WithSampleData())...)
			c := overAs(t, sim, way.d)
			due := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
			var ids []string
			for _, ext := range []string{"one", "two & three"} {
				cb := newCallback()
				cb.ExternalTaskID, cb.DueDate = core.Set(ext), core.Set(lucs.DateOf(due))
				made, err := c.Callbacks.Create(t.Context(), cb)
				require.NoError(t, err)
				require.Equal(t, lucstest.ServiceHelpdesk, made.ServiceID.Or(""))
				at, ok := made.DueDate.Or("").Time()
				require.True(t, ok)
				require.True(t, due.Equal(at))
				ids, due = append(ids, made.ID), due.Add(time.Hour)
			}
			got, err := core.Collect(c.Callbacks.List(t.Context(), lucs.CallbackListOptions{ExternalTaskID: "two & three"}))
			require.NoError(t, err)
			require.Len(t, got, 1)
			require.Equal(t, ids[1], got[0].ID)
			one, err := c.Callbacks.Get(t.Context(), strings.ToUpper(ids[0]))
			require.NoError(t, err)
			require.Equal(t, "one", one.ExternalTaskID.Or(""))
			got, err = core.Collect(c.Callbacks.Search(t.Context(), lucs.CallbackSearch{From: due.Add(-time.Hour), To: due}))
			require.NoError(t, err)
			require.Len(t, got, 1)
			require.NoError(t, c.Callbacks.Cancel(t.Context(), ids[0]))
			require.ErrorIs(t, c.Callbacks.Cancel(t.Context(), ids[0]), core.ErrNotFound)
			// A cancel whose answer was lost, and then finds nothing, is done.
			sim.Fault(lucstest.Fault{Op: "Callbacks.Cancel", LoseAnswer: true})
			require.NoError(t, c.Callbacks.Cancel(t.Context(), ids[1]))
			require.Empty(t, sim.Unstruck())
		})
	}
}

func TestListingByExternalTaskID(t *testing.T) {
	c, mt := mocked(t, lucs.Dialect{})
	var seen http.Request
	for body, n := range map[string]int{
		"": 0, "null": 0, "[]": 0, `[{"Id":"1","ExternalTaskId":"ticket/1 ü"},{"Id":"2","ExternalTaskId":"other"},{"Id":"3"}]`: 1, `{"Id":"1","externaltaskid":"ticket/1 ü"}`: 1,
	} {
		mt.RegisterNoResponder(resttest.AnswerTo(&seen, nil, 200, body))
		got, err := core.Collect(c.Callbacks.List(context.Background(), lucs.CallbackListOptions{ExternalTaskID: "ticket/1 ü"}))
		require.NoError(t, err, body)
		require.Len(t, got, n, body)
		require.Equal(t, "externalTaskId=ticket%2F1+%C3%BC", seen.URL.RawQuery)
	}

	mt.RegisterNoResponder(resttest.Answer(200, `[{"Id":"1","ExternalTaskId":"x"},{"Id":"1","ExternalTaskId":"x"}]`))
	got, err := core.Collect(c.Callbacks.List(context.Background(), lucs.CallbackListOptions{ExternalTaskID: "x"}))
	require.ErrorIs(t, err, core.ErrIncomplete, "one that comes twice may stand in place of another")
	require.Len(t, got, 1)
}
