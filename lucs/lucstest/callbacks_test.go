package lucstest_test

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/internal/simnet/simnettest"
	. "github.com/rollcall-go/rollcall/lucs/lucstest"
)

// newCallback is the least that a callback needs, with changes; nil takes a field
// away.
func newCallback(changes ...m) m {
	return with(m{
		"Target": "sip:customer@example.internal", "SecondsBetweenRetries": 60, "Priority": "Normal", "ServiceId": ServiceFrench,
	}, changes...)
}

func TestServer_DefaultsOfACallback(t *testing.T) {
	s := sample(t)
	k := s.post("/callbacks", newCallback()).is(200).Object()
	for name, want := range map[string]any{
		"MaxRetries": json.Number("3"), "RetryCount": json.Number("0"), "RetryType": "SingleSession", "State": "Pending",
		"LeftInQueueTimeInSeconds": json.Number("3600"), "Creator": "API", "Target": "sip:customer@example.internal",
		"SecondsBetweenRetries": json.Number("60"), "Priority": "Normal", "ServiceId": ServiceFrench,
		"InitiatingSessionId": nil, "Initiator": nil, "AlternativeTarget": nil, "Description": nil, "CallerId": nil,
	} {
		require.Contains(t, k, name)
		require.Equal(t, want, k[name], name)
	}
	require.Len(t, k, 23)
	require.NotEmpty(t, k["AppPoolId"])
	require.Equal(t, k, s.get("/callbacks/"+k["Id"].(string)).is(200).Object())
	stored, ok := s.Callback(k["Id"].(string))
	require.True(t, ok)
	require.Equal(t, k, m(stored))
	require.Equal(t, json.Number("0"), s.post("/callbacks", newCallback(m{"MaxRetries": 0})).Object()["MaxRetries"])
}

func TestServer_ServiceByAddress(t *testing.T) {
	s := sample(t)
	address := m{"ServiceId": nil, "ServiceSip": "SIP:helpdesk-french@example.internal"}
	k := s.post("/callbacks", newCallback(address)).is(200).Object()
	require.Equal(t, ServiceFrench, k["ServiceId"])
	require.Contains(t, k, "ServiceSip")
	require.Nil(t, k["ServiceSip"])
	k = s.post("/callbacks", newCallback(m{"ServiceId": ServiceHelpdesk, "ServiceSip": "sip:helpdesk-french@example.internal"})).is(
		200).Object()
	require.Equal(t, ServiceHelpdesk, k["ServiceId"], "a valid ServiceId goes first")
	for _, noService := range []string{"x", nobody} {
		k = s.post("/callbacks", newCallback(with(m{}, address, m{"ServiceId": noService, "ServiceSip": address["ServiceSip"]}))).is(200).Object()
		require.Equal(t, ServiceFrench, k["ServiceId"])
		s.post("/callbacks", newCallback(m{"ServiceId": noService})).is(400)
	}
	s.post("/callbacks", newCallback(m{"ServiceId": nil, "ServiceSip": "sip:no@example.internal"})).is(400)
	s.post("/callbacks", newCallback(m{"ServiceId": nil})).is(400)
}

func TestServer_WhatACallbackNeeds(t *testing.T) {
	s := sample(t)
	for _, change := range []m{
		{"Priority": nil}, {"Priority": "Urgent"}, {"Priority": "normal"}, {"SecondsBetweenRetries": nil},
		{"SecondsBetweenRetries": -1}, {"SecondsBetweenRetries": "60"}, {"SecondsBetweenRetries": 1 << 40},
		{"Description": strings.Repeat("ü", 151)}, {"Target": nil}, {"Target": "customer"}, {"Target": "tel:"}, {"Target": "tel:+4144x"},
		{"MaxRetries": -1}, {"DueDate": "tomorrow"}, {"ServiceId": ServiceClaims},
	} {
		s.post("/callbacks", newCallback(change)).is(400)
	}
	require.Empty(t, s.get("/callbacks").Array())
	for _, priority := range []string{"StrictPriority", "Highest", "VeryHigh", "High", "Normal", "Low", "VeryLow", "Lowest", "NothingElse"} {
		s.post("/callbacks", newCallback(m{"Priority": priority, "SecondsBetweenRetries": 0, "Description": strings.Repeat("ü", 150)})).is(200)
	}
	s.post("/callbacks", newCallback(m{"Target": nil, "AlternativeTarget": "tel: +41 44 000 00 00", "ServiceId": ServicePolicies})).is(200)
}

func TestServer_DueDate(t *testing.T) {
	due := m{"DueDate": "2019-06-24T15:00:56.2732376+02:00"}
	s := sample(t)
	require.Equal(t, "24.06.2019 13:00:56.2732376Z", s.post("/callbacks", newCallback(due)).is(200).Object()["DueDate"])
	s = sample(t, WithDueDate(DueRFC3339))
	require.Equal(t, "2019-06-24T13:00:56.2732376Z", s.post("/callbacks", newCallback(due)).is(200).Object()["DueDate"])
	synctest.Test(t, func(t *testing.T) { // which begins on 1 January 2000
		require.Equal(t, "01.01.2000 00:00:00.0000000Z", sample(t).post("/callbacks", newCallback()).is(200).Object()["DueDate"])
	})
}

func TestServer_CancelTwice(t *testing.T) {
	for _, opts := range [][]Option{nil, {WithCancelledAnswer()}} {
		s := sample(t, opts...)
		id := s.post("/callbacks", newCallback()).is(200).Object()["Id"].(string)
		r := s.post("/callbacks/"+strings.ToUpper(id)+"/cancel", nil).is(200)
		require.Equal(t, opts == nil, r.Body == "")
		require.Equal(t, opts != nil, strings.Contains(r.Body, id))
		s.post("/callbacks/"+id+"/cancel", nil).is(404)
		s.get("/callbacks/" + id).is(404)
		s.post("/callbacks/"+nobody+"/cancel", nil).is(404)
		s.post("/callbacks/x/cancel", nil).is(400)
		require.Empty(t, s.get("/callbacks").Array())
		_, ok := s.Callback(id)
		require.False(t, ok)
	}
}

func TestCallbacksAreFound(t *testing.T) {
	s := sample(t)
	for _, k := range []m{
		{"ExternalTaskId": "a", "DueDate": "2030-01-01T10:00:00Z"},
		{"ExternalTaskId": "b", "DueDate": "2030-01-02T10:00:00Z", "ServiceId": ServiceHelpdesk},
		{"DueDate": "2030-01-03T10:00:00Z"},
	} {
		s.post("/callbacks", newCallback(k)).is(200)
	}
	found := func(r *reply) []any { t.Helper(); return simnettest.Each(r.is(200).Array(), "ExternalTaskId") }
	require.Equal(t, []any{"a", "b", nil}, found(s.get("/callbacks")))
	require.Equal(t, []any{"b"}, found(s.get("/callbacks?externalTaskId=b")))
	require.Empty(t, found(s.get("/callbacks?externalTaskId=B")))
	search := func(body m) []any { t.Helper(); return found(s.post("/callbacks/search", body)) }
	require.Equal(t, []any{"a", "b", nil}, search(m{}))
	require.Equal(t, []any{"b", nil}, search(m{"From": "2030-01-02T10:00:00Z", "To": nil}))
	require.Equal(t, []any{"a", "b"}, search(m{"to": "2030-01-02T11:00:00+01:00"}))
	require.Equal(t, []any{"b"}, search(m{"ServiceId": ServiceHelpdesk}))
	s.post("/callbacks/search", m{"From": "soon"}).is(400)
	s.post("/callbacks/search", m{"From": 7}).is(400)
	s.post("/callbacks/search", nil).is(415)

	s = sample(t, WithCallbackObject(), WithExternalTaskParameter("id"), WithSearchFields("Start", "End"))
	s.post("/callbacks", newCallback(m{"ExternalTaskId": "a"})).is(200)
	require.Equal(t, "a", s.get("/callbacks?id=a").is(200).Object()["ExternalTaskId"])
	s.get("/callbacks?id=b").is(404)
	require.Len(t, s.get("/callbacks").Array(), 1)
	require.Len(t, s.post("/callbacks/search", m{"Start": "2000-01-01T00:00:00Z"}).Array(), 1)
	require.Empty(t, s.post("/callbacks/search", m{"End": "2000-01-01T00:00:00Z"}).Array())

	s = sample(t, WithExternalTaskIgnored(), WithUniqueExternalTaskIDs())
	s.post("/callbacks", newCallback(m{"ExternalTaskId": "a"})).is(200)
	s.post("/callbacks", newCallback(m{"ExternalTaskId": "a"})).is(409)
	require.Len(t, s.get("/callbacks?externalTaskId=b").Array(), 1)
}

func TestADueDateWithoutZoneIsUTC(t *testing.T) {
	k := sample(t).post("/callbacks", newCallback(m{"DueDate": "2030-01-01T10:00:00"})).is(200).Object()
	due, err := time.Parse("02.01.2006 15:04:05.9999999Z07:00", k["DueDate"].(string))
	require.NoError(t, err)
	require.Equal(t, time.Date(2030, 1, 1, 10, 0, 0, 0, time.UTC), due)
}
