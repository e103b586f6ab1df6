-- share/cases: the person who signs a publication reads the text that becomes public.
alter table case_reads drop constraint case_reads_part_check;
alter table case_reads add constraint case_reads_part_check check (part in ('facts', 'samples', 'sightings', 'public_text'));
