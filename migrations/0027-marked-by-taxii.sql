-- share/delivery: where the program marks what TAXII carries, that is a copy of the partner's own.
alter table deliveries drop constraint deliveries_channel_check;
alter table deliveries
    add constraint deliveries_channel_check check (channel in ('copy', 'taxii', 'taxii copy', 'csaf', 'misp'));
