-- trust/identity/passkeys: what people sign in and sign with.
create table passkeys (
    id bytea primary key, -- the credential id of WebAuthn
    person_id uuid not null references persons,
    public_key bytea not null, -- COSE
    counter bigint not null, -- of the last assertion; a later one must be higher, unless both are 0
    transports text[] not null,
    is_backed_up boolean not null,
    name_ciphertext bytea not null,
    created_at timestamptz not null,
    last_used_at timestamptz,
    ended_at timestamptz
);
create index on passkeys (person_id);

-- Used challenges, until a day after they expire. A challenge counts once.
create table used_challenges (
    hash bytea primary key,
    expires_at timestamptz not null
);
create index on used_challenges (expires_at);

-- The assertion of the signer's passkey; null where the program signs without passkeys.
alter table approvals add column signature jsonb;

-- The high-water file notes removed passkeys, so that a restored database does not accept them.
alter table access_changes drop constraint access_changes_kind_check;
alter table access_changes add constraint access_changes_kind_check
    check (kind in ('partner', 'person', 'credential', 'key', 'passkey'));
create function note_passkey_ended() returns trigger language plpgsql as $$
begin
    insert into access_changes (kind, subject, from_at) values ('passkey', encode(new.id, 'hex'), new.ended_at);
    return null;
end
$$;
create trigger noted_passkey_ended after update on passkeys
    for each row when (old.ended_at is null and new.ended_at is not null) execute function note_passkey_ended();
