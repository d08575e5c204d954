-- The generic cell rate algorithm for many callers at once.
-- KEYS: a key each. ARGV, three a key: limit, period in microseconds, cost.
-- Answers two numbers a key: whether it may, and how many microseconds of its period are used.
-- A cost of 0 only asks whether one more would be let through; a negative one gives back.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local answers = {}
for i, key in ipairs(KEYS) do
    local limit, period, cost = tonumber(ARGV[3 * i - 2]), tonumber(ARGV[3 * i - 1]), tonumber(ARGV[3 * i])
    local step = period / limit
    local used = math.max((tonumber(redis.call('GET', key)) or now) - now, 0)
    local after = used + step * cost
    local allowed = used + step * math.max(cost, 1) <= period + 1 or cost < 0
    if allowed and cost ~= 0 then
        used = math.max(after, 0)
        if used > 0 then
            redis.call('SET', key, string.format('%.0f', now + used), 'PX', math.ceil(used / 1000))
        else
            redis.call('DEL', key)
        end
    end
    answers[2 * i - 1] = allowed and 1 or 0
    answers[2 * i] = math.floor(used)
end
return answers
