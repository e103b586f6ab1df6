-- trace/inquiries: whom it is kept from, how it closes, and what partners are asked in it.
create table inquiry_kept_out (
    inquiry    uuid not null references inquiries,
    person     uuid not null references persons,
    was_member boolean not null,
    by         uuid not null references persons,
    at         timestamptz not null,
    words_box  bytea not null, -- {words: {reason}, salt}
    primary key (inquiry, person)
);

create table inquiry_turns (
    inquiry   uuid not null references inquiries,
    n         int not null,
    kind      text not null check (kind in ('closed', 'reopened')),
    by        uuid not null references persons,
    at        timestamptz not null,
    words_box bytea not null, -- {words: {outcome, reason}, salt}
    primary key (inquiry, n)
);

create table inquiry_questions (
    id          uuid primary key,
    seq         bigint generated always as identity, -- the order in which they came
    inquiry     uuid not null references inquiries,
    partner     uuid not null references partners,
    kind        text not null check (kind in ('question', 'deletion', 'finding')),
    finding     uuid references findings,
    words_box   bytea not null, -- {words: {text}, salt}
    asked_by    uuid not null references persons,
    asked_at    timestamptz not null,
    answer_by   timestamptz not null,
    answer_box  bytea, -- {words: {text, deleted}, salt}
    answered_by uuid references persons,
    answered_at timestamptz,
    lapsed_at   timestamptz,
    noted_by    uuid references persons,
    noted_at    timestamptz,
    check ((kind = 'finding') = (finding is not null)),
    check ((answered_at is null) = (answer_box is null))
);
create index on inquiry_questions (inquiry);
create index on inquiry_questions (partner);

-- Why a finding was confirmed before its partner had answered.
alter table findings add column unheard_box bytea; -- {words: {reason}, salt}

-- share/delivery: of a notice that stands for something sealed, the record tells as little.
alter table notices add column sealed boolean not null default false;
