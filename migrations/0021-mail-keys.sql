-- trust/mailing: the OpenPGP key that the program signs its mail with; the secret half is boxed.
create table mail_signing_keys (
    fingerprint text primary key,
    made_at     timestamptz not null,
    public_text text not null,
    secret_box  bytea not null
);
create unique index mail_signing_keys_one on mail_signing_keys ((true));

-- trust/partners: OpenPGP keys that a partner's mail is encrypted to. The key names people, and is boxed.
create table partner_mail_keys (
    id          uuid primary key,
    partner     uuid not null references partners,
    fingerprint text not null,
    key_box     bytea not null,
    added_by    uuid not null references persons,
    added_at    timestamptz not null,
    usable_from timestamptz not null,
    expires_at  timestamptz not null,
    revoked_at  timestamptz,
    failed_at   timestamptz, -- when it could not be encrypted to, first
    unique (partner, fingerprint)
);
