-- share/artifacts: how many recipients may put their copies together and still be told, as the author of a version declares.
alter table artifact_versions add column colluders smallint not null default 2 check (colluders between 1 and 8);
