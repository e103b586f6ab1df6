-- trace/clocks: by which laws the operator owes notifications, as versions of its own; what is shipped is version 0.
create table regimes (
    id         text not null,
    version    integer not null check (version > 0),
    regime     jsonb not null,
    created_by uuid references persons,
    created_at timestamptz not null,
    primary key (id, version)
);

-- A regulatory clock runs by the regime as it stood when it started, whatever becomes of that later.
create table regulatory_clocks (
    id      uuid primary key,
    case_id uuid not null references cases,
    regime  text not null,
    version integer not null,
    terms   jsonb not null,
    seq     bigint generated always as identity
);
create index on regulatory_clocks (case_id);

-- What was said of it, in order; inserted and read, never changed.
create table regulatory_clock_turns (
    clock       uuid not null references regulatory_clocks,
    n           integer not null,
    kind        text not null check (kind in ('aware', 'fix', 'filed', 'taken back', 'closed')),
    at          timestamptz not null,
    by          uuid references persons, -- null: it started by itself
    since       timestamptz,
    filing      text,
    source_kind text check (source_kind in ('sighting', 'evidence', 'person')),
    source      uuid,
    words_box   bytea, -- {words, reference}
    primary key (clock, n)
);
