-- trust/identity: mail about a person's own sign-in. Its text is made when it is sent; a link's secret is stored nowhere.
create table account_mails (
    id uuid primary key,
    person_id uuid not null references persons,
    kind text not null check (kind in ('link', 'recovery', 'passkey_added')),
    is_recovery boolean not null, -- of a link: ends the person's earlier sign-ins when it is sent
    state text not null check (state in ('due', 'sent', 'failed', 'cancelled')),
    attempts integer not null default 0,
    next_at timestamptz not null,
    not_before timestamptz not null,
    created_at timestamptz not null
);
create index on account_mails (state, next_at);
create index on account_mails (person_id, created_at);

delete from partner_mails where kind = 'link';
alter table partner_mails drop constraint partner_mails_kind_check;
alter table partner_mails add constraint partner_mails_kind_check check (kind in ('code', 'answered'));
