-- trust/identity/machines: a restored database must not accept replaced keys.
alter table machine_clients add column keys_changed_at timestamptz; -- null: as registered

create function end_replaced_keys() returns trigger language plpgsql as $$
begin
    insert into access_changes (kind, subject, from_at) values ('machine_client', new.id::text, new.keys_changed_at);
    return null;
end
$$;
-- An end comes after the last replacement, even if the wall clock was set back in between.
create or replace function end_machine_client() returns trigger language plpgsql as $$
begin
    update credentials set ended_at = new.ended_at where client_id = new.id and ended_at is null;
    insert into access_changes (kind, subject, from_at)
    values ('machine_client', new.id::text,
        greatest(new.ended_at, new.keys_changed_at + interval '1 millisecond'));
    return null;
end
$$;

create trigger ended_replaced_keys after update on machine_clients
    for each row when (old.keys_changed_at is distinct from new.keys_changed_at) execute function end_replaced_keys();
