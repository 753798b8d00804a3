package pgroster

// limit is what a vendor says it allows.
type limit struct {
	perSecond float64
	burst     int
}
