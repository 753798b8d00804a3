package avayatest

// Apply lets options take effect on a running server.
func (s *Server) Apply(opts ...Option) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, opt := range opts {
		opt(&s.cfg)
	}
}
