package roster

// Verdict says whether a listing is whole.
type Verdict string

// The verdicts.
const (
	Complete Verdict = "complete"
	Doubtful Verdict = "doubtful" // nothing contradicts it, and nothing proves it
	Broken   Verdict = "broken"   // somebody is known to be missing
)
