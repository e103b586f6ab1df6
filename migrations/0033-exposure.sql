-- What an inquiry asks first, who held what before an instant, is asked by case: without reading what other cases have.
create index on deliveries (case_id, class, at) include (partner, person, artifact, version, channel);
create index on acknowledgements (case_id, artifact, at) include (partner, person, version);
create index on notices (wave) where wave is not null;
create index events_of_masters on events ((body ->> 'artifact'), at) where kind in ('artifact.versioned', 'artifact.read');
