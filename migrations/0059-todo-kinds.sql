-- The worker selects its next step by kind without reading the events.
alter table todos add column kind text;
update todos set kind = events.kind from events where events.seq = todos.seq;
alter table todos alter column kind set not null;
