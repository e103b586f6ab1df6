-- The circle's tables, in the order in which a release flows through them.
-- Columns that end in _box are ciphertext (platform/vault); ids are random; instants are UTC.

-- trust/audit: what happened, and what is still owed to it. Rows of events are never changed or removed.
create table events (
    seq    bigint generated always as identity primary key,
    at     timestamptz not null,
    kind   text not null,
    body   jsonb not null,
    -- Leaves commit to a salted hash, so that a body can be erased and the tree stays whole.
    salt   bytea not null,
    -- Confidential: exported as a commitment only, to be opened later.
    sealed boolean not null default false
);
create table todos (
    seq    bigint primary key references events,
    due_at timestamptz not null, -- real time
    tries  int not null default 0
);
create index on todos (due_at, seq);
-- Events that are committed and not yet leaves. Row order is not commit order, so nothing less tells them.
create table unnumbered (
    seq bigint primary key references events
);
create table leaves (
    index bigint primary key,
    seq   bigint not null unique references events,
    hash  bytea not null
);
create table tree_nodes (
    level int not null,
    pos   bigint not null,
    hash  bytea not null,
    primary key (level, pos)
);
create table checkpoints (
    size bigint primary key,
    root bytea not null,
    note text not null,
    at   timestamptz not null
);

-- platform: the demonstration's clock, envelope encryption, and the program's own sealed keys.
create table demo_clock (
    only_one boolean primary key default true check (only_one),
    now      timestamptz not null,
    target   timestamptz -- where it is moving to; null while it stands
);
create table data_keys (
    scope   text primary key,
    wrapped bytea not null
);

-- trust/identity
create table persons (
    id         uuid primary key,
    partner    uuid,
    details_box bytea not null, -- {name, mail}
    roles      text[] not null,
    created_by uuid,
    created_at timestamptz not null,
    left_at    timestamptz,
    check (case when partner is null
        then roles <@ array['author','manager','investigator','approver','auditor','admin']
        else roles <@ array['lead','analyst'] end)
);
create index on persons (partner);
create table credentials (
    hash       bytea primary key, -- SHA-256 of the secret; the secret itself is nowhere
    person     uuid not null references persons,
    kind       text not null check (kind in ('token', 'session', 'link')),
    created_at timestamptz not null, -- real time, as all of this table
    expires_at timestamptz not null,
    reusable   boolean not null default false,
    ended_at   timestamptz
);
create index on credentials (person);
create table remembered_answers (
    key       bytea primary key, -- of person, route and Idempotency-Key
    request   bytea not null,
    answer_box bytea not null,
    at        timestamptz not null
);

-- trust/approvals
create table approvals (
    id           uuid primary key,
    act          text not null,
    effects      jsonb not null, -- ids, versions and instants; never content
    effects_hash bytea not null,
    requested_by uuid not null references persons,
    requested_at timestamptz not null,
    signed_by    uuid references persons,
    signed_at    timestamptz,
    used_at      timestamptz,
    voided_at    timestamptz,
    check (signed_by is distinct from requested_by)
);

-- trust/partners
create table partners (
    id         uuid primary key,
    details_box bytea not null, -- {name, mail}
    created_at timestamptz not null
);
-- Facts from instant to instant, so that any past decision can be replayed. The latest from ≤ then, by seq, counts.
create table partner_facts (
    seq         bigint generated always as identity primary key,
    partner     uuid not null references partners,
    fact        text not null check (fact in ('tier', 'standing', 'duties', 'restriction')),
    value       jsonb not null,
    from_at     timestamptz not null,
    recorded_by uuid
);
create index on partner_facts (partner, fact, from_at, seq);
create table agreements (
    version    int primary key,
    text_box   bytea not null,
    created_at timestamptz not null
);
create table acceptances (
    partner  uuid not null references partners,
    version  int not null references agreements,
    person   uuid not null references persons,
    at       timestamptz not null,
    ends_at  timestamptz,
    primary key (partner, version, at)
);
create table partner_keys (
    id         uuid primary key,
    partner    uuid not null references partners,
    recipient  text not null, -- age1…, public
    added_by   uuid not null references persons,
    added_at   timestamptz not null,
    usable_from timestamptz not null,
    revoked_at timestamptz
);
create index on partner_keys (partner);

-- share/cases
create table cases (
    id         uuid primary key,
    details_box bytea not null, -- {title, cves, products, weaknesses, cvss, finder, timeline}
    created_by uuid not null references persons,
    created_at timestamptz not null
);
-- Exact-match look-up of a CVE id without the id: a keyed hash.
create table case_names (
    name_hash bytea not null,
    case_id   uuid not null references cases,
    primary key (name_hash, case_id)
);
create table case_links (
    from_case uuid not null references cases,
    to_case   uuid not null references cases,
    kind      text not null check (kind in ('bypass of', 'variant of')),
    primary key (from_case, to_case, kind)
);
create table embargo_turns (
    case_id uuid not null references cases,
    n       int not null,
    kind    text not null check (kind in ('proposed', 'agreed', 'moved', 'broken', 'ended')),
    at      timestamptz not null,
    ends_at timestamptz,
    why_box bytea,
    primary key (case_id, n)
);
create table consent_turns (
    seq      bigint generated always as identity primary key,
    case_id  uuid not null references cases,
    partner  uuid not null references partners,
    kind     text not null check (kind in ('invited', 'signed', 'declined')),
    at       timestamptz not null,
    answer_by timestamptz, -- of an invitation: silence declines
    ends_at   timestamptz  -- of a signature: what was consented to
);
create index on consent_turns (case_id, partner, seq);

-- share/artifacts
create table artifacts (
    id         uuid primary key,
    case_id    uuid not null references cases,
    class      text not null check (class in
        ('summary', 'technical', 'guidance', 'indicators', 'rules', 'repro', 'poc', 'patch')),
    tlp        text not null check (tlp in ('CLEAR', 'GREEN', 'AMBER', 'AMBER+STRICT', 'RED')),
    pap        text not null check (pap in ('CLEAR', 'GREEN', 'AMBER', 'RED')),
    name_box   bytea not null,
    created_at timestamptz not null
);
create index on artifacts (case_id);
create table artifact_versions (
    artifact   uuid not null references artifacts,
    version    int not null,
    content_box bytea not null,
    created_by uuid not null references persons,
    created_at timestamptz not null,
    primary key (artifact, version)
);

-- share/waves: one row a tier and one for publication; the instant is the embargo's end plus the offset.
create table waves (
    id          uuid primary key,
    case_id     uuid not null references cases,
    tier        text not null check (tier in ('validate', 'advance', 'entry', 'publication')),
    offset_ms   bigint not null check (offset_ms <= 0),
    approval    uuid references approvals,
    frozen_at   timestamptz,
    released_at timestamptz,
    unique (case_id, tier)
);
create index on waves (released_at);
-- What a release handed out to be had: the artifact versions that its approval covered.
create table wave_artifacts (
    wave     uuid not null references waves,
    artifact uuid not null references artifacts,
    version  int not null,
    primary key (wave, artifact)
);

-- share/entitlement
create table policies (
    version    int primary key,
    name       text not null,
    text       text not null,
    created_by uuid references persons,
    created_at timestamptz not null
);
create table policy_activations (
    seq     bigint generated always as identity primary key,
    version int not null references policies,
    from_at timestamptz not null,
    by_person uuid
);

-- share/marking: what must be known to make a copy again; the copy itself is never stored.
create table marked_versions (
    artifact   uuid not null,
    version    int not null,
    epoch      int not null,
    slots      int not null,
    manifest   bytea not null, -- SHA-256 over master and slots, committed before the first delivery
    at         timestamptz not null,
    primary key (artifact, version, epoch)
);
create table mark_masters (
    epoch      int primary key,
    master_box bytea not null,
    created_at timestamptz not null
);

-- share/delivery
create table deliveries (
    id         uuid primary key,
    event      bigint not null references events,
    partner    uuid not null references partners,
    person     uuid not null references persons,
    case_id    uuid not null references cases,
    artifact   uuid not null references artifacts,
    version    int not null,
    class      text not null,
    copy_hash  bytea not null, -- SHA-256 of the plain copy under the delivery's salt
    copy_salt  bytea not null,
    at         timestamptz not null
);
create index on deliveries (partner, at);
create index on deliveries (artifact, at);
create table acknowledgements (
    id       uuid primary key,
    event    bigint not null references events,
    partner  uuid not null references partners,
    person   uuid not null references persons,
    case_id  uuid not null references cases,
    artifact uuid not null references artifacts,
    version  int not null,
    at       timestamptz not null,
    unique (partner, artifact, version)
);
create table notices (
    id       uuid primary key, -- the idempotency key of the attempt
    partner  uuid not null references partners,
    person   uuid not null references persons,
    wave     uuid references waves,
    state    text not null check (state in ('due', 'sent', 'dropped', 'failed')),
    tries    int not null default 0,
    next_at  timestamptz not null, -- real time
    made_at  timestamptz not null,
    sent_at  timestamptz,
    unique (person, wave)
);
create index on notices (state, next_at);

-- trace/evidence
create table evidence (
    id         uuid primary key,
    seq        bigint generated always as identity, -- the order in which they came
    kind       text not null check (kind in ('leak', 'exploitation')),
    case_id    uuid references cases,
    details_box bytea not null, -- {name, source, note}
    content_box bytea,
    sha256     bytea,
    size       int,
    seen_at    timestamptz not null,
    clock      text not null check (clock in ('synchronised', 'estimated', 'unknown')),
    filed_by   uuid not null references persons,
    filed_at   timestamptz not null
);
-- trace/attribution
create table attributions (
    id        uuid primary key,
    seq        bigint generated always as identity, -- the order in which they came
    evidence  uuid not null references evidence,
    artifact  uuid, -- null where it was nothing that was handed out
    version   int,
    verdict   text not null check (verdict in ('traced', 'undecided', 'unrelated')),
    result_box bytea not null,
    made_by   uuid references persons, -- null: by itself
    at        timestamptz not null
);
create index on attributions (evidence);
-- trace/inquiries: sealed; members only
create table inquiries (
    id         uuid primary key,
    seq        bigint generated always as identity, -- the order in which they came
    case_id    uuid not null references cases,
    details_box bytea not null, -- {title, hypotheses}
    opened_by  uuid not null references persons,
    opened_at  timestamptz not null
);
create table inquiry_members (
    inquiry uuid not null references inquiries,
    person  uuid not null references persons,
    added_at timestamptz not null,
    primary key (inquiry, person)
);
create table inquiry_evidence (
    inquiry  uuid not null references inquiries,
    evidence uuid not null references evidence,
    primary key (inquiry, evidence)
);
create table findings (
    id         uuid primary key,
    seq        bigint generated always as identity, -- the order in which they came
    inquiry    uuid not null references inquiries,
    partner    uuid references partners,
    details_box bytea not null, -- {conclusion, confidence, obligation}
    approval   uuid not null references approvals,
    proposed_by uuid not null references persons,
    proposed_at timestamptz not null,
    confirmed_at timestamptz -- null until a second person's signature was used
);
create index on findings (inquiry);
-- trace/measures
create table measures (
    id         uuid primary key,
    seq        bigint generated always as identity, -- the order in which they came
    kind       text not null check (kind in
        ('restrict by duty', 'restrict', 'interim suspension', 'reinstatement', 'lift')),
    partner    uuid references partners,
    policy     int references policies,
    reason_box bytea not null,
    taken_by   uuid not null references persons,
    taken_at   timestamptz not null,
    review_by  timestamptz,
    approval   uuid references approvals,
    ended_at   timestamptz
);
create index on measures (partner);
create table letters (
    id        uuid primary key,
    seq        bigint generated always as identity, -- the order in which they came
    partner   uuid not null references partners,
    measure   uuid not null references measures,
    text_box  bytea not null, -- {subject, text}
    sent_at   timestamptz not null,
    answer_box bytea,
    answered_by uuid references persons,
    answered_at timestamptz
);
create index on letters (partner);
