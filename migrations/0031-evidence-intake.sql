-- trace/evidence: what the bytes are, told by looking at them; before, texts in UTF-8 alone were taken.
alter table evidence
    add column content_kind text check (content_kind in ('text', 'archive', 'image', 'document', 'binary')),
    add column content_format text;
update evidence set content_kind = 'text', content_format = 'utf-8' where content_box is not null;

-- What an archive held when it was opened, once, in a process of its own.
create table evidence_openings (
    evidence  uuid primary key references evidence,
    list_box  bytea not null, -- {parts without their texts, hasMore, isWhole, ended}
    texts_box bytea not null, -- [text or null], in the same order
    opened_at timestamptz not null
);
