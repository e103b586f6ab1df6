-- share/marking: how words are drawn ends: by whoever laid it, or at an instant.
alter table laid_designs add column ended_at timestamptz;
alter table laid_designs add column until timestamptz; -- half-open; null: until it is ended

-- trace/inquiries: what a provision has laid, and when that ended by the closing of its inquiry.
alter table inquiry_provisions add column laid bigint references laid_designs (seq);
alter table inquiry_provisions add column ended_at timestamptz;
update inquiry_provisions set laid = (select max(seq) from laid_designs where at = in_force_at) where in_force_at is not null;

-- trace/inquiries: that a provision shall go on beyond the closing, as a second member has signed it.
create table inquiry_carryings (
    id         uuid primary key,
    seq        bigint generated always as identity, -- the order in which they came
    provision  uuid not null references inquiry_provisions,
    words_box  bytea not null, -- {words: {owner, reason, until}, salt}
    approval   uuid not null references approvals,
    asked_by   uuid not null references persons,
    asked_at   timestamptz not null,
    carried_at timestamptz -- null until it was closed with it
);
create index on inquiry_carryings (provision);

-- trace/sightings: by when reports of one case, or of what one of its waves gave, are due. It counts for waves that fall later.
create table report_deadlines (
    seq     bigint generated always as identity primary key,
    case_id uuid not null references cases,
    wave    uuid references waves, -- null: every wave of the case that has none of its own
    hours   integer check (hours between 1 and 2160), -- null: as the program's rule says
    set_by  uuid not null references persons,
    at      timestamptz not null
);
create index on report_deadlines (case_id);
