-- trace/sightings: objects that partners' machines sent, as they came. Their names are keyed hashes: an id may tell what is
-- in an object.
create table sighting_objects (
    id         uuid primary key,
    seq        bigint generated always as identity unique,
    partner    uuid not null references partners,
    case_id    uuid not null references cases,
    name       bytea not null,
    type       text not null,
    version    text not null, -- verbatim
    chars      int not null,
    object_box bytea not null,
    unique (partner, name, version, case_id)
);
create index on sighting_objects (partner, case_id);

-- trace/sightings: what became of a request to add objects, for whoever made it. Real time; gone after two days.
create table sighting_statuses (
    id         uuid primary key,
    person     uuid not null references persons,
    status_box bytea not null,
    at         timestamptz not null
);
create index on sighting_statuses (at);

-- share/delivery: in which collection something was shown.
alter table shown add column collection text not null default 'warnings' check (collection in ('warnings', 'sightings'));
