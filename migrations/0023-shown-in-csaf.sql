-- share/delivery: each channel has its own log of what was shown; instants are unique over all.
alter table shown drop constraint shown_collection_check;
alter table shown add constraint shown_collection_check check (collection in ('warnings', 'sightings', 'csaf'));
