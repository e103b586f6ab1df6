-- trust/partners: which tiers test guidance before others get it, as a rule of the program.
alter table partner_rules drop constraint partner_rules_kind_check;
alter table partner_rules add constraint partner_rules_kind_check
    check (kind in ('admission', 'tiers', 'testing', 'dues', 'consent'));

-- share/delivery: what testers found of what they were given. The newest of a partner and version counts; none is changed.
create table artifact_results (
    id         uuid primary key,
    event      bigint not null references events,
    partner    uuid not null references partners,
    person     uuid not null references persons,
    case_id    uuid not null references cases,
    artifact   uuid not null references artifacts,
    version    int not null,
    result_box bytea not null, -- {verdict, hits, falsePositives, environment}
    at         timestamptz not null,
    foreign key (artifact, version) references artifact_versions
);
create index on artifact_results (artifact, event);
create index on artifact_results (partner, event);
