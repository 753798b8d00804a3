-- The pace of the buckets of a credential, and the machines that share it. What is here
-- may be lost: the machines know it too.
create unlogged table pace (
	name text, bucket text,
	epoch bigint not null, rate float8 not null, seen float8 not null,
	tat float8 not null default 0, itat float8 not null default 0, bulk float8 not null default 0,
	told float8 not null default 0, burst int not null default 0, told_at float8 not null default 0,
	streak int not null default 0, probe float8 not null default 0, probes int not null default 0,
	learning bool not null default false, searching bool not null default false,
	lesson bigint not null default 0, answers bigint not null default 0, first float8 not null,
	cut float8 not null, grown float8 not null, from_ float8 not null, gained bigint not null default 0,
	queued float8 not null default 0, ring int[] not null default array_fill(0, array[20]), slot bigint not null default 0,
	primary key (name, bucket)
) with (fillfactor = 30);
create unlogged table pace_machine (
	name text, bucket text, machine text, seen float8 not null,
	primary key (name, bucket, machine)
) with (fillfactor = 50);
