-- share/cases: since when a case descends from another, so that a past instant is asked about without what came later.
-- A link whose event is not found holds for as long as both cases are there.
alter table case_links add column from_at timestamptz;
update case_links l set from_at = coalesce(
    (select min(e.at) from events e where e.kind = 'case.linked' and e.body ->> 'case' = l.from_case::text
        and e.body ->> 'to' = l.to_case::text and e.body ->> 'link' = l.kind),
    (select max(c.created_at) from cases c where c.id in (l.from_case, l.to_case)));
alter table case_links alter column from_at set not null;

-- share/waves: how far before publication a wave falls, from when on. The first row says when it was planned.
create table wave_offsets (
    seq       bigint generated always as identity primary key,
    wave      uuid not null references waves,
    offset_ms bigint not null check (offset_ms <= 0),
    from_at   timestamptz not null
);
create index on wave_offsets (wave, seq);
insert into wave_offsets (wave, offset_ms, from_at)
select w.id, (e.body ->> 'offsetMs')::bigint, e.at
from events e join waves w on w.id::text = e.body ->> 'wave'
where e.kind in ('wave.planned', 'wave.moved') order by e.seq;
-- Whatever the events say, what holds now goes on to hold.
insert into wave_offsets (wave, offset_ms, from_at)
select w.id, w.offset_ms, coalesce(last.from_at, c.created_at)
from waves w join cases c on c.id = w.case_id
left join lateral (select o.offset_ms, o.from_at from wave_offsets o where o.wave = w.id order by o.seq desc limit 1) last
    on true
where last.offset_ms is distinct from w.offset_ms;
alter table waves drop column offset_ms;
