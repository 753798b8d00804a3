-- One question of one machine about one bucket. KEYS: the hash with the pace, the set of
-- the machines seen lately. All times are microseconds of this server.
local machine, n, urgent = ARGV[1], tonumber(ARGV[2]), ARGV[3] == '1'
local accepted, fresh, refused = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local retry_after, under_way, queued = tonumber(ARGV[7]), tonumber(ARGV[8]), ARGV[9] == '1'
local told, told_burst, epoch, rate, next = tonumber(ARGV[10]), tonumber(ARGV[11]), tonumber(ARGV[12]), tonumber(ARGV[13]), tonumber(ARGV[14])
local away, rejoin_after, rejoin_within = ARGV[15] == '1', tonumber(ARGV[16]), tonumber(ARGV[17])

local block = tonumber(ARGV[18]) -- how far ahead this machine leases
local late, second, poll = 5000, 1e6, 5e4
local open = 64 -- with so many requests under way nothing is held back any more
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1e6 + tonumber(time[2])

-- The pace, or what the machine knows of it where it was lost: then there is no fresh
-- burst.
local s, h = {}, redis.call('HGETALL', KEYS[1])
for i = 1, #h, 2 do s[h[i]] = h[i] == 'ring' and h[i + 1] or tonumber(h[i + 1]) end
if not s.epoch or not s.led then
	s = {epoch = epoch, rate = rate, tat = 0, itat = 0, bulk = 0, told = 0, burst = 0, told_at = 0, streak = 0, probe = 0, probes = 0,
		learning = 0, searching = 0, lesson = 0, answers = 0, first = rate, cut = now, grown = now, from = now, gained = 0,
		queued = 0, ring = '', slot = 0,
		window = 4, out = 0, crowd = 0, sent = 0, busy = now, had = 0, span = 0, lately = 0, refused = 0, bound = 0,
		led = 0, rejoin = 0}
	if epoch > 0 or rate > 0 then s.tat = now + next end
	if epoch == 0 then s.epoch = 1 end
end

s.block = math.max(s.block or 0, block) -- of all machines

-- The machines of the last two seconds.
redis.call('ZADD', KEYS[2], now, machine)
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now - 2 * second)
local machines = redis.call('ZCARD', KEYS[2])

-- The lowest limit that one of them was told.
local ceiling = s.told > 0 and 0.98 * s.told or math.huge
local at_ceiling = s.rate >= ceiling
if s.told_at < now - 2 * second then s.told = 0 end
if told > 0 then
	if s.told == 0 or told < s.told then
		s.told, s.burst, s.told_at = told, told_burst, now
	elseif told == s.told then
		s.burst, s.told_at = math.min(s.burst, told_burst), now
	end
end
if s.told > 0 then
	local c = 0.98 * s.told
	if s.rate == 0 or s.rate > c or at_ceiling then s.rate = c end
	ceiling = c
else
	ceiling = math.huge
end

-- What was accepted in the last second, in twenty parts.
local ring, slot = {}, math.floor(now / 5e4)
for v in string.gmatch(s.ring, '%d+') do ring[#ring + 1] = tonumber(v) end
for i = #ring + 1, 20 do ring[i] = 0 end
for i = math.max(s.slot + 1, slot - 19), slot do ring[i % 20 + 1] = 0 end
s.slot = math.max(slot, s.slot)
ring[s.slot % 20 + 1] = ring[s.slot % 20 + 1] + accepted
local last_second = 0
for i = 1, 20 do last_second = last_second + ring[i] end
s.ring = table.concat(ring, ',')

if s.rate == 0 then
	-- The start: so many requests may be under way, over all machines. What was accepted
	-- counts from the last pause of a quarter of a second on.
	if accepted > 0 and now - s.busy > second / 4 then s.from, s.gained = now, 0 end
	if accepted > 0 then s.busy = now end
	if s.out >= s.window / 2 then s.window = s.window + accepted / 4 end
end
s.out = math.max(0, s.out - accepted - refused)
-- A machine that is gone tells no more of what it sent.
if machines < s.crowd then s.out = math.min(s.out, under_way * machines) end
s.crowd = machines
s.gained = s.gained + accepted

-- Requests that left before the last cut prove nothing about the pace after it.
if epoch ~= s.epoch then fresh, refused = 0, 0 end
if queued then s.queued = now end
local function binds() return s.rate > 0 and now - s.queued <= second + second / s.rate end

if fresh > 0 then
	if s.streak > 0 and s.learning == 1 and s.refused - s.cut >= second / 10 then
		-- Even a trickle was refused for a while: the vendor counts in windows, and what it
		-- took over that time is its limit.
		local dead = (now + s.refused) / 2 - s.cut
		s.rate = math.max(0.1, 0.97 * second * math.max(s.had / (s.span + dead), s.lately / (math.min(s.span, second) + dead)))
		s.rate = math.min(s.rate, ceiling)
		s.first, s.learning, s.searching, s.grown, s.from, s.gained = s.rate, 0, 1, now, now, 0
	end
	s.streak, s.probes = 0, 0
	s.answers, s.lesson = s.answers + fresh, s.lesson + fresh
	if binds() then
		local passed, grow, step = (now - s.grown) / second, 3 * math.log(2), 0.25
		s.grown = now
		if s.learning == 0 then
			local stage = math.min(math.floor((now - s.cut) / (2 * second)), math.floor(s.answers / 8), 7)
			if s.searching == 1 then stage = math.max(stage, 4) end
			grow, step = 0.005 * 2 ^ stage, 0.00125 * 2 ^ stage
		end
		step = math.min(step, 0.25 / math.max(1, under_way * machines)) * fresh
		s.rate = math.min(ceiling, s.rate * (1 + math.min(grow * passed, step)))
		if s.learning == 1 and s.bound > 0 and s.rate >= s.bound then s.rate, s.learning, s.cut = s.bound, 0, now end
	end
end

if refused > 0 then
	s.probes = math.max(0, s.probes - refused)
	s.probe, s.refused = second, now
	if retry_after > 0 then s.probe = math.min(math.max(retry_after / 4, 1e5), 5 * second) end
	if s.streak > 0 then
		s.streak = s.streak + refused
	else
		-- A cut: to a little less than what was accepted lately.
		s.streak, s.epoch = 1, s.epoch + 1
		if s.rate > 0 then
			local since = (now - s.from) / second
			local meaningful = binds() and s.rate * since >= 8 and (s.told == 0 or since > 0.5)
			local lately = last_second
			if now - s.cut < second and since > 0.5 or last_second <= 4 and meaningful then lately = s.gained / since end
			local least = 0.5 * s.rate
			if s.told > 0 and not meaningful then least = 0.8 * s.rate elseif s.told == 0 and meaningful then least = 0.1 end
			s.rate = math.min(s.rate, math.max(0.1, math.min(0.97 * s.rate, math.max(0.97 * lately, least))))
			-- A refusal or two soon after the start say little about a limit that was told.
			s.searching = s.told > 0 and not meaningful and 1 or s.learning
			if s.lesson >= 8 and s.rate <= 4 * s.first then s.learning = 0 end
		else
			-- The first one: the pace is between what was accepted within the last second and
			-- what that is over the time that it took.
			s.had, s.span, s.lately = s.gained, now - s.from, last_second
			s.bound = s.span >= second / 10 and second * s.had / s.span or 0
			s.rate, s.learning, s.lesson, s.queued = math.max(20, 0.97 * last_second, s.bound / 2), 1, 0, now
		end
		s.first, s.cut, s.grown, s.from = s.rate, now, now, now
		s.answers, s.probes, s.gained = 0, 0, 0
		s.tat = math.max(s.tat, now + second / s.rate)
	end
end

-- A pace that binds nobody doubles every minute, until it no longer matters.
if s.rate > 0 and not queued and not binds() then
	s.rate = math.min(ceiling, s.rate * 2 ^ ((now - s.grown) / (60 * second)))
	s.grown, s.from, s.gained = now, now, 0
	if s.told == 0 and s.rate > 10000 then s.rate, s.streak, s.window = 0, 0, open end
end

local k, first, spacing, retry = 0, 0, 0, 0
if n > 0 and s.rate == 0 and s.window < open then
	-- The start. One request leaves every 10 ms in any case: who died gives nothing back.
	k, first = math.max(0, math.min(n, math.floor(s.window - s.out), math.ceil(s.window / machines))), now
	if k == 0 and now - s.sent >= 1e4 then k = 1 end
	if k > 0 then s.sent, s.out = now, s.out + k else retry = 1e3 * math.min(math.max(2, machines), 20) end
end
if n > 0 and s.rate > 0 then
	local space = second / s.rate
	spacing = space
	s.tat = math.min(s.tat, now + 2 * s.block + (machines + 1) * space) -- the clock was set back
	if s.streak > 0 then
		-- While everything is refused, one at a time over all machines.
		local pause = s.probe
		if space > s.probe then pause = space elseif s.probes == 0 then pause = math.min(space * 2 ^ math.min(s.streak - 1, 16), s.probe) end
		local at = s.tat - space + pause
		if at <= now then
			k, first, s.probes, s.tat = 1, now, s.probes + 1, now + space
		else
			retry = math.min(at - now, poll)
		end
	else
		local back = late
		if s.told > 0 and s.rate >= 0.999 * ceiling then back = math.max(late, (s.burst - 1) * space) end
		first = math.max(s.tat, now - back)
		local recent = 3 * s.block
		if s.learning == 1 then block, recent = math.min(block, 2e4), 6e4 end -- what is leased leaves whatever is learned meanwhile
		k = math.max(1, math.min(n, math.floor(s.rate * block / second / machines)))
		if first <= now then k = math.max(k, math.min(n, math.floor((now - first) / space + 0.01) + 1)) end

		if urgent and first > now and s.bulk > now - recent then
			-- Half of the rate, at once; the others make room.
			spacing = 2 * space
			k = math.max(1, math.min(n, math.floor(s.rate * block / second / machines / 2)))
			first = math.max(s.itat, now - late)
			s.itat = first + k * spacing
			s.tat = s.tat + k * space
		else
			-- A burst is paid back with a quarter more: requests do not arrive as they left.
			local ahead = math.max(0, math.min(k, math.floor((now - late - first) / space) + 1))
			s.tat = first + (k + 0.25 * ahead) * space
			if not urgent and n > k then s.bulk = now end
		end
	end
end

-- Where all machines were away, they come back at one moment: until then each sends beside
-- this server. They may burst with half of what they saved of a limit that was told.
if not away then
	s.led = now
elseif s.led < now - math.max(rejoin_after, 3 * s.block) and s.rejoin < now - 2 * second then
	s.rejoin = now + rejoin_within
	local saved = 0
	if s.told > 0 and s.led > 0 then saved = math.min(0.05 * (s.rejoin - s.led), 0.5 * (s.burst - 1) * second / s.rate) end
	s.tat = math.max(s.tat, s.rejoin - saved)
end

local put = {}
for name, v in pairs(s) do
	put[#put + 1] = name
	put[#put + 1] = type(v) == 'number' and string.format('%.17g', v) or v
end
redis.call('HSET', KEYS[1], unpack(put))
redis.call('PEXPIRE', KEYS[1], 3600000)
redis.call('PEXPIRE', KEYS[2], 3600000)
return {k, string.format('%.0f', first - now), string.format('%.3f', spacing), string.format('%.0f', retry), string.format('%.9g', s.rate),
	s.epoch, machines, string.format('%.9g', s.told), s.burst, string.format('%.0f', now), s.streak, s.rate == 0 and s.window >= open and 1 or 0,
	string.format('%.0f', away and math.max(0, s.rejoin - now) or 0)}
