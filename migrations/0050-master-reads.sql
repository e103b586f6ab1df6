-- share/marking: who has read a master's raw text, by real time, for the hourly limit; and when a person reached it.
create table master_reads (
    id bigint generated always as identity primary key,
    person uuid not null references persons(id),
    artifact uuid not null,
    version int not null,
    class text not null,
    read_at timestamptz not null,
    limit_reached_at timestamptz
);
create index on master_reads (person, class, read_at);
create index on master_reads (limit_reached_at) where limit_reached_at is not null;
