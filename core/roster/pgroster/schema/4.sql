-- Several lanes in one statement, and so in one commit. Of arrays within arrays there is
-- one long one, and where the part of each lane ends.

create function claim_all(in_plan text[], in_lane text[], in_owner text[], in_ttl interval[])
returns table (i int, token bigint, head text, last bigint)
language plpgsql as $$
#variable_conflict use_column
begin
	for n in 1 .. cardinality(in_lane) loop
		return query select n, c.token, c.head, c.last from $.claim(in_plan[n], in_lane[n:n], in_owner[n], in_ttl[n]) c;
	end loop;
end $$;

create function append_all(in_plan text[], in_lane text[], in_owner text[], in_token bigint[], in_ttl interval[],
	in_prev text[], in_next text[], done_end int[], in_done text[], record_end int[], in_at timestamptz[], in_head text[], in_body text[])
returns table (i int, last bigint)
language plpgsql as $$
#variable_conflict use_column
declare
	d int := 0;
	r int := 0;
begin
	for n in 1 .. cardinality(in_lane) loop
		return query select n, $.append(in_plan[n], in_lane[n], in_owner[n], in_token[n], in_ttl[n], in_prev[n], in_next[n],
			in_done[d + 1:done_end[n]], in_at[r + 1:record_end[n]], in_head[r + 1:record_end[n]], in_body[r + 1:record_end[n]]);
		d := done_end[n];
		r := record_end[n];
	end loop;
end $$;

-- What a crash of the server forgets of this runs out by itself, so it waits for no disk.
create function free_all(in_plan text[], in_lane text[], in_owner text[], in_token bigint[])
returns void language plpgsql as $$
begin
	perform set_config('synchronous_commit', 'off', true);
	update $.lane l set owner = null, until = null from unnest(in_plan, in_lane, in_owner, in_token) f (plan, lane, owner, token)
	where l.plan = f.plan and l.lane = f.lane and l.owner = f.owner and l.token = f.token;
end $$;
