package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/rollcall-go/rollcall/core"
)

// optUser is a user as our vendor packages write them: about 25 members.
type optUser struct {
	ID                 core.Opt[int64]       `json:"id,omitzero"`
	PID                core.Opt[string]      `json:"pid,omitzero"`
	Deleted            core.Opt[bool]        `json:"deleted,omitzero"`
	LoginName          core.Opt[string]      `json:"loginName,omitzero"`
	FullName           core.Opt[string]      `json:"fullName,omitzero"`
	Nickname           core.Opt[string]      `json:"nickname,omitzero"`
	PasswordSh         core.Opt[string]      `json:"passwordSh,omitzero"`
	IsEnabled          core.Opt[bool]        `json:"isEnabled,omitzero"`
	MaxChats           core.Opt[int64]       `json:"maxChats,omitzero"`
	Email              core.Opt[string]      `json:"email,omitzero"`
	DateUpdated        core.Opt[string]      `json:"dateUpdated,omitzero"`
	LastPwdChange      core.Opt[string]      `json:"lastPwdChangeDate,omitzero"`
	IsAPIUser          core.Opt[bool]        `json:"isApiUser,omitzero"`
	AllowedKeys        core.Opt[string]      `json:"allowedAppKeys,omitzero"`
	EmployeeID         core.Opt[string]      `json:"employeeId,omitzero"`
	MaxAsyncChats      core.Opt[int64]       `json:"maxAsyncChats,omitzero"`
	BackgndImgURI      core.Opt[string]      `json:"backgndImgUri,omitzero"`
	PnCertName         core.Opt[string]      `json:"pnCertName,omitzero"`
	PictureURL         core.Opt[string]      `json:"pictureUrl,omitzero"`
	Description        core.Opt[string]      `json:"description,omitzero"`
	MobileNumber       core.Opt[string]      `json:"mobileNumber,omitzero"`
	UserTypeID         core.Opt[int64]       `json:"userTypeId,omitzero"`
	MemberOf           core.Opt[membership]  `json:"memberOf,omitzero"`
	ManagerOf          []membership          `json:"managerOf,omitzero"`
	SkillIDs           []int64               `json:"skillIds,omitzero"`
	ProfileIDs         []int64               `json:"profileIds,omitzero"`
	PermissionGroups   []string              `json:"permissionGroups,omitzero"`
	LobIDs             []int64               `json:"lobIds,omitzero"`
	Features           core.Opt[optFeatures] `json:"features,omitzero"`
	ChangePwdNextLogin core.Opt[bool]        `json:"changePwdNextLogin,omitzero"`
	Extra              core.Extra            `json:"-"`
}

type membership struct {
	AgentGroupID   int64      `json:"agentGroupId"`
	AssignmentDate string     `json:"assignmentDate,omitzero"`
	Extra          core.Extra `json:"-"`
}

type optFeatures struct {
	Voice core.Opt[bool]   `json:"voice,omitzero"`
	Video core.Opt[bool]   `json:"video,omitzero"`
	Limit core.Opt[int64]  `json:"limit,omitzero"`
	Plan  core.Opt[string] `json:"plan,omitzero"`
	Extra core.Extra       `json:"-"`
}

// plainUser has the same members without Opt and Extra: what encoding/json is
// best at, and what we compare ourselves with.
type plainUser struct {
	ID                 int64             `json:"id"`
	PID                string            `json:"pid"`
	Deleted            bool              `json:"deleted"`
	LoginName          string            `json:"loginName"`
	FullName           string            `json:"fullName"`
	Nickname           string            `json:"nickname"`
	PasswordSh         string            `json:"passwordSh"`
	IsEnabled          bool              `json:"isEnabled"`
	MaxChats           int64             `json:"maxChats"`
	Email              string            `json:"email"`
	DateUpdated        string            `json:"dateUpdated"`
	LastPwdChange      string            `json:"lastPwdChangeDate"`
	IsAPIUser          bool              `json:"isApiUser"`
	AllowedKeys        string            `json:"allowedAppKeys"`
	EmployeeID         string            `json:"employeeId"`
	MaxAsyncChats      int64             `json:"maxAsyncChats"`
	BackgndImgURI      string            `json:"backgndImgUri"`
	PnCertName         string            `json:"pnCertName"`
	PictureURL         string            `json:"pictureUrl"`
	Description        string            `json:"description"`
	MobileNumber       string            `json:"mobileNumber"`
	UserTypeID         int64             `json:"userTypeId"`
	MemberOf           plainMembership   `json:"memberOf"`
	ManagerOf          []plainMembership `json:"managerOf"`
	SkillIDs           []int64           `json:"skillIds"`
	ProfileIDs         []int64           `json:"profileIds"`
	PermissionGroups   []string          `json:"permissionGroups"`
	LobIDs             []int64           `json:"lobIds"`
	Features           plainFeatures     `json:"features"`
	ChangePwdNextLogin bool              `json:"changePwdNextLogin"`
}

type plainMembership struct {
	AgentGroupID   int64  `json:"agentGroupId"`
	AssignmentDate string `json:"assignmentDate"`
}

type plainFeatures struct {
	Voice bool   `json:"voice"`
	Video bool   `json:"video"`
	Limit int64  `json:"limit"`
	Plan  string `json:"plan"`
}

// userJSON is one user of about 1.1 kB; n makes it different from others.
func userJSON(n int) []byte {
	return fmt.Appendf(nil, `{"id":%d,"pid":"3b5b7ec6-2b0f-53af-9afd-11d4072c%04x","deleted":false,"loginName":"agent%06d@example.com",`+
		`"fullName":"Agent Number %d","nickname":"Agent%d","passwordSh":"4e1243bd22c66e76c2ba9eddc1f91394e57f9f83","isEnabled":true,`+
		`"maxChats":4,`+
		`"email":"agent%06d@example.com","dateUpdated":"2015-06-22 19:20:03","lastPwdChangeDate":"2015-06-22 19:20:03","isApiUser":false,`+
		`"allowedAppKeys":"f9a1c7e2b4","employeeId":"EMP-%06d","maxAsyncChats":7,"backgndImgUri":"https://img.example.com/bg/%d.png",`+
		`"pnCertName":"default","pictureUrl":"https://img.example.com/p/%d.png","description":"First line support, evenings",`+
		`"mobileNumber":"+1 555 0100","userTypeId":1,"memberOf":{"agentGroupId":3705342610,"assignmentDate":"2015-06-22 19:20:03"},`+
		`"managerOf":[{"agentGroupId":31,"assignmentDate":"2015-06-22 19:20:03"},{"agentGroupId":32,"assignmentDate":"2015-06-23 19:20:03"}],`+
		`"skillIds":[26,41,42],"profileIds":[1,2],"permissionGroups":["1","7"],"lobIds":[5,6],`+
		`"features":{"voice":true,"video":false,"limit":12,"plan":"premium"},"changePwdNextLogin":false}`,
		3000000000+n, n&0xffff, n, n, n, n, n, n, n)
}

func usersJSON(n int) []byte {
	var b bytes.Buffer
	b.WriteByte('[')
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(userJSON(i))
	}
	b.WriteByte(']')
	return b.Bytes()
}

// generic reads a document as encoding/json does, numbers by their spelling.
func generic(data []byte) (any, error) {
	dec := json.NewDecoder(strings.NewReader(string(data)))
	dec.UseNumber()
	var v any
	err := dec.Decode(&v)
	return v, err
}
