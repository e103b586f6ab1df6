-- The content of a case can be deleted: its data key is destroyed, and no process makes a new key for the scope.
create table destroyed_keys (
    scope text primary key,
    at timestamptz not null,
    -- Null where a restored database destroyed the key again.
    approval_id uuid references approvals
);
alter table cases add column content_deleted_at timestamptz;
alter table cases add column content_deletion_id uuid references approvals;

-- Names the scope in the high-water file, so that a restored database destroys the key again. What other keys encrypt
-- of the content goes with it: the forms of marked places, and hashes of CVE ids.
alter table access_changes drop constraint access_changes_kind_check;
alter table access_changes add constraint access_changes_kind_check check (kind in ('partner', 'person', 'credential',
    'key', 'passkey', 'machine_client', 'spent_budget', 'data_key'));
create function note_destroyed_key() returns trigger language plpgsql as $$
begin
    update cases set content_deleted_at = new.at, content_deletion_id = new.approval_id
    where new.scope = 'case:' || id;
    delete from case_names where new.scope = 'case:' || case_id;
    update marked_versions set slots_ciphertext = null from artifacts
    where artifacts.id = artifact_id and new.scope = 'case:' || artifacts.case_id;
    insert into access_changes (kind, subject, from_at) values ('data_key', new.scope, new.at);
    return null;
end
$$;
create trigger destroyed_key after insert on destroyed_keys for each row execute function note_destroyed_key();

-- share/cases: legal holds.
create table case_holds (
    id uuid primary key,
    case_id uuid not null references cases,
    reason_ciphertext bytea not null,
    set_by uuid not null references persons,
    set_at timestamptz not null,
    lifted_at timestamptz
);
create unique index on case_holds (case_id) where lifted_at is null;
