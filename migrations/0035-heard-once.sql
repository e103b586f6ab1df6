-- trace/sightings: by which report of exploitation a partner was heard of a case.
alter table sightings add column heard boolean not null default false;
update sightings set heard = true
    where looked_since is null and not exists (select from todos where todos.seq = sightings.event);
