package lucstest_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	. "github.com/rollcall-go/rollcall/lucs/lucstest"
)

func TestPresence_DoNotDisturb(t *testing.T) {
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

func TestPresence_Words(t *testing.T) {
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

func TestPresence_IsSeenLater(t *testing.T) {
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

func TestPresence_Encodings(t *testing.T) {
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
