-- The root key, wrapped by each key-encryption key that opens it. `id` names the key-encryption key; the
-- greatest `number` is the newest.
create table root_keys (
    id text primary key,
    number bigint generated always as identity,
    wrapped bytea not null
);

-- 1: wrapped by the key-encryption key, as older versions did. 2: wrapped by the root key.
alter table data_keys add column version smallint not null default 1 check (version in (1, 2));
alter table data_keys alter column version drop default;
