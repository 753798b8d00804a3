package core

// Fingerprinter is implemented by stores that can say which account at which
// server they talk to. A plan keeps the answer, so that it is never applied to
// another account or another server.
type Fingerprinter interface {
	// Fingerprint names the vendor, the origin and the account or organisation. It
	// never depends on a credential: a rotated password changes nothing. It costs no
	// request.
	Fingerprint() string
}
