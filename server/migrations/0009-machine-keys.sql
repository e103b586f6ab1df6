-- trust/identity/machines: a restored database must not accept replaced keys.
alter table machine_clients add column keys_changed_at timestamptz; -- null: as registered

create function end_replaced_keys() returns trigger language plpgsql as $$
begin
    insert into access_changes (kind, subject, from_at) values ('machine_client', new.id::text, new.keys_changed_at);
    return null;
end
$$;
create trigger ended_replaced_keys after update on machine_clients
    for each row when (old.keys_changed_at is distinct from new.keys_changed_at) execute function end_replaced_keys();
