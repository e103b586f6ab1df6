-- trace/evidence: reports of exploitation, sightings and evidence, that two people decided not to count.
create table dismissed_reports (
    report uuid primary key,
    case_id uuid not null references cases(id),
    approval uuid not null references approvals(id),
    at timestamptz not null
);
create index dismissed_reports_case_idx on dismissed_reports (case_id);
