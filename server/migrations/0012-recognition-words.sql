-- trust/identity: a person also gets a mail when an account of single sign-on is connected or disconnected.
alter table account_mails drop constraint account_mails_kind_check;
alter table account_mails add constraint account_mails_kind_check
    check (kind in ('link', 'recovery', 'passkey_added', 'account_connected', 'account_disconnected'));
