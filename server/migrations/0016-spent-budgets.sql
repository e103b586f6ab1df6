-- What attributions have spent is kept in the high-water file too, so that a restore does not forget it.
alter table access_changes drop constraint access_changes_kind_check;
alter table access_changes add constraint access_changes_kind_check
    check (kind in ('partner', 'person', 'credential', 'key', 'passkey', 'machine_client', 'spent_budget'));
create index on access_changes (subject, seq desc) where kind = 'spent_budget';
