-- trust/identity: tokens have a name, and show when and from where they were last used.
alter table credentials add column name_ciphertext bytea; -- of a token; null for tokens of the demonstration
alter table credentials add column last_used_at timestamptz;
alter table credentials add column last_used_from text; -- an address

-- The address goes with the token.
create function forget_last_use() returns trigger language plpgsql as $$
begin
    new.last_used_from := null;
    return new;
end
$$;
create trigger forgot_last_use before update on credentials
    for each row when (old.ended_at is null and new.ended_at is not null) execute function forget_last_use();
