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
	{1, "wrong or missing key is 401", "TestServer_WrongOrMissingKeyIs401Everywhere", "WithKeys"},
	{2, "missing role is 401", "TestServer_MissingRoleIs401", "WithKeys WithForbidden"},
	{3, "the key's header", "TestServer_WhereTheKeyStands", "WithKeyHeader WithKeyQuery"},
	{4, "keys are scoped to units", "TestServer_KeysAreScopedToUnits", "WithKeys"},
	{5, "bodies of errors", "TestServer_ErrorBodies", "WithErrorBody"},
	{6, "503, 429, slow, broken", "TestServer_Faults", ""},
	{7, "a colon in a path is 400 with HTML", "TestServer_DangerousPaths TestTheWebServersOwnDemands", ""},
	{8, "routes below the version", "TestServer_RoutesAreBelowTheVersion TestServer_EveryRouteCanMove", "WithVersion WithBasePath WithRoute"},
	{9, "lists are bare arrays", "TestAnswer_ListsAreBareArrays", ""},
	{10, "PascalCase, explicit nulls", "TestAnswer_NamesAndNulls TestAnswer_OtherSpellings", "WithCamelCase WithIDSpelling"},
	{11, "real booleans and numbers", "TestAnswer_TypesAreReal", ""},
	{12, "case of names, unknown names", "TestAnswer_NamesOfRequests", "WithUnknownFieldsKept WithExactNames"},
	{13, "success is 200", "TestAnswer_SuccessIs200", "WithSuccessStatus"},
	{14, "setpresence answers nothing", "TestAnswer_SetPresenceAnswersNothing", "WithSuccessStatus"},
	{15, "forms of the block answer", "TestAnswer_FormsOfTheBlockAnswer", "WithControlAnswer"},
	{16, "no revisions", "TestAnswer_NoRevisions", ""},
	{17, "services", "TestServer_Services", "WithServiceAddressField"},
	{18, "users of a service", "TestServer_UsersOfAService TestServer_FieldsThatMayDiffer TestReadsMayLagBehind",
		"WithSelectableParameter WithSelectableIgnored WithPresenceField WithPresenceSpelling WithRolesWithheld WithReasonsWithheld WithReadLag"},
	{19, "unknown and malformed services", "TestServer_UnknownAndMalformedServices", "WithNotFoundStatus WithMalformedIDStatus"},
	{20, "creation of users", "TestServer_CreateUser", "WithCreateAnswer"},
	{21, "traits and profiles must exist", "TestServer_ReferencesMustExist", ""},
	{22, "SipUri", "TestServer_SipUri", "WithDuplicateStatus"},
	{23, "computed fields are ignored", "TestServer_ComputedFieldsAreIgnored", "WithComputedFieldsRefused"},
	{24, "names from the directory", "TestServer_NamesComeFromTheDirectory", ""},
	{25, "membership is worked out", "TestServer_MembershipIsWorkedOut", ""},
	{26, "undocumented routes", "TestServer_UndocumentedRoutes", "WithDirectRoutes WithMergedUpdates WithRoute"},
	{27, "block", "TestServer_Block TestServer_ReportsSuccessAndDoesNothing", "WithBlockedSelectable WithIgnored WithPretended"},
	{28, "unblock", "TestServer_Unblock TestServer_ReportsSuccessAndDoesNothing", "WithIgnored WithPretended"},
	{29, "twice, and unknown users", "TestServer_BlockTwiceAndUnknown", "WithNotFoundStatus"},
	{30, "do not disturb", "TestPresence_DoNotDisturb TestServer_ReportsSuccessAndDoesNothing", "WithReasonOnDoNotDisturb WithIgnored"},
	{31, "unknown presence words", "TestPresence_Words", "WithPresenceWords"},
	{32, "presence is seen later", "TestPresence_IsSeenLater", "WithPresenceDelay"},
	{33, "encodings of setpresence", "TestPresence_Encodings", "WithPresenceEncoding"},
	{34, "who is selectable", "TestServer_WhoIsSelectable", ""},
	{35, "a task's id", "TestServer_TaskID", "WithTaskAnswer"},
	{36, "what a task needs", "TestServer_WhatATaskNeeds", "WithUniqueExternalTaskIDs"},
	{37, "nobody selectable: pending", "TestServer_NobodySelectable", ""},
	{38, "unblock distributes at once", "TestServer_UnblockDistributes TestPendingTasksGoToWhoeverBecomesFree", "WithDistributionDelay"},
	{39, "after accepting", "TestServer_AfterAccepting TestManyAtOnce", ""},
	{40, "accept, decline, no answer", "TestServer_TheAgentDecides TestServer_ADeletedAgentRings", "WithReaction WithRONAResetByOnline"},
	{41, "preferred agents", "TestServer_PreferredAgents TestTheNormalPolicy", ""},
	{42, "limit of queued tasks", "TestServer_QueueLimit", "WithOverLimitStatus"},
	{43, "tasks of a service", "TestServer_TaskLists", "WithTaskArray"},
	{44, "defaults of a callback", "TestServer_DefaultsOfACallback TestCallbacksAreFound",
		"WithCallbackObject WithExternalTaskParameter WithExternalTaskIgnored WithSearchFields"},
	{45, "service by address", "TestServer_ServiceByAddress", ""},
	{46, "what a callback needs", "TestServer_WhatACallbackNeeds", ""},
	{47, "the odd date", "TestServer_DueDate TestADueDateWithoutZoneIsUTC", "WithDueDate"},
	{48, "cancel twice", "TestServer_CancelTwice", "WithCancelledAnswer"},
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
