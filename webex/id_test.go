package webex_test

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/wire"
	"github.com/rollcall-go/rollcall/webex"
)

const (
	danaKey   = "3f1c2a70-5b1e-4c1d-9a52-0c6f7e2b1a01"
	dana      = "Y2lzY29zcGFyazovL3VzL1BFT1BMRS8zZjFjMmE3MC01YjFlLTRjMWQtOWE1Mi0wYzZmN2UyYjFhMDE"
	lobby     = "Y2lzY29zcGFyazovL3VzL1BMQUNFLzVkMmU4ZjkwLTdjMWEtNGIzZC04ZTZmLTkwYTFiMmMzZDQwNA"
	lobbyAsIs = "Y2lzY29zcGFyazovL3VzL1BFT1BMRS81ZDJlOGY5MC03YzFhLTRiM2QtOGU2Zi05MGExYjJjM2Q0MDQ"
)

func padded(s string) string { return s + strings.Repeat("=", (4-len(s)%4)%4) }

func hydra(address string) webex.ID {
	return webex.ID(base64.RawStdEncoding.EncodeToString([]byte("ciscospark://" + address)))
}

func TestOneThingHasOneKeyInEveryForm(t *testing.T) {
	// The published id is of a length that needs padding, and has none.
	require.NotZero(t, len(dana)%4)
	for _, form := range []string{
		dana, padded(dana), danaKey, strings.ToUpper(danaKey), " " + dana + " ", "ciscospark://us/PEOPLE/" + danaKey,
		string(hydra("us/PLACE/" + danaKey)), string(hydra("eu-west/PEOPLE/" + danaKey)), string(hydra("us/PEOPLE/" + strings.ToUpper(danaKey))),
		string(hydra("us/PEOPLE/"+danaKey)) + "==",
	} {
		assert.Equal(t, danaKey, webex.ID(form).Key(), form)
		assert.True(t, webex.ID(form).Same(dana), form)
		assert.True(t, webex.ID(dana).Same(webex.ID(form)), form)
	}
	assert.True(t, webex.ID(lobby).Same(lobbyAsIs), "a workspace, and the person that it is reported as")
	assert.False(t, webex.ID(lobby).Same(dana))
}

func TestIdsConvert(t *testing.T) {
	for _, w := range []struct {
		in    webex.ID
		as    webex.IDType
		hydra webex.ID
		typ   webex.IDType
		uuid  string
	}{
		{dana, webex.TypePerson, dana, webex.TypePerson, danaKey},
		{webex.ID(padded(dana)), webex.TypePerson, dana, webex.TypePerson, danaKey},
		{danaKey, webex.TypePerson, dana, "", danaKey},
		{webex.ID(strings.ToUpper(danaKey)), webex.TypePerson, dana, "", strings.ToUpper(danaKey)},
		{danaKey, webex.TypeWorkspace, hydra("us/PLACE/" + danaKey), "", danaKey},
		{lobby, webex.TypePerson, lobby, webex.TypeWorkspace, "5d2e8f90-7c1a-4b3d-8e6f-90a1b2c3d404"}, // it keeps its type
		{"ciscospark://eu/PEOPLE/" + danaKey, webex.TypePerson, hydra("eu/PEOPLE/" + danaKey), webex.TypePerson, danaKey},
		// Old keys: a number, base64 with padding and a slash in it, and licences.
		{hydra("us/LOCATION/31161"), webex.TypeLocation, hydra("us/LOCATION/31161"), webex.TypeLocation, "31161"},
		{hydra("us/CALL_QUEUE/eDFAMTIz/NDU="), webex.TypeCallQueue, hydra("us/CALL_QUEUE/eDFAMTIz/NDU="), webex.TypeCallQueue, "eDFAMTIz/NDU="},
		{hydra("us/LICENSE/1b2c:CV_aa"), webex.TypeLicense, hydra("us/LICENSE/1b2c:CV_aa"), webex.TypeLicense, "1b2c:CV_aa"},
		// Neither the one nor the other: left alone.
		{"p-17", webex.TypePerson, "p-17", "", "p-17"},
		{"Y2lzY29zcGFyazovL!!", webex.TypePerson, "Y2lzY29zcGFyazovL!!", "", "Y2lzY29zcGFyazovL!!"},
		{"", webex.TypePerson, "", "", ""},
	} {
		assert.Equal(t, w.hydra, w.in.Hydra(w.as), w.in)
		assert.Equal(t, w.typ, w.in.Type(), w.in)
		assert.Equal(t, w.uuid, w.in.UUID(), w.in)
		assert.Equal(t, string(w.in), w.in.String())
	}
	assert.Equal(t, webex.ID(dana), webex.NewID(webex.TypePerson, danaKey))
}

func TestAnAlphabetForURLsIsReadToo(t *testing.T) {
	std := base64.RawStdEncoding.EncodeToString([]byte("ciscospark://us/PEOPLE/a?b~c>d"))
	url := base64.RawURLEncoding.EncodeToString([]byte("ciscospark://us/PEOPLE/a?b~c>d"))
	require.NotEqual(t, std, url)
	assert.Equal(t, "a?b~c>d", webex.ID(std).Key())
	assert.Equal(t, "a?b~c>d", webex.ID(url).Key())
}

func TestIdsTravelInJSON(t *testing.T) {
	var in struct {
		IDs []webex.ID `json:"ids"`
	}
	require.NoError(t, wire.Unmarshal([]byte(`{"ids":["`+dana+`",31161]}`), &in))
	assert.Equal(t, []webex.ID{dana, "31161"}, in.IDs)
	out, err := json.Marshal(in)
	require.NoError(t, err)
	assert.JSONEq(t, `{"ids":["`+dana+`","31161"]}`, string(out))
}

func TestImpossibleIdsAreRefusedBeforeAnythingIsSent(t *testing.T) {
	c, mt := mocked(t)
	s := c.Store()
	for _, id := range []string{
		"", " ", ".", "..", "a/b", `a\b`, "me", "ME", "availableAgents", "availableSupervisors", "a b", "a?b", "a#b", "a%2fb", "a,b", "a\nb", "é",
		string(hydra("us/PEOPLE/")) + "/", strings.Repeat("x", 2000),
	} {
		_, err := s.GetUser(t.Context(), id)
		require.ErrorIs(t, err, core.ErrInvalid, "%q", id)
		require.ErrorIs(t, s.DeleteUser(t.Context(), id), core.ErrInvalid, "%q", id)
		_, err = s.UpdateUser(t.Context(), id, core.UserChange{FirstName: core.Set("X")})
		require.ErrorIs(t, err, core.ErrInvalid, "%q", id)
		_, err = s.Presence(t.Context(), id)
		require.ErrorIs(t, err, core.ErrInvalid, "%q", id)
		_, err = s.Block(t.Context(), id)
		require.ErrorIs(t, err, core.ErrInvalid, "%q", id)
		require.ErrorIs(t, s.Unblock(t.Context(), id), core.ErrInvalid, "%q", id)
	}
	require.Zero(t, mt.GetTotalCallCount())
}

func TestTiersAreReadAsTheyAreWritten(t *testing.T) {
	for _, tier := range []webex.Tier{webex.Basic, webex.Assist} {
		got, err := webex.ParseTier(" " + strings.ToUpper(tier.String()) + " ")
		require.NoError(t, err)
		require.Equal(t, tier, got)
	}
	for _, s := range []string{"", "both", "essentials"} {
		_, err := webex.ParseTier(s)
		require.ErrorIs(t, err, core.ErrInvalid, s)
	}
	require.Equal(t, "no tier", webex.Tier(0).String())
}
