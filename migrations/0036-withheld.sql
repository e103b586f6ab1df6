-- trust/approvals: persons who once might know of it, and may no more.
alter table approvals add column withheld_from uuid[] not null default '{}';
