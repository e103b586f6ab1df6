-- share/publication: which change of what is public an advisory was changed by last. Numbers rise in the order of commits, so
-- that whoever keeps a list knows by one number whether it still says what is there.
alter table advisories add column generation bigint;
update advisories a set generation = n.nth
    from (select id, row_number() over (order by revised_at, id) as nth from advisories) as n where n.id = a.id;
alter table advisories alter column generation set not null;
create unique index advisories_generation on advisories (generation);

-- share/delivery: partners read CSAF too.
alter table deliveries drop constraint deliveries_channel_check;
alter table deliveries add constraint deliveries_channel_check check (channel in ('copy', 'taxii', 'csaf'));
