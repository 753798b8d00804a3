package libh3lptest_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// checklist names, for each line of the simulator's checklist, what it says and
// the test that shows it. TestChecklist runs them all.
var checklist = []struct {
	line int
	says string
	test func(*testing.T)
}{
	{1, "login, urlencoded: success, username and a session cookie that is a uuid", loginSucceeds},
	{2, "login at the second version; one cookie for all versions", loginAtAnyVersion},
	{3, "wrong password: 200 and a failure; or 401", loginFails},
	{4, "account_id for an administrator only", loginTellsTheAccount},
	{5, "login by query and multipart, without a version header", loginEncodings},
	{6, "other methods on login: 405", loginIsPostOnly},
	{7, "no session: 401, 302 or a page", sessionGone},
	{8, "all sessions can be expired", sessionsExpire},
	{9, "verify", sessionVerified},
	{10, "a cookie of a foreign domain, which a cookie jar rejects", cookieDomain},
	{11, "no version header: refused; or lax", versionMissing},
	{12, "a version header that is not the path's: refused", versionMismatch},
	{13, "JSON and urlencoded bodies; malformed JSON refused", bodies},
	{14, "POST with _method", methodOverride},
	{15, "plain http: presence only", plainHTTP},
	{16, "double slashes and paths without a version: 404", unknownPaths},
	{17, "users: an array of six fields, never the password", usersList},
	{18, "a user: an object", userGet},
	{19, "create: an array of one, a new integer id", userCreate},
	{20, "create with a character that names cannot contain: the exact message", illegalNames},
	{21, "create with a name in use by anybody", namesTaken},
	{22, "create without password, too long, uppercase", illegalCreates},
	{23, "PUT and PATCH merge", userUpdate},
	{24, "an update's illegal values are ignored", illegalUpdates},
	{25, "a new password: what login accepts, and invisible", passwordUpdate},
	{26, "delete, and delete again", userDelete},
	{27, "delete takes links and sessions along", deleteCascades},
	{28, "other accounts are invisible and untouchable", otherAccounts},
	{29, "folders in lists", foldersInLists},
	{30, "a new link is enabled, in both views", linkCreate},
	{31, "a link to nothing, to what is unknown, or again: failures", illegalLinks},
	{32, "enabled null or false: off, returned as null", linkSuspend},
	{33, "an illegal enabled is ignored", illegalEnabled},
	{34, "other fields of a link cannot be written", linkFieldsReadOnly},
	{35, "unlink, and what was not linked", linkDelete},
	{36, "methods that are not supported: 405", linkMethods},
	{37, "the operators' view mirrors all that", operatorsMirror},
	{38, "the second version's operators", operatorsV2},
	{39, "presence needs no cookie and no header", presenceIsPublic},
	{40, "text, xml, js, image; no json", presenceFormats},
	{41, "the wrong domain: not found; or unavailable", presenceDomains},
	{42, "a queue is as available as its best enabled operator", queueShows},
	{43, "suspending the only one turns the queue off, not the user", suspendTurnsOff},
	{44, "so does unlinking", unlinkTurnsOff},
	{45, "js with a callback; offline js and xml", presenceOffline},
	{46, "the highest priority first", presencePriority},
	{47, "resources are set by the test alone", presenceIsSetByTests},
	{48, "show and status cannot be written", presenceIsReadOnly},
	{49, "500 and 502 with a page", faultErrorPage},
	{50, "200 with a page", faultPageWith200},
	{51, "429 and 503 with Retry-After", faultRetryAfter},
	{52, "the reason as error, or none; no success", reasonKeys},
	{53, "create and update answer a bare object", bareObjects},
	{54, "a create whose answer is lost", faultLostAnswer},
	{55, "the third of five writes fails", faultThirdOfFive},
}

func TestChecklist(t *testing.T) {
	for i, c := range checklist {
		require.Equal(t, i+1, c.line, "each line once, in order")
		t.Run(fmt.Sprintf("S%02d %s", c.line, c.says), c.test)
	}
	require.Len(t, checklist, 55)
}
