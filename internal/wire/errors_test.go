package wire

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// picky is a type of its own that refuses what it reads.
type picky struct{}

var refusal error

func (*picky) UnmarshalJSON([]byte) error { return refusal }

// TestForeign_TellsWhereAndNotWhat: the error of a type's own method keeps its kind, and a
// text that may quote the value is dropped.
func TestForeign_TellsWhereAndNotWhat(t *testing.T) {
	type doc struct {
		P picky `json:"p"`
	}
	read := func(err error) error {
		refusal = err
		var d doc
		return Unmarshal([]byte(`{"p":"a secret"}`), &d)
	}

	var wrong *TypeError
	require.ErrorAs(t, read(&TypeError{Want: "colour", Got: "string"}), &wrong)
	assert.Equal(t, "colour", wrong.Want)
	require.ErrorAs(t, read(&UnsupportedError{Type: "chan", Reason: "has no JSON form"}), new(*UnsupportedError))
	require.ErrorAs(t, read(&LimitError{What: "element", Limit: 8}), new(*LimitError))

	err := read(errors.New("cannot read \"a secret\""))
	require.ErrorAs(t, err, &wrong)
	assert.NotContains(t, err.Error(), "a secret")
}

func TestErrors_SayWhatIsWrong(t *testing.T) {
	assert.EqualError(t, &LimitError{What: "element", Limit: 8}, "wire: element larger than 8 bytes")
	assert.EqualError(t, &UnsupportedError{Type: "chan int", Reason: "has no JSON form"}, "wire: chan int has no JSON form")
}
