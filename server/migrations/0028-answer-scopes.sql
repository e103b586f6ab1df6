-- The data key of an answer that is kept for a repeated request: console and portal have keys of their own.

alter table idempotency_answers add column scope text not null default 'program';
alter table idempotency_answers alter column scope drop default;
