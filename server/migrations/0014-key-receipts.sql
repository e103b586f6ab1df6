-- trust/receipts: the receipts of a partner's key changes are numbered, and each has the commitment of the one before.
alter table receipts add column key_change int; -- from 1 for each partner; null: a receipt of another kind
alter table receipts add unique (partner_id, key_change);
