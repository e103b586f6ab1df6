-- share/marking: the slots of a version as they were when its first copy was made, so that a later lexicon, or another
-- parser, makes and reads the same copies. They hold the document's text, and are ciphertext.
alter table marked_versions add column colluders smallint not null default 2 check (colluders in (2, 4, 8));
alter table marked_versions add column slots_box bytea;
