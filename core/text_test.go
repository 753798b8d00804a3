package core

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFold_MatchesRegardlessOfCaseBlanksAndComposition(t *testing.T) {
	for _, same := range [][]string{
		{"ana.silva", " Ana.Silva ", "ANA.SILVA\t", "\u00a0ana.silva"},
		{"josé", "JOSÉ", "jose\u0301", "JOSE\u0301"},
		{"οδυσσευς", "ΟΔΥΣΣΕΥΣ", "οδυσσευσ"},
		{"ångström", "\u212bngstro\u0308m"},
		{"straße", "STRAẞE"},
		{"", "  "},
	} {
		for _, s := range same {
			require.Equal(t, Fold(same[0]), Fold(s), "%q", s)
			require.Equal(t, Fold(s), Fold(Fold(s)), "%q", s)
		}
	}
	for _, other := range [][2]string{
		{"jose", "josé"}, {"ana silva", "anasilva"}, {"i", "\u0130"}, {"i", "\u0131"}, {"strasse", "straße"},
		{"J\xfcrg", "J\xe4rg"}, {"J\xfcrg", "J\ufffdrg"},
	} {
		require.NotEqual(t, Fold(other[0]), Fold(other[1]), "%q", other)
	}
	require.Equal(t, "noor@example.com", Fold(" Noor@Example.com"))
}

func TestFoldAddress_TakesADomainInPunycodeForTheSame(t *testing.T) {
	for unicode, ascii := range map[string]string{
		"Ana@müller.example":        "ana@xn--mller-kva.example",
		"ana@MU\u0308LLER.Example ": "ana@xn--mller-kva.example",
		"a@bücher.straße.example":   "a@xn--bcher-kva.xn--strae-oqa.example",
		"a@例え.テスト":                  "a@xn--r8jz45g.xn--zckzah",
		"a@例え。テスト":                  "a@XN--R8JZ45G.xn--zckzah",
		"sip:a@παράδειγμα.δοκιμή":   "sip:a@xn--hxajbheg2az3al.xn--jxalpdlp",
		"müller@example.com":        "MÜLLER@EXAMPLE.COM",
		"müller":                    "Müller",
		"a@почемужеонинеговорятпорусски": "a@xn--b1abfaaepdrnnbgefbadotcwatmq2g4l",
	} {
		require.Equal(t, FoldAddress(ascii), FoldAddress(unicode), unicode)
		require.Equal(t, FoldAddress(unicode), FoldAddress(FoldAddress(unicode)))
	}
	require.NotEqual(t, FoldAddress("müller@example.com"), FoldAddress("xn--mller-kva@example.com"))
	require.NotEqual(t, FoldAddress("a@muller.example"), FoldAddress("a@müller.example"))
}

func FuzzFoldAddress(f *testing.F) {
	for _, s := range []string{"Ana@müller.example", "a@\xff.b", "@", "\u1e9e@\u212a", strings.Repeat("ü", 80) + "@" + strings.Repeat("ü", 80)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, fold := range []func(string) string{Fold, FoldAddress} {
			once := fold(s)
			require.Equal(t, once, fold(once), "%q", s)
			require.Equal(t, once, fold("\t"+s+" "), "%q", s)
		}
	})
}
