-- trust/partners: by when partners that were warned report what they saw, as a rule of the program.
alter table partner_rules drop constraint partner_rules_kind_check;
alter table partner_rules add constraint partner_rules_kind_check
    check (kind in ('admission', 'tiers', 'testing', 'dues', 'consent', 'embargo', 'aggregates', 'reporting'));

-- trace/sightings: when the clock of each partner began by each wave that warned it, and ended. What it said since is not
-- kept here: whether it is late is computed.
create table owed_reports (
    id        uuid primary key,
    partner   uuid not null references partners,
    case_id   uuid not null references cases,
    wave      uuid not null references waves,
    since     timestamptz not null,
    due_at    timestamptz not null, -- by the rule that held when it began: a later one moves no deadline
    remind_at timestamptz not null,
    ended_at  timestamptz,          -- by then it could have nothing by this wave any more; null: it can
    reminded  text not null default 'not' check (reminded in ('not', 'before', 'after')) -- after: looked at since it was due
);
create unique index on owed_reports (partner, wave) where ended_at is null;
create index on owed_reports (case_id);

-- trace/sightings: when somebody last looked over all of them, in the program's time.
create table owed_report_looks (
    only_one boolean primary key default true check (only_one),
    at       timestamptz not null
);
