-- additive
-- trust/receipts: the path of a receipt in its batch, ten hashes from the leaf's sibling up. Null: it waits, or an older
-- version batched it.
alter table receipts add column path bytea check (octet_length(path) = 320);
