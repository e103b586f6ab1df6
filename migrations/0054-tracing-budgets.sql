-- trace/attribution: what was tried on the leaks of one artifact version, so that α holds over all of it (docs/design/0062).
create table tracing_budgets (
    artifact_id      uuid not null,
    version          int not null,
    case_id          uuid not null references cases,
    seal_id          uuid not null, -- the scope of its data key; a new one once evidence is deleted
    state_ciphertext bytea not null,
    primary key (artifact_id, version)
);
create index on tracing_budgets (case_id);
