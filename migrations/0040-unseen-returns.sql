-- share/delivery: of a notice about something sealed, which matter it is of, and how it came back: for those who know of the matter alone.
alter table notices
    add column about    uuid, -- null: nothing sealed, or made before this
    add column returned text check (returned in ('failed', 'delayed'));
create index on notices (about) where about is not null;

-- trust/partners: what came back of something sealed stands on no page of its partner.
delete from mail_returns using notices where notices.id = mail_returns.mail and notices.sealed;

-- trace/waiting: mail to a person of the operator that came back. Of those made before this nobody knows what they were about.
alter table operator_notices
    add column sealed      boolean not null default true, -- of sealed matters alone
    add column made_at     timestamptz, -- null: made before this
    add column returned_at timestamptz;
alter table operator_notices alter column sealed drop default;

-- share/webhooks: a key pair of its own for each, boxed as its secret is. Null: the program's, which all were signed with before.
alter table webhooks
    add column signing_box          bytea,
    add column previous_signing_box bytea;

-- trust/partners: a key of whose day two people let off the rest.
alter table partner_keys add column hastened_at timestamptz;
