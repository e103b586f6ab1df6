-- trust/partners: how long embargoes of this program may be, as a rule of the program. Its pack says it first.
alter table partner_rules drop constraint partner_rules_kind_check;
alter table partner_rules add constraint partner_rules_kind_check
    check (kind in ('admission', 'tiers', 'testing', 'dues', 'consent', 'embargo'));
