package webextest

type reason struct{ key string }
type wrapup struct{}
