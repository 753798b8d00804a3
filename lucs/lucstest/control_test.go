package lucstest_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	. "github.com/rollcall-go/rollcall/lucs/lucstest"
)

// facts are the three things that are three things, and the reason.
func (s *site) facts(id string) []any {
	s.t.Helper()
	u, ok := s.User(id)
	require.True(s.t, ok)
	return []any{u["IsBlockedByLuwareApi"], u["PresenceState"], u["IsSelectable"], u["NotSelectableReason"]}
}

func TestLine27Block(t *testing.T) {
	s := sample(t)
	u := s.block(UserMara).is(200).Object()
	require.Equal(t, UserMara, u["Id"])
	require.Equal(t, []any{true, "Online", false, "Blocked"}, s.facts(UserMara))
	require.Empty(t, s.members(ServiceFrench, "?isSelectable=true"))
	s.block(UserEva).is(200)
	require.Equal(t, []any{true, "DoNotDisturb", false, "NotOnline"}, s.facts(UserEva))

	s = sample(t, WithBlockedSelectable())
	s.block(UserMara).is(200)
	require.Equal(t, []any{true, "Online", true, nil}, s.facts(UserMara))
	state, _ := s.state(s.task(ServiceFrench))
	require.Equal(t, "Pending", state, "the dispatcher knows better")
}

func TestLine28Unblock(t *testing.T) {
	s := sample(t)
	require.Equal(t, []any{true, "Online", false, "Blocked"}, s.facts(UserNils))
	require.Equal(t, false, s.unblock(UserNils).is(200).Object()["IsBlockedByLuwareApi"])
	require.Equal(t, []any{false, "Online", true, nil}, s.facts(UserNils))
	s.block(UserEva).is(200)
	s.unblock(UserEva).is(200)
	require.Equal(t, []any{false, "DoNotDisturb", false, "NotOnline"}, s.facts(UserEva), "unblocked is not selectable")
}

func TestLine29TwiceAndUnknown(t *testing.T) {
	s := sample(t)
	for range 2 {
		require.Equal(t, true, s.block(UserMara).is(200).Object()["IsBlockedByLuwareApi"])
	}
	for range 2 {
		require.Equal(t, false, s.unblock(UserMara).is(200).Object()["IsBlockedByLuwareApi"])
	}
	for _, verb := range []string{"block", "unblock"} {
		s.post("/users/"+nobody+"/"+verb, nil).is(404)
		s.post("/users/x/"+verb, nil).is(400)
		s.get("/users/" + UserMara + "/" + verb).is(405)
	}
	s.setPresence(nobody, "Away").is(404)
	sample(t, WithNotFoundStatus(500)).block(nobody).is(500)
}

func TestServersThatSayYesAndDoNothing(t *testing.T) {
	all := []string{"Users.Block", "Users.Unblock", "Users.SetPresence"}
	for _, c := range []struct {
		opt         Option
		shows, then any
	}{{WithIgnored(all...), false, true}, {WithPretended(all...), true, false}} {
		s := sample(t, c.opt)
		require.Equal(t, c.shows, s.block(UserMara).is(200).Object()["IsBlockedByLuwareApi"])
		require.Equal(t, c.then, s.unblock(UserNils).is(200).Object()["IsBlockedByLuwareApi"])
		require.Empty(t, s.setPresence(UserMara, "Away").is(200).Body)
		require.Equal(t, []any{false, "Online", true, nil}, s.facts(UserMara))
		require.Equal(t, true, s.member(ServiceHelpdesk, UserNils)["IsBlockedByLuwareApi"])
		s.block(nobody).is(404)
		s.setPresence(UserMara, "Nonesuch").is(400)
	}
	s := sample(t, WithIgnored("Users.Unblock"))
	s.block(UserMara).is(200)
	s.unblock(UserMara).is(200)
	require.Equal(t, true, s.facts(UserMara)[0])
}

func TestLine30DoNotDisturb(t *testing.T) {
	s := sample(t, WithReasonOnDoNotDisturb("NotReady"))
	s.setPresence(UserMara, "DoNotDisturb").is(200)
	require.Equal(t, []any{false, "DoNotDisturb", false, "NotOnline"}, s.facts(UserMara))
	require.Equal(t, "NotReady", s.member(ServiceFrench, UserMara)["NotReadyReason"])
	s.block(UserTom).is(200)
	s.setPresence(UserTom, "DoNotDisturb").is(200)
	require.Equal(t, true, s.facts(UserTom)[0])
	s.setPresence(UserMara, "Online").is(200)
	require.Equal(t, []any{false, "Online", true, nil}, s.facts(UserMara))
	require.Nil(t, s.member(ServiceFrench, UserMara)["NotReadyReason"])
}

func TestLine31PresenceWords(t *testing.T) {
	s := sample(t)
	for _, word := range []string{"Online", "Busy", "DoNotDisturb", "Away", "BeRightBack"} {
		s.setPresence(UserMara, word).is(200)
		require.Equal(t, word, s.facts(UserMara)[1])
	}
	for _, word := range []string{"", "Offline", "donotdisturb", "Do Not Disturb", "dnd"} {
		s.setPresence(UserMara, word).is(400)
	}
	require.Equal(t, "BeRightBack", s.facts(UserMara)[1])
	s = sample(t, WithPresenceWords("dnd"))
	s.setPresence(UserMara, "dnd").is(200)
	s.setPresence(UserMara, "DoNotDisturb").is(400)
}

func TestLine32PresenceIsSeenLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := sample(t, WithPresenceDelay(10*time.Second))
		s.setPresence(UserMara, "Away").is(200)
		time.Sleep(9 * time.Second)
		require.Equal(t, "Online", s.member(ServiceFrench, UserMara)["PresenceState"])
		time.Sleep(time.Second)
		require.Equal(t, "Away", s.member(ServiceFrench, UserMara)["PresenceState"])
		s.setPresence(UserMara, "Busy").is(200)
		s.setPresence(UserMara, "Online").is(200)
		time.Sleep(time.Minute)
		require.Equal(t, "Online", s.facts(UserMara)[1], "the last one counts")
	})
}

func TestLine33PresenceEncodings(t *testing.T) {
	path := "/users/" + UserMara + "/setpresence"
	encodings := map[PresenceEncoding]func(s *site) int{
		PresenceObject: func(s *site) int { return s.post(path, m{"PresenceState": "Away"}).Status },
		PresenceString: func(s *site) int { return s.post(path, `"Away"`).Status },
		PresenceQuery:  func(s *site) int { return s.post(path+"?presence=Away", nil).Status },
	}
	for encoding, send := range encodings {
		s := sample(t)
		require.Equal(t, 200, send(s))
		require.Equal(t, "Away", s.facts(UserMara)[1])
		for other, send := range encodings {
			s := sample(t, WithPresenceEncoding(encoding, ""))
			require.Equal(t, map[bool]int{true: 200, false: 400}[encoding == other], send(s))
			require.Equal(t, encoding == other, s.facts(UserMara)[1] == "Away")
		}
	}
	s := sample(t)
	for _, body := range []any{nil, "{}", "7", `{"PresenceState":7}`, `["Away"]`, `{"Presence":"Away"}`} {
		s.post(path, body).is(400)
	}
	s.post(path, "{").is(400)
	s.post(path+"?presence=Away", m{"PresenceState": "Away"}).is(400)
	s.post(path, `"Away"`, "Content-Type", "text/plain").is(415)

	s = sample(t, WithPresenceEncoding(PresenceObject, "State"))
	s.post(path, m{"PresenceState": "Away"}).is(400)
	s.post(path, m{"State": "Away"}).is(200)
	s = sample(t, WithPresenceEncoding(PresenceQuery, "state"))
	s.post(path+"?presence=Away", nil).is(400)
	s.post(path+"?state=Away", nil).is(200)
}

func TestLine34WhoIsSelectable(t *testing.T) {
	for name, c := range map[string]struct {
		do   func(s *site)
		want any
		why  any
	}{
		"online":               {func(*site) {}, true, nil},
		"off duty":             {func(s *site) { s.ChangeUser(UserMara, m{"CurrentProfile": "OffDuty"}) }, false, "OffDuty"},
		"default profile":      {func(s *site) { s.ChangeUser(UserMara, m{"CurrentProfile": nil}) }, true, nil},
		"no profile":           {func(s *site) { s.ChangeUser(UserMara, m{"CurrentProfile": nil, "DefaultProfile": nil}) }, false, "OffDuty"},
		"an unknown profile":   {func(s *site) { s.ChangeUser(UserMara, m{"CurrentProfile": "Gone"}) }, false, "OffDuty"},
		"away":                 {func(s *site) { s.SetPresence(UserMara, "Away") }, false, "NotOnline"},
		"an unknown presence":  {func(s *site) { s.SetPresence(UserMara, "IdleOnline") }, false, "NotOnline"},
		"busy":                 {func(s *site) { s.SetPresence(UserMara, "Busy") }, false, "NotOnline"},
		"busy but selectable":  {busy(m{"IsBusySelectable": true}, false), true, nil},
		"in a meeting":         {busy(m{"IsBusySelectable": true}, true), false, "NotOnline"},
		"selectable in it":     {busy(m{"IsBusySelectable": true, "IsBusyInAMeetingSelectable": true}, true), true, nil},
		"only in a meeting":    {busy(m{"IsBusyInAMeetingSelectable": true}, true), false, "NotOnline"},
		"in a conversation":    {func(s *site) { s.SetInConversation(UserMara, true) }, false, "Working"},
		"out of it":            {func(s *site) { s.SetInConversation(UserMara, true); s.SetInConversation(UserMara, false) }, true, nil},
		"with a task":          {func(s *site) { s.task(ServiceFrench) }, false, "Working"},
		"blocked":              {func(s *site) { s.SetBlocked(UserMara, true) }, false, "Blocked"},
		"with a reason":        {func(s *site) { s.SetNotReadyReason(UserMara, "Pause") }, true, nil},
		"RONA":                 {func(s *site) { s.React(UserMara, Decline, 0); s.task(ServiceFrench) }, false, "Rona"},
		"online again in RONA": {func(s *site) { s.React(UserMara, Decline, 0); s.task(ServiceFrench); s.setPresence(UserMara, "Online") }, false, "Rona"},
	} {
		t.Run(name, func(t *testing.T) {
			s := sample(t)
			c.do(s)
			u := s.member(ServiceFrench, UserMara)
			require.Equal(t, c.want, u["IsSelectable"])
			require.Equal(t, c.why, u["NotSelectableReason"])
			require.Equal(t, c.want, len(s.members(ServiceFrench, "?isSelectable=true")) == 1)
		})
	}
	s := sample(t)
	s.SetNotReadyReason(UserMara, "Pause")
	s.SetNotReadyReason(UserMara, "")
	require.Nil(t, s.member(ServiceFrench, UserMara)["NotReadyReason"])
}

func busy(fields m, meeting bool) func(s *site) {
	return func(s *site) {
		s.ChangeUser(UserMara, fields)
		s.SetPresence(UserMara, "Busy")
		s.SetInMeeting(UserMara, meeting)
	}
}
