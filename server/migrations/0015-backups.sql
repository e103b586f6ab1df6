-- trust/continuity: which backups were made, and read back.

create table backups (
    id uuid primary key,
    taken_at timestamptz not null, -- wall-clock time
    bytes bigint not null,
    sha256 bytea not null, -- of the file
    is_scheduled boolean not null -- in the folder of the settings
);
create index on backups (taken_at desc) where is_scheduled;
