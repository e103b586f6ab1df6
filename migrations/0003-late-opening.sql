-- share/waves: a fallen wave opens a newer version, or what was recalled when it fell, by a signature of its own.
alter table wave_artifacts drop constraint wave_artifacts_pkey;
alter table wave_artifacts add primary key (wave, artifact, version);
alter table wave_artifacts add column opened_at timestamptz; -- null: when the wave fell
