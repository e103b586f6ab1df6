-- The worker finds what it has a step for without a look at the events, of which there are ever more.
alter table todos add column kind text;
update todos set kind = events.kind from events where events.seq = todos.seq;
alter table todos alter column kind set not null;
