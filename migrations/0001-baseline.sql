-- The tables of Tocsin, by feature. Columns that end in _box are ciphertext, ids are random, instants are UTC.

-- trust/audit: events, and the Merkle tree over them. Rows of events are never changed or removed.

-- What happened. The salt lets a body be erased while the tree stays whole.
create table events (
    seq bigint generated always as identity primary key,
    at timestamptz not null,
    kind text not null,
    body jsonb not null,
    salt bytea not null,
    sealed boolean not null default false -- exported as a commitment only
);
create index events_of_evidence on events using gin ((body -> 'evidence') jsonb_path_ops) where body ? 'evidence';
create index events_of_masters on events ((body ->> 'artifact'), at) where kind in ('artifact.versioned', 'artifact.read');
create index events_beside_masters on events ((body ->> 'artifact'), at) where kind = 'attribution.read';

-- Events that a background job still has to handle.
create table todos (
    seq bigint primary key references events,
    due_at timestamptz not null, -- wall-clock time
    tries int not null default 0,
    kind text not null
);
create index on todos (due_at, seq);

-- Committed events that are not leaves yet. Row order is not commit order.
create table unnumbered (
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
    since timestamptz not null,
    leaf bigint, -- null: a node above the leaves
    ended_at timestamptz
);
create unique index audit_log_faults_expr_idx on audit_log_faults ((true)) where ended_at is null;

-- platform: clocks, encryption, jobs, limits and the changes that entitlement depends on

-- The clock of the demonstration.
create table demo_clock (
    only_one boolean default true primary key check (only_one),
    now timestamptz not null,
    target timestamptz -- null while the clock is not moving
);

-- What the clock guard keeps. Program time is never before high_water.
create table clock_guard (
    only_one boolean default true primary key check (only_one),
    high_water timestamptz not null,
    memory jsonb not null -- {anchors, frozen, agreedSince, reading}
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
create unlogged table stranger_counts (
    key bytea primary key,
    since timestamptz not null,
    count int not null
);
create index stranger_counts_by_age on stranger_counts (since);

-- Answers kept by Idempotency-Key.
create table remembered_answers (
    key bytea primary key, -- of person, route and Idempotency-Key
    request bytea not null,
    answer_box bytea not null,
    at timestamptz not null
);

-- trust/identity

-- People of the operator and of partners.
create table persons (
    id uuid primary key,
    partner uuid, -- null: staff
    details_box bytea not null, -- {name, mail}
    roles text[] not null,
    created_by uuid,
    created_at timestamptz not null,
    left_at timestamptz,
    check (case when partner is null
        then roles <@ array['author', 'manager', 'investigator', 'approver', 'auditor', 'admin']
        else roles <@ array['lead', 'analyst'] end)
);
create index on persons (partner);

-- Tokens, sessions and sign-in links, as hashes. All instants are wall-clock time.
create table credentials (
    hash bytea primary key, -- SHA-256 of the secret
    person uuid not null references persons,
    kind text not null check (kind in ('token', 'session', 'link')),
    created_at timestamptz not null,
    expires_at timestamptz not null,
    reusable boolean not null default false,
    ended_at timestamptz
);
create index on credentials (person);

-- trust/approvals

-- Actions that one person requests and another signs.
create table approvals (
    id uuid primary key,
    act text not null,
    effects jsonb not null, -- ids, versions and instants; no content
    effects_hash bytea not null,
    words_box bytea, -- texts of which the effects hold the hash
    requested_by uuid not null references persons,
    requested_at timestamptz not null,
    signed_by uuid references persons,
    signed_at timestamptz,
    used_at timestamptz,
    voided_at timestamptz,
    voided_for text check (voided_for in ('withdrawn', 'changed', 'superseded', 'asker gone', 'signer gone')),
    withheld_from uuid[] not null default '{}', -- persons who no longer see it
    check (signed_by is distinct from requested_by),
    check ((voided_for is null) or (voided_at is not null))
);

-- Who read what a request says of a case. Recorded once for each person.
create table approval_reads (
    approval uuid references approvals,
    person uuid references persons,
    primary key (approval, person)
);

-- trust/partners

-- Partner organisations.
create table partners (
    id uuid primary key,
    details_box bytea not null, -- {name, mail}
    created_at timestamptz not null
);

-- Tier, status, duties and restriction of a partner. The latest row by seq with from_at at or before an instant counts.
create table partner_facts (
    seq bigint generated always as identity primary key,
    partner uuid not null references partners,
    fact text not null check (fact in ('tier', 'standing', 'duties', 'restriction')),
    value jsonb not null,
    from_at timestamptz not null,
    recorded_by uuid
);
create index on partner_facts (partner, fact, from_at, seq);

-- Versions of the partner agreement.
create table agreements (
    version int primary key,
    text_box bytea not null, -- {text, termDays, obligations}
    owes jsonb not null, -- [{kind, everyDays}]
    longest_embargo_days int not null, -- advance consent; 0: none
    created_at timestamptz not null,
    applies_at timestamptz not null -- acceptances of older versions end here
);

-- Which version of the agreement a partner accepted, and until when.
create table acceptances (
    partner uuid references partners,
    version int references agreements,
    person uuid not null references persons,
    at timestamptz,
    ends_at timestamptz,
    primary key (partner, version, at)
);

-- age keys that copies are sealed to.
create table partner_keys (
    id uuid primary key,
    partner uuid not null references partners,
    recipient text not null, -- age1…, public
    added_by uuid not null references persons,
    added_at timestamptz not null,
    usable_from timestamptz not null,
    revoked_at timestamptz,
    expires_at timestamptz not null,
    proved_at timestamptz, -- first opened test copy; null: none
    hastened_at timestamptz -- two people ended the waiting time
);
create index on partner_keys (partner);

-- OpenPGP keys that mail to a partner is encrypted to.
create table partner_mail_keys (
    id uuid primary key,
    partner uuid not null references partners,
    fingerprint text not null,
    key_box bytea not null,
    added_by uuid not null references persons,
    added_at timestamptz not null,
    usable_from timestamptz not null,
    expires_at timestamptz not null,
    revoked_at timestamptz,
    failed_at timestamptz, -- first failure to encrypt to it
    unique (partner, fingerprint)
);

-- Ownership and jurisdictions of a partner. Rows are added, never changed. They decide nothing.
create table partner_background (
    seq bigint generated always as identity primary key,
    partner uuid not null references partners,
    fact text not null check (fact in ('ownership', 'jurisdictions')),
    value_box bytea not null,
    from_at timestamptz not null,
    recorded_by uuid
);
create index on partner_background (partner, seq);

-- Versions of the program's rules. The newest version of a kind counts.
create table partner_rules (
    kind text
        check (kind in ('admission', 'tiers', 'testing', 'dues', 'consent', 'embargo', 'aggregates', 'reporting')),
    version int,
    rules jsonb not null,
    created_by uuid references persons,
    created_at timestamptz not null,
    primary key (kind, version)
);

-- Applications for membership. Of the secret and the reference only hashes are kept.
create table applications (
    partner uuid primary key references partners,
    secret_hash bytea not null unique,
    reference_hash bytea not null unique,
    form_box bytea not null,
    made_at timestamptz not null,
    decision text check (decision in ('invited', 'declined')),
    decided_by uuid references persons,
    decided_at timestamptz,
    decision_box bytea, -- {reason, message}
    rules_version int,
    lead uuid references persons, -- who joined by the invitation
    check ((decision is null) = (decided_at is null))
);
create index on applications (made_at) where decision is null;

-- Partners that vouch for an applicant.
create table vouches (
    applicant uuid references applications,
    partner uuid references partners,
    person uuid not null references persons,
    words_box bytea not null,
    at timestamptz not null,
    primary key (applicant, partner)
);

-- How staff score an applicant by the admission criteria.
create table admission_scores (
    seq bigint generated always as identity primary key,
    applicant uuid not null references applications,
    rules_version int not null,
    criterion text not null,
    person uuid not null references persons,
    score int not null check (score between 0 and 4),
    reason_box bytea not null,
    at timestamptz not null
);
create index on admission_scores (applicant);

-- Attestations and regular reports of a partner.
create table partner_statements (
    id uuid primary key,
    partner uuid not null references partners,
    person uuid not null references persons,
    kind text not null check (kind in ('attestation', 'regular reports')),
    version int not null references agreements,
    nothing boolean not null, -- a zero report, or an attestation without exception
    body_box bytea not null,
    at timestamptz not null
);
create index on partner_statements (partner, kind, at);

-- When a mailbox was verified, and when mail to it bounced.
create table mailbox_marks (
    seq bigint generated always as identity primary key,
    partner uuid not null references partners,
    person uuid references persons, -- null: the partner's own mailbox
    kind text not null check (kind in ('proved', 'bounced')),
    at timestamptz not null
);
create index on mailbox_marks (partner, at);

-- Mail that was accepted and returned later.
create table mail_returns (
    mail uuid, -- id of a notice or of a code
    fate text check (fate in ('failed', 'delayed')),
    partner uuid not null references partners,
    person uuid references persons, -- null: the partner's own mailbox
    at timestamptz not null,
    primary key (mail, fate)
);
create index on mail_returns (partner, at);

-- Mail with a text of its own: codes, decisions on applications, sign-in links.
create table partner_mails (
    id uuid primary key, -- idempotency key of the attempt
    partner uuid not null references partners,
    kind text not null check (kind in ('code', 'answered', 'link')),
    mail_box bytea not null, -- {to, code}
    state text not null check (state in ('due', 'sent', 'failed')),
    tries int not null default 0,
    next_at timestamptz not null, -- wall-clock time
    made_at timestamptz not null, -- wall-clock time
    ended_at timestamptz -- wall-clock time; a code was used or replaced
);
create index on partner_mails (state, next_at);
create index on partner_mails (partner, made_at);

-- Reminders of requirements that were sent.
create table due_reminders (
    partner uuid references partners,
    kind text,
    due_at timestamptz,
    step text,
    at timestamptz not null,
    primary key (partner, kind, due_at, step)
);

-- The program time of the last pass over all partners.
create table partner_looks (
    only_one boolean default true primary key check (only_one),
    at timestamptz not null
);

-- Proposed changes of a partner's tier, and how each ended.
create table tier_proposals (
    id uuid primary key,
    partner uuid not null references partners,
    from_tier text not null,
    to_tier text not null,
    rules_version int not null,
    findings jsonb not null,
    made_at timestamptz not null,
    ended_at timestamptz,
    ended_as text check (ended_as in ('taken', 'overtaken', 'set aside')),
    ended_by uuid references persons,
    reason_box bytea,
    check ((ended_at is null) = (ended_as is null))
);
create unique index on tier_proposals (partner) where ended_at is null;

-- Which of a partner's people see one warning. The newest row of a partner and case counts.
create table circles (
    seq bigint generated always as identity primary key,
    partner uuid not null references partners,
    case_id uuid not null,
    persons uuid[], -- null: the whole roster
    from_at timestamptz not null,
    set_by uuid references persons
);
create index on circles (partner, case_id, seq);

-- trust/mailing

-- The OpenPGP key that the program signs mail with. One row.
create table mail_signing_keys (
    fingerprint text primary key,
    made_at timestamptz not null,
    public_text text not null,
    secret_box bytea not null
);
create unique index mail_signing_keys_one on mail_signing_keys ((true));

-- trust/receipts: the log that partners see. A leaf is a batch, a tree of 1,024 receipts and padding.

-- Batches of the receipt log.
create table batches (
    index bigint primary key,
    at timestamptz not null, -- program time, in whole seconds
    slot timestamptz not null, -- wall-clock time at which it was due
    shown_from timestamptz not null, -- wall-clock time
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
    partner uuid not null references partners,
    salt bytea not null,
    body jsonb not null, -- ids as this partner knows them
    commitment bytea not null,
    batch bigint references batches, -- null until it is in a batch
    place int,
    check ((batch is null) = (place is null)),
    unique (batch, place)
);
create index on receipts (partner, seq) where batch is null;

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
    made_at timestamptz not null
);

-- Times in which the database disagreed with a high-water file. No partner is served meanwhile.
create table quarantines (
    id uuid primary key,
    since timestamptz not null,
    reasons text[] not null,
    files jsonb not null, -- what each file says, by its id
    applied jsonb not null, -- ends of access that were applied again
    number bigint not null, -- newest access change at the start
    approval uuid references approvals,
    ended_at timestamptz
);
create unique index quarantines_expr_idx on quarantines ((true)) where ended_at is null;

-- share/cases

-- Vulnerability cases.
create table cases (
    id uuid primary key,
    details_box bytea not null, -- {title, cves, products, weaknesses, cvss, finder, timeline}
    permission_box bytea, -- {deployment, text}
    created_by uuid not null references persons,
    created_at timestamptz not null,
    revision int not null default 1, -- of the disclosed facts
    retold_at timestamptz -- null: disclosed facts not changed yet
);
alter table circles add foreign key (case_id) references cases;

-- Closures: cancelled before a partner was warned, else withdrawn.
create table case_closings (
    case_id uuid primary key references cases,
    kind text not null check (kind in ('cancelled', 'withdrawn')),
    at timestamptz not null,
    by_person uuid not null references persons,
    why_box bytea not null
);

-- Keyed hashes of CVE ids, for exact look-up.
create table case_names (
    name_hash bytea,
    case_id uuid references cases,
    primary key (name_hash, case_id)
);

-- Which case bypasses or is a variant of which.
create table case_links (
    from_case uuid references cases,
    to_case uuid references cases,
    kind text check (kind in ('bypass of', 'variant of')),
    from_at timestamptz not null,
    primary key (from_case, to_case, kind)
);

-- External parties of an embargo. Of an invitation's secret only a hash is kept.
create table case_parties (
    id uuid primary key,
    case_id uuid not null references cases,
    role text not null check (role in ('finder', 'vendor', 'coordinator', 'other')),
    details_box bytea not null, -- {name, contact}
    secret_hash bytea unique, -- null until invited
    added_by uuid not null references persons,
    added_at timestamptz not null
);
create index on case_parties (case_id, added_at);

-- History of an embargo. Its state is computed from it.
create table embargo_turns (
    case_id uuid references cases,
    n int,
    kind text not null check (kind in ('proposed', 'rejected', 'agreed', 'moved', 'broken', 'ended')),
    at timestamptz not null,
    ends_at timestamptz,
    why_box bytea,
    partner uuid references partners, -- proposer; neither partner nor party: the operator
    party uuid references case_parties,
    proposal int, -- n of the entry that is decided
    -- of a termination proposal
    trigger_kind text
        check (trigger_kind in ('exploitation', 'public proof of concept', 'listed as exploited', 'leak')),
    owner uuid references persons, -- who is responsible for the decision
    check (num_nonnulls(partner, party) <= 1),
    primary key (case_id, n)
);

-- History of consent to an embargo.
create table consent_turns (
    seq bigint generated always as identity primary key,
    case_id uuid not null references cases,
    partner uuid references partners,
    party uuid references case_parties,
    kind text not null check (kind in ('invited', 'signed', 'declined', 'exited')),
    at timestamptz not null,
    answer_by timestamptz, -- of an invitation; no answer declines
    ends_at timestamptz, -- of a signature: the consented end
    check (num_nonnulls(partner, party) = 1)
);
create index on consent_turns (case_id, partner, seq);

-- Which person read which part of a case, in which revision.
create table case_reads (
    person uuid references persons,
    part text check (part in ('facts', 'samples', 'sightings', 'public_text')),
    case_id uuid references cases,
    revision int,
    at timestamptz not null,
    primary key (person, part, case_id, revision)
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
    name_box bytea not null,
    created_at timestamptz not null
);
create index on artifacts (case_id);

-- Their versions.
create table artifact_versions (
    artifact uuid references artifacts,
    version int,
    content_box bytea not null,
    created_by uuid not null references persons,
    created_at timestamptz not null,
    -- how many recipients may combine copies and still be identified
    colluders smallint not null default 2 check (colluders between 1 and 8),
    primary key (artifact, version)
);

-- Samples that rules are tested against before release.
create table artifact_samples (
    seq bigint generated always as identity,
    id uuid primary key,
    artifact uuid not null references artifacts,
    must text not null check (must in ('hit', 'miss')),
    sample_box bytea not null, -- {name, content, base64}
    added_by uuid not null references persons,
    added_at timestamptz not null
);
create index on artifact_samples (artifact, seq);

-- Recalls of artifacts or of one version. Only two people lift one.
create table recalls (
    id uuid primary key,
    event bigint not null references events,
    artifact uuid not null references artifacts,
    version int, -- null: all versions, also later ones
    reason_box bytea not null,
    recalled_by uuid not null references persons,
    recalled_at timestamptz not null,
    ended_by uuid references persons,
    ended_at timestamptz,
    approval uuid references approvals, -- of the lift
    check ((ended_at is null) = (ended_by is null)),
    check ((ended_at is null) = (approval is null)),
    foreign key (artifact, version) references artifact_versions
);
create index on recalls (artifact, event);

-- share/waves

-- Default schedules for new cases. The newest counts.
create table wave_plans (
    seq bigint generated always as identity primary key,
    plan jsonb not null,
    from_at timestamptz not null,
    by_person uuid
);

-- Days on which the program publishes.
create table calendars (
    seq bigint generated always as identity primary key,
    days jsonb not null,
    from_at timestamptz not null,
    by_person uuid
);

-- One for each tier of a case, and one for publication. A wave's instant is the end of the embargo plus the offset.
create table waves (
    id uuid primary key,
    case_id uuid not null references cases,
    tier text not null check (tier in ('validate', 'advance', 'entry', 'publication')),
    approval uuid references approvals,
    released_at timestamptz,
    unique (case_id, tier)
);
create index on waves (released_at);
create index on waves (approval) where (released_at is null) and (approval is not null);

-- Offsets of a wave from the end of the embargo. The first row is its creation.
create table wave_offsets (
    seq bigint generated always as identity primary key,
    wave uuid not null references waves,
    offset_ms bigint not null check (offset_ms <= 0),
    from_at timestamptz not null
);
create index on wave_offsets (wave, seq);

-- While one lasts the wave is not released, and a released wave gives no access.
create table wave_freezes (
    seq bigint generated always as identity primary key,
    wave uuid not null references waves,
    from_at timestamptz not null,
    until_at timestamptz
);
create unique index on wave_freezes (wave) where until_at is null;

-- Artifact versions that a wave released.
create table wave_artifacts (
    wave uuid references waves,
    artifact uuid references artifacts,
    version int,
    opened_at timestamptz, -- of a late release; null: with the wave
    primary key (wave, artifact, version)
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
    by_person uuid
);

-- share/marking: what makes a copy reproducible. Copies are not stored.

-- How an artifact version is marked.
create table marked_versions (
    artifact uuid,
    version int,
    epoch int,
    slots int not null,
    manifest bytea not null, -- SHA-256 over master and slots, committed before the first delivery
    at timestamptz not null,
    colluders smallint not null default 2 check (colluders in (2, 4, 8)),
    slots_box bytea, -- slots at the first copy
    canary_zone text, -- null: no canaries; empty: no host canaries
    primary key (artifact, version, epoch)
);

-- Mark keys, by epoch.
create table mark_masters (
    epoch int primary key,
    master_box bytea not null,
    created_at timestamptz not null
);

-- Marked copies that staff read.
create table staff_copies (
    event bigint primary key references events,
    person uuid not null references persons,
    case_id uuid not null references cases,
    artifact uuid not null references artifacts,
    version int not null,
    copy_hash bytea not null, -- SHA-256 of the plain copy under its salt
    copy_salt bytea not null,
    at timestamptz not null
);
create index on staff_copies (artifact, version);
create index on staff_copies (case_id);

-- Code designs of a class of a case. The latest counts.
create table laid_designs (
    seq bigint generated always as identity primary key,
    case_id uuid not null references cases,
    class text not null,
    box bytea not null, -- {colluders}
    at timestamptz not null,
    ended_at timestamptz,
    until timestamptz -- exclusive; null: until ended
);
create index on laid_designs (case_id, class);

-- Who read a master's raw text, and when a person reached the hourly limit.
create table master_reads (
    id bigint generated always as identity primary key,
    person uuid not null references persons,
    artifact uuid not null,
    version int not null,
    class text not null,
    read_at timestamptz not null, -- wall-clock time
    limit_reached_at timestamptz
);
create index on master_reads (person, class, read_at);
create index on master_reads (limit_reached_at) where limit_reached_at is not null;

-- share/canaries

-- Names that one copy alone holds, and decoys that no copy holds.
create table canary_names (
    digest bytea primary key check (octet_length(digest) = 32),
    case_id uuid not null,
    artifact uuid not null,
    version int not null,
    kind text not null check (kind in ('host', 'url', 'address', 'credential', 'hash')),
    decoy boolean not null,
    box bytea not null, -- {what, recipient}
    at timestamptz not null
);
create index on canary_names (case_id);

-- What a listener received and the worker has not processed. An external listener may only insert here.
create table canary_spool (
    seq bigint generated always as identity primary key,
    digest bytea check (octet_length(digest) = 32), -- null: not in the form of a canary
    channel text not null check (channel in ('dns', 'http')),
    times int not null check (times between 1 and 1000000),
    heard jsonb not null check (octet_length((heard)::text) <= 2000), -- {source, agent, method, names, paths}
    heard_at timestamptz not null
        check (heard_at between '2020-01-01Z' and '2200-01-01Z')
);

-- Touches, one row for each name, channel, grade and network.
create table canary_touches (
    id uuid primary key,
    digest bytea not null references canary_names,
    channel text not null check (channel in ('dns', 'http')),
    grade text not null check (grade in ('echo', 'preview', 'scanner', 'program', 'human')),
    source bytea not null, -- keyed hash of the network
    times bigint not null,
    first_at timestamptz not null,
    last_at timestamptz not null,
    box bytea not null, -- {source, agent, method, reasons}, of the first touch
    unique (digest, channel, grade, source)
);

-- Counts of unknown names.
create table canary_unknown (
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
    event bigint not null references events,
    partner uuid not null references partners,
    person uuid not null references persons,
    case_id uuid not null references cases,
    artifact uuid not null references artifacts,
    version int not null,
    class text not null,
    copy_hash bytea not null, -- SHA-256 of the plain copy under copy_salt
    copy_salt bytea not null,
    at timestamptz not null,
    channel text not null default 'copy' check (channel in ('copy', 'taxii', 'taxii copy', 'csaf', 'misp'))
);
create index on deliveries (partner, at);
create index on deliveries (artifact, at);
create index on deliveries (case_id, class, at) include (partner, person, artifact, version, channel);

-- A partner's acknowledgement of a version.
create table acknowledgements (
    id uuid primary key,
    event bigint not null references events,
    partner uuid not null references partners,
    person uuid not null references persons,
    case_id uuid not null references cases,
    artifact uuid not null references artifacts,
    version int not null,
    at timestamptz not null,
    unique (partner, artifact, version)
);
create index on acknowledgements (case_id, artifact, at) include (partner, person, version);

-- A partner's confirmation that its copies of a recalled artifact are deleted.
create table deletions (
    id uuid primary key,
    event bigint not null references events,
    recall uuid not null references recalls,
    partner uuid not null references partners,
    person uuid not null references persons,
    case_id uuid not null references cases,
    artifact uuid not null references artifacts,
    versions int[] not null,
    at timestamptz not null,
    unique (recall, partner)
);
create index on deletions (partner, artifact);

-- Test results. The newest of a partner and version counts.
create table artifact_results (
    id uuid primary key,
    event bigint not null references events,
    partner uuid not null references partners,
    person uuid not null references persons,
    case_id uuid not null references cases,
    artifact uuid not null references artifacts,
    version int not null,
    result_box bytea not null, -- {verdict, hits, falsePositives, environment}
    at timestamptz not null,
    foreign key (artifact, version) references artifact_versions
);
create index on artifact_results (artifact, event);
create index on artifact_results (partner, event);

-- Notices to people of partners. They hold no content.
create table notices (
    id uuid primary key, -- idempotency key of the attempt
    partner uuid not null references partners,
    person uuid not null references persons,
    wave uuid references waves,
    state text not null check (state in ('due', 'sent', 'dropped', 'failed', 'bounced', 'filtered')),
    tries int not null default 0,
    next_at timestamptz not null, -- wall-clock time
    made_at timestamptz not null,
    sent_at timestamptz,
    recall uuid references recalls,
    case_id uuid references cases, -- null: about no case
    sealed boolean not null default false, -- about a confidential matter
    about uuid, -- of a confidential notice: the matter
    returned text check (returned in ('failed', 'delayed')),
    unique (person, wave)
);
create index on notices (state, next_at);
create unique index on notices (recall, person) where recall is not null;
create index on notices (wave) where wave is not null;
create index on notices (about) where about is not null;

-- Products that a partner wants notices about.
create table notice_filters (
    partner uuid primary key references partners,
    patterns_box bytea not null
);

-- Names the state of a reader's feed. It is a new one after each change.
create table shown_heads (
    person uuid references persons,
    collection text,
    head uuid not null,
    primary key (person, collection)
);

-- Entries of a feed that came together. An entry is a keyed hash of an object's id and version.
create table shown_batches (
    partner uuid references partners,
    last bigint, -- microseconds since 1970, of the last entry
    first bigint not null, -- of the first entry; each has the microsecond after the one before
    person uuid not null references persons,
    collection text not null check (collection in ('warnings', 'sightings', 'csaf', 'misp')),
    entries bytea not null, -- 16 bytes each
    over boolean not null default false, -- no entry is there any longer
    check (octet_length(entries) = (16 * ((last - first) + 1))),
    primary key (partner, last)
);
alter table shown_batches alter column entries set storage external; -- not compressible
create index on shown_batches (person, collection) where NOT over;

-- What became of the entries from one instant to another.
create table shown_runs (
    partner uuid references partners,
    what text check (what in ('delivered', 'ended')),
    last bigint,
    first bigint not null,
    at timestamptz, -- since when they are gone; null: delivered
    check (first <= last),
    check ((what = 'ended') = (at is not null)),
    primary key (partner, what, last)
);

-- share/webhooks

-- Addresses that Tocsin calls when there is something to fetch.
create table webhooks (
    id uuid primary key,
    partner uuid not null references partners,
    address_box bytea not null,
    secret_box bytea not null,
    previous_box bytea, -- former secret, while it is rotated
    previous_until timestamptz,
    made_at timestamptz not null,
    made_by uuid not null references persons,
    last_outcome text check (last_outcome in ('2xx', '3xx', '4xx', '410', '5xx', 'timeout', 'refused')),
    last_at timestamptz,
    failing_since timestamptz,
    disabled_at timestamptz,
    signing_box bytea, -- key pair; null: the program's
    previous_signing_box bytea
);
create index on webhooks (partner);

-- Calls, each written before it is made.
create table webhook_calls (
    id uuid primary key,
    webhook uuid not null references webhooks on delete cascade,
    wave uuid references waves, -- null: about no wave
    state text not null check (state in ('due', 'under way', 'sent', 'failed', 'dropped')),
    tries int not null default 0,
    next_at timestamptz not null, -- of a call under way: when it is given up
    made_at timestamptz not null
);
create unique index on webhook_calls (webhook, wave) nulls not distinct where state = 'due';
create index on webhook_calls (next_at) where state in ('due', 'under way');
create index on webhook_calls (webhook);

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
    advisory text references advisories (id),
    number int check (number > 0),
    at timestamptz not null,
    summary text not null,
    content jsonb not null, -- what its documents were made of
    primary key (advisory, number)
);

-- Documents of all revisions, as served. The newest of a path is current.
create table advisory_documents (
    path text,
    revision int,
    advisory text not null references advisories (id),
    type text not null,
    body text not null,
    sha256 text not null,
    sha512 text not null,
    signature text,
    primary key (path, revision)
);

-- What each list contains of an advisory.
create table advisory_entries (
    advisory text references advisories (id),
    list text,
    body text not null,
    primary key (list, advisory)
);

-- The OpenPGP key that documents are signed with. One row.
create table publisher_keys (
    fingerprint text primary key,
    made_at timestamptz not null,
    public_text text not null,
    secret_box bytea not null
);
create unique index publisher_keys_one on publisher_keys ((true));

-- trace/evidence

-- Evidence, as it was added.
create table evidence (
    id uuid primary key,
    seq bigint generated always as identity,
    kind text not null
        check (kind in ('exploitation', 'public proof of concept', 'listed as exploited', 'leak', 'canary touched')),
    case_id uuid references cases,
    details_box bytea, -- {name, source, note}
    content_box bytea,
    sha256 bytea,
    size int,
    seen_at timestamptz not null,
    clock text not null check (clock in ('synchronised', 'estimated', 'unknown')),
    filed_by uuid references persons, -- null: added automatically
    filed_at timestamptz not null,
    content_kind text check (content_kind in ('text', 'archive', 'image', 'document', 'binary')),
    content_format text,
    print_level smallint -- fingerprints of this depth and deeper are kept
);
create index on evidence (sha256);

-- What an archive contained when it was extracted, once.
create table evidence_openings (
    evidence uuid primary key references evidence,
    list_box bytea not null, -- {parts without texts, hasMore, isWhole, ended}
    texts_box bytea not null, -- [text or null], in the same order
    opened_at timestamptz not null
);

-- Legal holds, set by one person and lifted by two.
create table evidence_holds (
    id uuid primary key,
    evidence uuid not null references evidence,
    reason_box bytea not null,
    set_by uuid not null references persons,
    set_at timestamptz not null,
    lifted_at timestamptz
);
create unique index on evidence_holds (evidence) where lifted_at is null;

-- Licence, handling and other notes. Rows are added, never changed.
create table evidence_notes (
    id uuid primary key,
    seq bigint generated always as identity,
    evidence uuid not null references evidence,
    about text not null check (about in ('licence', 'handling', 'other')),
    text_box bytea not null,
    by uuid not null references persons,
    at timestamptz not null
);
create index on evidence_notes (evidence);

-- Evidence that two people deleted. Hash and events stay.
create table evidence_deletions (
    evidence uuid primary key references evidence,
    reason_box bytea not null, -- encrypted with the program's key
    by uuid not null references persons,
    at timestamptz not null
);

-- Text fingerprints, as keyed hashes.
create table evidence_prints (
    print bytea,
    evidence uuid references evidence,
    depth smallint not null,
    primary key (print, evidence)
);
create index on evidence_prints (evidence);

-- Sightings and evidence that two people dismissed.
create table dismissed_reports (
    report uuid primary key,
    case_id uuid not null references cases,
    approval uuid not null references approvals,
    at timestamptz not null
);
create index dismissed_reports_case_idx on dismissed_reports (case_id);

-- trace/sightings

-- Sightings and zero reports. A later version replaces the earlier.
create table sightings (
    id uuid primary key,
    event bigint not null references events,
    partner uuid not null references partners,
    person uuid not null references persons,
    case_id uuid not null references cases,
    reference uuid not null, -- id that the partner uses
    version text not null, -- an instant with nine decimals, so that later ones sort later
    report_box bytea not null, -- {product, indicators, confidence, note}
    seen_at timestamptz not null,
    clock text not null check (clock in ('synchronised', 'estimated', 'unknown')),
    at timestamptz not null,
    withdrawn_at timestamptz, -- null: not withdrawn
    looked_since timestamptz, -- of a zero report; null: a sighting
    heard boolean not null default false, -- whether it counted as the partner's report of the case
    unique (partner, case_id, reference, version),
    constraint sightings_looked_check check (looked_since < seen_at)
);
create index on sightings (case_id, event);

-- STIX objects that partners sent, unchanged. Ids are keyed hashes.
create table sighting_objects (
    id uuid primary key,
    seq bigint generated always as identity,
    partner uuid not null,
    case_id uuid not null,
    name bytea not null,
    type text not null,
    version text not null, -- verbatim
    chars int not null,
    object_box bytea not null,
    unique (partner, name, version, case_id)
);
create index on sighting_objects (partner, case_id);

-- Results of requests to add objects. Kept for two days, by wall-clock time.
create table sighting_statuses (
    id uuid primary key,
    person uuid not null references persons,
    status_box bytea not null,
    at timestamptz not null
);
create index on sighting_statuses (at);

-- Protection statuses. The newest of a partner and case counts.
create table protections (
    id uuid primary key,
    event bigint not null references events,
    partner uuid not null references partners,
    person uuid not null references persons,
    case_id uuid not null references cases,
    state text not null check (state in ('protected', 'coming', 'not applicable', 'need more')),
    since timestamptz, -- of protected and in progress
    note_box bytea not null,
    at timestamptz not null
);
create index on protections (case_id, event);

-- What partners learn of other partners' reports, as of the last midnight of change.
create table aggregates (
    case_id uuid references cases,
    cell text check (cell in ('exploitation', 'none seen', 'protected', 'false positives')),
    rules int not null, -- version of the rules
    band text, -- null: too few
    basis uuid[] not null, -- counted partners
    at timestamptz not null,
    primary key (case_id, cell)
);

-- The last midnight that was counted.
create table aggregate_days (
    day timestamptz primary key
);

-- Follow-ups that a partner owes after a wave.
create table owed_reports (
    id uuid primary key,
    partner uuid not null references partners,
    case_id uuid not null references cases,
    wave uuid not null references waves,
    since timestamptz not null,
    due_at timestamptz not null, -- by the rules at the start
    remind_at timestamptz not null,
    ended_at timestamptz, -- lost access by this wave; null: has access
    reminded text not null default 'not' check (reminded in ('not', 'before', 'after'))
);
create unique index on owed_reports (partner, wave) where ended_at is null;
create index on owed_reports (case_id);

-- The program time of the last pass over all follow-ups.
create table owed_report_looks (
    only_one boolean default true primary key check (only_one),
    at timestamptz not null
);

-- Deadlines for follow-ups of a case or a wave. They apply to waves released later.
create table report_deadlines (
    seq bigint generated always as identity primary key,
    case_id uuid not null references cases,
    wave uuid references waves, -- null: every wave of the case without its own
    hours int check (hours between 1 and 2160), -- null: by the program's rules
    set_by uuid not null references persons,
    at timestamptz not null
);
create index on report_deadlines (case_id);

-- trace/attribution

-- Results of tracing evidence.
create table attributions (
    id uuid primary key,
    seq bigint generated always as identity,
    evidence uuid not null references evidence,
    artifact uuid, -- null: not a released artifact
    version int,
    verdict text not null check (verdict in ('traced', 'undecided', 'unrelated')),
    result_box bytea not null,
    made_by uuid references persons, -- null: made automatically
    at timestamptz not null
);
create index on attributions (evidence);

-- What was tried on the leaks of one artifact version, so that α covers all of it (docs/design/0062).
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
    details_box bytea not null, -- {title, hypotheses}
    opened_by uuid not null references persons,
    opened_at timestamptz not null
);

-- Members of an inquiry.
create table inquiry_members (
    inquiry uuid references inquiries,
    person uuid references persons,
    added_at timestamptz not null,
    primary key (inquiry, person)
);

-- Evidence of an inquiry.
create table inquiry_evidence (
    inquiry uuid references inquiries,
    evidence uuid references evidence,
    primary key (inquiry, evidence)
);

-- Persons who are excluded from an inquiry, permanently.
create table inquiry_kept_out (
    inquiry uuid references inquiries,
    person uuid references persons,
    was_member boolean not null,
    by uuid not null references persons,
    at timestamptz not null,
    words_box bytea not null, -- {words: {reason}, salt}
    primary key (inquiry, person)
);

-- History of an inquiry.
create table inquiry_turns (
    inquiry uuid references inquiries,
    n int,
    kind text not null check (kind in ('closed', 'reopened')),
    by uuid not null references persons,
    at timestamptz not null,
    words_box bytea not null, -- {words: {outcome, reason}, salt}
    primary key (inquiry, n)
);

-- Findings of an inquiry.
create table findings (
    id uuid primary key,
    seq bigint generated always as identity,
    inquiry uuid not null references inquiries,
    partner uuid references partners,
    details_box bytea not null, -- {conclusion, confidence, obligation}
    approval uuid not null references approvals,
    proposed_by uuid not null references persons,
    proposed_at timestamptz not null,
    confirmed_at timestamptz, -- null until the second signature is applied
    unheard_box bytea -- {words: {reason}, salt}: why confirmed without an answer
);
create index on findings (inquiry);

-- Questions to partners, and finding summaries.
create table inquiry_questions (
    id uuid primary key,
    seq bigint generated always as identity,
    inquiry uuid not null references inquiries,
    partner uuid not null references partners,
    kind text not null check (kind in ('question', 'deletion', 'finding')),
    finding uuid references findings,
    words_box bytea not null, -- {words: {text}, salt}
    asked_by uuid not null references persons,
    asked_at timestamptz not null,
    answer_by timestamptz not null,
    answer_box bytea, -- {words: {text, deleted}, salt}
    answered_by uuid references persons,
    answered_at timestamptz,
    lapsed_at timestamptz,
    noted_by uuid references persons,
    noted_at timestamptz,
    check ((kind = 'finding') = (finding is not null)),
    check ((answered_at is null) = (answer_box is null))
);
create index on inquiry_questions (inquiry);
create index on inquiry_questions (partner);

-- trace/planning

-- Tracing instructions of an inquiry.
create table inquiry_provisions (
    id uuid primary key,
    seq bigint generated always as identity,
    inquiry uuid not null references inquiries,
    words_box bytea not null, -- {words: {case, class, colluders, gain, reason}, salt}
    approval uuid not null references approvals,
    asked_by uuid not null references persons,
    asked_at timestamptz not null,
    in_force_at timestamptz,
    laid bigint references laid_designs,
    ended_at timestamptz
);
create index on inquiry_provisions (inquiry);

-- Extensions of a tracing instruction beyond the closure.
create table inquiry_carryings (
    id uuid primary key,
    seq bigint generated always as identity,
    provision uuid not null references inquiry_provisions,
    words_box bytea not null, -- {words: {owner, reason, until}, salt}
    approval uuid not null references approvals,
    asked_by uuid not null references persons,
    asked_at timestamptz not null,
    carried_at timestamptz -- null until the inquiry closes
);
create index on inquiry_carryings (provision);

-- trace/measures

-- Procedures against a partner.
create table procedures (
    id uuid primary key,
    seq bigint generated always as identity,
    partner uuid not null references partners,
    finding uuid not null unique references findings,
    grounds_box bytea not null -- {obligation, conclusion, confidence}
);
create index on procedures (partner);

-- History of a procedure. Its state is computed from it.
create table procedure_turns (
    procedure uuid references procedures,
    n int,
    turn jsonb not null, -- instants, persons and closed-list values
    approval uuid references approvals,
    words_box bytea, -- {reason, terms}; of an appeal {text}
    primary key (procedure, n)
);

-- Measures and their ends.
create table measures (
    id uuid primary key,
    seq bigint generated always as identity,
    kind text not null
        check (kind in ('restrict by duty', 'restrict', 'interim suspension', 'reinstatement', 'lift',
            'reprimand', 'suspension', 'termination')),
    partner uuid references partners,
    policy int references policies,
    procedure uuid references procedures,
    reason_box bytea not null,
    taken_by uuid not null references persons,
    taken_at timestamptz not null,
    review_by timestamptz,
    approval uuid references approvals,
    ended_at timestamptz
);
create index on measures (partner);

-- Reviews that extended an interim suspension.
create table reviews (
    id uuid primary key,
    seq bigint generated always as identity,
    measure uuid not null references measures,
    procedure uuid references procedures, -- whose decision it waits for
    review_by timestamptz,
    approval uuid not null references approvals,
    reason_box bytea not null,
    decided_at timestamptz not null,
    check ((procedure is null) = (review_by is not null))
);
create index on reviews (measure);

-- Letters of a procedure or measure, and answers.
create table letters (
    id uuid primary key,
    seq bigint generated always as identity,
    partner uuid not null references partners,
    kind text not null,
    measure uuid references measures,
    procedure uuid references procedures,
    text_box bytea not null, -- {subject, text}
    sent_at timestamptz not null,
    answer_box bytea,
    answered_by uuid references persons,
    answered_at timestamptz,
    noted_by uuid references persons,
    noted_at timestamptz,
    check ((measure is not null) or (procedure is not null))
);
create index on letters (partner);
create index on letters (procedure);

-- Versions of letter templates.
create table letter_templates (
    kind text,
    version int,
    text_box bytea not null, -- {subject, text}
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
create table regulatory_clock_turns (
    clock uuid references regulatory_clocks,
    n int,
    kind text not null check (kind in ('aware', 'fix', 'filed', 'taken back', 'closed')),
    at timestamptz not null,
    by uuid references persons, -- null: started automatically
    since timestamptz,
    filing text,
    source_kind text check (source_kind in ('sighting', 'evidence', 'person')),
    source uuid,
    words_box bytea, -- {words, reference}
    primary key (clock, n)
);

-- trace/waiting

-- Who acts for whom.
create table deputies (
    id uuid primary key,
    person uuid not null references persons,
    deputy uuid not null references persons,
    from_at timestamptz not null,
    until_at timestamptz not null,
    ended_at timestamptz,
    check (person <> deputy),
    check (until_at > from_at)
);

-- Task notices that were sent.
create table waiting_told (
    person uuid references persons,
    key text, -- kind, id and instant
    step text check (step in ('began', 'soon', 'over')),
    at timestamptz not null,
    primary key (person, key, step)
);

-- The program time of the last pass over all tasks.
create table waiting_looks (
    only_one boolean default true primary key check (only_one),
    at timestamptz not null
);

-- Notices to staff.
create table operator_notices (
    id uuid primary key,
    person uuid not null references persons,
    state text not null check (state in ('due', 'sent', 'dropped', 'failed')),
    tries int not null default 0,
    next_at timestamptz not null, -- wall-clock time
    sealed boolean not null, -- about confidential matters only
    made_at timestamptz,
    returned_at timestamptz
);
create index on operator_notices (next_at) where state = 'due';

-- trace/reports

-- Annual reports, as signed.
create table published_reports (
    year int primary key,
    event bigint not null references events,
    figures jsonb not null,
    approval uuid not null references approvals,
    by uuid not null references persons,
    at timestamptz not null
);

-- Functions and triggers

-- Notes that something changed which concerns every partner.
create function note_change() returns trigger language plpgsql as $$
begin
    insert into changes (scope, tx) values ('00000000-0000-0000-0000-000000000000', pg_current_xact_id()) on conflict do nothing;
    return null;
end
$$;
create trigger noted after insert or update or delete or truncate on policies
    for each statement execute function note_change();
create trigger noted after insert or update or delete or truncate on policy_activations
    for each statement execute function note_change();
create trigger noted after insert or update or delete or truncate on agreements
    for each statement execute function note_change();
create trigger noted after insert or update or delete or truncate on partner_rules
    for each statement execute function note_change();
create trigger noted after insert or update or delete or truncate on cases
    for each statement execute function note_change();
create trigger noted after insert or update or delete or truncate on case_closings
    for each statement execute function note_change();
create trigger noted after insert or update or delete or truncate on case_links
    for each statement execute function note_change();
create trigger noted after insert or update or delete or truncate on embargo_turns
    for each statement execute function note_change();
create trigger noted after insert or update or delete or truncate on artifacts
    for each statement execute function note_change();
create trigger noted after insert or update or delete or truncate on artifact_versions
    for each statement execute function note_change();
create trigger noted after insert or update or delete or truncate on recalls
    for each statement execute function note_change();
create trigger noted after insert or update or delete or truncate on waves
    for each statement execute function note_change();
create trigger noted after insert or update or delete or truncate on wave_offsets
    for each statement execute function note_change();
create trigger noted after insert or update or delete or truncate on wave_freezes
    for each statement execute function note_change();
create trigger noted after insert or update or delete or truncate on wave_artifacts
    for each statement execute function note_change();
create trigger noted after delete or update on data_keys
    for each row when (old.scope not like 'evidence:%' and old.scope not like 'inquiry:%') execute function note_change();
create trigger noted after insert or update or delete or truncate on case_exploitation
    for each statement execute function note_change();

-- Notes a change that concerns one partner, or every partner where the column `partner` is null.
-- No row moves from one partner to another.
create function note_change_of_partner() returns trigger language plpgsql as $$
declare
    its uuid := case tg_op when 'DELETE' then old.partner else new.partner end;
begin
    insert into changes (scope, tx)
    values (coalesce(its, '00000000-0000-0000-0000-000000000000'), pg_current_xact_id()) on conflict do nothing;
    return null;
end
$$;
create trigger noted after insert or update or delete on partner_facts
    for each row execute function note_change_of_partner();
create trigger noted after insert or update or delete on acceptances
    for each row execute function note_change_of_partner();
create trigger noted after insert or update or delete on partner_statements
    for each row execute function note_change_of_partner();
create trigger noted after insert or update or delete on partner_keys
    for each row execute function note_change_of_partner();
create trigger noted after insert or update or delete on mailbox_marks
    for each row execute function note_change_of_partner();
create trigger noted after insert or update or delete on persons
    for each row execute function note_change_of_partner();
create trigger noted after insert or update or delete on circles
    for each row execute function note_change_of_partner();
create trigger noted after insert or update or delete on consent_turns
    for each row execute function note_change_of_partner();
create trigger noted after insert or update or delete on acknowledgements
    for each row execute function note_change_of_partner();
create trigger noted after insert or update or delete on deletions
    for each row execute function note_change_of_partner();

-- A delivery changes a feed only where the artifact was recalled. Deliveries share the program's lock (src/platform/locks.ts),
-- which a recall takes alone: the recall is there already, or it notes its own change later.
create function note_delivery() returns trigger language plpgsql as $$
begin
    perform pg_advisory_xact_lock_shared(1, 0);
    if tg_op <> 'INSERT' or exists (select from recalls where artifact = new.artifact) then
        insert into changes (scope, tx)
        values (case tg_op when 'DELETE' then old.partner else new.partner end, pg_current_xact_id()) on conflict do nothing;
    end if;
    return null;
end
$$;
create trigger noted after insert or update or delete on deliveries for each row execute function note_delivery();

-- Marking a version differently changes feeds; the first marking does not.
create function note_marked_anew() returns trigger language plpgsql as $$
begin
    if tg_op <> 'INSERT' or exists (select from marked_versions its
        where its.artifact = new.artifact and its.version = new.version and its.epoch <> new.epoch)
    then
        insert into changes (scope, tx) values ('00000000-0000-0000-0000-000000000000', pg_current_xact_id()) on conflict do nothing;
    end if;
    return null;
end
$$;
create trigger noted after insert or update or delete on marked_versions
    for each row execute function note_marked_anew();

-- Changes of who has access, for the high-water file.
create function note_status() returns trigger language plpgsql as $$
begin
    insert into access_changes (kind, subject, status, from_at)
    values ('partner', new.partner::text, new.value #>> '{}', new.from_at);
    return null;
end
$$;
create trigger noted_status after insert on partner_facts
    for each row when (new.fact = 'standing') execute function note_status();

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
-- It waits for no lock: an element whose lock is not free has no row (docs/design/0050).
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
    select high_water, memory -> 'frozen' = 'null' into guard_at, is_steady from clock_guard;
    if instant is null then
        if moved then select now into instant from demo_clock;
        else instant := greatest(clock_timestamp(), guard_at);
        end if;
    end if;
    if not (moved or coalesce(instant <= case when is_steady then guard_at + interval '15000 milliseconds'
        else guard_at end, true)) then return; end if;
    return query select place::int - 1, date_trunc('milliseconds', instant)
        from unnest(of_partners, of_persons, by_credentials, as_of, from_at, until_at, locked)
            with ordinality as one (partner, person, credential, snapshot, since, until, is_locked, place)
        where is_locked and instant between since and until
        and exists (select from credentials where hash = one.credential and credentials.person = one.person
            and ended_at is null and expires_at > real_now)
        and not exists (select from changes where scope in (one.partner, '00000000-0000-0000-0000-000000000000')
            and tx >= pg_snapshot_xmin(one.snapshot) and not pg_visible_in_snapshot(tx, one.snapshot));
end
$$;
