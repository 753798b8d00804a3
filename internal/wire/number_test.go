package wire

import (
	"encoding/json"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSameNumber_ComparesByValue(t *testing.T) {
	for _, p := range [][2]string{{"30", "30.0"}, {"1e3", "1000"}, {"-0.0", "0"}, {"12345678901234567890", "12345678901234567890.0"},
		{"1e400", "10e399"}, {"0.05", "5E-2"}, {"-10.50", "-105e-1"}, {"0e99999999999999999999", "0"}, {"1e+05", "100000"},
		{"1e99999999999999999999", "1e99999999999999999999"}} {
		require.True(t, SameNumber([]byte(p[0]), []byte(p[1])), p)
		require.True(t, SameNumber([]byte(p[1]), []byte(p[0])), p)
	}
	for _, p := range [][2]string{{"30", "31"}, {"12345678901234567890", "12345678901234567891"}, {"1", `"1"`}, {"1", "null"},
		{"0", "false"}, {"1", "-1"}, {"105", "15"}, {"0.5", "0.05"}, {"", ""}, {"1e", "1e"}} {
		require.False(t, SameNumber([]byte(p[0]), []byte(p[1])), p)
	}
}

// TestSameNumber_AgreesWithExactArithmetic, over random spellings of few values.
func TestSameNumber_AgreesWithExactArithmetic(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	spelt := func() string {
		text := []string{"", "-"}[rng.IntN(2)] + []string{"0", "1", "10", "100", "12"}[rng.IntN(5)]
		if rng.IntN(2) == 0 {
			text += "." + []string{"0", "00", "1", "10", "01", "2"}[rng.IntN(6)]
		}
		if rng.IntN(2) == 0 {
			text += []string{"e", "E+", "e-"}[rng.IntN(3)] + []string{"0", "1", "02"}[rng.IntN(3)]
		}
		return text
	}

	for range 20_000 {
		a, b := spelt(), spelt()
		x, ok := new(big.Rat).SetString(a)
		require.True(t, ok, a)
		y, ok := new(big.Rat).SetString(b)
		require.True(t, ok, b)
		require.Equal(t, x.Cmp(y) == 0, SameNumber([]byte(a), []byte(b)), "%s and %s", a, b)
	}
}

func TestAppendDecimal_LeavesWhatIsNoNumber(t *testing.T) {
	for _, text := range []string{"", "a", "01", "1.", " 1", strings.Repeat("9", 50) + "x"} {
		require.Equal(t, text, string(AppendDecimal(nil, []byte(text))))
	}
	require.True(t, json.Valid(AppendDecimal(nil, []byte("-0.1e7"))))
}
