package core

// Revision names one state of a thing, or of a collection, as the vendor counts
// it: opaque, and only good for the kind of thing it was read from. Vendors
// without revisions leave it empty.
type Revision string

// RevisionAny forces a write, whatever the state.
const RevisionAny Revision = "-1"
