-- trust/identity: sessions end when nobody uses them, show their device, and say when the person last proved itself.
alter table credentials
    add column idle_ms integer, -- of a session: it ends when it is unused for longer
    add column last_used_on_ciphertext bytea, -- browser and system of the last use
    add column confirmed_at timestamptz; -- of a session: the last sign-in or assertion of its person

create or replace function forget_last_use() returns trigger language plpgsql as $$
begin
    new.last_used_from_ciphertext := null;
    new.last_used_on_ciphertext := null;
    return new;
end
$$;
