-- trace/sightings: what partners report of exploitation. Of one report a later version takes the place of the earlier; of
-- none is what it says changed.
create table sightings (
    id           uuid primary key,
    event        bigint not null references events,
    partner      uuid not null references partners,
    person       uuid not null references persons,
    case_id      uuid not null references cases,
    reference    uuid not null, -- what its partner calls it
    version      text not null, -- an instant with nine digits, so that later ones sort later
    report_box   bytea not null, -- {product, indicators, confidence, note}
    seen_at      timestamptz not null,
    clock        text not null check (clock in ('synchronised', 'estimated', 'unknown')),
    at           timestamptz not null,
    withdrawn_at timestamptz, -- null: its partner stands by it
    unique (partner, case_id, reference, version)
);
create index on sightings (case_id, event);
