package roster

import "github.com/rollcall-go/rollcall/core"

func performs(op core.Operation) bool {
	switch op {
	case core.OpCreateUser, core.OpUpdateUser, core.OpDeleteUser, core.OpAssign, core.OpUnassign,
		core.OpSuspend, core.OpResume, core.OpBlock, core.OpUnblock:
		return true
	}
	return false
}
