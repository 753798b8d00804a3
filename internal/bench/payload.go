package bench

import (
	"bytes"
	"fmt"
	"strconv"
)

// listed is how many different users the server has. A longer list repeats
// them, with other ids.
const listed = 10_000

// avayaUser is user n of an Avaya account, about 1.1 kB.
func avayaUser(n int) []byte {
	return fmt.Appendf(nil, `{"userId":"%[2]s","organizationNodeId":"ABCDEF","loginId":"ada.lovelace.%[1]05d@example.com",`+
		`"firstName":"Ada","lastName":"Lovelace-%[1]05d","displayName":"Ada Lovelace %[1]05d","emailId":"ada.lovelace.%[1]05d@example.com",`+
		`"profileId":"PRF001","memberOfGroups":["4f3c8a10-7d52-4d0b-9a56-0d6a1f0c%[3]04d"],"roles":["Agent","Supervisor"],`+
		`"features":{"voice":{"autoAnswer":false,"afterContactWork":true,"afterContactWorkMode":"TIMED","afterContactWorkTimer":%[4]d,`+
		`"voicePriority":false,"userExtension":"50%[1]05d","deviceType":"WEBRTC",`+
		`"providers":[{"providerAgentId":"agent-%[1]05d","channelProviderId":"b1d0a4c2-53f1-4c0e-8e0d-9f6c2a7e5d11"}]},`+
		`"matching":{"attributes":["Language.English","Language.German","Product.Cards"],`+
		`"queues":[{"queueId":"0e6f5f5a-2b1c-4a7c-8f8e-3a1d5c7b9e01","proficiency":%[5]d},{"queueId":"7c2d9b44-91aa-4a3e-bb07-64c1f20d8e02",`+
		`"proficiency":8}]},`+
		`"recorder":{}},"uxProfileId":"UXP001"}`,
		n, userID(n), n%10_000, 10+n%50, 1+n%16)
}

// avayaUserExtra is the same user with two fields that no client knows.
func avayaUserExtra(n int) []byte {
	doc := bytes.TrimSuffix(avayaUser(n), []byte("}"))
	return append(doc, `,"resetMfaSecret":false,"uiSettings":{"theme":"dark","zoom":1.25}}`...)
}

// oneID is the id of the user that is read and written alone.
var oneID = userID(7)

func userID(n int) string { return fmt.Sprintf("a7c1e9d2-3b4f-4e5a-8c6d-0000%08d", n) }

// arrayUser is an element of LivePerson's list of users, about 0.6 kB.
func arrayUser(n int) []byte {
	return fmt.Appendf(nil, `{"id":%[1]d,"pid":"c0ffee00-5a1d-4b2e-9c3f-%012[1]d","deleted":false,"loginName":"agent%05[1]d@example.com",`+
		`"fullName":"Grace Hopper %05[1]d","nickname":"grace%05[1]d","passwordSh":"****","isEnabled":true,"maxChats":%[2]d,`+
		`"email":"agent%05[1]d@example.com","dateUpdated":"2026-05-11T08:09:10.123Z","isApiUser":false,"employeeId":"E%05[1]d",`+
		`"maxAsyncChats":%[2]d,"pictureUrl":"https://cdn.example.com/%[1]d.png","userTypeId":1,`+
		`"memberOf":{"agentGroupId":3,"assignmentDate":"2026-01-02"},"managerOf":[],"skillIds":[101,102,%[3]d],"profileIds":[1],`+
		`"permissionGroups":["reports"],"lobIds":[7]}`, n, 2+n%5, 200+n%20)
}

// users are JSON values one behind the other, with commas between them.
type users struct {
	doc   []byte
	start []int // of user i; one more stands for the end
}

func newUsers(one func(int) []byte) users {
	var u users
	for i := range listed {
		u.start = append(u.start, len(u.doc))
		u.doc = append(append(u.doc, one(i)...), ',')
	}
	u.start = append(u.start, len(u.doc))
	return u
}

// run returns the users from..to, without a comma at the end.
func (u users) run(from, to int) []byte { return u.doc[u.start[from] : u.start[to]-1] }

// page returns one page of an Avaya listing of so many users.
func (u users) page(number, size, total int) [][]byte {
	from := (number - 1) * size
	to := max(from, min(from+size, total))
	parts := [][]byte{[]byte(`{"users":[`)}
	if to > from {
		// Page sizes divide the number of users that there are.
		run := u.run(from%listed, (to-1)%listed+1)
		if lap := from / listed; lap > 0 {
			run = bytes.ReplaceAll(run, []byte("-8c6d-0000"), fmt.Appendf(nil, "-8c6d-%04d", lap))
		}
		parts = append(parts, run)
	}
	tail := append([]byte(`],"pagination":{"pageNumber":`), strconv.Itoa(number)...)
	tail = append(append(tail, `,"pageSize":`...), strconv.Itoa(size)...)
	tail = append(append(tail, `,"total":`...), strconv.Itoa(total)...)
	return append(parts, append(tail, `},"links":{"next":"users?pageNumber=2"}}`...))
}

// array returns a bare array of so many users, a multiple of those that there are.
func (u users) array(total int) [][]byte {
	all := u.run(0, listed)
	parts := [][]byte{[]byte("["), all}
	for n := listed; n < total; n += listed {
		lap := fmt.Appendf(nil, `{"id":%d00000`, n/listed)
		parts = append(parts, []byte(","), bytes.ReplaceAll(all, []byte(`{"id":`), lap))
	}
	return append(parts, []byte("]"))
}
