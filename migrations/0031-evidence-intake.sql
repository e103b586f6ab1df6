-- trace/evidence: what the bytes are, told by looking at them; before, texts in UTF-8 alone were taken.
alter table evidence
    add column content_kind text check (content_kind in ('text', 'archive', 'image', 'document', 'binary')),
    add column content_format text;
update evidence set content_kind = 'text', content_format = 'utf-8' where content_box is not null;

-- What an archive held when it was opened, once, in a process of its own.
create table evidence_openings (
    evidence  uuid primary key references evidence,
    list_box  bytea not null, -- {parts without their texts, hasMore, isWhole, ended}
    texts_box bytea not null, -- [text or null], in the same order
    opened_at timestamptz not null
);

-- A legal hold: set by one person, lifted by two. While one lasts the evidence cannot be deleted.
create table evidence_holds (
    id         uuid primary key,
    evidence   uuid not null references evidence,
    reason_box bytea not null,
    set_by     uuid not null references persons,
    set_at     timestamptz not null,
    lifted_at  timestamptz
);
create unique index on evidence_holds (evidence) where lifted_at is null;

-- Licence, handling and whatever else is said of it later: added, never changed.
create table evidence_notes (
    id       uuid primary key,
    seq      bigint generated always as identity, -- the order in which they came
    evidence uuid not null references evidence,
    about    text not null check (about in ('licence', 'handling', 'other')),
    text_box bytea not null,
    by       uuid not null references persons,
    at       timestamptz not null
);
create index on evidence_notes (evidence);

-- Deleted by two people: the content, every word and the key are gone; the hash and what the record has stay.
create table evidence_deletions (
    evidence   uuid primary key references evidence,
    reason_box bytea not null, -- sealed with the program's key
    by         uuid not null references persons,
    at         timestamptz not null
);
alter table evidence alter column details_box drop not null;

-- trust/audit: what the record has of one piece of evidence, or of several at once.
create index events_of_evidence on events using gin ((body -> 'evidence') jsonb_path_ops) where body ? 'evidence';

-- Which words stand together in it, under a key that is nowhere in the database: what is alike is found by these, and
-- nothing is read by them. Of a long text a part is kept: those of a depth from `print_level` on.
alter table evidence add column print_level smallint;
create table evidence_prints (
    print    bytea not null,
    evidence uuid not null references evidence,
    depth    smallint not null,
    primary key (print, evidence)
);
create index on evidence_prints (evidence);
create index on evidence (sha256);
