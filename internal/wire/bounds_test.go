package wire

import (
	"encoding/json"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
)

type bigPage struct {
	Items core.Opt[[]optUser]   `json:"items"`
	Own   OneOrMany[optUser]    `json:"own"`
	Ptrs  []*optUser            `json:"ptrs"`
	Texts []string              `json:"texts"`
	Nums  []int64               `json:"nums"`
	Raws  []json.RawMessage     `json:"raws"`
	Any   any                   `json:"any"`
	Map   map[string]membership `json:"map"`
	Extra core.Extra            `json:"-"`
}

// heaps are documents that are small on the wire and large in memory, of about n bytes.
func heaps(n int) map[string]string {
	of := func(elem string) string { return strings.TrimSuffix(strings.Repeat(elem+",", n/(len(elem)+1)), ",") }
	names := make([]string, 0, n/10)
	for i := range n / 10 {
		names = append(names, fmt.Sprintf(`"%x":0`, i))
	}
	objects := strings.ReplaceAll(strings.Join(names, ","), ":0", ":{}")
	return map[string]string{
		"objects":         `{"items":[` + of("{}") + `]}`,
		"objects of own":  `{"own":[` + of("{}") + `]}`,
		"pointers":        `{"ptrs":[` + of("{}") + `]}`,
		"lists inside":    `{"items":[{"managerOf":[` + of("{}") + `]}]}`,
		"many lists":      `{"items":[` + of(`{"managerOf":[{},{},{},{},{},{},{},{}]}`) + `]}`,
		"texts":           `{"texts":[` + of(`1`) + `]}`,
		"numbers":         `{"nums":[` + of(`1`) + `]}`,
		"raw":             `{"raws":[` + of(`1`) + `]}`,
		"any numbers":     `{"any":[` + of(`1`) + `]}`,
		"any objects":     `{"any":[` + of(`{}`) + `]}`,
		"any lists":       `{"any":[` + of(`[0]`) + `]}`,
		"names":           `{"any":{` + strings.Join(names, ",") + `}}`,
		"map":             `{"map":{` + objects + `}}`,
		"unknown members": `{` + strings.Join(names, ",") + `}`,
	}
}

// Memory is in proportion to the bytes received: at most eight times as much is held,
// beside what is little in any case.
func TestMemoryIsInProportionToTheBytes(t *testing.T) {
	for name, doc := range heaps(2 << 20) {
		data := []byte(doc)
		doc = ""
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		var v bigPage
		err := Unmarshal(data, &v)
		runtime.GC()
		runtime.ReadMemStats(&after)
		held := int64(after.HeapAlloc) - int64(before.HeapAlloc)
		require.Less(t, held, int64(8*len(data)), "%s: %.1f times, %v", name, float64(held)/float64(len(data)), err)
		made := int64(after.TotalAlloc) - int64(before.TotalAlloc)
		require.Less(t, made, int64(24*len(data)), "%s: %.1f times, %v", name, float64(made)/float64(len(data)), err)
		if err != nil {
			require.ErrorAs(t, err, new(*LimitError), name)
		}
		runtime.KeepAlive(v)
	}
}

// A list of objects of which nothing is told takes a thousand times its bytes, and is
// given up early.
func TestManyEmptyObjectsAreALimitError(t *testing.T) {
	var page bigPage
	var rows []optUser
	for _, err := range []error{
		Unmarshal([]byte(heaps(1 << 20)["objects"]), &page),
		Unmarshal([]byte(heaps(1 << 20)["objects of own"]), &page),
		Unmarshal([]byte("["+strings.Repeat("{},", 1<<18)+"{}]"), &rows),
	} {
		require.ErrorAs(t, err, new(*LimitError))
		require.Less(t, len(rows), 1<<14)
	}

	// Real ones, and a page of those of which little is told, are not.
	require.NoError(t, Unmarshal(usersJSON(4_000), &rows))
	require.Len(t, rows, 4_000)
	require.NoError(t, Unmarshal([]byte("["+strings.Repeat(`{"id":1},`, 2_000)+"{}]"), &rows))
	a := NewArray(strings.NewReader("[" + strings.Repeat("{},", 1<<18) + "{}]"))
	defer a.Close()
	var u optUser
	n := 0
	for ok, err := a.Next(&u); ok; ok, err = a.Next(&u) {
		require.NoError(t, err)
		n++
	}
	require.Equal(t, 1<<18+1, n, "a list that is read an element at a time may be as long as it likes")
}

// An object that goes back whole is bounded, whatever it is large by, and a page of such
// objects is not.
func TestUnmarshal_BoundsAnObjectThatIsKeptWhole(t *testing.T) {
	big := func(unit string) string { return strings.Repeat(unit, maxObject/len(unit)+1) }
	for name, value := range map[string]string{
		"a text":       `"` + big("a") + `"`,
		"escapes":      `"` + big(`\u0041`) + `"`,
		"a number":     big("1"),
		"texts":        `[` + big(`"a",`) + `"a"]`,
		"nesting":      `[` + big(strings.Repeat("[", 900)+strings.Repeat("]", 900)+",") + `0]`,
		"many members": `{` + big(`"k":0,`) + `"k":0}`,
		"blanks":       big(" ") + "0",
	} {
		for _, member := range []string{"loginName", "aUnknown"} {
			if member == "loginName" && value[0] != '"' {
				continue
			}
			doc := []byte(`{"id":1,"` + member + `":` + value + `}`)
			var limit *LimitError
			require.ErrorAs(t, Unmarshal(doc, new(optUser)), &limit, "%s in %s", name, member)
			require.Equal(t, "object", limit.What, name)
			var outer struct {
				User optUser `json:"user"`
			}
			require.ErrorAs(t, Unmarshal([]byte(`{"user":`+string(doc)+`}`), &outer), &limit, name)
		}
	}

	row := `{"id":1,"aUnknown":"` + strings.Repeat("a", 64<<10) + `"},`
	var page struct {
		Items []optUser `json:"items"`
		After string    `json:"after"`
	}
	require.NoError(t, Unmarshal([]byte(`{"items":[`+big(row)+row+`{}],"after":"`+big("a")+`"}`), &page))
	require.Greater(t, len(page.Items), 30)
}

// Counting ahead looks at each byte a bounded number of times, whatever is in what.
func TestCountingAheadIsLinear(t *testing.T) {
	for name, unit := range map[string]string{
		"lists in lists": strings.Repeat("[", 900) + "1" + strings.Repeat("]", 900),
		"pairs":          strings.Repeat("[[1,2],", 200) + "1" + strings.Repeat("]", 200),
		"flat":           "[1,2,3]",
	} {
		for _, n := range []int{1, 10, 100} {
			d := decoder{data: []byte("[" + strings.Repeat(unit+",", n) + "0]")}
			_, err := d.anything()
			require.NoError(t, err, name)
			require.LessOrEqual(t, d.counted, (maxLooks+1)*(len(d.data)+aheadUsual), "%s: %d", name, n)
		}
	}
}

func FuzzMemory(f *testing.F) {
	for _, doc := range heaps(1 << 10) {
		f.Add(doc)
	}
	f.Fuzz(func(t *testing.T, doc string) {
		d := decoder{data: []byte(doc)}
		var v bigPage
		target, p, err := targetOf(&v, planOf)
		require.NoError(t, err)
		_ = d.document(p, target)
		require.LessOrEqual(t, d.made, freeMemory+maxPerByte*len(doc)+1<<12)
		require.LessOrEqual(t, d.counted, (maxLooks+1)*(len(doc)+aheadUsual)+aheadPage)
	})
}
