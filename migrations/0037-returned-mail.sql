-- trust/partners: mail that was taken and came back later, by what somebody says who has the address that it was sent from.
create table mail_returns (
    mail    uuid not null, -- of a notice, or of a code
    fate    text not null check (fate in ('failed', 'delayed')),
    partner uuid not null references partners,
    person  uuid references persons, -- null: the partner's own address
    at      timestamptz not null,
    primary key (mail, fate)
);
create index on mail_returns (partner, at);
