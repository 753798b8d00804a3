package avayatest_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCategoryList(t *testing.T) {
	a := newAPI(t)
	a.srv.AddCategory(`{"name":"Language","attributes":[{"value":"Spanish"},{"value":"Basque"}]}`)
	a.srv.AddCategory(`{"name":"Age"}`)

	all := a.ok(200, "GET", "/categories", nil)
	require.Equal(t, "Age", all.at("categories", 0, "name"))
	require.Equal(t, "Language.Spanish", all.at("categories", 1, "attributes", 0, "name"))
	require.Equal(t, "Language.Basque", all.at("categories", 1, "attributes", 1, "name"))
	require.Equal(t, num("1"), a.ok(200, "GET", "/categories?name=Age", nil).at("pagination", "total"))
}
