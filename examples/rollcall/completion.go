package main

import "fmt"

func printCompletion(c *command, p *printer) error { return fmt.Errorf("todo") }
