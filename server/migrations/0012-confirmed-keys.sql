-- trust/partners/keys: one word, "confirm", for what an older key does to a new one.
alter table partner_keys rename column countersigned_by_id to confirmed_by_id;
alter table partner_keys rename column countersigned_at to confirmed_at;
alter table partner_keys rename constraint partner_keys_countersigned_by_id_fkey to partner_keys_confirmed_by_id_fkey;
