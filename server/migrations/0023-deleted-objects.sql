-- trace/sightings: objects that partners deleted. A job removes those of cases without a legal hold.
create table deleted_sighting_objects (
    id uuid primary key,
    partner_id uuid not null references partners,
    case_id uuid not null references cases,
    name bytea not null,
    type text not null,
    version text not null,
    object_ciphertext bytea not null,
    deleted_at timestamptz not null
);
create index on deleted_sighting_objects (case_id);
