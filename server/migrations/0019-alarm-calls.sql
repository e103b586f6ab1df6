-- additive
-- trace/alarm-calls: alarms that the operator's receiver must still learn of, or that are on.

create table alarm_calls (
    code text primary key,
    id uuid not null unique, -- of the alarm
    since timestamptz not null, -- all times are wall-clock times
    cleared_at timestamptz, -- null: it is on
    call int not null, -- odd: the next call tells that it began; even: that it ended
    attempts int not null,
    next_at timestamptz not null
);
