-- trust/signing-keys: the keys of the logs after the first, which the root key derives. The newest signs, and the one
-- before it does until it is ended.
create table signing_keys (
    number bigint generated always as identity primary key,
    log text not null check (log in ('audit_log', 'receipt_log')),
    verifier_key text not null unique,
    -- The checkpoint by which the former key names this one. Null: made after a restore, because the former key had ended.
    handover text,
    -- The name and the hash of the key before.
    former_key text not null,
    seeds_ciphertext bytea not null,
    added_at timestamptz not null,
    former_ended_at timestamptz
);

-- Names the ended key in the high-water file, so that a restored database does not sign with it again.
alter table access_changes drop constraint access_changes_kind_check;
alter table access_changes add constraint access_changes_kind_check check (kind in ('partner', 'person', 'credential',
    'key', 'passkey', 'machine_client', 'spent_budget', 'data_key', 'signing_key'));
create function note_ended_signing_key() returns trigger language plpgsql as $$
begin
    insert into access_changes (kind, subject, from_at) values ('signing_key', new.former_key, new.former_ended_at);
    return null;
end
$$;
create trigger ended_signing_key after insert or update on signing_keys
    for each row when (new.former_ended_at is not null) execute function note_ended_signing_key();
