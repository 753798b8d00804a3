// Package redispace is a core.Governor that several machines share through Redis.
//
//	governor := redispace.New(rdb, "avaya-prod", redispace.Limit("", 50, 10))
//
// Governors with the same name share the pace: name the credential. The machines lease
// moments in time in blocks, so most requests cost no round trip. While Redis is away
// each machine keeps to its share of the last pace, and no request waits for Redis.
//
// README.md beside this file tells what is promised.
package redispace
