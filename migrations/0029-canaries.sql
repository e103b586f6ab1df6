-- share/canaries, share/marking: names that one copy alone holds, and what was heard of them.
alter table marked_versions add column canary_zone text; -- null: its copies have none; empty: none that is a host
-- One row a name that stands in a copy, or in one that nobody has. What it refers to may be gone: it is answered for all the same.
create table canary_names (
    digest   bytea primary key check (octet_length(digest) = 32),
    case_id  uuid not null,
    artifact uuid not null,
    version  integer not null,
    kind     text not null check (kind in ('host', 'url', 'address', 'credential', 'hash')),
    decoy    boolean not null,
    box      bytea not null, -- {what, recipient}
    at       timestamptz not null
);
create index on canary_names (case_id);
-- What a listener has heard and the worker has not taken in yet. A listener apart may insert here and
-- count by seq; what else PostgreSQL lets each of its users do, docs/guide/canaries.md revokes.
create table canary_spool (
    seq      bigint generated always as identity primary key,
    digest   bytea check (octet_length(digest) = 32), -- null: no name of ours has this form
    channel  text not null check (channel in ('dns', 'http')),
    times    integer not null check (times between 1 and 1000000),
    heard    jsonb not null check (octet_length(heard::text) <= 2000), -- {source, agent, method, names, paths}
    heard_at timestamptz not null check (heard_at between '2020-01-01' and '2200-01-01')
);
-- One row a name, channel, grade and network, however often it was touched from there.
create table canary_touches (
    id       uuid primary key,
    digest   bytea not null references canary_names,
    channel  text not null check (channel in ('dns', 'http')),
    grade    text not null check (grade in ('echo', 'preview', 'scanner', 'program', 'human')),
    source   bytea not null, -- of its network, under a key
    times    bigint not null,
    first_at timestamptz not null,
    last_at  timestamptz not null,
    box      bytea not null, -- {source, agent, method, reasons}, of the first
    unique (digest, channel, grade, source)
);
-- Names that were asked for and never given out, counted.
create table canary_unknown (
    day     date not null,
    channel text not null check (channel in ('dns', 'http')),
    formed  boolean not null, -- whether it has the form of one of ours
    times   bigint not null,
    primary key (day, channel, formed)
);
-- trace/evidence: a canary that was touched is filed by itself.
alter table evidence alter column filed_by drop not null;
alter table evidence drop constraint evidence_kind_check;
alter table evidence add constraint evidence_kind_check
    check (kind in ('exploitation', 'public proof of concept', 'listed as exploited', 'leak', 'canary touched'));
