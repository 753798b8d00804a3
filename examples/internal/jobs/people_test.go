package jobs

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
)

func TestReadPeople_AsASpreadsheetSavesIt(t *testing.T) {
	people, err := ReadPeople(strings.NewReader("\ufeffLogin, First ,last,roles\r\n noor@example.com ,Noor,Haddad,Agent\r\n"), "avaya")
	require.NoError(t, err)
	require.Equal(t, core.UserSpec{Login: "noor@example.com", FirstName: "Noor", LastName: "Haddad", Roles: []string{"Agent"}}, people[0].Spec)
}

// TestReadPeople_LeavesOutWhatIsEmpty: rows of commas, and what stands before and behind
// the semicolons of a list.
func TestReadPeople_LeavesOutWhatIsEmpty(t *testing.T) {
	text := "login,roles,assign,\r\n,,,\r\na, Agent; Supervisor ;,queue:1@2 ; skill:b;,\r\n   \r\n,,,\r\n"
	people, err := ReadPeople(strings.NewReader(text), "avaya")
	require.NoError(t, err)
	require.Len(t, people, 1)
	require.Equal(t, []string{"Agent", "Supervisor"}, people[0].Spec.Roles)
	require.Equal(t, "b", people[0].Links[1].Target.ID)
}

func TestReadPeople_SaysWhatIsWrong(t *testing.T) {
	for text, want := range map[string]string{
		"login;first\nnoor@example.com;Noor\n":                        "separated by semicolons",
		"login,first\nnoor@example.com,J\xfcrg\n":                     "not UTF-8",
		"login\nNoor@Example.com\nnoor@example.com \n":                "there twice",
		"login\nana@m\u00fcller.example\nana@xn--mller-kva.example\n": "there twice",
		"login\n":                              "names nobody",
		"login\n \n,,\n":                       "names nobody",
		"login,first, First\na,Noor,Nora\n":    "column first is there twice",
		"login,first,maxChats,maxChats\na,N\n": "column maxChats is there twice",
		"login,\na,5\n":                        "line 2, a column without a name: it is not known what 5 is",
	} {
		_, err := ReadPeople(strings.NewReader(text), "avaya")
		require.ErrorContains(t, err, want)
	}
}

func TestReadPeople_ReadsEachColumn(t *testing.T) {
	got, err := ReadPeople(strings.NewReader("login,first,roles,assign,maxChats\na,Ann,x;y,queue:1@2;skill:b,3\n"), "avaya")
	require.NoError(t, err)
	require.Len(t, got, 1)
	require.Equal(t, []string{"x", "y"}, got[0].Spec.Roles)
	require.Equal(t, []core.Assignment{{Target: core.Target{Kind: core.KindQueue, ID: "1"}, Level: new(2)},
		{Target: core.Target{Kind: core.KindSkill, ID: "b"}}}, got[0].Links)
	require.Contains(t, got[0].Spec.Fields, "maxChats")
	for text, want := range map[string]string{
		"":                            "columns",
		"login\n":                     "nobody",
		"login,first\na,b\n,c\n":      "line 3",
		"login\na\na\n":               "twice",
		"login,assign\na,team:1\n":    "line 2, assign",
		"login,maxChats\na,x\n":       "not JSON",
		"login,first\na,\"b\nc,d,e\n": "",
		"login,first\na\n":            "wrong number of fields",
	} {
		_, err := ReadPeople(strings.NewReader(text), "avaya")
		require.ErrorContains(t, err, want, "%q", text)
	}
}

func FuzzReadPeople(f *testing.F) {
	f.Add("login,first,assign\na,Ann,queue:1@2\n")
	f.Add("login,x\na,\"{\"\"a\"\":1}\"\n")
	f.Fuzz(func(t *testing.T, text string) {
		got, err := ReadPeople(strings.NewReader(text), "avaya")
		if err != nil {
			return
		}
		seen := map[string]bool{}
		for _, n := range got {
			if n.Spec.Login == "" || seen[n.Spec.Login] {
				t.Fatalf("login %q", n.Spec.Login)
			}
			seen[n.Spec.Login] = true
		}
	})
}
