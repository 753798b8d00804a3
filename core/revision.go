package core

// Revision names one state of a thing, or of a collection, as the vendor counts
// it: opaque, and only good for the kind of thing it was read from. Vendors
// without revisions leave it empty. It is there to be compared and kept; the
// adapters guard their writes with it by themselves, and a vendor's own client
// takes it where the vendor does.
type Revision string
