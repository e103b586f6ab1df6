-- platform: as lease_now did for one, for all who ask at the same time, in one look. `asked`: of each its number `n`, and what was computed
-- for whom; of those of whom it is what would be computed now there is a row, with the program's time. Nobody waits here for a lock that
-- somebody else holds, or waits for: who would have to is left out, and waits by itself (docs/design/0051).
create function leases_now(asked json, real_now timestamptz, told timestamptz, moved boolean)
    returns table (n int, at timestamptz) language plpgsql as $$
declare
    locked uuid[];
    instant timestamptz;
begin
    if not pg_try_advisory_xact_lock_shared(1, 0) then return; end if;
    locked := array(select partner from (select distinct partner from json_to_recordset(asked) as one (partner uuid)) as its
        where pg_try_advisory_xact_lock_shared(2, hashtext(partner::text)));
    instant := case when told is not null then told when moved then (select now from demo_clock)
        else greatest(clock_timestamp(), (select high_water from clock_guard)) end;
    if not (moved or coalesce((select instant <= case when memory -> 'frozen' = 'null'
        then high_water + interval '15000 milliseconds' else high_water end from clock_guard), true)) then return; end if;
    return query select one.n, date_trunc('milliseconds', instant)
        from json_to_recordset(asked) as one (n int, partner uuid, person uuid, credential bytea, snapshot pg_snapshot,
            "from" timestamptz, until timestamptz)
        where one.partner = any(locked) and instant between one."from" and one.until
        and exists (select from credentials where hash = one.credential and credentials.person = one.person
            and ended_at is null and expires_at > real_now)
        and not exists (select from changes where scope in (one.partner, '00000000-0000-0000-0000-000000000000')
            and tx >= pg_snapshot_xmin(one.snapshot) and not pg_visible_in_snapshot(tx, one.snapshot));
end
$$;

drop function lease_now(uuid, uuid, bytea, timestamptz, pg_snapshot, timestamptz, timestamptz, timestamptz, boolean);
