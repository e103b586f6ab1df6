-- trust/partners: a sign-in link of a partner's person goes to that person's mailbox, and is shown to no one else.
alter table partner_mails drop constraint partner_mails_kind_check;
alter table partner_mails add constraint partner_mails_kind_check check (kind in ('code', 'answered', 'link'));
