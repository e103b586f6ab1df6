-- trust/continuity: what the high-water file beside the key file is compared with (docs/formats/high-water.md).

-- Each change of who has access, in the order in which the file takes it in: a number is given after the commit.
create table access_changes (
    id         uuid primary key default gen_random_uuid(),
    kind       text not null check (kind in ('partner', 'person', 'credential', 'key')),
    subject    text not null, -- an id; of a credential its hash, in hex
    status     text, -- of a partner
    from_at    timestamptz not null,
    expires_at timestamptz, -- of a credential or a key
    seq        bigint generated always as identity,
    number     bigint unique
);
create index on access_changes (seq) where number is null;

-- Tables tell their own changes, whatever wrote them.
create function note_status() returns trigger language plpgsql as $$
begin
    insert into access_changes (kind, subject, status, from_at)
    values ('partner', new.partner::text, new.value #>> '{}', new.from_at);
    return null;
end
$$;
create trigger noted_status after insert on partner_facts for each row
    when (new.fact = 'standing') execute function note_status();

create function note_left() returns trigger language plpgsql as $$
begin
    insert into access_changes (kind, subject, from_at) values ('person', new.id::text, new.left_at);
    return null;
end
$$;
create trigger noted_left after update on persons for each row
    when (old.left_at is null and new.left_at is not null) execute function note_left();

create function note_ended() returns trigger language plpgsql as $$
begin
    insert into access_changes (kind, subject, from_at, expires_at)
    values ('credential', encode(new.hash, 'hex'), new.ended_at, new.expires_at);
    return null;
end
$$;
create trigger noted_ended after update on credentials for each row
    when (old.ended_at is null and new.ended_at is not null) execute function note_ended();

create function note_revoked() returns trigger language plpgsql as $$
begin
    insert into access_changes (kind, subject, from_at, expires_at)
    values ('key', new.id::text, new.revoked_at, new.expires_at);
    return null;
end
$$;
create trigger noted_revoked after update on partner_keys for each row
    when (old.revoked_at is null and new.revoked_at is not null) execute function note_revoked();

-- What ended before this table was there is told to the file as well.
insert into access_changes (kind, subject, status, from_at)
select 'partner', partner::text, value #>> '{}', from_at from partner_facts where fact = 'standing' order by seq;
insert into access_changes (kind, subject, from_at)
select 'person', id::text, left_at from persons where left_at is not null;
insert into access_changes (kind, subject, from_at, expires_at)
select 'credential', encode(hash, 'hex'), ended_at, expires_at from credentials where ended_at is not null and expires_at > now();
insert into access_changes (kind, subject, from_at, expires_at)
select 'key', id::text, revoked_at, expires_at from partner_keys where revoked_at is not null and expires_at > now();

-- A high-water file was made for this database: from then on a missing one is noticed.
create table high_water_known (
    only_one boolean primary key default true check (only_one),
    made_at  timestamptz not null
);

-- The database was found behind a high-water file, or with another past. No partner is served until two have reconciled it.
create table quarantines (
    id       uuid primary key,
    since    timestamptz not null,
    reasons  text[] not null,
    files    jsonb not null, -- what each file says, by its id
    applied  jsonb not null, -- which ends of access were applied again
    number   bigint not null, -- of the newest access change when it began
    approval uuid references approvals,
    ended_at timestamptz
);
create unique index on quarantines ((true)) where ended_at is null;

-- trust/audit: the tree no longer matches its signed checkpoint. Sequencing has stopped; `ended_at` is set once it matches again.
create table audit_log_faults (
    id       bigint generated always as identity primary key,
    since    timestamptz not null,
    leaf     bigint, -- null: a node above the leaves
    ended_at timestamptz
);
create unique index on audit_log_faults ((true)) where ended_at is null;
