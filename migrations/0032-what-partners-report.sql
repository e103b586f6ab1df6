-- trace/sightings: a zero report says since when its partner looked and saw nothing, until `seen_at`.
alter table sightings add column looked_since timestamptz; -- null: exploitation was seen
alter table sightings add constraint sightings_looked_check check (looked_since < seen_at);

-- trace/sightings: how far partners are with protecting themselves and theirs. The newest of a partner and case counts; none
-- is changed.
create table protections (
    id       uuid primary key,
    event    bigint not null references events,
    partner  uuid not null references partners,
    person   uuid not null references persons,
    case_id  uuid not null references cases,
    state    text not null check (state in ('protected', 'coming', 'not applicable', 'need more')),
    since    timestamptz, -- protected: since when; coming: from when, where that is known
    note_box bytea not null,
    at       timestamptz not null
);
create index on protections (case_id, event);

-- trust/partners: whether partners are told how many others reported, as a rule of the program.
alter table partner_rules drop constraint partner_rules_kind_check;
alter table partner_rules add constraint partner_rules_kind_check
    check (kind in ('admission', 'tiers', 'testing', 'dues', 'consent', 'embargo', 'aggregates'));

-- trace/sightings: what partners are told of each other's reports of a case, as of the last midnight at which it changed.
create table aggregates (
    case_id uuid not null references cases,
    cell    text not null check (cell in ('exploitation', 'none seen', 'protected', 'false positives')),
    rules   int not null,    -- by which version of the rule it was counted
    band    text,            -- null: too few, or too few others
    basis   uuid[] not null, -- the partners that it was counted of
    at      timestamptz not null,
    primary key (case_id, cell)
);

-- trace/sightings: the last midnight that was counted.
create table aggregate_days (
    day timestamptz primary key
);

-- trace/reports: what was published of a year, as two people signed it; it is never changed.
create table published_reports (
    year     int primary key,
    event    bigint not null references events,
    figures  jsonb not null,
    approval uuid not null references approvals,
    by       uuid not null references persons,
    at       timestamptz not null
);
