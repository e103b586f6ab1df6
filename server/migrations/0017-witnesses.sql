-- trust/receipts: what witnesses of the receipt log signed, and how each answers.

create table witnesses (
    name text primary key, -- of its key: `name+hash`
    first_asked_at timestamptz not null, -- all times are wall-clock times
    asked_at timestamptz not null,
    signed_size bigint not null, -- of the log, when it signed last, as far as we know
    problem text -- null: its last answer was a signature
);

create table cosignatures (
    size bigint not null, -- of the log
    witness text not null,
    line text not null, -- as in a signed note
    signed_at timestamptz not null,
    primary key (size, witness)
);
