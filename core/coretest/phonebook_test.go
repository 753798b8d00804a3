package coretest_test

import "testing"

func TestPhonebook_PassesTheSuite(t *testing.T) { checkPhonebook(t) }
