package storekit

import (
	"slices"

	"github.com/rollcall-go/rollcall/core"
)

// Offers is the Capability of an operation that the vendor has itself, for
// credentials with the permissions.
func Offers(permissions ...string) core.Capability {
	return core.Capability{Support: core.Native, Permissions: permissions}
}

// Emulates is the Capability of an operation that the adapter builds from others;
// how says from which.
func Emulates(how string, permissions ...string) core.Capability {
	return core.Capability{Support: core.Emulated, Note: how, Permissions: permissions}
}

// Lacks is the Capability of an operation that cannot be had; why says why not.
func Lacks(why string) core.Capability {
	return core.Capability{Support: core.NotOffered, Note: why}
}

// InBucket says of the operations that are offered in which rate bucket their requests
// are counted, but for those that are named: their requests fall into several.
func InBucket(bucket string, all map[core.Operation]core.Capability, but ...core.Operation) map[core.Operation]core.Capability {
	for op, c := range all {
		if c.Support != core.NotOffered && !slices.Contains(but, op) {
			c.Bucket = bucket
			all[op] = c
		}
	}
	return all
}
