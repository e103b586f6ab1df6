-- The sum of migrations/, written by scripts/schema.ts and kept true by a test: read it, and never edit it.

create table acceptances (
    partner uuid not null,
    version integer not null,
    person uuid not null,
    at timestamp with time zone not null,
    ends_at timestamp with time zone,
    constraint acceptances_pkey PRIMARY KEY (partner, version, at),
    constraint acceptances_partner_fkey FOREIGN KEY (partner) REFERENCES partners(id),
    constraint acceptances_person_fkey FOREIGN KEY (person) REFERENCES persons(id),
    constraint acceptances_version_fkey FOREIGN KEY (version) REFERENCES agreements(version)
);

create table acknowledgements (
    id uuid not null,
    event bigint not null,
    partner uuid not null,
    person uuid not null,
    case_id uuid not null,
    artifact uuid not null,
    version integer not null,
    at timestamp with time zone not null,
    constraint acknowledgements_pkey PRIMARY KEY (id),
    constraint acknowledgements_partner_artifact_version_key UNIQUE (partner, artifact, version),
    constraint acknowledgements_artifact_fkey FOREIGN KEY (artifact) REFERENCES artifacts(id),
    constraint acknowledgements_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id),
    constraint acknowledgements_event_fkey FOREIGN KEY (event) REFERENCES events(seq),
    constraint acknowledgements_partner_fkey FOREIGN KEY (partner) REFERENCES partners(id),
    constraint acknowledgements_person_fkey FOREIGN KEY (person) REFERENCES persons(id)
);

create table agreements (
    version integer not null,
    text_box bytea not null,
    created_at timestamp with time zone not null,
    constraint agreements_pkey PRIMARY KEY (version)
);

create table approvals (
    id uuid not null,
    act text not null,
    effects jsonb not null,
    effects_hash bytea not null,
    requested_by uuid not null,
    requested_at timestamp with time zone not null,
    signed_by uuid,
    signed_at timestamp with time zone,
    used_at timestamp with time zone,
    voided_at timestamp with time zone,
    constraint approvals_pkey PRIMARY KEY (id),
    constraint approvals_check CHECK ((signed_by IS DISTINCT FROM requested_by)),
    constraint approvals_requested_by_fkey FOREIGN KEY (requested_by) REFERENCES persons(id),
    constraint approvals_signed_by_fkey FOREIGN KEY (signed_by) REFERENCES persons(id)
);

create table artifact_versions (
    artifact uuid not null,
    version integer not null,
    content_box bytea not null,
    created_by uuid not null,
    created_at timestamp with time zone not null,
    constraint artifact_versions_pkey PRIMARY KEY (artifact, version),
    constraint artifact_versions_artifact_fkey FOREIGN KEY (artifact) REFERENCES artifacts(id),
    constraint artifact_versions_created_by_fkey FOREIGN KEY (created_by) REFERENCES persons(id)
);

create table artifacts (
    id uuid not null,
    case_id uuid not null,
    class text not null,
    tlp text not null,
    pap text not null,
    name_box bytea not null,
    created_at timestamp with time zone not null,
    constraint artifacts_pkey PRIMARY KEY (id),
    constraint artifacts_class_check CHECK ((class = ANY (ARRAY['summary'::text, 'technical'::text, 'guidance'::text, 'indicators'::text, 'rules'::text, 'repro'::text, 'poc'::text, 'patch'::text]))),
    constraint artifacts_pap_check CHECK ((pap = ANY (ARRAY['CLEAR'::text, 'GREEN'::text, 'AMBER'::text, 'RED'::text]))),
    constraint artifacts_tlp_check CHECK ((tlp = ANY (ARRAY['CLEAR'::text, 'GREEN'::text, 'AMBER'::text, 'AMBER+STRICT'::text, 'RED'::text]))),
    constraint artifacts_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id)
);
CREATE INDEX artifacts_case_id_idx ON artifacts USING btree (case_id);

create table attributions (
    id uuid not null,
    seq bigint generated always as identity not null,
    evidence uuid not null,
    artifact uuid,
    version integer,
    verdict text not null,
    result_box bytea not null,
    made_by uuid,
    at timestamp with time zone not null,
    constraint attributions_pkey PRIMARY KEY (id),
    constraint attributions_verdict_check CHECK ((verdict = ANY (ARRAY['traced'::text, 'undecided'::text, 'unrelated'::text]))),
    constraint attributions_evidence_fkey FOREIGN KEY (evidence) REFERENCES evidence(id),
    constraint attributions_made_by_fkey FOREIGN KEY (made_by) REFERENCES persons(id)
);
CREATE INDEX attributions_evidence_idx ON attributions USING btree (evidence);

create table case_links (
    from_case uuid not null,
    to_case uuid not null,
    kind text not null,
    constraint case_links_pkey PRIMARY KEY (from_case, to_case, kind),
    constraint case_links_kind_check CHECK ((kind = ANY (ARRAY['bypass of'::text, 'variant of'::text]))),
    constraint case_links_from_case_fkey FOREIGN KEY (from_case) REFERENCES cases(id),
    constraint case_links_to_case_fkey FOREIGN KEY (to_case) REFERENCES cases(id)
);

create table case_names (
    name_hash bytea not null,
    case_id uuid not null,
    constraint case_names_pkey PRIMARY KEY (name_hash, case_id),
    constraint case_names_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id)
);

create table cases (
    id uuid not null,
    details_box bytea not null,
    created_by uuid not null,
    created_at timestamp with time zone not null,
    constraint cases_pkey PRIMARY KEY (id),
    constraint cases_created_by_fkey FOREIGN KEY (created_by) REFERENCES persons(id)
);

create table checkpoints (
    size bigint not null,
    root bytea not null,
    note text not null,
    at timestamp with time zone not null,
    constraint checkpoints_pkey PRIMARY KEY (size)
);

create table consent_turns (
    seq bigint generated always as identity not null,
    case_id uuid not null,
    partner uuid not null,
    kind text not null,
    at timestamp with time zone not null,
    answer_by timestamp with time zone,
    ends_at timestamp with time zone,
    constraint consent_turns_pkey PRIMARY KEY (seq),
    constraint consent_turns_kind_check CHECK ((kind = ANY (ARRAY['invited'::text, 'signed'::text, 'declined'::text]))),
    constraint consent_turns_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id),
    constraint consent_turns_partner_fkey FOREIGN KEY (partner) REFERENCES partners(id)
);
CREATE INDEX consent_turns_case_id_partner_seq_idx ON consent_turns USING btree (case_id, partner, seq);

create table credentials (
    hash bytea not null,
    person uuid not null,
    kind text not null,
    created_at timestamp with time zone not null,
    expires_at timestamp with time zone not null,
    reusable boolean default false not null,
    ended_at timestamp with time zone,
    constraint credentials_pkey PRIMARY KEY (hash),
    constraint credentials_kind_check CHECK ((kind = ANY (ARRAY['token'::text, 'session'::text, 'link'::text]))),
    constraint credentials_person_fkey FOREIGN KEY (person) REFERENCES persons(id)
);
CREATE INDEX credentials_person_idx ON credentials USING btree (person);

create table data_keys (
    scope text not null,
    wrapped bytea not null,
    constraint data_keys_pkey PRIMARY KEY (scope)
);

create table deliveries (
    id uuid not null,
    event bigint not null,
    partner uuid not null,
    person uuid not null,
    case_id uuid not null,
    artifact uuid not null,
    version integer not null,
    class text not null,
    copy_hash bytea not null,
    copy_salt bytea not null,
    at timestamp with time zone not null,
    constraint deliveries_pkey PRIMARY KEY (id),
    constraint deliveries_artifact_fkey FOREIGN KEY (artifact) REFERENCES artifacts(id),
    constraint deliveries_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id),
    constraint deliveries_event_fkey FOREIGN KEY (event) REFERENCES events(seq),
    constraint deliveries_partner_fkey FOREIGN KEY (partner) REFERENCES partners(id),
    constraint deliveries_person_fkey FOREIGN KEY (person) REFERENCES persons(id)
);
CREATE INDEX deliveries_artifact_at_idx ON deliveries USING btree (artifact, at);
CREATE INDEX deliveries_partner_at_idx ON deliveries USING btree (partner, at);

create table demo_clock (
    only_one boolean default true not null,
    now timestamp with time zone not null,
    target timestamp with time zone,
    constraint demo_clock_pkey PRIMARY KEY (only_one),
    constraint demo_clock_only_one_check CHECK (only_one)
);

create table embargo_turns (
    case_id uuid not null,
    n integer not null,
    kind text not null,
    at timestamp with time zone not null,
    ends_at timestamp with time zone,
    why_box bytea,
    constraint embargo_turns_pkey PRIMARY KEY (case_id, n),
    constraint embargo_turns_kind_check CHECK ((kind = ANY (ARRAY['proposed'::text, 'agreed'::text, 'moved'::text, 'broken'::text, 'ended'::text]))),
    constraint embargo_turns_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id)
);

create table events (
    seq bigint generated always as identity not null,
    at timestamp with time zone not null,
    kind text not null,
    body jsonb not null,
    salt bytea not null,
    sealed boolean default false not null,
    constraint events_pkey PRIMARY KEY (seq)
);

create table evidence (
    id uuid not null,
    seq bigint generated always as identity not null,
    kind text not null,
    case_id uuid,
    details_box bytea not null,
    content_box bytea,
    sha256 bytea,
    size integer,
    seen_at timestamp with time zone not null,
    clock text not null,
    filed_by uuid not null,
    filed_at timestamp with time zone not null,
    constraint evidence_pkey PRIMARY KEY (id),
    constraint evidence_clock_check CHECK ((clock = ANY (ARRAY['synchronised'::text, 'estimated'::text, 'unknown'::text]))),
    constraint evidence_kind_check CHECK ((kind = ANY (ARRAY['leak'::text, 'exploitation'::text]))),
    constraint evidence_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id),
    constraint evidence_filed_by_fkey FOREIGN KEY (filed_by) REFERENCES persons(id)
);

create table findings (
    id uuid not null,
    seq bigint generated always as identity not null,
    inquiry uuid not null,
    partner uuid,
    details_box bytea not null,
    approval uuid not null,
    proposed_by uuid not null,
    proposed_at timestamp with time zone not null,
    confirmed_at timestamp with time zone,
    constraint findings_pkey PRIMARY KEY (id),
    constraint findings_approval_fkey FOREIGN KEY (approval) REFERENCES approvals(id),
    constraint findings_inquiry_fkey FOREIGN KEY (inquiry) REFERENCES inquiries(id),
    constraint findings_partner_fkey FOREIGN KEY (partner) REFERENCES partners(id),
    constraint findings_proposed_by_fkey FOREIGN KEY (proposed_by) REFERENCES persons(id)
);
CREATE INDEX findings_inquiry_idx ON findings USING btree (inquiry);

create table inquiries (
    id uuid not null,
    seq bigint generated always as identity not null,
    case_id uuid not null,
    details_box bytea not null,
    opened_by uuid not null,
    opened_at timestamp with time zone not null,
    constraint inquiries_pkey PRIMARY KEY (id),
    constraint inquiries_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id),
    constraint inquiries_opened_by_fkey FOREIGN KEY (opened_by) REFERENCES persons(id)
);

create table inquiry_evidence (
    inquiry uuid not null,
    evidence uuid not null,
    constraint inquiry_evidence_pkey PRIMARY KEY (inquiry, evidence),
    constraint inquiry_evidence_evidence_fkey FOREIGN KEY (evidence) REFERENCES evidence(id),
    constraint inquiry_evidence_inquiry_fkey FOREIGN KEY (inquiry) REFERENCES inquiries(id)
);

create table inquiry_members (
    inquiry uuid not null,
    person uuid not null,
    added_at timestamp with time zone not null,
    constraint inquiry_members_pkey PRIMARY KEY (inquiry, person),
    constraint inquiry_members_inquiry_fkey FOREIGN KEY (inquiry) REFERENCES inquiries(id),
    constraint inquiry_members_person_fkey FOREIGN KEY (person) REFERENCES persons(id)
);

create table leaves (
    index bigint not null,
    seq bigint not null,
    hash bytea not null,
    constraint leaves_pkey PRIMARY KEY (index),
    constraint leaves_seq_key UNIQUE (seq),
    constraint leaves_seq_fkey FOREIGN KEY (seq) REFERENCES events(seq)
);

create table letters (
    id uuid not null,
    seq bigint generated always as identity not null,
    partner uuid not null,
    measure uuid not null,
    text_box bytea not null,
    sent_at timestamp with time zone not null,
    answer_box bytea,
    answered_by uuid,
    answered_at timestamp with time zone,
    constraint letters_pkey PRIMARY KEY (id),
    constraint letters_answered_by_fkey FOREIGN KEY (answered_by) REFERENCES persons(id),
    constraint letters_measure_fkey FOREIGN KEY (measure) REFERENCES measures(id),
    constraint letters_partner_fkey FOREIGN KEY (partner) REFERENCES partners(id)
);
CREATE INDEX letters_partner_idx ON letters USING btree (partner);

create table mark_masters (
    epoch integer not null,
    master_box bytea not null,
    created_at timestamp with time zone not null,
    constraint mark_masters_pkey PRIMARY KEY (epoch)
);

create table marked_versions (
    artifact uuid not null,
    version integer not null,
    epoch integer not null,
    slots integer not null,
    manifest bytea not null,
    at timestamp with time zone not null,
    constraint marked_versions_pkey PRIMARY KEY (artifact, version, epoch)
);

create table measures (
    id uuid not null,
    seq bigint generated always as identity not null,
    kind text not null,
    partner uuid,
    policy integer,
    reason_box bytea not null,
    taken_by uuid not null,
    taken_at timestamp with time zone not null,
    review_by timestamp with time zone,
    approval uuid,
    ended_at timestamp with time zone,
    constraint measures_pkey PRIMARY KEY (id),
    constraint measures_kind_check CHECK ((kind = ANY (ARRAY['restrict by duty'::text, 'restrict'::text, 'interim suspension'::text, 'reinstatement'::text, 'lift'::text]))),
    constraint measures_approval_fkey FOREIGN KEY (approval) REFERENCES approvals(id),
    constraint measures_partner_fkey FOREIGN KEY (partner) REFERENCES partners(id),
    constraint measures_policy_fkey FOREIGN KEY (policy) REFERENCES policies(version),
    constraint measures_taken_by_fkey FOREIGN KEY (taken_by) REFERENCES persons(id)
);
CREATE INDEX measures_partner_idx ON measures USING btree (partner);

create table migrations (
    name text not null,
    sha256 text not null,
    at timestamp with time zone default now() not null,
    constraint migrations_pkey PRIMARY KEY (name)
);

create table notices (
    id uuid not null,
    partner uuid not null,
    person uuid not null,
    wave uuid,
    state text not null,
    tries integer default 0 not null,
    next_at timestamp with time zone not null,
    made_at timestamp with time zone not null,
    sent_at timestamp with time zone,
    constraint notices_pkey PRIMARY KEY (id),
    constraint notices_person_wave_key UNIQUE (person, wave),
    constraint notices_state_check CHECK ((state = ANY (ARRAY['due'::text, 'sent'::text, 'dropped'::text, 'failed'::text]))),
    constraint notices_partner_fkey FOREIGN KEY (partner) REFERENCES partners(id),
    constraint notices_person_fkey FOREIGN KEY (person) REFERENCES persons(id),
    constraint notices_wave_fkey FOREIGN KEY (wave) REFERENCES waves(id)
);
CREATE INDEX notices_state_next_at_idx ON notices USING btree (state, next_at);

create table partner_facts (
    seq bigint generated always as identity not null,
    partner uuid not null,
    fact text not null,
    value jsonb not null,
    from_at timestamp with time zone not null,
    recorded_by uuid,
    constraint partner_facts_pkey PRIMARY KEY (seq),
    constraint partner_facts_fact_check CHECK ((fact = ANY (ARRAY['tier'::text, 'standing'::text, 'duties'::text, 'restriction'::text]))),
    constraint partner_facts_partner_fkey FOREIGN KEY (partner) REFERENCES partners(id)
);
CREATE INDEX partner_facts_partner_fact_from_at_seq_idx ON partner_facts USING btree (partner, fact, from_at, seq);

create table partner_keys (
    id uuid not null,
    partner uuid not null,
    recipient text not null,
    added_by uuid not null,
    added_at timestamp with time zone not null,
    usable_from timestamp with time zone not null,
    revoked_at timestamp with time zone,
    constraint partner_keys_pkey PRIMARY KEY (id),
    constraint partner_keys_added_by_fkey FOREIGN KEY (added_by) REFERENCES persons(id),
    constraint partner_keys_partner_fkey FOREIGN KEY (partner) REFERENCES partners(id)
);
CREATE INDEX partner_keys_partner_idx ON partner_keys USING btree (partner);

create table partners (
    id uuid not null,
    details_box bytea not null,
    created_at timestamp with time zone not null,
    constraint partners_pkey PRIMARY KEY (id)
);

create table persons (
    id uuid not null,
    partner uuid,
    details_box bytea not null,
    roles text[] not null,
    created_by uuid,
    created_at timestamp with time zone not null,
    left_at timestamp with time zone,
    constraint persons_pkey PRIMARY KEY (id),
    constraint persons_check CHECK (
CASE
    WHEN (partner IS NULL) THEN (roles <@ ARRAY['author'::text, 'manager'::text, 'investigator'::text, 'approver'::text, 'auditor'::text, 'admin'::text])
    ELSE (roles <@ ARRAY['lead'::text, 'analyst'::text])
END)
);
CREATE INDEX persons_partner_idx ON persons USING btree (partner);

create table policies (
    version integer not null,
    name text not null,
    text text not null,
    created_by uuid,
    created_at timestamp with time zone not null,
    constraint policies_pkey PRIMARY KEY (version),
    constraint policies_created_by_fkey FOREIGN KEY (created_by) REFERENCES persons(id)
);

create table policy_activations (
    seq bigint generated always as identity not null,
    version integer not null,
    from_at timestamp with time zone not null,
    by_person uuid,
    constraint policy_activations_pkey PRIMARY KEY (seq),
    constraint policy_activations_version_fkey FOREIGN KEY (version) REFERENCES policies(version)
);

create table remembered_answers (
    key bytea not null,
    request bytea not null,
    answer_box bytea not null,
    at timestamp with time zone not null,
    constraint remembered_answers_pkey PRIMARY KEY (key)
);

create table todos (
    seq bigint not null,
    due_at timestamp with time zone not null,
    tries integer default 0 not null,
    constraint todos_pkey PRIMARY KEY (seq),
    constraint todos_seq_fkey FOREIGN KEY (seq) REFERENCES events(seq)
);
CREATE INDEX todos_due_at_seq_idx ON todos USING btree (due_at, seq);

create table tree_nodes (
    level integer not null,
    pos bigint not null,
    hash bytea not null,
    constraint tree_nodes_pkey PRIMARY KEY (level, pos)
);

create table unnumbered (
    seq bigint not null,
    constraint unnumbered_pkey PRIMARY KEY (seq),
    constraint unnumbered_seq_fkey FOREIGN KEY (seq) REFERENCES events(seq)
);

create table wave_artifacts (
    wave uuid not null,
    artifact uuid not null,
    version integer not null,
    constraint wave_artifacts_pkey PRIMARY KEY (wave, artifact),
    constraint wave_artifacts_artifact_fkey FOREIGN KEY (artifact) REFERENCES artifacts(id),
    constraint wave_artifacts_wave_fkey FOREIGN KEY (wave) REFERENCES waves(id)
);

create table waves (
    id uuid not null,
    case_id uuid not null,
    tier text not null,
    offset_ms bigint not null,
    approval uuid,
    frozen_at timestamp with time zone,
    released_at timestamp with time zone,
    constraint waves_pkey PRIMARY KEY (id),
    constraint waves_case_id_tier_key UNIQUE (case_id, tier),
    constraint waves_offset_ms_check CHECK ((offset_ms <= 0)),
    constraint waves_tier_check CHECK ((tier = ANY (ARRAY['validate'::text, 'advance'::text, 'entry'::text, 'publication'::text]))),
    constraint waves_approval_fkey FOREIGN KEY (approval) REFERENCES approvals(id),
    constraint waves_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id)
);
CREATE INDEX waves_released_at_idx ON waves USING btree (released_at);
