package libh3lp

import (
	"bytes"
	"encoding/json"
	"net/http"
	"regexp"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest"
	"github.com/rollcall-go/rollcall/internal/wire"
)

// verdict is what an answer says about its own success. Failures come with a success
// status; the member success is then null, false, "false" or missing, and the reason is
// called message or error.
type verdict struct {
	said   bool // there is a member success
	yes    bool // and it is true
	thing  bool // the answer has an id: it shows something
	list   bool // it is an array
	reason string
}

// failed reports a failure in the documented form. A reason alone may come from any server
// in between.
func (v verdict) failed() bool { return v.said && !v.yes }

// complains reports an answer with a reason that neither reports success nor shows
// anything.
func (v verdict) complains() bool { return v.failed() || !v.said && !v.thing && v.reason != "" }

// shows reports an answer that shows a thing, and omits success.
func (v verdict) shows() bool { return v.thing && !v.said }

// maxReason is how much of a reason is searched for phrases, in bytes.
const maxReason = 4 << 10

// judge reads the verdict of an object, or of an array of one object. For anything
// else, ok is false.
func judge(body []byte) (v verdict, ok bool) {
	body = bytes.TrimSpace(body)
	if !json.Valid(body) {
		return v, false
	}
	return verdictIn(body)
}

// verdictIn is judge for what is known to be JSON.
func verdictIn(body []byte) (v verdict, ok bool) {
	if body[0] == '[' {
		only, n := wire.Only(body)
		if n != 1 {
			return v, false
		}
		body, v.list = only, true
	}

	if body[0] != '{' {
		return v, false
	}
	members := map[string]json.RawMessage{}
	wire.EachMember(body, func(name, value []byte) bool {
		switch string(name) {
		case "success", "id", "queueId", "userId", "message", "error":
			members[string(name)] = value
		}
		return true
	})
	success, said := members["success"]
	v.said, v.yes = said, strings.EqualFold(text(success), "true")
	v.thing = members["id"] != nil || members["queueId"] != nil && members["userId"] != nil
	if v.reason = text(beginning(members["message"])); v.reason == "" {
		v.reason = text(beginning(members["error"]))
	}

	v.reason = v.reason[:min(len(v.reason), maxReason)]
	return v, true
}

// beginning returns a text, or so much of it as a reason may need: it may be of any
// length, and is looked at with each answer.
func beginning(raw json.RawMessage) json.RawMessage {
	const longest = 16 * maxReason
	if len(raw) <= longest || raw[0] != '"' {
		return raw
	}

	// Not within an escape, of which the longest has six bytes, or a letter.
	end := longest
	for i := range 12 {
		head := append(bytes.Clone(raw[:end-i]), '"')
		if _, ok := wire.Text(head); ok && wire.Valid(head) {
			return head
		}
	}
	return nil
}

// inspect finds a failure that came with a success status. An answer that reports
// neither success nor failure is not one: it leaves the write in doubt.
func inspect(body []byte) *core.Error {
	v, ok := judge(body)
	if !ok || !v.failed() {
		return nil
	}
	return v.refusal()
}

// ownNotFound recognises the vendor's own 404: a failure in its form or, from the
// presence service, a page. Any other 404 comes from a server in between.
func ownNotFound(op *rest.Op, _ http.Header, body []byte) bool {
	if strings.HasPrefix(op.Path, presencePath) {
		return bytes.Contains(body[:min(len(body), maxReason)], []byte("Not found"))
	}
	v, ok := judge(body)
	return ok && v.complains()
}

func (v verdict) refusal() *core.Error {
	e := &core.Error{Class: classOf(v.reason), Message: v.reason}
	if e.Message == "" {
		e.Message = "the vendor says that it failed, but not why"
	}
	return e
}

// phrases give the class of a refusal from its reason, because there are no codes. The
// first match counts. Words alone do not prove that the thing asked for is missing;
// they may be about a folder or a mailbox. See absent and gone.
var phrases = []struct {
	class core.Class
	words *regexp.Regexp
}{
	{core.ClassUnauthenticated, regexp.MustCompile(`(?i)\b(not (logged in|authenticated)|(must|please) log ?in|log in again|login ` +
		`required|session (has )?(expired|ended)|(invalid|no) session)\b`)},
	{core.ClassInvalid, regexp.MustCompile(`(?i)\b(not found|no such|(does not|doesn't|not|no longer) exists?|there is no|unknown ` +
		`(user|queue))\b`)},
	{core.ClassPermission, regexp.MustCompile(`(?i)\b(permissions?|not authori[sz]ed|not allowed to|access denied|forbidden)\b`)},
	{core.ClassConflict, regexp.MustCompile(`(?i)\b(already|in use|(is|been) taken|duplicate|exists|not unique|must be unique)\b`)},
}

// classOf is the class of a refusal: invalid, unless its reason names a better one.
func classOf(reason string) core.Class {
	for _, p := range phrases {
		if p.words.MatchString(reason) {
			return p.class
		}
	}
	return core.ClassInvalid
}

// explain reads the body of an error into it. The HTTP status decides the class.
func explain(body []byte, e *core.Error) {
	body = bytes.TrimSpace(body)
	if len(body) == 0 || body[0] == '<' {
		return
	}
	if v, ok := judge(body); ok {
		e.Message = v.reason
	} else if body[0] != '[' && body[0] != '{' && body[0] != '"' {
		e.Message = string(body)
	}
}

// sessionEnded recognises the answer to an expired session, which has no documented
// form: a redirect, a page, anything that is not JSON, or a refusal that says so. (A
// 401 is one in any case; a 403 is not.)
func sessionEnded(status int, _ http.Header, body []byte) bool {
	if status/100 == 3 {
		return status != http.StatusNotModified
	}
	if body = bytes.TrimSpace(body); len(body) == 0 {
		return false
	}
	if !json.Valid(body) {
		return true
	}
	v, ok := verdictIn(body)
	return ok && v.complains() && classOf(v.reason) == core.ClassUnauthenticated
}
