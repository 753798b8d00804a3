-- The slow start is led by this server, and the end of a streak of refusals tells the
-- limit of a vendor that counts in windows. Names are those of take.lua, but for
-- window_ ("window") and under_way ("out").
alter table pace
	add column window_ float8 not null default 4, add column under_way bigint not null default 0,
	add column crowd int not null default 0, add column sent float8 not null default 0, add column busy float8 not null default 0,
	add column had bigint not null default 0, add column span float8 not null default 0,
	add column lately float8 not null default 0, add column refused float8 not null default 0,
	add column bound float8 not null default 0;

-- clock is this server's time in seconds.
create function clock() returns float8 language sql volatile as 'select extract(epoch from clock_timestamp())::float8';

drop function if exists take(text, text, text, int, bool, bigint, bigint, int, float8, int, bool, float8, int, bigint, float8, float8);

-- take is one question of one machine about one bucket. It is the same as take.lua of
-- redispace, where the steps are explained. All times are seconds of this server.
create function take(in_name text, in_bucket text, machine text, n int, urgent bool,
	accepted bigint, fresh bigint, refused int, retry_after float8, under_way int, was_queued bool,
	in_told float8, in_burst int, in_epoch bigint, in_rate float8, next float8,
	out k int, out first float8, out spacing float8, out retry float8, out rate float8, out epoch bigint,
	out machines int, out told float8, out burst int, out at float8, out streak int, out open bool)
language plpgsql as $$
#variable_conflict use_variable
declare
	block float8 := 0.1;
	late constant float8 := 0.005;
	poll constant float8 := 0.05;
	freely constant float8 := 64; -- "open" of take.lua
	s $.pace;
	now_ float8;
	ceiling float8;
	at_ceiling bool;
	slot_ bigint;
	last_second bigint;
	binds bool;
	passed float8;
	grow float8;
	step float8;
	stage int;
	since float8;
	meaningful bool;
	lately float8;
	least_kept float8;
	space float8;
	pause float8;
	back float8;
	turn float8;
	ahead int;
	dead float8;
begin
	-- The row is locked first, and the clock read after that. A pace that was lost is what
	-- the machine knows of it; then there is no fresh burst.
	select * into s from $.pace p where p.name = in_name and p.bucket = in_bucket for update;
	if not found then
		now_ := $.clock();
		insert into $.pace (name, bucket, epoch, rate, seen, first, cut, grown, from_, busy, tat)
		values (in_name, in_bucket, greatest(in_epoch, 1), in_rate, now_, in_rate, now_, now_, now_, now_,
			case when in_epoch > 0 or in_rate > 0 then now_ + next else 0 end)
		on conflict do nothing;
		select * into s from $.pace p where p.name = in_name and p.bucket = in_bucket for update;
	end if;
	now_ := $.clock();

	insert into $.pace_machine values (in_name, in_bucket, machine, now_)
	on conflict on constraint pace_machine_pkey do update set seen = excluded.seen;
	select count(*) filter (where m.seen > now_ - 2) into machines from $.pace_machine m where m.name = in_name and m.bucket = in_bucket;
	if random() < 0.01 then
		delete from $.pace_machine m where m.seen < now_ - 60;
	end if;

	ceiling := case when s.told > 0 then 0.98 * s.told else 'infinity' end;
	at_ceiling := s.rate >= ceiling;
	if s.told_at < now_ - 2 then
		s.told := 0;
	end if;
	if in_told > 0 then
		if s.told = 0 or in_told < s.told then
			s.told := in_told; s.burst := in_burst; s.told_at := now_;
		elsif in_told = s.told then
			s.burst := least(s.burst, in_burst); s.told_at := now_;
		end if;
	end if;
	ceiling := 'infinity';
	if s.told > 0 then
		ceiling := 0.98 * s.told;
		if s.rate = 0 or s.rate > ceiling or at_ceiling then
			s.rate := ceiling;
		end if;
	end if;

	slot_ := floor(now_ / 0.05);
	for i in 0 .. least(19, slot_ - s.slot - 1)::int loop
		s.ring[((slot_ - i) % 20)::int + 1] := 0;
	end loop;
	s.slot := greatest(s.slot, slot_);
	s.ring[(s.slot % 20)::int + 1] := s.ring[(s.slot % 20)::int + 1] + accepted;
	select sum(v) into last_second from unnest(s.ring) v;

	if s.rate = 0 then
		if accepted > 0 and now_ - s.busy > 0.25 then
			s.from_ := now_; s.gained := 0;
		end if;
		if accepted > 0 then
			s.busy := now_;
		end if;
		if s.under_way >= s.window_ / 2 then
			s.window_ := s.window_ + accepted / 4.0;
		end if;
	end if;
	s.under_way := greatest(0, s.under_way - accepted - refused);
	if machines < s.crowd then
		s.under_way := least(s.under_way, under_way * machines);
	end if;
	s.crowd := machines;
	s.gained := s.gained + accepted;

	if in_epoch <> s.epoch then
		fresh := 0; refused := 0;
	end if;
	if was_queued then
		s.queued := now_;
	end if;
	binds := s.rate > 0 and now_ - s.queued <= 1 + 1 / nullif(s.rate, 0);

	if fresh > 0 then
		if s.streak > 0 and s.learning and s.refused - s.cut >= 0.1 then
			dead := (now_ + s.refused) / 2 - s.cut;
			s.rate := least(ceiling, greatest(0.1, 0.97 * greatest(s.had / (s.span + dead), s.lately / (least(s.span, 1) + dead))));
			s.first := s.rate; s.learning := false; s.searching := true; s.grown := now_; s.from_ := now_; s.gained := 0;
		end if;
		s.streak := 0; s.probes := 0;
		s.answers := s.answers + fresh; s.lesson := s.lesson + fresh;
		if binds then
			passed := now_ - s.grown; grow := 3 * ln(2); step := 0.25;
			s.grown := now_;
			if not s.learning then
				stage := least(floor((now_ - s.cut) / 2), s.answers / 8, 7);
				if s.searching then
					stage := greatest(stage, 4);
				end if;
				grow := 0.005 * 2 ^ stage; step := 0.00125 * 2 ^ stage;
			end if;
			step := least(step, 0.25 / greatest(1, under_way * machines)) * fresh;
			s.rate := least(ceiling, s.rate * (1 + least(grow * passed, step)));
			if s.learning and s.bound > 0 and s.rate >= s.bound then
				s.rate := s.bound; s.learning := false; s.cut := now_;
			end if;
		end if;
	end if;

	if refused > 0 then
		s.refused := now_;
		s.probes := greatest(0, s.probes - refused);
		s.probe := case when retry_after > 0 then least(greatest(retry_after / 4, 0.1), 5) else 1 end;
		if s.streak > 0 then
			s.streak := s.streak + refused;
		else
			s.streak := 1; s.epoch := s.epoch + 1;
			if s.rate > 0 then
				since := now_ - s.from_;
				meaningful := binds and s.rate * since >= 8 and (s.told = 0 or since > 0.5);
				lately := last_second;
				if now_ - s.cut < 1 and since > 0.5 or last_second <= 4 and meaningful then
					lately := s.gained / greatest(since, 0.001);
				end if;
				least_kept := case when s.told > 0 and not meaningful then 0.8 * s.rate
					when s.told = 0 and meaningful then 0.1 else 0.5 * s.rate end;
				s.rate := least(s.rate, greatest(0.1, least(0.97 * s.rate, greatest(0.97 * lately, least_kept))));
				s.searching := s.learning or s.told > 0 and not meaningful;
				if s.lesson >= 8 and s.rate <= 4 * s.first then
					s.learning := false;
				end if;
			else
				s.had := s.gained; s.span := now_ - s.from_; s.lately := last_second;
				s.bound := case when s.span >= 0.1 then s.had / s.span else 0 end;
				s.rate := greatest(20, 0.97 * last_second, s.bound / 2); s.learning := true; s.lesson := 0; s.queued := now_;
			end if;
			s.first := s.rate; s.cut := now_; s.grown := now_; s.from_ := now_;
			s.answers := 0; s.probes := 0; s.gained := 0;
			s.tat := greatest(s.tat, now_ + 1 / s.rate);
		end if;
	end if;

	binds := s.rate > 0 and now_ - s.queued <= 1 + 1 / nullif(s.rate, 0);
	if s.rate > 0 and not was_queued and not binds then
		s.rate := least(ceiling, s.rate * 2 ^ least((now_ - s.grown) / 60, 60));
		s.grown := now_; s.from_ := now_; s.gained := 0;
		if s.told = 0 and s.rate > 10000 then
			s.rate := 0; s.streak := 0; s.window_ := freely;
		end if;
	end if;

	k := 0; turn := now_; spacing := 0; retry := 0;
	if n > 0 and s.rate = 0 and s.window_ < freely then
		k := greatest(0, least(n, floor(s.window_ - s.under_way), ceil(s.window_ / machines)));
		if k = 0 and now_ - s.sent >= 0.01 then
			k := 1;
		end if;
		if k > 0 then
			s.sent := now_; s.under_way := s.under_way + k;
		else
			retry := 0.001 * least(greatest(2, machines), 20);
		end if;
	end if;
	if n > 0 and s.rate > 0 then
		space := 1 / s.rate; spacing := space;
		s.tat := least(s.tat, now_ + 2 * block + (machines + 1) * space);
		if s.streak > 0 then
			pause := case when space > s.probe then space when s.probes > 0 then s.probe
				else least(space * 2 ^ least(s.streak - 1, 16), s.probe) end;
			turn := s.tat - space + pause;
			if turn <= now_ then
				k := 1; turn := now_; s.probes := s.probes + 1; s.tat := now_ + space;
			else
				retry := least(turn - now_, poll);
			end if;
		else
			back := late;
			if s.told > 0 and s.rate >= 0.999 * ceiling then
				back := greatest(late, (s.burst - 1) * space);
			end if;
			turn := greatest(s.tat, now_ - back);
			if s.learning then
				block := 0.02;
			end if;
			k := greatest(1, least(n, floor(s.rate * block / machines)));
			if turn <= now_ then
				k := greatest(k, least(n, floor((now_ - turn) / space + 0.01) + 1));
			end if;
			if urgent and turn > now_ and s.bulk > now_ - 3 * block then
				spacing := 2 * space;
				k := greatest(1, least(n, floor(s.rate * block / machines / 2)));
				turn := greatest(s.itat, now_ - late);
				s.itat := turn + k * spacing;
				s.tat := s.tat + k * space;
			else
				ahead := greatest(0, least(k, floor((now_ - late - turn) / space) + 1));
				s.tat := turn + (k + 0.25 * ahead) * space;
				if not urgent and n > k then
					s.bulk := now_;
				end if;
			end if;
		end if;
	end if;

	update $.pace p set epoch = s.epoch, rate = s.rate, seen = now_, tat = s.tat, itat = s.itat, bulk = s.bulk, told = s.told, burst = s.burst,
		told_at = s.told_at, streak = s.streak, probe = s.probe, probes = s.probes, learning = s.learning, searching = s.searching,
		lesson = s.lesson, answers = s.answers, first = s.first, cut = s.cut, grown = s.grown, from_ = s.from_, gained = s.gained,
		queued = s.queued, ring = s.ring, slot = s.slot, window_ = s.window_, under_way = s.under_way, crowd = s.crowd, sent = s.sent, busy = s.busy,
		had = s.had, span = s.span, lately = s.lately, refused = s.refused, bound = s.bound
	where p.name = in_name and p.bucket = in_bucket;
	first := turn - now_; rate := s.rate; epoch := s.epoch; told := s.told; burst := s.burst; at := now_; streak := s.streak;
	open := s.rate = 0 and s.window_ >= freely;
end $$;
