-- share/cases: how often what a warning says of a case was changed. It stands in what is signed for its waves.
alter table cases add column revision integer not null default 1;
