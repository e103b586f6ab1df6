-- trust/audit: what is put on the waiting list was written by the same statement, and events are never deleted. To look for the
-- event once more, and to lock it, was a fifth of the statement that records a page (docs/design/0059).
alter table unnumbered drop constraint unnumbered_seq_fkey;

-- platform: as before (0045), with a query less.
create or replace function leases_now(of_partners uuid[], of_persons uuid[], by_credentials bytea[], as_of pg_snapshot[], from_at timestamptz[],
    until_at timestamptz[], real_now timestamptz, told timestamptz, moved boolean)
    returns table (n int, at timestamptz) language plpgsql as $$
declare
    its uuid;
    locked boolean[];
    guard_at timestamptz;
    is_steady boolean;
    instant timestamptz := told;
begin
    if not pg_try_advisory_xact_lock_shared(1, 0) then return; end if;
    foreach its in array of_partners loop
        locked := locked || pg_try_advisory_xact_lock_shared(2, hashtext(its::text));
    end loop;
    select high_water, memory -> 'frozen' = 'null' into guard_at, is_steady from clock_guard;
    if instant is null then
        if moved then select now into instant from demo_clock;
        else instant := greatest(clock_timestamp(), guard_at);
        end if;
    end if;
    if not (moved or coalesce(instant <= case when is_steady then guard_at + interval '15000 milliseconds'
        else guard_at end, true)) then return; end if;
    return query select place::int - 1, date_trunc('milliseconds', instant)
        from unnest(of_partners, of_persons, by_credentials, as_of, from_at, until_at, locked)
            with ordinality as one (partner, person, credential, snapshot, since, until, is_locked, place)
        where is_locked and instant between since and until
        and exists (select from credentials where hash = one.credential and credentials.person = one.person
            and ended_at is null and expires_at > real_now)
        and not exists (select from changes where scope in (one.partner, '00000000-0000-0000-0000-000000000000')
            and tx >= pg_snapshot_xmin(one.snapshot) and not pg_visible_in_snapshot(tx, one.snapshot));
end
$$;
