-- share/marking: each copy of its own that a person of the operator has read, as `artifact.read` commits to it.
create table staff_copies (
    event     bigint primary key references events,
    person    uuid not null references persons,
    case_id   uuid not null references cases,
    artifact  uuid not null references artifacts,
    version   int not null,
    copy_hash bytea not null, -- SHA-256 of the plain copy under its salt
    copy_salt bytea not null,
    at        timestamptz not null
);
create index on staff_copies (artifact, version);
create index on staff_copies (case_id);
