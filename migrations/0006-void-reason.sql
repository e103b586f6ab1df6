-- trust/approvals: why a request or a signature fell, for whoever has to ask anew; null for those that fell before.
alter table approvals add column voided_for text
    check (voided_for in ('withdrawn', 'changed', 'superseded', 'asker gone', 'signer gone'));
alter table approvals add check (voided_for is null or voided_at is not null);
