-- share/delivery: names the state of what a reader was shown in a collection. It is another one after each change, so that
-- what is kept of it in memory is known to be out of date.
create table shown_heads (
    person     uuid not null references persons,
    collection text not null,
    head       uuid not null,
    primary key (person, collection)
);
