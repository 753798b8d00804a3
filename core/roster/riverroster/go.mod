module github.com/rollcall-go/rollcall/core/roster/riverroster

go 1.26.0

require (
	github.com/jackc/pgx/v5 v5.9.2
	github.com/riverqueue/river v0.51.2
	github.com/riverqueue/river/riverdriver/riverpgxv5 v0.51.2
	github.com/riverqueue/river/rivertype v0.51.2
	github.com/rollcall-go/rollcall v0.0.0-00010101000000-000000000000
	github.com/rollcall-go/rollcall/core/roster/pgroster v0.0.0-00010101000000-000000000000
	github.com/stretchr/testify v1.12.1
)

replace (
	github.com/rollcall-go/rollcall => ../../..
	github.com/rollcall-go/rollcall/core/roster/pgroster => ../pgroster
)
