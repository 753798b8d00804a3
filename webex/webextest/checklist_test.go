package webextest_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// notServed marks what the vendor has and the client does not use: creating and
// deleting queues, wrap-up reasons, call settings, SCIM.
var notServed = []string{"TestWhatNobodySendsIsNotServed"}

// checklist says which test covers which line of the simulator's checklist,
// section 7 of the vendor reference.
var checklist = map[int][]string{
	1:  {"TestNoToken"},
	2:  {"TestTrackingID", "TestErrorShapes"},
	3:  {"TestScopesAndRoles"},
	4:  {"TestTokenEndpoint"},
	5:  {"TestTokenEndpoint"},
	6:  {"TestExpiryAndRefresh"},
	7:  {"TestRetryAfterForms", "TestRateLimit"},
	8:  {"TestTransientFaults", "TestMaxThreshold"},
	9:  {"TestErrorShapes"},
	10: {"TestErrorShapes", "TestMissingBodies"},
	11: {"TestContentType"},
	12: {"TestOrganization"},
	13: {"TestIDsAreUnpadded"},
	14: {"TestIDsAreAcceptedPadded"},
	15: {"TestAgentsAreAcceptedAsPeople"},
	16: {"TestBareUUIDs"},
	17: {"TestAssignedAgentsAreCalledPeople"},
	18: {"TestTiersOfSupervisors"},
	19: {"TestCreateSupervisorRefused"},
	20: {"TestCreateSupervisorRefused"},
	21: {"TestCreateSupervisor"},
	22: {"TestCreateSupervisorInPart"},
	23: {"TestCreateSupervisor"},
	24: {"TestSupervisorDetails"},
	25: {"TestSupervisorDetailsArePaged"},
	26: {"TestMixedUpdate"},
	27: {"TestDuplicateAgents"},
	28: {"TestUnavailableAgents"},
	29: {"TestUpdateSupervisorInvalid"},
	30: {"TestLastAgent"},
	31: {"TestUpdateWrongTier"},
	32: {"TestDeleteSupervisor"},
	33: {"TestMissingBodies"},
	34: {"TestDeleteSupervisors"},
	35: {"TestDeleteAllSupervisors"},
	36: {"TestAvailable"},
	37: {"TestLiteralPathsWin"},
	38: {"TestOrder"},
	39: {"TestSupervisorListsHaveNoLink"},
	40: {"TestQueuesOfAnAgent"},
	41: {"TestQueuesOfAnAgent"},
	42: {"TestJoinSettings"},
	43: {"TestQueueAgents"},
	44: {"TestQueueCandidates"},
	45: {"TestMembershipIsReplaced"},
	46: {"TestAgentLimits"},
	47: {"TestCallerIDPolicy"},
	48: {"TestTiersOfQueues"},
	49: notServed,
	50: notServed,
	51: {"TestPeopleOfAUser"},
	52: {"TestPeoplePages", "TestNextLinks"},
	53: {"TestPeopleMax"},
	54: {"TestPeopleByID"},
	55: {"TestPresence"},
	56: {"TestCallingData"},
	57: {"TestCreatePerson"},
	58: {"TestFailureAfterCreation"},
	59: {"TestLicences"},
	60: {"TestReplaceClears", "TestReplaceRefused"},
	61: {"TestFailureHalfway"},
	62: {"TestMinResponse"},
	63: {"TestLoginEnabled"},
	64: {"TestDeletePerson"},
	65: notServed,
	66: notServed,
	67: notServed,
}

func TestEveryLineHasATest(t *testing.T) {
	defined := map[string]bool{}
	files, err := fs.Glob(os.DirFS("."), "*_test.go")
	require.NoError(t, err)
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		require.NoError(t, err)
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && strings.HasPrefix(f.Name.Name, "Test") {
				defined[f.Name.Name] = true
			}
		}
	}
	for line := 1; line <= 67; line++ {
		require.NotEmpty(t, checklist[line], "line %d", line)
		for _, name := range checklist[line] {
			require.True(t, defined[name], "line %d: no %s", line, name)
		}
	}
	require.Len(t, checklist, 67)
}
