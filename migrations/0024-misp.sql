-- share/delivery: warnings are also read as MISP events, which is a channel of its own.
alter table deliveries drop constraint deliveries_channel_check;
alter table deliveries add constraint deliveries_channel_check check (channel in ('copy', 'taxii', 'csaf', 'misp'));
alter table shown drop constraint shown_collection_check;
alter table shown add constraint shown_collection_check check (collection in ('warnings', 'sightings', 'csaf', 'misp'));
