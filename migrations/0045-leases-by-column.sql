-- platform: as leases_now was, given by column: each is asked for by its place, from 0 on, and what is the same for all is read once.
-- Nobody waits here for a lock that somebody else holds, or waits for (docs/design/0051); whatever is looked at is looked at behind the
-- locks (src/platform/locks.ts). `told`: the time by a clock that is not the database's; `moved`: by the demonstration's.
create function leases_now(of_partners uuid[], of_persons uuid[], by_credentials bytea[], as_of pg_snapshot[], from_at timestamptz[],
    until_at timestamptz[], real_now timestamptz, told timestamptz, moved boolean)
    returns table (n int, at timestamptz) language plpgsql as $$
declare
    its uuid;
    locked boolean[];
    guard record;
    instant timestamptz;
begin
    if not pg_try_advisory_xact_lock_shared(1, 0) then return; end if;
    foreach its in array of_partners loop
        locked := locked || pg_try_advisory_xact_lock_shared(2, hashtext(its::text));
    end loop;
    select high_water, memory -> 'frozen' = 'null' as is_steady into guard from clock_guard;
    instant := case when told is not null then told when moved then (select now from demo_clock)
        else greatest(clock_timestamp(), guard.high_water) end;
    if not (moved or coalesce(instant <= case when guard.is_steady then guard.high_water + interval '15000 milliseconds'
        else guard.high_water end, true)) then return; end if;
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

drop function leases_now(json, timestamptz, timestamptz, boolean);
