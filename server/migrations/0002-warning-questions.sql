-- share/questions: what partners ask about warnings, and the one answer to each.
create table warning_questions (
    id uuid primary key,
    event_id bigint not null references events,
    case_id uuid not null references cases,
    partner_id uuid not null references partners,
    person_id uuid not null references persons,
    text_ciphertext bytea not null,
    asked_at timestamptz not null,
    answer_ciphertext bytea,
    audience text check (audience in ('partner', 'recipients')),
    answered_by uuid references persons,
    answered_at timestamptz,
    check ((answered_at is null) = (answer_ciphertext is null) and (answered_at is null) = (audience is null))
);
create index on warning_questions (case_id, event_id);
create index on warning_questions (event_id) where answered_at is null;

alter table case_reads drop constraint case_reads_part_check;
alter table case_reads add constraint case_reads_part_check
    check (part in ('facts', 'samples', 'sightings', 'public_text', 'questions'));
