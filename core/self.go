package core

import "context"

// Self is implemented by stores whose vendor says whose credential they use.
type Self interface {
	// OwnUserID returns the id of the user to whom the credential belongs. A credential
	// that is nobody's, such as that of an application, is ErrUnsupported. It costs a
	// request at most.
	OwnUserID(ctx context.Context) (string, error)
}
