-- share/canaries, share/marking: names that one copy alone holds.
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
