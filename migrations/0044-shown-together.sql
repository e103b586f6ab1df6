-- share/delivery: what came together is kept together. A hundred thousand things that somebody is shown for the first time are one
-- row, and what became of those that stand side by side is one row, too (docs/design/0052). As before, an entry is a keyed hash
-- of a thing's id and version, and no two instants of a partner are the same.
create table shown_batches (
    partner    uuid not null references partners,
    last       bigint not null, -- microseconds since 1970: the last one's instant
    first      bigint not null, -- the first one's; each has the microsecond after the one before it
    person     uuid not null references persons,
    collection text not null check (collection in ('warnings', 'sightings', 'csaf', 'misp')),
    entries    bytea not null, -- of 16 bytes each
    over       boolean not null default false, -- nothing of it is there any more
    primary key (partner, last),
    check (octet_length(entries) = 16 * (last - first + 1))
);
-- It looks like chance: to try to make it smaller is in vain.
alter table shown_batches alter column entries set storage external;
create index on shown_batches (person, collection) where not over;

-- What became of all that has an instant from the first to the last. Of one kind no two runs have an instant in common.
create table shown_runs (
    partner uuid not null references partners,
    what    text not null check (what in ('delivered', 'ended')), -- handed out, and not only listed; not there any more
    last    bigint not null,
    first   bigint not null check (first <= last),
    at      timestamptz, -- since when it is not there; null: delivered
    primary key (partner, what, last),
    check ((what = 'ended') = (at is not null))
);

insert into shown_batches (partner, last, first, person, collection, entries, over)
select partner, max(added), min(added), person, collection, string_agg(entry, ''::bytea order by added), bool_and(ended_at is not null)
from (select *, added - row_number() over (partition by partner, person, collection order by added) as batch from shown) as each
group by partner, person, collection, batch;
insert into shown_runs (partner, what, last, first)
select partner, 'delivered', max(added), min(added)
from (select *, added - row_number() over (partition by partner order by added) as run from shown where delivered) as each
group by partner, run;
insert into shown_runs (partner, what, last, first, at)
select partner, 'ended', max(added), min(added), ended_at
from (select *, added - row_number() over (partition by partner, ended_at order by added) as run
      from shown where ended_at is not null) as each
group by partner, ended_at, run;
drop table shown;

-- What a partner fetched makes a difference to what it is shown where it was called back, and to nothing else. It is handed out under
-- the lock of the program, shared, which a recall takes for itself (src/platform/locks.ts): it has come, or it comes later and
-- tells so.
create function note_delivery() returns trigger language plpgsql as $$
begin
    perform pg_advisory_xact_lock_shared(1, 0);
    if tg_op <> 'INSERT' or exists (select from recalls where artifact = new.artifact) then
        insert into changes (scope, tx)
        values (case tg_op when 'DELETE' then old.partner else new.partner end, pg_current_xact_id()) on conflict do nothing;
    end if;
    return null;
end
$$;
drop trigger noted on deliveries;
create trigger noted after insert or update or delete on deliveries for each row execute function note_delivery();

-- trace/sightings: a post of a hundred objects is a hundred rows. Each lies with a report of its partner and case, which refers to both
-- and is never deleted; numbers are given once without an index.
alter table sighting_objects drop constraint sighting_objects_partner_fkey, drop constraint sighting_objects_case_id_fkey,
    drop constraint sighting_objects_seq_key;

-- share/release: looked for all the time.
create index on waves (approval) where released_at is null and approval is not null;
