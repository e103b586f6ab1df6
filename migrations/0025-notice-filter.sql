-- share/delivery: of which products a partner wants to hear when a wave falls. It tells what the partner runs, and is boxed.
create table notice_filters (
    partner      uuid primary key references partners,
    patterns_box bytea not null
);

-- Of a wave that brought something that the partner does not want to hear of.
alter table notices drop constraint notices_state_check;
alter table notices add constraint notices_state_check
    check (state in ('due', 'sent', 'dropped', 'failed', 'bounced', 'filtered'));
