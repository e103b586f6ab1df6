-- trace/sightings: a zero report says since when its partner looked and saw nothing, until `seen_at`.
alter table sightings add column looked_since timestamptz; -- null: exploitation was seen
alter table sightings add constraint sightings_looked_check check (looked_since < seen_at);
