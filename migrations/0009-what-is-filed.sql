-- trace/evidence: a public proof of concept, and a listing as exploited, are filed as an exploitation is.
alter table evidence drop constraint evidence_kind_check;
alter table evidence add constraint evidence_kind_check
    check (kind in ('exploitation', 'public proof of concept', 'listed as exploited', 'leak'));
