-- Since when a job is expected to succeed: one that fails from its first run on is seen by the age of its row.
alter table job_runs add column first_ran_at timestamptz not null default clock_timestamp();
