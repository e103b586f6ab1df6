-- trust/identity/machines: what a token is for, from where it counts, and with which key.
create table machine_clients (
    id uuid primary key,
    person_id uuid not null references persons,
    name_ciphertext bytea not null,
    keys jsonb not null, -- public keys (RFC 7517), two at most
    scopes text[] not null check (scopes <@ array['poll', 'fetch', 'report', 'manage']),
    networks text[] not null, -- empty: any
    created_at timestamptz not null,
    last_used_at timestamptz,
    ended_at timestamptz
);
create index on machine_clients (person_id);

alter table credentials
    add column scopes text[] not null default '{}' check (scopes <@ array['poll', 'fetch', 'report', 'manage']),
    add column networks text[] not null default '{}', -- empty: any
    add column key_thumbprint text, -- RFC 7638; only with proofs of this key (RFC 9449)
    add column certificate_thumbprint text, -- only on connections with this certificate (RFC 8705)
    add column parent_hash bytea references credentials, -- the token for which this one was exchanged
    add column client_id uuid references machine_clients, -- the client that got this token
    add column refused_at timestamptz, -- last recorded use from another network
    add column last_used_from_ciphertext bytea,
    drop column last_used_from;
create index on credentials (parent_hash) where parent_hash is not null;
create index on credentials (client_id) where client_id is not null;
update credentials set scopes = '{poll,fetch,report,manage}' where kind = 'token';

create or replace function forget_last_use() returns trigger language plpgsql as $$
begin
    new.last_used_from_ciphertext := null;
    return new;
end
$$;

-- What came from a token ends with it, or earlier.
create function end_exchanged_tokens() returns trigger language plpgsql as $$
begin
    if new.ended_at is not null then
        update credentials set ended_at = new.ended_at where parent_hash = new.hash and ended_at is null;
    else
        update credentials set expires_at = new.expires_at
        where parent_hash = new.hash and ended_at is null and expires_at > new.expires_at;
        -- A restored database must not accept the token for longer.
        insert into access_changes (kind, subject, from_at, expires_at)
        values ('credential', encode(new.hash, 'hex'), new.expires_at, old.expires_at);
    end if;
    return null;
end
$$;
create trigger ended_exchanged_tokens after update on credentials for each row
    when (old.ended_at is null and (new.ended_at is not null or new.expires_at < old.expires_at))
    execute function end_exchanged_tokens();

alter table access_changes drop constraint access_changes_kind_check;
alter table access_changes add constraint access_changes_kind_check
    check (kind in ('partner', 'person', 'credential', 'key', 'passkey', 'machine_client'));
create function end_machine_client() returns trigger language plpgsql as $$
begin
    update credentials set ended_at = new.ended_at where client_id = new.id and ended_at is null;
    insert into access_changes (kind, subject, from_at) values ('machine_client', new.id::text, new.ended_at);
    return null;
end
$$;
create trigger ended_machine_client after update on machine_clients
    for each row when (old.ended_at is null and new.ended_at is not null) execute function end_machine_client();

-- Used proofs (RFC 9449) and assertions (RFC 7523), until they expire. Each counts once.
create table used_proofs (
    hash bytea primary key,
    expires_at timestamptz not null
);
create index on used_proofs (expires_at);
