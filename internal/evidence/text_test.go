package evidence

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPlainText_ForgivesCompositionAndBlanksAtTheEndsAlone(t *testing.T) {
	require.Equal(t, PlainText("José"), PlainText("Jose\u0301"))
	require.Equal(t, PlainText("José"), PlainText(" José "))
	for _, other := range []string{"josé", "Jose", "Jose\u0300", "J osé"} {
		require.NotEqual(t, PlainText("José"), PlainText(other), "%q", other)
	}
	require.NotEqual(t, PlainText("J\xfcrg"), PlainText("J\ufffdrg"))
}
