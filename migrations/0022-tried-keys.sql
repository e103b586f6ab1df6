-- trust/partners: when somebody of the partner opened a test copy with this key, first; null: nobody did.
alter table partner_keys add column proved_at timestamptz;
