-- share/publication: what is told to the world. Nothing here is secret: rows come to be at publication, and not before.

-- One for each published case. Its id is given at publication, so that it tells nothing of cases that are secret.
create table advisories (
    case_id uuid primary key references cases,
    year integer not null check (year between 1970 and 9999),
    number integer not null check (number > 0),
    id text not null unique,
    published_at timestamptz not null,
    revised_at timestamptz not null,
    unique (year, number)
);
create index advisories_revised on advisories (revised_at, id);

-- Its history, oldest first. `content` is what the documents of that revision were made of.
create table advisory_revisions (
    advisory text not null references advisories (id),
    number integer not null check (number > 0),
    at timestamptz not null,
    summary text not null,
    content jsonb not null,
    primary key (advisory, number)
);

-- Every document of every revision, as it is served: the newest of a path is what is there now, the older ones are kept.
create table advisory_documents (
    path text not null,
    revision integer not null,
    advisory text not null references advisories (id),
    type text not null,
    body text not null,
    sha256 text not null,
    sha512 text not null,
    signature text,
    primary key (path, revision)
);

-- What each list says of an advisory: a list is these, joined.
create table advisory_entries (
    advisory text not null references advisories (id),
    list text not null,
    body text not null,
    primary key (list, advisory)
);

-- The key that documents are signed with, sealed, and its public half.
create table publisher_keys (
    fingerprint text primary key,
    made_at timestamptz not null,
    public_text text not null,
    secret_box bytea not null
);
create unique index publisher_keys_one on publisher_keys ((true));
