-- trust/approvals: who read what a request says of a case, such as the facts of an amendment. Recorded once for each person.
create table approval_reads (
    approval uuid not null references approvals (id),
    person uuid not null references persons (id),
    primary key (approval, person)
);
