-- trust/partners/keys: a later key is unusable until a usable one confirms it or two staff members accept it.
alter table partner_keys alter column usable_at drop not null; -- null: waits; earlier keys keep their instant
alter table partner_keys rename column activated_early_at to accepted_at; -- by two staff members
alter table partner_keys add column countersigned_by_id uuid references partner_keys; -- the key that confirmed it
alter table partner_keys add column countersigned_at timestamptz;
alter table partner_keys add check ((countersigned_by_id is null) = (countersigned_at is null));
