-- trust/identity: a person also gets a mail when an account of single sign-on is connected or disconnected.
alter table account_mails drop constraint account_mails_kind_check;
alter table account_mails add constraint account_mails_kind_check
    check (kind in ('link', 'recovery', 'passkey_added', 'account_connected', 'account_disconnected', 'words_changed'));

-- trust/partners: the words by which a partner's people recognise mail. Earlier ones stay for the notice of a change.
create table recognition_words (
    partner_id uuid not null references partners,
    set_at timestamptz not null, -- wall-clock time
    words_ciphertext bytea, -- null: none from then on
    primary key (partner_id, set_at)
);

-- trust/identity: people whom an identity provider wanted to remove, and who stay as the last holder of a role.
create table refused_removals (
    person_id uuid primary key references persons,
    provider text not null,
    refused_at timestamptz not null
);
