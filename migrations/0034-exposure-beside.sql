-- Whoever laid a leak beside a text read of its master: the exposure query asks for that, too, by the artifact.
create index events_beside_masters on events ((body ->> 'artifact'), at) where kind = 'attribution.read';
