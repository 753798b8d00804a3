package avaya

import (
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/internal/rest"
	"github.com/rollcall-go/rollcall/internal/rest/resttest"
)

// records is every operation of this package.
var records = []*rest.Op{opToken, opListUsers, opSearchUser, opGetUser, opCreateUser, opPutUser, opDeleteUser, opUserStatuses,
	opListProfiles, opGetProfile, opCreateProfile, opPutProfile, opDeleteProfile, opProfileStatuses,
	opListGroups, opGetGroup, opListQueues, opListCategories}

// composed are the methods that are made of others and send nothing themselves.
var composed = map[string]bool{"Users.Modify": true, "Users.Settle": true, "Profiles.Modify": true, "Profiles.Settle": true,
	"Groups.Members": true, "Categories.Attributes": true}

func TestEveryMethodHasARecord(t *testing.T) {
	byName := map[string]*rest.Op{}
	for _, op := range records {
		require.NotContains(t, byName, op.Name)
		byName[op.Name] = op
		require.NotEmpty(t, op.Bucket)
		require.True(t, strings.HasPrefix(op.Path, "/api/"))
		switch op.Method {
		case "GET":
			require.Equal(t, rest.Safe, op.Replay, op.Name)
		case "PUT", "DELETE":
			require.Equal(t, rest.ReplaySafe, op.Replay, op.Name)
		}
		if strings.HasSuffix(op.Name, ".Create") {
			require.Equal(t, rest.Once, op.Replay, "an unguarded create must not be sent twice")
		}
	}
	for _, resource := range []any{&Users{}, &Profiles{}, &Groups{}, &Queues{}, &Categories{}} {
		typ := reflect.TypeOf(resource)
		for method := range typ.Methods() {
			name := typ.Elem().Name() + "." + method.Name
			require.True(t, byName[name] != nil || composed[name], "%s has no operation record", name)
		}
	}
}

func TestNoRecordIsForgottenHere(t *testing.T) {
	require.Equal(t, resttest.DeclaredOps(t), len(records))
}

func TestQueryOptionsAreOfShapesThatCanBeSent(t *testing.T) {
	resttest.CheckQueries(t, listQuery{})
}
