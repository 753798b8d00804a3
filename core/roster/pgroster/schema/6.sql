-- Machines that were all away come back at one moment.
alter table pace add column led float8 not null default 0, add column rejoin float8 not null default 0;

-- rejoin is asked with each question, after take: how many seconds a machine that was away
-- still does without this server. It is the same as in take.lua of redispace.
create function rejoin(in_name text, in_bucket text, away bool, after float8, within float8)
returns float8 language plpgsql as $$
declare
	now_ float8 := $.clock();
	saved float8 := 0;
	s $.pace;
begin
	select * into s from $.pace p where p.name = in_name and p.bucket = in_bucket;
	if not away then
		if s.led < now_ - after / 3 then -- each question need not be a write
			update $.pace p set led = now_ where p.name = in_name and p.bucket = in_bucket;
		end if;
		return 0;
	end if;

	if s.led < now_ - after and s.rejoin < now_ - 2 then
		s.rejoin := now_ + within;
		if s.told > 0 and s.led > 0 then
			saved := least(0.05 * (s.rejoin - s.led), 0.5 * (s.burst - 1) / s.rate);
		end if;
		update $.pace p set rejoin = s.rejoin, tat = greatest(p.tat, s.rejoin - saved) where p.name = in_name and p.bucket = in_bucket;
	end if;
	return greatest(0, s.rejoin - now_);
end $$;
