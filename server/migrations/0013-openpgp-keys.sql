-- trust/partners/keys: copies can be sealed to OpenPGP certificates as well as to age recipients.
alter table partner_keys add column certificate_ciphertext bytea; -- of a recipient `openpgp:…`; null: of age
alter table partner_keys add check ((recipient like 'openpgp:%') = (certificate_ciphertext is not null));
