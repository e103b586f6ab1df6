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
-- What the guard of the clocks remembers. Nothing is released before it is trusted; the program's time is never before
-- high_water.
create table clock_guard (
    only_one   boolean primary key default true check (only_one),
    high_water timestamptz not null,
    memory     jsonb not null -- {anchors, frozen, agreedSince, reading}, as in lib/clocks
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
    words_box    bytea, -- what the effects hold as a hash only
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
    text_box   bytea not null, -- {text, termDays, obligations}
    owes       jsonb not null, -- [{kind, everyDays}]: what falls due, read with each decision
    longest_embargo_days int not null, -- what an acceptance consents to beforehand; 0: every case is asked about
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
-- Who owns a partner and where it stands. Rows are added, never changed; they decide nothing by themselves.
create table partner_background (
    seq         bigint generated always as identity primary key,
    partner     uuid not null references partners,
    fact        text not null check (fact in ('ownership', 'jurisdictions')),
    value_box   bytea not null,
    from_at     timestamptz not null,
    recorded_by uuid
);
create index on partner_background (partner, seq);
-- The program's rules: what admission asks, what each tier asks, what grace there is. The newest of a kind counts.
create table partner_rules (
    kind       text not null check (kind in ('admission', 'tiers', 'dues', 'consent')),
    version    int not null,
    rules      jsonb not null,
    created_by uuid references persons,
    created_at timestamptz not null,
    primary key (kind, version)
);
-- Of strangers, until somebody has decided. Of the secret and the reference only hashes are kept.
create table applications (
    partner        uuid primary key references partners,
    secret_hash    bytea not null unique,
    reference_hash bytea not null unique,
    form_box       bytea not null,
    made_at        timestamptz not null,
    decision       text check (decision in ('invited', 'declined')),
    decided_by     uuid references persons,
    decided_at     timestamptz,
    decision_box   bytea, -- {reason, message}
    rules_version  int,
    lead           uuid references persons, -- who came in by the invitation
    check ((decision is null) = (decided_at is null))
);
create index on applications (made_at) where decision is null;
create table vouches (
    applicant uuid not null references applications,
    partner   uuid not null references partners,
    person    uuid not null references persons,
    words_box bytea not null,
    at        timestamptz not null,
    primary key (applicant, partner)
);
create table admission_scores (
    seq           bigint generated always as identity primary key,
    applicant     uuid not null references applications,
    rules_version int not null,
    criterion     text not null,
    person        uuid not null references persons,
    score         int not null check (score between 0 and 4),
    reason_box    bytea not null,
    at            timestamptz not null
);
create index on admission_scores (applicant);
-- What a partner gave of what it owes by its agreement.
create table partner_statements (
    id       uuid primary key,
    partner  uuid not null references partners,
    person   uuid not null references persons,
    kind     text not null check (kind in ('attestation', 'regular reports')),
    version  int not null references agreements,
    nothing  boolean not null, -- a zero report; an attestation without exception
    body_box bytea not null,
    at       timestamptz not null
);
create index on partner_statements (partner, kind, at);
create table mailbox_marks (
    seq     bigint generated always as identity primary key,
    partner uuid not null references partners,
    person  uuid references persons, -- whose address; null: the partner's own
    kind    text not null check (kind in ('proved', 'bounced')),
    at      timestamptz not null
);
create index on mailbox_marks (partner, at);
-- Mail of its own words: a code for the mailbox, or that an application was answered.
create table partner_mails (
    id         uuid primary key, -- the idempotency key of the attempt
    partner    uuid not null references partners,
    kind       text not null check (kind in ('code', 'answered')),
    mail_box   bytea not null, -- {to, code}
    state      text not null check (state in ('due', 'sent', 'failed')),
    tries      int not null default 0,
    next_at    timestamptz not null, -- real time
    made_at    timestamptz not null, -- real time
    ended_at   timestamptz -- real time: of a code, used or replaced
);
create index on partner_mails (state, next_at);
create index on partner_mails (partner, made_at);
create table due_reminders (
    partner uuid not null references partners,
    kind    text not null,
    due_at  timestamptz not null,
    step    text not null,
    at      timestamptz not null,
    primary key (partner, kind, due_at, step)
);
-- When somebody last looked over all partners, in the program's time.
create table partner_looks (
    only_one boolean primary key default true check (only_one),
    at       timestamptz not null
);
create table tier_proposals (
    id            uuid primary key,
    partner       uuid not null references partners,
    from_tier     text not null,
    to_tier       text not null,
    rules_version int not null,
    findings      jsonb not null,
    made_at       timestamptz not null,
    ended_at      timestamptz,
    ended_as      text check (ended_as in ('taken', 'overtaken', 'set aside')),
    ended_by      uuid references persons,
    reason_box    bytea,
    check ((ended_at is null) = (ended_as is null))
);
create unique index on tier_proposals (partner) where ended_at is null;

-- trust/receipts: the log that partners see. A leaf is a batch; a batch is a tree of 1,024 places, full or empty.
create table batches (
    index         bigint primary key,
    at            timestamptz not null, -- the program's time, in whole seconds
    slot          timestamptz not null, -- real time: the instant that it was due at
    shown_from    timestamptz not null, -- real time
    seed          bytea not null, -- of the padding, so that the tree can be made again
    root          bytea not null,
    anchor        bytea not null, -- a commitment to the record's newest head
    anchor_salt   bytea not null,
    anchored_size bigint not null,
    log_root      bytea not null, -- of the log, once this batch is in it
    recorded      boolean not null -- whether the record names it
);
create table batch_nodes (
    level int not null,
    pos   bigint not null,
    hash  bytea not null,
    primary key (level, pos)
);
create table receipts (
    id         uuid primary key,
    seq        bigint generated always as identity,
    partner    uuid not null references partners,
    salt       bytea not null,
    body       jsonb not null, -- ids as this partner knows them
    commitment bytea not null,
    batch      bigint references batches, -- null while it waits
    place      int,
    unique (batch, place),
    check ((batch is null) = (place is null))
);
create index on receipts (partner, seq) where batch is null;

-- share/cases
create table cases (
    id         uuid primary key,
    details_box bytea not null, -- {title, cves, products, weaknesses, cvss, finder, timeline}
    permission_box bytea, -- {deployment, text}: what may be done before publication
    created_by uuid not null references persons,
    created_at timestamptz not null
);
create table case_closings (
    case_id  uuid primary key references cases,
    kind     text not null check (kind in ('cancelled', 'withdrawn')),
    at       timestamptz not null,
    by_person uuid not null references persons,
    why_box  bytea not null
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
-- Parties that are no partners: the finder, other vendors. Of an invitation's secret only a hash is kept.
create table case_parties (
    id          uuid primary key,
    case_id     uuid not null references cases,
    role        text not null check (role in ('finder', 'vendor', 'coordinator', 'other')),
    details_box bytea not null, -- {name, contact}
    secret_hash bytea unique, -- null until it is invited
    added_by    uuid not null references persons,
    added_at    timestamptz not null
);
create index on case_parties (case_id, added_at);
create table embargo_turns (
    case_id uuid not null references cases,
    n       int not null,
    kind    text not null check (kind in ('proposed', 'rejected', 'agreed', 'moved', 'broken', 'ended')),
    at      timestamptz not null,
    ends_at timestamptz,
    why_box bytea,
    partner  uuid references partners, -- who proposes; neither: the operator
    party    uuid references case_parties,
    proposal int, -- which is decided
    trigger_kind text check (trigger_kind in
        ('exploitation', 'public proof of concept', 'listed as exploited', 'leak')), -- of a proposed teardown
    owner    uuid references persons, -- who sees to its decision
    primary key (case_id, n),
    check (num_nonnulls(partner, party) <= 1)
);
create table consent_turns (
    seq      bigint generated always as identity primary key,
    case_id  uuid not null references cases,
    partner  uuid references partners,
    party    uuid references case_parties,
    kind     text not null check (kind in ('invited', 'signed', 'declined', 'exited')),
    at       timestamptz not null,
    answer_by timestamptz, -- of an invitation: silence declines
    ends_at   timestamptz, -- of a signature: what was consented to
    check (num_nonnulls(partner, party) = 1)
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
-- What rules are run against before they go out.
create table artifact_samples (
    seq        bigint generated always as identity,
    id         uuid primary key,
    artifact   uuid not null references artifacts,
    must       text not null check (must in ('hit', 'miss')),
    sample_box bytea not null, -- {name, content, base64}
    added_by   uuid not null references persons,
    added_at   timestamptz not null
);
create index on artifact_samples (artifact, seq);

-- share/waves: what new cases are planned by, and the days on which the program publishes.
create table wave_plans (
    seq       bigint generated always as identity primary key,
    plan      jsonb not null,
    from_at   timestamptz not null,
    by_person uuid
);
create table calendars (
    seq       bigint generated always as identity primary key,
    days      jsonb not null,
    from_at   timestamptz not null,
    by_person uuid
);
-- One row a tier and one for publication; the instant is the embargo's end plus the offset.
create table waves (
    id          uuid primary key,
    case_id     uuid not null references cases,
    tier        text not null check (tier in ('validate', 'advance', 'entry', 'publication')),
    offset_ms   bigint not null check (offset_ms <= 0),
    approval    uuid references approvals,
    released_at timestamptz,
    unique (case_id, tier)
);
create index on waves (released_at);
-- While one lasts, the wave does not fall; and if it has, nothing is read by it.
create table wave_freezes (
    seq      bigint generated always as identity primary key,
    wave     uuid not null references waves,
    from_at  timestamptz not null,
    until_at timestamptz
);
create unique index on wave_freezes (wave) where until_at is null;
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
    examples   text not null,
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
    state    text not null check (state in ('due', 'sent', 'dropped', 'failed', 'bounced')),
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
-- trace/measures: a procedure is its turns, and nothing about where it stands is stored.
create table procedures (
    id         uuid primary key,
    seq        bigint generated always as identity, -- the order in which they came
    partner    uuid not null references partners,
    finding    uuid not null unique references findings,
    grounds_box bytea not null -- {obligation, conclusion, confidence}
);
create index on procedures (partner);
create table procedure_turns (
    procedure  uuid not null references procedures,
    n          int not null,
    turn       jsonb not null, -- instants, persons and words from closed lists
    approval   uuid references approvals,
    words_box  bytea, -- {reason, terms}; of an appeal {text}
    primary key (procedure, n)
);
create table measures (
    id         uuid primary key,
    seq        bigint generated always as identity, -- the order in which they came
    kind       text not null check (kind in
        ('restrict by duty', 'restrict', 'interim suspension', 'reinstatement', 'lift',
         'reprimand', 'suspension', 'termination')),
    partner    uuid references partners,
    policy     int references policies,
    procedure  uuid references procedures,
    reason_box bytea not null,
    taken_by   uuid not null references persons,
    taken_at   timestamptz not null,
    review_by  timestamptz,
    approval   uuid references approvals,
    ended_at   timestamptz
);
create index on measures (partner);
-- What two decided when they looked at an interim suspension again, and did not end it.
create table reviews (
    id         uuid primary key,
    seq        bigint generated always as identity, -- the order in which they came
    measure    uuid not null references measures,
    procedure  uuid references procedures, -- whose decision is waited for instead
    review_by  timestamptz,
    approval   uuid not null references approvals,
    reason_box bytea not null,
    decided_at timestamptz not null,
    check ((procedure is null) = (review_by is not null))
);
create index on reviews (measure);
create table letters (
    id        uuid primary key,
    seq        bigint generated always as identity, -- the order in which they came
    partner   uuid not null references partners,
    kind      text not null,
    measure   uuid references measures,
    procedure uuid references procedures,
    text_box  bytea not null, -- {subject, text}
    sent_at   timestamptz not null,
    answer_box bytea,
    answered_by uuid references persons,
    answered_at timestamptz,
    noted_by  uuid references persons,
    noted_at  timestamptz,
    check (measure is not null or procedure is not null)
);
create index on letters (partner);
create index on letters (procedure);
create table letter_templates (
    kind       text not null,
    version    int not null,
    text_box   bytea not null, -- {subject, text}
    created_by uuid references persons,
    created_at timestamptz not null,
    primary key (kind, version)
);

-- trace/waiting
create table deputies (
    id       uuid primary key,
    person   uuid not null references persons,
    deputy   uuid not null references persons,
    from_at  timestamptz not null,
    until_at timestamptz not null,
    ended_at timestamptz,
    check (person <> deputy),
    check (until_at > from_at)
);
-- Who was told of what, and that it lapses soon, so that nobody is told twice.
create table waiting_told (
    person uuid not null references persons,
    key    text not null, -- its kind, an id and an instant
    step   text not null check (step in ('began', 'soon', 'over')),
    at     timestamptz not null,
    primary key (person, key, step)
);
-- When somebody last looked what waits, in the program's time.
create table waiting_looks (
    only_one boolean primary key default true check (only_one),
    at       timestamptz not null
);
create table operator_notices (
    id      uuid primary key,
    person  uuid not null references persons,
    state   text not null check (state in ('due', 'sent', 'dropped', 'failed')),
    tries   int not null default 0,
    next_at timestamptz not null -- real time
);
create index on operator_notices (next_at) where state = 'due';
