-- share/cases: which person has read which part of a case, in which revision. The event of the first read is in the log.
create table case_reads (
    person uuid not null references persons(id),
    part text not null check (part in ('facts', 'samples', 'sightings')),
    case_id uuid not null references cases(id),
    revision int not null,
    at timestamptz not null,
    primary key (person, part, case_id, revision)
);
