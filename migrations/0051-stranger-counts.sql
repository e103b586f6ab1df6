-- How often strangers asked within the last hour, for all processes together. Lost with a crash of the database: the count begins again.
create unlogged table stranger_counts (
    key bytea primary key,
    since timestamptz not null,
    count integer not null
);
create index stranger_counts_by_age on stranger_counts (since);
