package lucstest_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// checklist is section 7 of the vendor reference: for each line what it says, the
// tests that hold the simulator to it, and the options that choose otherwise where
// the line is a convention.
var checklist = []struct {
	line             int
	says             string
	tests, otherwise string
}{
	{1, "wrong or missing key is 401", "TestLine01WrongOrMissingKeyIs401Everywhere", "WithKeys"},
	{2, "missing role is 401", "TestLine02MissingRoleIs401", "WithKeys WithForbidden"},
	{3, "the key's header", "TestLine03WhereTheKeyStands", "WithKeyHeader WithKeyQuery"},
	{4, "keys are scoped to units", "TestLine04KeysAreScopedToUnits", "WithKeys"},
	{5, "bodies of errors", "TestLine05ErrorBodies", "WithErrorBody"},
	{6, "503, 429, slow, broken", "TestLine06Faults", ""},
	{7, "a colon in a path is 400 with HTML", "TestLine07DangerousPaths TestTheWebServersOwnDemands", ""},
	{8, "routes below the version", "TestLine08RoutesAreBelowTheVersion TestLine08EveryRouteCanMove", "WithVersion WithBasePath WithRoute"},
	{9, "lists are bare arrays", "TestLine09ListsAreBareArrays", ""},
	{10, "PascalCase, explicit nulls", "TestLine10NamesAndNulls TestLine10OtherSpellings", "WithCamelCase WithIDSpelling"},
	{11, "real booleans and numbers", "TestLine11TypesAreReal", ""},
	{12, "case of names, unknown names", "TestLine12NamesOfRequests", "WithUnknownFieldsKept WithExactNames"},
	{13, "success is 200", "TestLine13SuccessIs200", "WithSuccessStatus"},
	{14, "setpresence answers nothing", "TestLine14SetPresenceAnswersNothing", "WithSuccessStatus"},
	{15, "forms of the block answer", "TestLine15FormsOfTheBlockAnswer", "WithControlAnswer"},
	{16, "no revisions", "TestLine16NoRevisions", ""},
	{17, "services", "TestLine17Services", "WithServiceAddressField"},
	{18, "users of a service", "TestLine18UsersOfAService TestLine18FieldsThatMayDiffer TestReadsMayLagBehind",
		"WithSelectableParameter WithSelectableIgnored WithPresenceField WithPresenceSpelling WithRolesWithheld WithReasonsWithheld WithReadLag"},
	{19, "unknown and malformed services", "TestLine19UnknownAndMalformedServices", "WithNotFoundStatus WithMalformedIDStatus"},
	{20, "creation of users", "TestLine20CreateUser", "WithCreateAnswer"},
	{21, "traits and profiles must exist", "TestLine21ReferencesMustExist", ""},
	{22, "SipUri", "TestLine22SipUri", "WithDuplicateStatus"},
	{23, "computed fields are ignored", "TestLine23ComputedFieldsAreIgnored", "WithComputedFieldsRefused"},
	{24, "names from the directory", "TestLine24NamesComeFromTheDirectory", ""},
	{25, "membership is worked out", "TestLine25MembershipIsWorkedOut", ""},
	{26, "undocumented routes", "TestLine26UndocumentedRoutes", "WithDirectRoutes WithMergedUpdates WithRoute"},
	{27, "block", "TestLine27Block TestServersThatSayYesAndDoNothing", "WithBlockedSelectable WithIgnored WithPretended"},
	{28, "unblock", "TestLine28Unblock TestServersThatSayYesAndDoNothing", "WithIgnored WithPretended"},
	{29, "twice, and unknown users", "TestLine29TwiceAndUnknown", "WithNotFoundStatus"},
	{30, "do not disturb", "TestLine30DoNotDisturb TestServersThatSayYesAndDoNothing", "WithReasonOnDoNotDisturb WithIgnored"},
	{31, "unknown presence words", "TestLine31PresenceWords", "WithPresenceWords"},
	{32, "presence is seen later", "TestLine32PresenceIsSeenLater", "WithPresenceDelay"},
	{33, "encodings of setpresence", "TestLine33PresenceEncodings", "WithPresenceEncoding"},
	{34, "who is selectable", "TestLine34WhoIsSelectable", ""},
	{35, "a task's id", "TestLine35TaskID", "WithTaskAnswer"},
	{36, "what a task needs", "TestLine36WhatATaskNeeds", "WithUniqueExternalTaskIDs"},
	{37, "nobody selectable: pending", "TestLine37NobodySelectable", ""},
	{38, "unblock distributes at once", "TestLine38UnblockDistributes TestPendingTasksGoToWhoeverBecomesFree", "WithDistributionDelay"},
	{39, "after accepting", "TestLine39AfterAccepting TestManyAtOnce", ""},
	{40, "accept, decline, no answer", "TestLine40TheAgentDecides TestLine40ADeletedAgentRings", "WithReaction WithRONAResetByOnline"},
	{41, "preferred agents", "TestLine41PreferredAgents TestTheNormalPolicy", ""},
	{42, "limit of queued tasks", "TestLine42QueueLimit", "WithOverLimitStatus"},
	{43, "tasks of a service", "TestLine43TaskLists", "WithTaskArray"},
	{44, "defaults of a callback", "TestLine44DefaultsOfACallback TestCallbacksAreFound",
		"WithCallbackObject WithExternalTaskParameter WithExternalTaskIgnored WithSearchFields"},
	{45, "service by address", "TestLine45ServiceByAddress", ""},
	{46, "what a callback needs", "TestLine46WhatACallbackNeeds", ""},
	{47, "the odd date", "TestLine47DueDate TestADueDateWithoutZoneIsUTC", "WithDueDate"},
	{48, "cancel twice", "TestLine48CancelTwice", "WithCancelledAnswer"},
}

// Every line has tests, each of which is there; and every option but the sample data
// stands at a line, is there, and is used by a test of that line.
func TestChecklistIsWhole(t *testing.T) {
	bodies, options := map[string]string{}, map[string]bool{}
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	for _, file := range files {
		set := token.NewFileSet()
		parsed, err := parser.ParseFile(set, file, nil, 0)
		require.NoError(t, err)
		for _, d := range parsed.Decls {
			f, is := d.(*ast.FuncDecl)
			if !is || f.Recv != nil {
				continue
			}
			switch {
			case strings.HasPrefix(f.Name.Name, "Test"):
				var names []string
				ast.Inspect(f, func(n ast.Node) bool {
					if id, is := n.(*ast.Ident); is {
						names = append(names, id.Name)
					}
					return true
				})
				bodies[f.Name.Name] = " " + strings.Join(names, " ") + " "
			case strings.HasPrefix(f.Name.Name, "With"):
				options[f.Name.Name] = false
			}
		}
	}
	options["WithSampleData"] = true
	for i, c := range checklist {
		require.Equal(t, i+1, c.line)
		require.NotEmpty(t, c.tests, c.says)
		var used strings.Builder
		for name := range strings.FieldsSeq(c.tests) {
			require.Contains(t, bodies, name, "line %d", c.line)
			used.WriteString(bodies[name])
		}
		for name := range strings.FieldsSeq(c.otherwise) {
			require.Contains(t, options, name, "line %d", c.line)
			options[name] = options[name] || strings.Contains(used.String(), " "+name+" ")
		}
	}
	require.Len(t, checklist, 48)
	for name, tested := range options {
		require.True(t, tested, "%s stands at no line whose tests use it", name)
	}
}
