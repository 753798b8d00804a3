package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
)

func TestRead_AsASpreadsheetSavesIt(t *testing.T) {
	people, err := read(strings.NewReader("\ufeffLogin, First ,last,roles\r\n noor@example.com ,Noor,Haddad,Agent\r\n"), core.Secret{})
	require.NoError(t, err)
	require.Equal(t, core.UserSpec{Login: "noor@example.com", FirstName: "Noor", LastName: "Haddad", Roles: []string{"Agent"}}, people[0].spec)
}

func TestRead_SaysWhatIsWrong(t *testing.T) {
	for text, want := range map[string]string{
		"login;first\nnoor@example.com;Noor\n":                        "separated by semicolons",
		"login,first\nnoor@example.com,J\xfcrg\n":                     "not UTF-8",
		"login\nNoor@Example.com\nnoor@example.com \n":                "there twice",
		"login\nana@m\u00fcller.example\nana@xn--mller-kva.example\n": "there twice",
		"login\n": "names nobody",
	} {
		_, err := read(strings.NewReader(text), core.Secret{})
		require.ErrorContains(t, err, want)
	}
}
