// Package servicetest gives tests the servers that they need: PostgreSQL and Redis.
package servicetest
