-- What the workers of a machine ask at the same moment is one statement and one commit,
-- whatever they ask. A machine of the version before ends at its next question, and those
-- of this version take its lanes over.
drop function claim_all(text[], text[], text[], interval[]);
drop function append_all(text[], text[], text[], bigint[], interval[], text[], text[], int[], text[], int[], timestamptz[], text[], text[]);
drop function free_all(text[], text[], text[], bigint[]);
drop function claim(text, text[], text, interval);
drop function append(text, text, text, bigint, interval, text, text, text[], timestamptz[], text[], text[]);

-- A column with an expression is worked out by each update of the row, which cost more than
-- the rest of the update. The function append sets it.
alter table lane alter column done drop expression;
alter table lane alter column done set default false;

-- claim takes a lane that nobody holds; without a token it did not. An expired claim of
-- another plan ends with it. Of two who come at once, the second is told by the index.
create function claim(in_plan text, in_lane text, in_owner text, in_ttl interval, out token bigint, out head text, out last bigint)
language plpgsql as $$
#variable_conflict use_column
declare
	held record;
begin
	select o.plan, o.until into held from $.lane o where o.lane = in_lane and o.owner is not null and o.plan <> in_plan;
	if found then
		if held.until > clock_timestamp() then
			return;
		end if;
		update $.lane o set owner = null, until = null where o.plan = held.plan and o.lane = in_lane and o.until <= clock_timestamp();
	end if;

	update $.lane l set owner = in_owner, until = clock_timestamp() + in_ttl, token = nextval('$.token')
		from (select f.plan, f.lane from $.lane f
			where f.plan = in_plan and f.lane = in_lane and (f.owner is null or f.until <= clock_timestamp())
			for update skip locked) free
		where l.plan = free.plan and l.lane = free.lane
		returning l.token, l.head, coalesce((select max(r.seq) from $.record r where r.plan = in_plan and r.lane = in_lane), 0)
		into token, head, last;
end $$;

-- append adds records to a lane that is held under the token, renews the claim or ends it,
-- and tells the number of the last record: null if it was refused, 0 if there were none. The
-- head is compared too: a holder whose records a failover has lost must end.
create function append(in_plan text, in_lane text, in_owner text, in_token bigint, in_ttl interval,
	in_prev text, in_next text, in_done text[], in_at timestamptz[], in_head text[], in_body text[], in_free bool)
returns bigint language plpgsql as $$
declare
	last bigint := 0;
begin
	update $.lane set until = case when in_free then null else clock_timestamp() + in_ttl end,
		owner = case when in_free then null else owner end,
		head = case when in_prev = in_next then head else in_next end,
		open = case when in_done = '{}' then open
			else (select coalesce(array_agg(s), '{}') from unnest(open) s where s <> all (in_done)) end,
		done = open <@ in_done
	where plan = in_plan and lane = in_lane and owner = in_owner and token = in_token
		and until > clock_timestamp() and (in_prev = in_next or head = in_prev);
	if not found then
		return null;
	end if;

	for i in 1 .. cardinality(in_head) loop
		insert into $.record (plan, lane, at, head, body) values (in_plan, in_lane, in_at[i], in_head[i], in_body[i])
		returning seq into last;
	end loop;
	return last;
end $$;

-- free gives a lane back that is held under the token.
create function free(in_plan text, in_lane text, in_owner text, in_token bigint)
returns void language plpgsql as $$
begin
	update $.lane set owner = null, until = null where plan = in_plan and lane = in_lane and owner = in_owner and token = in_token;
end $$;

-- together answers questions of each kind, one after the other. Of arrays within arrays there
-- is one long one, and where the part of each question ends. A claim or an append that was
-- refused has no answer.
--
-- A setting of the role or the database must not make commits that a crash forgets. What is
-- forgotten of frees alone runs out by itself, so they wait for no disk.
create function together(in_kind text[], in_plan text[], in_lane text[], in_owner text[], in_token bigint[], in_ttl interval[],
	in_prev text[], in_next text[], done_end int[], in_done text[], record_end int[], in_at timestamptz[], in_head text[], in_body text[])
returns table (i int, token bigint, head text, last bigint)
language plpgsql as $$
#variable_conflict use_variable
declare
	d int := 0;
	r int := 0;
begin
	if in_kind <@ '{free}' then
		perform set_config('synchronous_commit', 'off', true);
	else
		perform $.durable();
	end if;

	for n in 1 .. cardinality(in_kind) loop
		i := n; token := null; head := null; last := null;
		case in_kind[n]
		when 'claim' then
			select c.token, c.head, c.last into token, head, last from $.claim(in_plan[n], in_lane[n], in_owner[n], in_ttl[n]) c;
		when 'append', 'last' then
			last := $.append(in_plan[n], in_lane[n], in_owner[n], in_token[n], in_ttl[n], in_prev[n], in_next[n],
				in_done[d + 1:done_end[n]], in_at[r + 1:record_end[n]], in_head[r + 1:record_end[n]], in_body[r + 1:record_end[n]],
				in_kind[n] = 'last');
		when 'free' then
			perform $.free(in_plan[n], in_lane[n], in_owner[n], in_token[n]);
		end case;
		if last is not null then
			return next;
		end if;
		d := done_end[n];
		r := record_end[n];
	end loop;
end $$;
