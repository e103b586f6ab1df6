-- share/artifacts: what the operator has called back. From its instant on nobody reads it, until two people end that.
create table recalls (
    id          uuid primary key,
    event       bigint not null references events,
    artifact    uuid not null references artifacts,
    version     int, -- null: every one, those that are still to be written too
    reason_box  bytea not null,
    recalled_by uuid not null references persons,
    recalled_at timestamptz not null,
    ended_by    uuid references persons,
    ended_at    timestamptz,
    approval    uuid references approvals, -- under which it ended
    foreign key (artifact, version) references artifact_versions,
    check ((ended_at is null) = (ended_by is null)),
    check ((ended_at is null) = (approval is null))
);
create index on recalls (artifact, event);

-- share/delivery: a person's word that the copies which the partner held of what was recalled are deleted.
create table deletions (
    id       uuid primary key,
    event    bigint not null references events,
    recall   uuid not null references recalls,
    partner  uuid not null references partners,
    person   uuid not null references persons,
    case_id  uuid not null references cases,
    artifact uuid not null references artifacts,
    versions int[] not null,
    at       timestamptz not null,
    unique (recall, partner)
);
create index on deletions (partner, artifact);
-- Of a recall, so that its author sees who was told of it. The notice itself is the same as any other.
alter table notices add column recall uuid references recalls;
create unique index on notices (recall, person) where recall is not null;
