package meant

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestWord_FindsTheNearest(t *testing.T) {
	words := []string{"apply", "status", "show", "users list", "users get", "webex", "avaya", "lucs", "timeout", "key", "kind"}
	for typed, want := range map[string]string{
		"aply": "apply", "stauts": "status", "Apply": "apply", "avay": "avaya", "WEBEX": "webex", "user list": "users list",
		"stat": "status", "time": "timeout", "ke": "key", "users": "", "x": "", "": "", "dance": "", "lcs": "lucs", "kindd": "kind", "kye": "key",
		"  shw ": "show",
	} {
		assert.Equal(t, want, Word(typed, words), typed)
	}
	assert.Equal(t, "; perhaps apply is meant", Perhaps("aply", words, nil))
	assert.Equal(t, "; perhaps --key is meant", Perhaps("kei", words, func(s string) string { return "--" + s }))
	assert.Empty(t, Perhaps("dance", words, nil))
}
