package roster

import "github.com/rollcall-go/rollcall/core"

// Performs reports whether plans have steps of an operation.
func Performs(op core.Operation) bool { return performs(op) }

func performs(op core.Operation) bool {
	switch op {
	case core.OpCreateUser, core.OpUpdateUser, core.OpDeleteUser, core.OpAssign, core.OpUnassign,
		core.OpSuspend, core.OpResume, core.OpBlock, core.OpUnblock:
		return true
	}
	return false
}
