-- trust/partners: which persons of its own a partner's lead lets see a warning. The newest of a partner and case holds.
create table circles (
    seq     bigint generated always as identity primary key,
    partner uuid not null references partners,
    case_id uuid not null references cases,
    persons uuid[], -- null: everybody on the roster again
    from_at timestamptz not null,
    set_by  uuid references persons
);
create index on circles (partner, case_id, seq);

-- share/delivery: which case a notice is about, so that it goes to nobody outside its circle. It says nothing of it itself.
alter table notices add column case_id uuid references cases; -- null: about none
update notices set case_id = (select case_id from waves where id = notices.wave) where wave is not null;
update notices set case_id = (select a.case_id from recalls r join artifacts a on a.id = r.artifact
    where r.id = notices.recall) where recall is not null;
