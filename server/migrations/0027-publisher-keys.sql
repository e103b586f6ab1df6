-- trust/publisher-keys: the key that signs what is published can be replaced. One row has not been replaced. Former keys
-- stay, so that older signatures can be verified.
alter table publisher_keys add column replaced_at timestamptz, add column revoked_at timestamptz,
    add constraint publisher_keys_revoked_check check (revoked_at is null or replaced_at is not null);
drop index publisher_keys_one;
create unique index publisher_keys_one on publisher_keys ((true)) where replaced_at is null;

-- share/publication: the fingerprint of the key that signed. Null: an older version signed, with the first key.
alter table advisory_documents add column signed_by text;
create index on advisory_documents (signed_by) where signature is not null;

-- Names the replaced key in the high-water file, so that a restored database does not sign with it again.
alter table access_changes drop constraint access_changes_kind_check;
alter table access_changes add constraint access_changes_kind_check check (kind in ('partner', 'person', 'credential',
    'key', 'passkey', 'machine_client', 'spent_budget', 'data_key', 'signing_key', 'publisher_key'));
create function note_replaced_publisher_key() returns trigger language plpgsql as $$
begin
    insert into access_changes (kind, subject, status, from_at) values ('publisher_key', new.fingerprint,
        case when new.revoked_at is null then 'replaced' else 'revoked' end, new.replaced_at);
    return null;
end
$$;
create trigger replaced_publisher_key after update on publisher_keys
    for each row when (new.replaced_at is not null) execute function note_replaced_publisher_key();
