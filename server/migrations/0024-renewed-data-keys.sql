-- A scope can have several data keys: the newest encrypts, and each ciphertext has the number of its key. One without a
-- number is of the scope's first key.
alter table data_keys drop constraint data_keys_pkey;
alter table data_keys add column number bigint generated always as identity primary key;
create index on data_keys (scope);

-- The number of the root key's wrapping half that wraps the data key. The scope `program` has a key of the newest.
alter table data_keys add column half smallint not null default 1;
alter table data_keys alter column half drop default;
