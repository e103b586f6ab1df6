-- share/webhooks: where a partner has its own machine called when there is something to fetch. Address and secrets are boxed.
create table webhooks (
    id             uuid primary key,
    partner        uuid not null references partners,
    address_box    bytea not null,
    secret_box     bytea not null,
    previous_box   bytea, -- while a secret is rotated: the one before
    previous_until timestamptz,
    made_at        timestamptz not null,
    made_by        uuid not null references persons,
    last_outcome   text check (last_outcome in ('2xx', '3xx', '4xx', '410', '5xx', 'timeout', 'refused')),
    last_at        timestamptz,
    failing_since  timestamptz,
    disabled_at    timestamptz
);
create index on webhooks (partner);

-- share/webhooks: calls, each written before it is made. One that nobody has made yet says as much as several.
create table webhook_calls (
    id      uuid primary key,
    webhook uuid not null references webhooks on delete cascade,
    wave    uuid references waves, -- null: about none
    state   text not null check (state in ('due', 'under way', 'sent', 'failed', 'dropped')),
    tries   integer not null default 0,
    next_at timestamptz not null, -- of one under way: when whoever makes it is given up
    made_at timestamptz not null
);
create unique index on webhook_calls (webhook, wave) nulls not distinct where state = 'due';
create index on webhook_calls (next_at) where state in ('due', 'under way');
create index on webhook_calls (webhook);
