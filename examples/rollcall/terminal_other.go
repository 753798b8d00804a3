//go:build !linux && !darwin

package main

import "os"

// askWidth is for other systems, where COLUMNS tells the width.
func askWidth(*os.File) int { return 0 }
