-- trace/planning: what two members of an inquiry have agreed on for the next release of a class; for members alone.
create table inquiry_provisions (
    id          uuid primary key,
    seq         bigint generated always as identity, -- the order in which they came
    inquiry     uuid not null references inquiries,
    words_box   bytea not null, -- {words: {case, class, colluders, gain, reason}, salt}
    approval    uuid not null references approvals,
    asked_by    uuid not null references persons,
    asked_at    timestamptz not null,
    in_force_at timestamptz
);
create index on inquiry_provisions (inquiry);

-- share/marking: how the words of a class of a case are drawn from now on; the latest of each counts.
create table laid_designs (
    seq     bigint generated always as identity primary key,
    case_id uuid not null references cases,
    class   text not null,
    box     bytea not null, -- {colluders}
    at      timestamptz not null
);
create index on laid_designs (case_id, class);
