-- The tables of Tocsin, by feature. Columns that end in _ciphertext are encrypted, ids are random, instants are UTC.

-- trust/audit: events, and the Merkle tree over them. Rows of events are never changed or removed.

-- What happened. The salt lets a body be erased while the tree stays whole.
create table events (
    seq bigint generated always as identity primary key,
    at timestamptz not null,
    kind text not null,
    body jsonb not null,
    salt bytea not null,
    confidential boolean not null default false -- exported as a commitment only
);
create index events_of_evidence on events using gin ((body -> 'evidence') jsonb_path_ops) where body ? 'evidence';
create index events_of_masters on events ((body ->> 'artifact'), at) where kind in ('artifact.versioned', 'artifact.read');
create index events_beside_masters on events ((body ->> 'artifact'), at) where kind = 'attribution.read';

-- Events that a background job still has to handle.
create table pending_events (
    seq bigint primary key references events,
    due_at timestamptz not null, -- wall-clock time
    attempts int not null default 0,
    kind text not null
);
create index on pending_events (due_at, seq);

-- Committed events that are not leaves yet. Row order is not commit order.
create table unsequenced_events (
    seq bigint primary key
);

-- The index that each event has in the tree.
create table leaves (
    index bigint primary key,
    seq bigint not null unique references events,
    hash bytea not null
);

-- Hashes above the leaves.
create table tree_nodes (
    level int,
    pos bigint,
    hash bytea not null,
    primary key (level, pos)
);

-- Signed tree sizes and roots.
create table checkpoints (
    size bigint primary key,
    root bytea not null,
    note text not null,
    at timestamptz not null
);

-- Times in which the tree did not match its signed checkpoint. Sequencing stops meanwhile.
create table audit_log_faults (
    id bigint generated always as identity primary key,
    detected_at timestamptz not null,
    leaf bigint, -- null: a node above the leaves
    ended_at timestamptz
);
create unique index audit_log_faults_expr_idx on audit_log_faults ((true)) where ended_at is null;

-- platform: clocks, encryption, jobs, limits and the changes that entitlement depends on

-- The clock of the demonstration.
create table demo_clock (
    only_one boolean default true primary key check (only_one),
    now_at timestamptz not null,
    target_at timestamptz -- null while the clock is not moving
);

-- What the clock guard keeps. Program time is never before high_water_at.
create table clock_guard (
    only_one boolean default true primary key check (only_one),
    high_water_at timestamptz not null,
    memory jsonb not null -- {baselines, distrust, agreedSince, reading, confirmations}
);

-- Data keys, wrapped by the program's key.
create table data_keys (
    scope text primary key,
    wrapped bytea not null
);

-- Transactions that changed what entitlement or a feed is computed from. Kept for an hour.
create table changes (
    scope uuid, -- the partner; all zeros for every partner
    tx xid8,
    at timestamptz not null default clock_timestamp(), -- wall-clock time
    primary key (scope, tx)
);
create index on changes (at);

-- When each background job last ran and last succeeded, by the database's clock.
create table job_runs (
    job text primary key check (length(job) between 1 and 60),
    ran_at timestamptz not null,
    succeeded_at timestamptz, -- null: not yet
    first_ran_at timestamptz not null default clock_timestamp()
);

-- Requests of callers without credentials within the last hour. A crash of the database empties it.
create unlogged table caller_counts (
    key bytea primary key,
    started_at timestamptz not null,
    count int not null
);
create index on caller_counts (started_at);

-- Answers kept by Idempotency-Key.
create table idempotency_answers (
    key bytea primary key, -- of person, route and Idempotency-Key
    request bytea not null,
    answer_ciphertext bytea not null,
    at timestamptz not null
);

-- trust/identity

-- People of the operator and of partners.
create table persons (
    id uuid primary key,
    partner_id uuid, -- null: staff
    details_ciphertext bytea not null, -- {name, mail}
    roles text[] not null,
    created_by uuid,
    created_at timestamptz not null,
    left_at timestamptz,
    check (case when partner_id is null
        then roles <@ array['author', 'manager', 'investigator', 'approver', 'auditor', 'admin']
        else roles <@ array['lead', 'analyst'] end)
);
create index on persons (partner_id);

-- Tokens, sessions and sign-in links, as hashes. All instants are wall-clock time.
create table credentials (
    hash bytea primary key, -- SHA-256 of the secret
    person_id uuid not null references persons,
    kind text not null check (kind in ('token', 'session', 'link')),
    created_at timestamptz not null,
    expires_at timestamptz not null,
    reusable boolean not null default false,
    ended_at timestamptz
);
create index on credentials (person_id);

-- trust/approvals

-- Actions that one person requests and another signs.
create table approvals (
    id uuid primary key,
    action text not null,
    effects jsonb not null, -- ids, versions and instants; no content
    effects_hash bytea not null,
    text_ciphertext bytea, -- texts of which the effects hold the hash
    requested_by uuid not null references persons,
    requested_at timestamptz not null,
    signed_by uuid references persons,
    signed_at timestamptz,
    applied_at timestamptz,
    voided_at timestamptz,
    void_reason text check (void_reason in ('withdrawn', 'changed', 'superseded', 'requester_left', 'signer_left')),
    withheld_from uuid[] not null default '{}', -- persons who no longer see it
    check (signed_by is distinct from requested_by),
    check ((void_reason is null) or (voided_at is not null))
);

-- Who read what a request says of a case. Recorded once for each person.
create table approval_reads (
    approval_id uuid references approvals,
    person_id uuid references persons,
    primary key (approval_id, person_id)
);

-- trust/partners

-- Partner organisations.
create table partners (
    id uuid primary key,
    details_ciphertext bytea not null, -- {name, mail}
    created_at timestamptz not null
);

-- Tier, status, duties and restriction of a partner. The latest row by seq with from_at at or before an instant counts.
create table partner_facts (
    seq bigint generated always as identity primary key,
    partner_id uuid not null references partners,
    fact text not null check (fact in ('tier', 'status', 'duties', 'restriction')),
    value jsonb not null,
    from_at timestamptz not null,
    recorded_by uuid
);
create index on partner_facts (partner_id, fact, from_at, seq);

-- Versions of the partner agreement.
create table agreements (
    version int primary key,
    text_ciphertext bytea not null, -- {text, termDays, obligations}
    requirements jsonb not null, -- [{kind, everyDays}]
    longest_embargo_days int not null, -- advance consent; 0: none
    created_at timestamptz not null,
    applies_at timestamptz not null -- acceptances of older versions end here
);

-- Which version of the agreement a partner accepted, and until when.
create table acceptances (
    partner_id uuid references partners,
    version int references agreements,
    person_id uuid not null references persons,
    at timestamptz,
    ends_at timestamptz,
    primary key (partner_id, version, at)
);

-- age keys that copies are sealed to.
create table partner_keys (
    id uuid primary key,
    partner_id uuid not null references partners,
    recipient text not null, -- age1…, public
    added_by uuid not null references persons,
    added_at timestamptz not null,
    usable_at timestamptz not null,
    revoked_at timestamptz,
    expires_at timestamptz not null,
    tested_at timestamptz, -- first opened test copy; null: none
    activated_early_at timestamptz -- two people ended the waiting time
);
create index on partner_keys (partner_id);

-- OpenPGP keys that mail to a partner is encrypted to.
create table partner_mail_keys (
    id uuid primary key,
    partner_id uuid not null references partners,
    fingerprint text not null,
    key_ciphertext bytea not null,
    added_by uuid not null references persons,
    added_at timestamptz not null,
    usable_at timestamptz not null,
    expires_at timestamptz not null,
    revoked_at timestamptz,
    failed_at timestamptz, -- first failure to encrypt to it
    unique (partner_id, fingerprint)
);

-- Ownership and jurisdictions of a partner. Rows are added, never changed. They decide nothing.
create table partner_due_diligence (
    seq bigint generated always as identity primary key,
    partner_id uuid not null references partners,
    fact text not null check (fact in ('ownership', 'jurisdictions')),
    value_ciphertext bytea not null,
    from_at timestamptz not null,
    recorded_by uuid
);
create index on partner_due_diligence (partner_id, seq);

-- Versions of the program's rules. The newest version of a kind counts.
create table program_rules (
    kind text
        check (kind in ('admission', 'tiers', 'testing', 'requirements', 'consent', 'embargo', 'aggregates', 'reporting')),
    version int,
    rules jsonb not null,
    created_by uuid references persons,
    created_at timestamptz not null,
    primary key (kind, version)
);

-- Applications for membership. Of the secret and the reference only hashes are kept.
create table applications (
    partner_id uuid primary key references partners,
    secret_hash bytea not null unique,
    reference_hash bytea not null unique,
    form_ciphertext bytea not null,
    submitted_at timestamptz not null,
    decision text check (decision in ('invited', 'declined')),
    decided_by uuid references persons,
    decided_at timestamptz,
    decision_ciphertext bytea, -- {reason, message}
    rules_version int,
    lead_id uuid references persons, -- who joined by the invitation
    check ((decision is null) = (decided_at is null))
);
create index on applications (submitted_at) where decision is null;

-- Partners that vouch for an applicant.
create table vouches (
    applicant_id uuid references applications,
    partner_id uuid references partners,
    person_id uuid not null references persons,
    text_ciphertext bytea not null,
    at timestamptz not null,
    primary key (applicant_id, partner_id)
);

-- How staff score an applicant by the admission criteria.
create table admission_scores (
    seq bigint generated always as identity primary key,
    applicant_id uuid not null references applications,
    rules_version int not null,
    criterion text not null,
    person_id uuid not null references persons,
    score int not null check (score between 0 and 4),
    reason_ciphertext bytea not null,
    at timestamptz not null
);
create index on admission_scores (applicant_id);

-- Attestations and regular reports of a partner.
create table partner_statements (
    id uuid primary key,
    partner_id uuid not null references partners,
    person_id uuid not null references persons,
    kind text not null check (kind in ('attestation', 'regular_reports')),
    version int not null references agreements,
    is_zero_report boolean not null, -- a zero report, or an attestation without exception
    body_ciphertext bytea not null,
    at timestamptz not null
);
create index on partner_statements (partner_id, kind, at);

-- When a mailbox was verified, and when mail to it bounced.
create table mailbox_events (
    seq bigint generated always as identity primary key,
    partner_id uuid not null references partners,
    person_id uuid references persons, -- null: the partner's own mailbox
    kind text not null check (kind in ('verified', 'bounced')),
    at timestamptz not null
);
create index on mailbox_events (partner_id, at);

-- Mail that was accepted and returned later.
create table mail_returns (
    mail_id uuid, -- id of a notice or of a code
    outcome text check (outcome in ('failed', 'delayed')),
    partner_id uuid not null references partners,
    person_id uuid references persons, -- null: the partner's own mailbox
    at timestamptz not null,
    primary key (mail_id, outcome)
);
create index on mail_returns (partner_id, at);

-- Mail with a text of its own: codes, decisions on applications, sign-in links.
create table partner_mails (
    id uuid primary key, -- idempotency key of the attempt
    partner_id uuid not null references partners,
    kind text not null check (kind in ('code', 'answered', 'link')),
    mail_ciphertext bytea not null, -- {to, code}
    state text not null check (state in ('due', 'sent', 'failed')),
    attempts int not null default 0,
    next_at timestamptz not null, -- wall-clock time
    created_at timestamptz not null, -- wall-clock time
    ended_at timestamptz -- wall-clock time; a code was used or replaced
);
create index on partner_mails (state, next_at);
create index on partner_mails (partner_id, created_at);

-- Reminders of requirements that were sent.
create table requirement_reminders (
    partner_id uuid references partners,
    kind text,
    due_at timestamptz,
    step text,
    at timestamptz not null,
    primary key (partner_id, kind, due_at, step)
);

-- The program time of the last pass over all partners.
create table partner_last_run (
    only_one boolean default true primary key check (only_one),
    at timestamptz not null
);

-- Proposed changes of a partner's tier, and how each ended.
create table tier_proposals (
    id uuid primary key,
    partner_id uuid not null references partners,
    from_tier text not null,
    to_tier text not null,
    rules_version int not null,
    findings jsonb not null,
    created_at timestamptz not null,
    ended_at timestamptz,
    ended_as text check (ended_as in ('accepted', 'superseded', 'dismissed')),
    ended_by uuid references persons,
    reason_ciphertext bytea,
    check ((ended_at is null) = (ended_as is null))
);
create unique index on tier_proposals (partner_id) where ended_at is null;

-- Which of a partner's people see one warning. The newest row of a partner and case counts.
create table access_lists (
    seq bigint generated always as identity primary key,
    partner_id uuid not null references partners,
    case_id uuid not null,
    person_ids uuid[], -- null: the whole roster
    from_at timestamptz not null,
    set_by uuid references persons
);
create index on access_lists (partner_id, case_id, seq);

-- trust/mailing

-- The OpenPGP key that the program signs mail with. One row.
create table mail_signing_keys (
    fingerprint text primary key,
    created_at timestamptz not null,
    public_text text not null,
    secret_ciphertext bytea not null
);
create unique index mail_signing_keys_one on mail_signing_keys ((true));

-- trust/receipts: the log that partners see. A leaf is a batch, a tree of 1,024 receipts and padding.

-- Batches of the receipt log.
create table batches (
    index bigint primary key,
    at timestamptz not null, -- program time, in whole seconds
    due_at timestamptz not null, -- wall-clock time at which it was due
    visible_at timestamptz not null, -- wall-clock time
    seed bytea not null, -- of the padding
    root bytea not null,
    anchor bytea not null, -- commitment to the newest checkpoint of the audit log
    anchor_salt bytea not null,
    anchored_size bigint not null,
    log_root bytea not null, -- root of the receipt log with this batch
    recorded boolean not null -- whether the audit log names it
);

-- Hashes of the receipt log's tree.
create table batch_nodes (
    level int,
    pos bigint,
    hash bytea not null,
    primary key (level, pos)
);

-- One receipt for each event that concerns a partner.
create table receipts (
    id uuid primary key,
    seq bigint generated always as identity,
    partner_id uuid not null references partners,
    salt bytea not null,
    body jsonb not null, -- ids as this partner knows them
    commitment bytea not null,
    batch_id bigint references batches, -- null until it is in a batch
    place int,
    check ((batch_id is null) = (place is null)),
    unique (batch_id, place)
);
create index on receipts (partner_id, seq) where batch_id is null;

-- trust/continuity: what the high-water file next to the key file is compared with (docs/formats/high-water.md)

-- Changes of who has access. A number is given after the commit.
create table access_changes (
    id uuid default gen_random_uuid() primary key,
    kind text not null check (kind in ('partner', 'person', 'credential', 'key')),
    subject text not null, -- an id; of a credential its hash in hex
    status text, -- of a partner
    from_at timestamptz not null,
    expires_at timestamptz, -- of a credential or key
    seq bigint generated always as identity,
    number bigint unique
);
create index on access_changes (seq) where number is null;

-- Whether a high-water file was made for this database. One row.
create table high_water_known (
    only_one boolean default true primary key check (only_one),
    created_at timestamptz not null
);

-- Times in which the database disagreed with a high-water file. No partner is served meanwhile.
create table quarantines (
    id uuid primary key,
    started_at timestamptz not null,
    reasons text[] not null,
    files jsonb not null, -- what each file says, by its id
    applied jsonb not null, -- ends of access that were applied again
    number bigint not null, -- newest access change at the start
    approval_id uuid references approvals,
    ended_at timestamptz
);
create unique index quarantines_expr_idx on quarantines ((true)) where ended_at is null;

-- share/cases

-- Vulnerability cases.
create table cases (
    id uuid primary key,
    details_ciphertext bytea not null, -- {title, cves, products, weaknesses, cvss, finder, timeline}
    permission_ciphertext bytea, -- {deployment, text}
    created_by uuid not null references persons,
    created_at timestamptz not null,
    revision int not null default 1, -- of the disclosed facts
    amended_at timestamptz -- null: disclosed facts not changed yet
);
alter table access_lists add foreign key (case_id) references cases;

-- Closures: cancelled before a partner was warned, else withdrawn.
create table case_closures (
    case_id uuid primary key references cases,
    kind text not null check (kind in ('cancelled', 'withdrawn')),
    at timestamptz not null,
    actor_id uuid not null references persons,
    reason_ciphertext bytea not null
);

-- Keyed hashes of CVE ids, for exact look-up.
create table case_names (
    name_hash bytea,
    case_id uuid references cases,
    primary key (name_hash, case_id)
);

-- Which case bypasses or is a variant of which.
create table case_links (
    from_case_id uuid references cases,
    to_case_id uuid references cases,
    kind text check (kind in ('bypass_of', 'variant_of')),
    from_at timestamptz not null,
    primary key (from_case_id, to_case_id, kind)
);

-- External parties of an embargo. Of an invitation's secret only a hash is kept.
create table external_parties (
    id uuid primary key,
    case_id uuid not null references cases,
    role text not null check (role in ('finder', 'vendor', 'coordinator', 'other')),
    details_ciphertext bytea not null, -- {name, contact}
    secret_hash bytea unique, -- null until invited
    added_by uuid not null references persons,
    added_at timestamptz not null
);
create index on external_parties (case_id, added_at);

-- History of an embargo. Its state is computed from it.
create table embargo_history (
    case_id uuid references cases,
    n int,
    kind text not null check (kind in ('proposed', 'rejected', 'agreed', 'moved', 'terminated', 'ended')),
    at timestamptz not null,
    ends_at timestamptz,
    reason_ciphertext bytea,
    partner_id uuid references partners, -- proposer; neither partner nor party: the operator
    party_id uuid references external_parties,
    proposal int, -- n of the entry that is decided
    -- of a termination proposal
    trigger_kind text
        check (trigger_kind in ('exploitation', 'public_proof_of_concept', 'listed_as_exploited', 'leak')),
    owner_id uuid references persons, -- who is responsible for the decision
    check (num_nonnulls(partner_id, party_id) <= 1),
    primary key (case_id, n)
);

-- History of consent to an embargo.
create table consent_history (
    seq bigint generated always as identity primary key,
    case_id uuid not null references cases,
    partner_id uuid references partners,
    party_id uuid references external_parties,
    kind text not null check (kind in ('invited', 'signed', 'declined', 'exited')),
    at timestamptz not null,
    answer_due_at timestamptz, -- of an invitation; no answer declines
    ends_at timestamptz, -- of a signature: the consented end
    check (num_nonnulls(partner_id, party_id) = 1)
);
create index on consent_history (case_id, partner_id, seq);

-- Which person read which part of a case, in which revision.
create table case_reads (
    person_id uuid references persons,
    part text check (part in ('facts', 'samples', 'sightings', 'public_text')),
    case_id uuid references cases,
    revision int,
    at timestamptz not null,
    primary key (person_id, part, case_id, revision)
);

-- Whether a case is known to be exploited. A row counts until the next.
create table case_exploitation (
    seq bigint generated always as identity primary key,
    case_id uuid not null references cases,
    known boolean not null,
    at timestamptz not null
);
create index case_exploitation_case_idx on case_exploitation (case_id);

-- share/artifacts

-- Artifacts of a case.
create table artifacts (
    id uuid primary key,
    case_id uuid not null references cases,
    class text not null
        check (class in ('summary', 'technical', 'guidance', 'indicators', 'rules', 'repro', 'poc', 'patch')),
    tlp text not null check (tlp in ('CLEAR', 'GREEN', 'AMBER', 'AMBER+STRICT', 'RED')),
    pap text not null check (pap in ('CLEAR', 'GREEN', 'AMBER', 'RED')),
    name_ciphertext bytea not null,
    created_at timestamptz not null
);
create index on artifacts (case_id);

-- Their versions.
create table artifact_versions (
    artifact_id uuid references artifacts,
    version int,
    content_ciphertext bytea not null,
    created_by uuid not null references persons,
    created_at timestamptz not null,
    -- how many recipients may combine copies and still be identified
    colluders smallint not null default 2 check (colluders between 1 and 8),
    primary key (artifact_id, version)
);

-- Samples that rules are tested against before release.
create table artifact_samples (
    seq bigint generated always as identity,
    id uuid primary key,
    artifact_id uuid not null references artifacts,
    must text not null check (must in ('hit', 'miss')),
    sample_ciphertext bytea not null, -- {name, content, base64}
    added_by uuid not null references persons,
    added_at timestamptz not null
);
create index on artifact_samples (artifact_id, seq);

-- Recalls of artifacts or of one version. Only two people lift one.
create table recalls (
    id uuid primary key,
    event_id bigint not null references events,
    artifact_id uuid not null references artifacts,
    version int, -- null: all versions, also later ones
    reason_ciphertext bytea not null,
    recalled_by uuid not null references persons,
    recalled_at timestamptz not null,
    ended_by uuid references persons,
    ended_at timestamptz,
    approval_id uuid references approvals, -- of the lift
    check ((ended_at is null) = (ended_by is null)),
    check ((ended_at is null) = (approval_id is null)),
    foreign key (artifact_id, version) references artifact_versions
);
create index on recalls (artifact_id, event_id);

-- share/waves

-- Default schedules for new cases. The newest counts.
create table default_schedules (
    seq bigint generated always as identity primary key,
    schedule jsonb not null,
    from_at timestamptz not null,
    actor_id uuid
);

-- Days on which the program publishes.
create table calendars (
    seq bigint generated always as identity primary key,
    days jsonb not null,
    from_at timestamptz not null,
    actor_id uuid
);

-- One for each tier of a case, and one for publication. A wave's instant is the end of the embargo plus the offset.
create table waves (
    id uuid primary key,
    case_id uuid not null references cases,
    tier text not null check (tier in ('validate', 'advance', 'entry', 'publication')),
    approval_id uuid references approvals,
    released_at timestamptz,
    unique (case_id, tier)
);
create index on waves (released_at);
create index on waves (approval_id) where (released_at is null) and (approval_id is not null);

-- Offsets of a wave from the end of the embargo. The first row is its creation.
create table wave_offsets (
    seq bigint generated always as identity primary key,
    wave_id uuid not null references waves,
    offset_ms bigint not null check (offset_ms <= 0),
    from_at timestamptz not null
);
create index on wave_offsets (wave_id, seq);

-- While one lasts the wave is not released, and a released wave gives no access.
create table wave_freezes (
    seq bigint generated always as identity primary key,
    wave_id uuid not null references waves,
    frozen_at timestamptz not null,
    unfrozen_at timestamptz
);
create unique index on wave_freezes (wave_id) where unfrozen_at is null;

-- Artifact versions that a wave released.
create table wave_artifacts (
    wave_id uuid references waves,
    artifact_id uuid references artifacts,
    version int,
    late_released_at timestamptz, -- of a late release; null: with the wave
    primary key (wave_id, artifact_id, version)
);

-- share/entitlement

-- Versions of the access policy.
create table policies (
    version int primary key,
    name text not null,
    text text not null,
    examples text not null,
    created_by uuid references persons,
    created_at timestamptz not null
);

-- Which version applies from when.
create table policy_activations (
    seq bigint generated always as identity primary key,
    version int not null references policies,
    from_at timestamptz not null,
    actor_id uuid
);

-- share/marking: what makes a copy reproducible. Copies are not stored.

-- How an artifact version is marked.
create table marked_versions (
    artifact_id uuid,
    version int,
    epoch int,
    slots int not null,
    manifest bytea not null, -- SHA-256 over master and slots, committed before the first delivery
    at timestamptz not null,
    colluders smallint not null default 2 check (colluders in (2, 4, 8)),
    slots_ciphertext bytea, -- slots at the first copy
    canary_zone text, -- null: no canaries; empty: no host canaries
    primary key (artifact_id, version, epoch)
);

-- Mark keys, by epoch.
create table mark_masters (
    epoch int primary key,
    master_ciphertext bytea not null,
    created_at timestamptz not null
);

-- Marked copies that staff read.
create table staff_copies (
    event_id bigint primary key references events,
    person_id uuid not null references persons,
    case_id uuid not null references cases,
    artifact_id uuid not null references artifacts,
    version int not null,
    copy_hash bytea not null, -- SHA-256 of the plain copy under its salt
    copy_salt bytea not null,
    at timestamptz not null
);
create index on staff_copies (artifact_id, version);
create index on staff_copies (case_id);

-- Code designs of a class of a case. The latest counts.
create table code_designs (
    seq bigint generated always as identity primary key,
    case_id uuid not null references cases,
    class text not null,
    ciphertext bytea not null, -- {colluders}
    at timestamptz not null,
    ended_at timestamptz,
    expires_at timestamptz -- exclusive; null: until ended
);
create index on code_designs (case_id, class);

-- Who read a master's raw text, and when a person reached the hourly limit.
create table master_reads (
    id bigint generated always as identity primary key,
    person_id uuid not null references persons,
    artifact_id uuid not null,
    version int not null,
    class text not null,
    read_at timestamptz not null, -- wall-clock time
    limit_reached_at timestamptz
);
create index on master_reads (person_id, class, read_at);
create index on master_reads (limit_reached_at) where limit_reached_at is not null;

-- share/canaries

-- Names that one copy alone holds, and decoys that no copy holds.
create table canary_names (
    digest bytea primary key check (octet_length(digest) = 32),
    case_id uuid not null,
    artifact_id uuid not null,
    version int not null,
    kind text not null check (kind in ('host', 'url', 'address', 'credential', 'hash')),
    decoy boolean not null,
    ciphertext bytea not null, -- {what, recipient}
    at timestamptz not null
);
create index on canary_names (case_id);

-- What a listener received and the worker has not processed. An external listener may only insert here.
create table canary_spool (
    seq bigint generated always as identity primary key,
    digest bytea check (octet_length(digest) = 32), -- null: not in the form of a canary
    channel text not null check (channel in ('dns', 'http')),
    times int not null check (times between 1 and 1000000),
    request jsonb not null check (octet_length((request)::text) <= 2000), -- {source, agent, method, names, paths}
    received_at timestamptz not null
        check (received_at between '2020-01-01Z' and '2200-01-01Z')
);

-- Touches, one row for each name, channel, grade and network.
create table canary_touches (
    id uuid primary key,
    digest bytea not null references canary_names,
    channel text not null check (channel in ('dns', 'http')),
    likely_source text not null check (likely_source in ('resolver', 'link_preview', 'scanner', 'tool', 'browser')),
    source bytea not null, -- keyed hash of the network
    times bigint not null,
    first_at timestamptz not null,
    last_at timestamptz not null,
    ciphertext bytea not null, -- {source, agent, method, reasons}, of the first touch
    unique (digest, channel, likely_source, source)
);

-- Counts of unknown names.
create table canary_unknown_names (
    day date,
    channel text check (channel in ('dns', 'http')),
    formed boolean, -- in the form of a canary
    times bigint not null,
    primary key (day, channel, formed)
);

-- share/delivery

-- Artifact versions that were handed out to a partner.
create table deliveries (
    id uuid primary key,
    event_id bigint not null references events,
    partner_id uuid not null references partners,
    person_id uuid not null references persons,
    case_id uuid not null references cases,
    artifact_id uuid not null references artifacts,
    version int not null,
    class text not null,
    copy_hash bytea not null, -- SHA-256 of the plain copy under copy_salt
    copy_salt bytea not null,
    at timestamptz not null,
    channel text not null default 'copy' check (channel in ('copy', 'taxii', 'taxii_copy', 'csaf', 'misp'))
);
create index on deliveries (partner_id, at);
create index on deliveries (artifact_id, at);
create index on deliveries (case_id, class, at) include (partner_id, person_id, artifact_id, version, channel);

-- A partner's acknowledgement of a version.
create table acknowledgements (
    id uuid primary key,
    event_id bigint not null references events,
    partner_id uuid not null references partners,
    person_id uuid not null references persons,
    case_id uuid not null references cases,
    artifact_id uuid not null references artifacts,
    version int not null,
    at timestamptz not null,
    unique (partner_id, artifact_id, version)
);
create index on acknowledgements (case_id, artifact_id, at) include (partner_id, person_id, version);

-- A partner's confirmation that its copies of a recalled artifact are deleted.
create table deletion_confirmations (
    id uuid primary key,
    event_id bigint not null references events,
    recall_id uuid not null references recalls,
    partner_id uuid not null references partners,
    person_id uuid not null references persons,
    case_id uuid not null references cases,
    artifact_id uuid not null references artifacts,
    versions int[] not null,
    at timestamptz not null,
    unique (recall_id, partner_id)
);
create index on deletion_confirmations (partner_id, artifact_id);

-- Test results. The newest of a partner and version counts.
create table test_results (
    id uuid primary key,
    event_id bigint not null references events,
    partner_id uuid not null references partners,
    person_id uuid not null references persons,
    case_id uuid not null references cases,
    artifact_id uuid not null references artifacts,
    version int not null,
    result_ciphertext bytea not null, -- {verdict, hits, falsePositives, environment}
    at timestamptz not null,
    foreign key (artifact_id, version) references artifact_versions
);
create index on test_results (artifact_id, event_id);
create index on test_results (partner_id, event_id);

-- Notices to people of partners. They hold no content.
create table notices (
    id uuid primary key, -- idempotency key of the attempt
    partner_id uuid not null references partners,
    person_id uuid not null references persons,
    wave_id uuid references waves,
    state text not null check (state in ('due', 'sent', 'dropped', 'failed', 'bounced', 'filtered')),
    attempts int not null default 0,
    next_at timestamptz not null, -- wall-clock time
    created_at timestamptz not null,
    sent_at timestamptz,
    recall_id uuid references recalls,
    case_id uuid references cases, -- null: about no case
    confidential boolean not null default false, -- about a confidential matter
    matter_id uuid, -- of a confidential notice: the matter
    returned text check (returned in ('failed', 'delayed')),
    unique (person_id, wave_id)
);
create index on notices (state, next_at);
create unique index on notices (recall_id, person_id) where recall_id is not null;
create index on notices (wave_id) where wave_id is not null;
create index on notices (matter_id) where matter_id is not null;

-- Products that a partner wants notices about.
create table notice_filters (
    partner_id uuid primary key references partners,
    patterns_ciphertext bytea not null
);

-- Names the state of a reader's feed. It is a new one after each change.
create table feed_states (
    person_id uuid references persons,
    collection text,
    state_id uuid not null,
    primary key (person_id, collection)
);

-- Entries of a feed that came together. An entry is a keyed hash of an object's id and version.
create table feed_batches (
    partner_id uuid references partners,
    last bigint, -- microseconds since 1970, of the last entry
    first bigint not null, -- of the first entry; each has the microsecond after the one before
    person_id uuid not null references persons,
    collection text not null check (collection in ('warnings', 'sightings', 'csaf', 'misp')),
    entries bytea not null, -- 16 bytes each
    ended boolean not null default false, -- no entry is there any longer
    check (octet_length(entries) = (16 * ((last - first) + 1))),
    primary key (partner_id, last)
);
alter table feed_batches alter column entries set storage external; -- not compressible
create index on feed_batches (person_id, collection) where not ended;

-- What became of the entries from one instant to another.
create table feed_runs (
    partner_id uuid references partners,
    kind text check (kind in ('delivered', 'ended')),
    last bigint,
    first bigint not null,
    ended_at timestamptz, -- since when they are gone; null: delivered
    check (first <= last),
    check ((kind = 'ended') = (ended_at is not null)),
    primary key (partner_id, kind, last)
);

-- share/webhooks

-- Addresses that Tocsin calls when there is something to fetch.
create table webhooks (
    id uuid primary key,
    partner_id uuid not null references partners,
    address_ciphertext bytea not null,
    secret_ciphertext bytea not null,
    previous_ciphertext bytea, -- former secret, while it is rotated
    previous_expires_at timestamptz,
    created_at timestamptz not null,
    created_by uuid not null references persons,
    last_outcome text check (last_outcome in ('2xx', '3xx', '4xx', '410', '5xx', 'timeout', 'refused')),
    last_at timestamptz,
    first_failed_at timestamptz,
    disabled_at timestamptz,
    signing_ciphertext bytea not null, -- key pair
    previous_signing_ciphertext bytea
);
create index on webhooks (partner_id);

-- Calls, each written before it is made.
create table webhook_calls (
    id uuid primary key,
    webhook_id uuid not null references webhooks on delete cascade,
    wave_id uuid references waves, -- null: about no wave
    state text not null check (state in ('due', 'in_progress', 'sent', 'failed', 'dropped')),
    attempts int not null default 0,
    next_at timestamptz not null, -- of a call under way: when it is given up
    created_at timestamptz not null
);
create unique index on webhook_calls (webhook_id, wave_id) nulls not distinct where state = 'due';
create index on webhook_calls (next_at) where state in ('due', 'in_progress');
create index on webhook_calls (webhook_id);

-- share/publication: public data only

-- Published cases. The id is given at publication.
create table advisories (
    case_id uuid primary key references cases,
    year int not null check (year between 1970 and 9999),
    number int not null check (number > 0),
    id text not null unique,
    published_at timestamptz not null,
    revised_at timestamptz not null,
    generation bigint not null, -- of the last change; rises in commit order
    unique (year, number)
);
create index advisories_revised on advisories (revised_at, id);
create unique index advisories_generation on advisories (generation);

-- Revisions of an advisory.
create table advisory_revisions (
    advisory_id text references advisories (id),
    number int check (number > 0),
    at timestamptz not null,
    summary text not null,
    content jsonb not null, -- what its documents were made of
    primary key (advisory_id, number)
);

-- Documents of all revisions, as served. The newest of a path is current.
create table advisory_documents (
    path text,
    revision int,
    advisory_id text not null references advisories (id),
    type text not null,
    body text not null,
    sha256 text not null,
    sha512 text not null,
    signature text,
    primary key (path, revision)
);

-- What each list contains of an advisory.
create table advisory_entries (
    advisory_id text references advisories (id),
    list text,
    body text not null,
    primary key (list, advisory_id)
);

-- The OpenPGP key that documents are signed with. One row.
create table publisher_keys (
    fingerprint text primary key,
    created_at timestamptz not null,
    public_text text not null,
    secret_ciphertext bytea not null
);
create unique index publisher_keys_one on publisher_keys ((true));

-- trace/evidence

-- Evidence, as it was added.
create table evidence (
    id uuid primary key,
    seq bigint generated always as identity,
    kind text not null
        check (kind in ('exploitation', 'public_proof_of_concept', 'listed_as_exploited', 'leak', 'canary_touched')),
    case_id uuid references cases,
    details_ciphertext bytea, -- {name, source, note}
    content_ciphertext bytea,
    sha256 bytea,
    size int,
    observed_at timestamptz not null,
    clock text not null check (clock in ('synchronised', 'estimated', 'unknown')),
    added_by uuid references persons, -- null: added automatically
    added_at timestamptz not null,
    content_kind text check (content_kind in ('text', 'archive', 'image', 'document', 'binary')),
    content_format text,
    fingerprint_level smallint -- fingerprints of this depth and deeper are kept
);
create index on evidence (sha256);

-- What an archive contained when it was extracted, once.
create table archive_extractions (
    evidence_id uuid primary key references evidence,
    list_ciphertext bytea not null, -- {parts without texts, hasMore, isWhole, ended}
    texts_ciphertext bytea not null, -- [text or null], in the same order
    extracted_at timestamptz not null
);

-- Legal holds, set by one person and lifted by two.
create table evidence_holds (
    id uuid primary key,
    evidence_id uuid not null references evidence,
    reason_ciphertext bytea not null,
    set_by uuid not null references persons,
    set_at timestamptz not null,
    lifted_at timestamptz
);
create unique index on evidence_holds (evidence_id) where lifted_at is null;

-- Licence, handling and other notes. Rows are added, never changed.
create table evidence_notes (
    id uuid primary key,
    seq bigint generated always as identity,
    evidence_id uuid not null references evidence,
    about text not null check (about in ('licence', 'handling', 'other')),
    text_ciphertext bytea not null,
    actor_id uuid not null references persons,
    at timestamptz not null
);
create index on evidence_notes (evidence_id);

-- Evidence that two people deleted. Hash and events stay.
create table evidence_deletions (
    evidence_id uuid primary key references evidence,
    reason_ciphertext bytea not null, -- encrypted with the program's key
    actor_id uuid not null references persons,
    at timestamptz not null
);

-- Text fingerprints, as keyed hashes.
create table text_fingerprints (
    fingerprint bytea,
    evidence_id uuid references evidence,
    depth smallint not null,
    primary key (fingerprint, evidence_id)
);
create index on text_fingerprints (evidence_id);

-- Sightings and evidence that two people dismissed.
create table dismissed_reports (
    report_id uuid primary key,
    case_id uuid not null references cases,
    approval_id uuid not null references approvals,
    at timestamptz not null
);
create index dismissed_reports_case_idx on dismissed_reports (case_id);

-- trace/sightings

-- Sightings and zero reports. A later version replaces the earlier.
create table sightings (
    id uuid primary key,
    event_id bigint not null references events,
    partner_id uuid not null references partners,
    person_id uuid not null references persons,
    case_id uuid not null references cases,
    reference uuid not null, -- id that the partner uses
    version text not null, -- an instant with nine decimals, so that later ones sort later
    report_ciphertext bytea not null, -- {product, indicators, confidence, note}
    observed_at timestamptz not null,
    clock text not null check (clock in ('synchronised', 'estimated', 'unknown')),
    at timestamptz not null,
    withdrawn_at timestamptz, -- null: not withdrawn
    zero_report_since_at timestamptz, -- of a zero report; null: a sighting
    counted boolean not null default false, -- whether it counted as the partner's report of the case
    unique (partner_id, case_id, reference, version),
    constraint sightings_looked_check check (zero_report_since_at < observed_at)
);
create index on sightings (case_id, event_id);

-- STIX objects that partners sent, unchanged. Ids are keyed hashes.
create table sighting_objects (
    id uuid primary key,
    seq bigint generated always as identity,
    partner_id uuid not null,
    case_id uuid not null,
    name bytea not null,
    type text not null,
    version text not null, -- verbatim
    chars int not null,
    object_ciphertext bytea not null,
    unique (partner_id, name, version, case_id)
);
create index on sighting_objects (partner_id, case_id);

-- Results of requests to add objects. Kept for two days, by wall-clock time.
create table sighting_statuses (
    id uuid primary key,
    person_id uuid not null references persons,
    status_ciphertext bytea not null,
    at timestamptz not null
);
create index on sighting_statuses (at);

-- Protection statuses. The newest of a partner and case counts.
create table protection_statuses (
    id uuid primary key,
    event_id bigint not null references events,
    partner_id uuid not null references partners,
    person_id uuid not null references persons,
    case_id uuid not null references cases,
    state text not null check (state in ('protected', 'in_progress', 'not_applicable', 'needs_more')),
    effective_at timestamptz, -- of protected and in progress
    note_ciphertext bytea not null,
    at timestamptz not null
);
create index on protection_statuses (case_id, event_id);

-- What partners learn of other partners' reports, as of the last midnight of change.
create table aggregates (
    case_id uuid references cases,
    cell text check (cell in ('exploitation', 'none_observed', 'protected', 'false_positives')),
    rules_version int not null, -- version of the rules
    band text, -- null: too few
    partner_ids uuid[] not null, -- counted partners
    at timestamptz not null,
    primary key (case_id, cell)
);

-- The last midnight that was counted.
create table aggregate_last_run (
    day timestamptz primary key
);

-- Follow-ups that a partner owes after a wave.
create table follow_ups (
    id uuid primary key,
    partner_id uuid not null references partners,
    case_id uuid not null references cases,
    wave_id uuid not null references waves,
    started_at timestamptz not null,
    due_at timestamptz not null, -- by the rules at the start
    remind_at timestamptz not null,
    ended_at timestamptz, -- lost access by this wave; null: has access
    reminded text not null default 'none' check (reminded in ('none', 'before', 'after'))
);
create unique index on follow_ups (partner_id, wave_id) where ended_at is null;
create index on follow_ups (case_id);

-- The program time of the last pass over all follow-ups.
create table follow_up_last_run (
    only_one boolean default true primary key check (only_one),
    at timestamptz not null
);

-- Deadlines for follow-ups of a case or a wave. They apply to waves released later.
create table follow_up_deadlines (
    seq bigint generated always as identity primary key,
    case_id uuid not null references cases,
    wave_id uuid references waves, -- null: every wave of the case without its own
    hours int check (hours between 1 and 2160), -- null: by the program's rules
    set_by uuid not null references persons,
    at timestamptz not null
);
create index on follow_up_deadlines (case_id);

-- trace/attribution

-- Results of tracing evidence.
create table attributions (
    id uuid primary key,
    seq bigint generated always as identity,
    evidence_id uuid not null references evidence,
    artifact_id uuid, -- null: not a released artifact
    version int,
    verdict text not null check (verdict in ('traced', 'undecided', 'unrelated')),
    result_ciphertext bytea not null,
    created_by uuid references persons, -- null: made automatically
    at timestamptz not null
);
create index on attributions (evidence_id);

-- What was tried on the leaks of one artifact version, so that α covers all of it (docs/design/0047).
create table tracing_budgets (
    artifact_id uuid,
    version int,
    case_id uuid not null references cases,
    seal_id uuid not null, -- scope of its data key
    state_ciphertext bytea not null,
    primary key (artifact_id, version)
);
create index on tracing_budgets (case_id);

-- trace/inquiries: confidential, for members only

-- Inquiries into leaks.
create table inquiries (
    id uuid primary key,
    seq bigint generated always as identity,
    case_id uuid not null references cases,
    details_ciphertext bytea not null, -- {title, hypotheses}
    opened_by uuid not null references persons,
    opened_at timestamptz not null
);

-- Members of an inquiry.
create table inquiry_members (
    inquiry_id uuid references inquiries,
    person_id uuid references persons,
    added_at timestamptz not null,
    primary key (inquiry_id, person_id)
);

-- Evidence of an inquiry.
create table inquiry_evidence (
    inquiry_id uuid references inquiries,
    evidence_id uuid references evidence,
    primary key (inquiry_id, evidence_id)
);

-- Persons who are excluded from an inquiry, permanently.
create table inquiry_exclusions (
    inquiry_id uuid references inquiries,
    person_id uuid references persons,
    was_member boolean not null,
    actor_id uuid not null references persons,
    at timestamptz not null,
    text_ciphertext bytea not null, -- {words: {reason}, salt}
    primary key (inquiry_id, person_id)
);

-- History of an inquiry.
create table inquiry_history (
    inquiry_id uuid references inquiries,
    n int,
    kind text not null check (kind in ('closed', 'reopened')),
    actor_id uuid not null references persons,
    at timestamptz not null,
    text_ciphertext bytea not null, -- {words: {outcome, reason}, salt}
    primary key (inquiry_id, n)
);

-- Findings of an inquiry.
create table findings (
    id uuid primary key,
    seq bigint generated always as identity,
    inquiry_id uuid not null references inquiries,
    partner_id uuid references partners,
    details_ciphertext bytea not null, -- {conclusion, confidence, obligation}
    approval_id uuid not null references approvals,
    proposed_by uuid not null references persons,
    proposed_at timestamptz not null,
    confirmed_at timestamptz, -- null until the second signature is applied
    without_answer_ciphertext bytea -- {words: {reason}, salt}: why confirmed without an answer
);
create index on findings (inquiry_id);

-- Questions to partners, and finding summaries.
create table inquiry_questions (
    id uuid primary key,
    seq bigint generated always as identity,
    inquiry_id uuid not null references inquiries,
    partner_id uuid not null references partners,
    kind text not null check (kind in ('question', 'deletion', 'finding')),
    finding_id uuid references findings,
    text_ciphertext bytea not null, -- {words: {text}, salt}
    asked_by uuid not null references persons,
    asked_at timestamptz not null,
    answer_due_at timestamptz not null,
    answer_ciphertext bytea, -- {words: {text, deleted}, salt}
    answered_by uuid references persons,
    answered_at timestamptz,
    expired_at timestamptz,
    read_by uuid references persons,
    read_at timestamptz,
    check ((kind = 'finding') = (finding_id is not null)),
    check ((answered_at is null) = (answer_ciphertext is null))
);
create index on inquiry_questions (inquiry_id);
create index on inquiry_questions (partner_id);

-- trace/planning

-- Tracing instructions of an inquiry.
create table tracing_instructions (
    id uuid primary key,
    seq bigint generated always as identity,
    inquiry_id uuid not null references inquiries,
    text_ciphertext bytea not null, -- {words: {case, class, colluders, gain, reason}, salt}
    approval_id uuid not null references approvals,
    requested_by uuid not null references persons,
    requested_at timestamptz not null,
    activated_at timestamptz,
    code_design_id bigint references code_designs,
    ended_at timestamptz
);
create index on tracing_instructions (inquiry_id);

-- Extensions of a tracing instruction beyond the closure.
create table tracing_instruction_extensions (
    id uuid primary key,
    seq bigint generated always as identity,
    instruction_id uuid not null references tracing_instructions,
    text_ciphertext bytea not null, -- {words: {owner, reason, until}, salt}
    approval_id uuid not null references approvals,
    requested_by uuid not null references persons,
    requested_at timestamptz not null,
    extended_at timestamptz -- null until the inquiry closes
);
create index on tracing_instruction_extensions (instruction_id);

-- trace/measures

-- Procedures against a partner.
create table procedures (
    id uuid primary key,
    seq bigint generated always as identity,
    partner_id uuid not null references partners,
    finding_id uuid not null unique references findings,
    grounds_ciphertext bytea not null -- {obligation, conclusion, confidence}
);
create index on procedures (partner_id);

-- History of a procedure. Its state is computed from it.
create table procedure_history (
    procedure_id uuid references procedures,
    n int,
    turn jsonb not null, -- instants, persons and closed-list values
    approval_id uuid references approvals,
    text_ciphertext bytea, -- {reason, terms}; of an appeal {text}
    primary key (procedure_id, n)
);

-- Measures and their ends.
create table measures (
    id uuid primary key,
    seq bigint generated always as identity,
    kind text not null
        check (kind in ('restrict_by_reporting_duty', 'restrict', 'interim_suspension', 'reinstatement', 'lift',
            'reprimand', 'suspension', 'termination')),
    partner_id uuid references partners,
    policy_version int references policies,
    procedure_id uuid references procedures,
    reason_ciphertext bytea not null,
    taken_by uuid not null references persons,
    taken_at timestamptz not null,
    review_due_at timestamptz,
    approval_id uuid references approvals,
    ended_at timestamptz
);
create index on measures (partner_id);

-- Reviews that extended an interim suspension.
create table reviews (
    id uuid primary key,
    seq bigint generated always as identity,
    measure_id uuid not null references measures,
    procedure_id uuid references procedures, -- whose decision it waits for
    review_due_at timestamptz,
    approval_id uuid not null references approvals,
    reason_ciphertext bytea not null,
    decided_at timestamptz not null,
    check ((procedure_id is null) = (review_due_at is not null))
);
create index on reviews (measure_id);

-- Letters of a procedure or measure, and answers.
create table letters (
    id uuid primary key,
    seq bigint generated always as identity,
    partner_id uuid not null references partners,
    kind text not null,
    measure_id uuid references measures,
    procedure_id uuid references procedures,
    text_ciphertext bytea not null, -- {subject, text}
    sent_at timestamptz not null,
    answer_ciphertext bytea,
    answered_by uuid references persons,
    answered_at timestamptz,
    read_by uuid references persons,
    read_at timestamptz,
    check ((measure_id is not null) or (procedure_id is not null))
);
create index on letters (partner_id);
create index on letters (procedure_id);

-- Versions of letter templates.
create table letter_templates (
    kind text,
    version int,
    text_ciphertext bytea not null, -- {subject, text}
    created_by uuid references persons,
    created_at timestamptz not null,
    primary key (kind, version)
);

-- trace/clocks

-- The operator's own versions of legal regimes. Version 0 is part of the program.
create table regimes (
    id text,
    version int check (version > 0),
    regime jsonb not null,
    created_by uuid references persons,
    created_at timestamptz not null,
    primary key (id, version)
);

-- Regulatory clocks. Each keeps the regime as of its start.
create table regulatory_clocks (
    id uuid primary key,
    case_id uuid not null references cases,
    regime text not null,
    version int not null,
    terms jsonb not null,
    seq bigint generated always as identity
);
create index on regulatory_clocks (case_id);

-- History of a regulatory clock.
create table regulatory_clock_history (
    clock_id uuid references regulatory_clocks,
    n int,
    kind text not null check (kind in ('aware', 'fix', 'submitted', 'reopened', 'closed')),
    at timestamptz not null,
    actor_id uuid references persons, -- null: started automatically
    since_at timestamptz,
    filing text,
    source_kind text check (source_kind in ('sighting', 'evidence', 'person')),
    source_id uuid,
    text_ciphertext bytea, -- {words, reference}
    primary key (clock_id, n)
);

-- trace/waiting

-- Who acts for whom.
create table deputies (
    id uuid primary key,
    person_id uuid not null references persons,
    deputy_id uuid not null references persons,
    from_at timestamptz not null,
    until_at timestamptz not null,
    ended_at timestamptz,
    check (person_id <> deputy_id),
    check (until_at > from_at)
);

-- Task notices that were sent.
create table task_notices (
    person_id uuid references persons,
    key text, -- kind, id and instant
    step text check (step in ('opened', 'due_soon', 'overdue')),
    at timestamptz not null,
    primary key (person_id, key, step)
);

-- The program time of the last pass over all tasks.
create table task_last_run (
    only_one boolean default true primary key check (only_one),
    at timestamptz not null
);

-- Notices to staff.
create table staff_notices (
    id uuid primary key,
    person_id uuid not null references persons,
    state text not null check (state in ('due', 'sent', 'dropped', 'failed')),
    attempts int not null default 0,
    next_at timestamptz not null, -- wall-clock time
    confidential boolean not null, -- about confidential matters only
    created_at timestamptz,
    returned_at timestamptz
);
create index on staff_notices (next_at) where state = 'due';

-- trace/reports

-- Annual reports, as signed.
create table annual_reports (
    year int primary key,
    event_id bigint not null references events,
    statistics jsonb not null,
    approval_id uuid not null references approvals,
    actor_id uuid not null references persons,
    at timestamptz not null
);

-- Functions and triggers

-- Changes of who has access, for the high-water file.
create function note_status() returns trigger language plpgsql as $$
begin
    insert into access_changes (kind, subject, status, from_at)
    values ('partner', new.partner_id::text, new.value #>> '{}', new.from_at);
    return null;
end
$$;
create trigger noted_status after insert on partner_facts
    for each row when (new.fact = 'status') execute function note_status();

-- A person left.
create function note_left() returns trigger language plpgsql as $$
begin
    insert into access_changes (kind, subject, from_at) values ('person', new.id::text, new.left_at);
    return null;
end
$$;
create trigger noted_left after update on persons
    for each row when (old.left_at is null and new.left_at is not null) execute function note_left();

-- A credential ended.
create function note_ended() returns trigger language plpgsql as $$
begin
    insert into access_changes (kind, subject, from_at, expires_at)
    values ('credential', encode(new.hash, 'hex'), new.ended_at, new.expires_at);
    return null;
end
$$;
create trigger noted_ended after update on credentials
    for each row when (old.ended_at is null and new.ended_at is not null) execute function note_ended();

-- A key was revoked.
create function note_revoked() returns trigger language plpgsql as $$
begin
    insert into access_changes (kind, subject, from_at, expires_at)
    values ('key', new.id::text, new.revoked_at, new.expires_at);
    return null;
end
$$;
create trigger noted_revoked after update on partner_keys
    for each row when (old.revoked_at is null and new.revoked_at is not null) execute function note_revoked();

-- Which of several feeds, computed a moment ago, are still valid: one row for each, with its place from 0 and the program time.
-- It waits for no lock: an element whose lock is not free has no row (docs/design/0042).
-- `told`: the time by a clock other than the database's; `moved`: the demonstration's clock.
create function leases_now(
    of_partners uuid[], of_persons uuid[], by_credentials bytea[], as_of pg_snapshot[], from_at timestamptz[],
    until_at timestamptz[], real_now timestamptz, told timestamptz, moved boolean
)
    returns table (n int, at timestamptz) language plpgsql as $$
declare
    its uuid;
    locked boolean[];
    guard_at timestamptz;
    is_steady boolean;
    instant timestamptz := told;
begin
    if not pg_try_advisory_xact_lock_shared(1, 0) then return; end if;
    foreach its in array of_partners loop
        locked := locked || pg_try_advisory_xact_lock_shared(2, hashtext(its::text));
    end loop;
    select high_water_at, memory -> 'distrust' = 'null' into guard_at, is_steady from clock_guard;
    if instant is null then
        if moved then select now_at into instant from demo_clock;
        else instant := greatest(clock_timestamp(), guard_at);
        end if;
    end if;
    if not (moved or coalesce(instant <= case when is_steady then guard_at + interval '15000 milliseconds'
        else guard_at end, true)) then return; end if;
    return query select place::int - 1, date_trunc('milliseconds', instant)
        from unnest(of_partners, of_persons, by_credentials, as_of, from_at, until_at, locked)
            with ordinality as one (partner, person, credential, snapshot, since, until, is_locked, place)
        where is_locked and instant between since and until
        and exists (select from credentials where hash = one.credential and credentials.person_id = one.person
            and ended_at is null and expires_at > real_now)
        and not exists (select from changes where scope in (one.partner, '00000000-0000-0000-0000-000000000000')
            and tx >= pg_snapshot_xmin(one.snapshot) and not pg_visible_in_snapshot(tx, one.snapshot));
end
$$;
