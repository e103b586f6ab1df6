-- trust/continuity: which backups were made, and read back.

create table backups (
    id uuid primary key,
    taken_at timestamptz not null, -- wall-clock time
    bytes bigint not null,
    sha256 bytea not null -- of the file
);
create index on backups (taken_at desc);
