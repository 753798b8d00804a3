package core

import "context"

// Self is implemented by stores whose vendor says whose credential they use.
type Self interface {
	// OwnUserID returns the id of the user to whom the credential belongs. A credential
	// that belongs to no user, such as that of an application, is ErrUnsupported. It
	// costs one request at most.
	OwnUserID(ctx context.Context) (string, error)
}
