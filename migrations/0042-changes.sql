-- platform: which transactions changed something that entitlement, or what a partner is shown, is computed from. The tables below
-- tell it themselves, whoever writes them; rows are good for an hour. So what was computed a moment ago may be shown again
-- as long as nothing of it has changed (docs/design/0050).
create table changes (
    scope uuid not null, -- the partner whose alone it is; all zeros where it is everybody's
    tx    xid8 not null,
    at    timestamptz not null default clock_timestamp(), -- real time
    primary key (scope, tx)
);
create index on changes (at);

create function note_change() returns trigger language plpgsql as $$
begin
    insert into changes (scope, tx) values ('00000000-0000-0000-0000-000000000000', pg_current_xact_id()) on conflict do nothing;
    return null;
end
$$;

-- Of a table with the column `partner`, in which no row goes from one to another; null: everybody's.
create function note_change_of_partner() returns trigger language plpgsql as $$
declare
    its uuid := case tg_op when 'DELETE' then old.partner else new.partner end;
begin
    insert into changes (scope, tx)
    values (coalesce(its, '00000000-0000-0000-0000-000000000000'), pg_current_xact_id()) on conflict do nothing;
    return null;
end
$$;

create trigger noted after insert or update or delete or truncate on policies for each statement execute function note_change();
create trigger noted after insert or update or delete or truncate on policy_activations for each statement execute function note_change();
create trigger noted after insert or update or delete or truncate on agreements for each statement execute function note_change();
create trigger noted after insert or update or delete or truncate on partner_rules for each statement execute function note_change();
create trigger noted after insert or update or delete or truncate on cases for each statement execute function note_change();
create trigger noted after insert or update or delete or truncate on case_closings for each statement execute function note_change();
create trigger noted after insert or update or delete or truncate on case_links for each statement execute function note_change();
create trigger noted after insert or update or delete or truncate on embargo_turns for each statement execute function note_change();
create trigger noted after insert or update or delete or truncate on artifacts for each statement execute function note_change();
create trigger noted after insert or update or delete or truncate on artifact_versions for each statement execute function note_change();
create trigger noted after insert or update or delete or truncate on recalls for each statement execute function note_change();
create trigger noted after insert or update or delete or truncate on waves for each statement execute function note_change();
create trigger noted after insert or update or delete or truncate on wave_offsets for each statement execute function note_change();
create trigger noted after insert or update or delete or truncate on wave_freezes for each statement execute function note_change();
create trigger noted after insert or update or delete or truncate on wave_artifacts for each statement execute function note_change();
-- A key that is thrown away takes with it what it sealed; a new one seals nothing yet. Of what is under seal nobody is told.
create trigger noted after update or delete on data_keys for each row
    when (old.scope not like 'evidence:%' and old.scope not like 'inquiry:%') execute function note_change();

-- How a version is marked is committed when somebody has its first copy, under seal, and nothing that is not marked yet was shown
-- as such. That it is marked otherwise than before changes what is shown.
create function note_marked_anew() returns trigger language plpgsql as $$
begin
    if tg_op <> 'INSERT' or exists (select from marked_versions its
        where its.artifact = new.artifact and its.version = new.version and its.epoch <> new.epoch)
    then
        insert into changes (scope, tx) values ('00000000-0000-0000-0000-000000000000', pg_current_xact_id()) on conflict do nothing;
    end if;
    return null;
end
$$;
create trigger noted after insert or update or delete on marked_versions for each row execute function note_marked_anew();

create trigger noted after insert or update or delete on partner_facts for each row execute function note_change_of_partner();
create trigger noted after insert or update or delete on acceptances for each row execute function note_change_of_partner();
create trigger noted after insert or update or delete on partner_statements for each row execute function note_change_of_partner();
create trigger noted after insert or update or delete on partner_keys for each row execute function note_change_of_partner();
create trigger noted after insert or update or delete on mailbox_marks for each row execute function note_change_of_partner();
create trigger noted after insert or update or delete on persons for each row execute function note_change_of_partner();
create trigger noted after insert or update or delete on circles for each row execute function note_change_of_partner();
create trigger noted after insert or update or delete on consent_turns for each row execute function note_change_of_partner();
create trigger noted after insert or update or delete on deliveries for each row execute function note_change_of_partner();
create trigger noted after insert or update or delete on acknowledgements for each row execute function note_change_of_partner();
create trigger noted after insert or update or delete on deletions for each row execute function note_change_of_partner();

-- The program's time, where what was computed for a person of a partner, for any instant from one to another, is what would be computed
-- now; null where it may not be. Whatever is looked at is looked at behind the locks of a read (src/platform/locks.ts). `told`:
-- the time by a clock that is not the database's; `moved`: by the demonstration's.
create function lease_now(its_partner uuid, its_person uuid, its_credential bytea, real_now timestamptz,
    its_snapshot pg_snapshot, from_at timestamptz, until_at timestamptz, told timestamptz, moved boolean)
    returns timestamptz language plpgsql as $$
declare
    instant timestamptz;
begin
    perform pg_advisory_xact_lock_shared(1, 0), pg_advisory_xact_lock_shared(2, hashtext(its_partner::text));
    instant := case when told is not null then told when moved then (select now from demo_clock)
        else greatest(clock_timestamp(), (select high_water from clock_guard)) end;
    if instant between from_at and until_at
        and (moved or coalesce((select instant <= case when memory -> 'frozen' = 'null'
            then high_water + interval '15000 milliseconds' else high_water end from clock_guard), true))
        and exists (select from credentials where hash = its_credential and person = its_person
            and ended_at is null and expires_at > real_now)
        and not exists (select from changes where scope in (its_partner, '00000000-0000-0000-0000-000000000000')
            and tx >= pg_snapshot_xmin(its_snapshot) and not pg_visible_in_snapshot(tx, its_snapshot))
    then
        return date_trunc('milliseconds', instant);
    end if;
    return null;
end
$$;
