-- share/cases: when what a warning says of a case was last changed.
alter table cases add column retold_at timestamptz; -- null: never

-- share/delivery: how a version reached a partner. What is not a copy of its own bears no mark.
alter table deliveries add column channel text not null default 'copy' check (channel in ('copy', 'taxii'));

-- share/delivery: what was shown to a person of a partner by a channel that is polled, and since when. An entry is a keyed
-- hash of an object's id and version. Instants are in microseconds since 1970, and no two of a partner are the same.
create table shown (
    partner   uuid not null references partners,
    added     bigint not null,
    person    uuid not null references persons,
    entry     bytea not null,
    delivered boolean not null default false, -- whether it was handed out, and not only listed
    ended_at  timestamptz, -- null: it is still there
    primary key (partner, added)
);
create unique index on shown (person, entry) where ended_at is null;
