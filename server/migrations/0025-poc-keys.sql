-- The text of a proof of concept has a data key of its own, in the scope `poc:<case>`. False: it has the case's key.
alter table artifact_versions add column has_poc_key boolean not null default false;
