-- trust/identity/single-sign-on: which account of an identity provider signs in as which person.
create table connected_identities (
    id uuid primary key,
    subject_hash bytea not null, -- keyed hash of issuer and subject
    person_id uuid not null references persons,
    provider text not null, -- its id in the providers file
    created_at timestamptz not null,
    last_used_at timestamptz,
    ended_at timestamptz
);
create unique index on connected_identities (subject_hash) where ended_at is null;
create unique index on connected_identities (person_id, provider) where ended_at is null;

-- Sessions by single sign-on.
alter table credentials add column identity_id uuid references connected_identities;
alter table credentials add column role_limit text[]; -- the session has only these of the person's roles; null: all
alter table credentials add column provider_session_hash bytea; -- keyed hash of issuer and session, for its logout
create index on credentials (identity_id) where ended_at is null;
create index on credentials (provider_session_hash) where ended_at is null;

-- The high-water file notes disconnected identities, so that a restored database does not accept them. They are
-- credentials there, with their id in place of a hash.
create function note_identity_ended() returns trigger language plpgsql as $$
begin
    insert into access_changes (kind, subject, from_at) values ('credential', new.id::text, new.ended_at);
    return null;
end
$$;
create trigger noted_identity_ended after update on connected_identities
    for each row when (old.ended_at is null and new.ended_at is not null) execute function note_identity_ended();
