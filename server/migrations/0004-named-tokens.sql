-- trust/identity: tokens have a name, and show when and from where they were last used.
alter table credentials add column name_ciphertext bytea; -- of a token; null for tokens of the demonstration
alter table credentials add column last_used_at timestamptz;
alter table credentials add column last_used_from text; -- an address
