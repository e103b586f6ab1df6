-- platform: when each job of the worker last ran, by the database's clock, so that a dead worker is seen (docs/design/0060).
create table job_runs (
    job text primary key check (length(job) between 1 and 60),
    ran_at timestamptz not null,
    -- Null: it has run, and never without an error.
    succeeded_at timestamptz
);
