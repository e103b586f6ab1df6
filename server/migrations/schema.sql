-- The sum of migrations/, written by scripts/schema.ts and kept true by a test: read it, and never edit it.

create function delete_approval_texts() returns trigger language plpgsql as $$
begin
    update approvals set text_ciphertext = null
    from cases
    where new.scope = 'case:' || cases.id and text_ciphertext is not null and action <> 'case.delete_content'
    and (effects->'detail'->>'case' = cases.id::text
        or effects->'detail'->>'wave' in (select id::text from waves where case_id = cases.id)
        or exists (select from jsonb_array_elements(effects->'artifacts') as shown
            join artifacts on artifacts.id::text = shown->>'artifact' where artifacts.case_id = cases.id));
    return null;
end
$$;

create function end_exchanged_tokens() returns trigger language plpgsql as $$
begin
    if new.ended_at is not null then
        update credentials set ended_at = new.ended_at where parent_hash = new.hash and ended_at is null;
    else
        update credentials set expires_at = new.expires_at
        where parent_hash = new.hash and ended_at is null and expires_at > new.expires_at;
        -- A restored database must not accept the token for longer.
        insert into access_changes (kind, subject, from_at, expires_at)
        values ('credential', encode(new.hash, 'hex'), new.expires_at, old.expires_at);
    end if;
    return null;
end
$$;

create function end_machine_client() returns trigger language plpgsql as $$
begin
    update credentials set ended_at = new.ended_at where client_id = new.id and ended_at is null;
    insert into access_changes (kind, subject, from_at)
    values ('machine_client', new.id::text,
        greatest(new.ended_at, new.keys_changed_at + interval '1 millisecond'));
    return null;
end
$$;

create function end_replaced_keys() returns trigger language plpgsql as $$
begin
    insert into access_changes (kind, subject, from_at) values ('machine_client', new.id::text, new.keys_changed_at);
    return null;
end
$$;

create function forget_last_use() returns trigger language plpgsql as $$
begin
    new.last_used_from_ciphertext := null;
    new.last_used_on_ciphertext := null;
    return new;
end
$$;

create function leases_now(of_partners uuid[], of_persons uuid[], by_credentials bytea[], as_of pg_snapshot[], from_at timestamp with time zone[], until_at timestamp with time zone[], real_now timestamp with time zone, told timestamp with time zone, moved boolean) returns TABLE(n integer, at timestamp with time zone) language plpgsql as $$
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

create function note_destroyed_key() returns trigger language plpgsql as $$
begin
    update cases set content_deleted_at = new.at, content_deletion_id = new.approval_id
    where new.scope = 'case:' || id;
    delete from case_names where new.scope = 'case:' || case_id;
    update marked_versions set slots_ciphertext = null from artifacts
    where artifacts.id = artifact_id and new.scope = 'case:' || artifacts.case_id;
    insert into access_changes (kind, subject, from_at) values ('data_key', new.scope, new.at);
    return null;
end
$$;

create function note_ended() returns trigger language plpgsql as $$
begin
    insert into access_changes (kind, subject, from_at, expires_at)
    values ('credential', encode(new.hash, 'hex'), new.ended_at, new.expires_at);
    return null;
end
$$;

create function note_ended_signing_key() returns trigger language plpgsql as $$
begin
    insert into access_changes (kind, subject, from_at) values ('signing_key', new.former_key, new.former_ended_at);
    return null;
end
$$;

create function note_identity_ended() returns trigger language plpgsql as $$
begin
    insert into access_changes (kind, subject, from_at) values ('credential', new.id::text, new.ended_at);
    return null;
end
$$;

create function note_left() returns trigger language plpgsql as $$
begin
    insert into access_changes (kind, subject, from_at) values ('person', new.id::text, new.left_at);
    return null;
end
$$;

create function note_passkey_ended() returns trigger language plpgsql as $$
begin
    insert into access_changes (kind, subject, from_at) values ('passkey', encode(new.id, 'hex'), new.ended_at);
    return null;
end
$$;

create function note_replaced_publisher_key() returns trigger language plpgsql as $$
begin
    insert into access_changes (kind, subject, status, from_at) values ('publisher_key', new.fingerprint,
        case when new.revoked_at is null then 'replaced' else 'revoked' end, new.replaced_at);
    return null;
end
$$;

create function note_revoked() returns trigger language plpgsql as $$
begin
    insert into access_changes (kind, subject, from_at, expires_at)
    values ('key', new.id::text, new.revoked_at, new.expires_at);
    return null;
end
$$;

create function note_status() returns trigger language plpgsql as $$
begin
    insert into access_changes (kind, subject, status, from_at)
    values ('partner', new.partner_id::text, new.value #>> '{}', new.from_at);
    return null;
end
$$;

create table acceptances (
    partner_id uuid not null,
    version integer not null,
    person_id uuid not null,
    at timestamp with time zone not null,
    ends_at timestamp with time zone,
    constraint acceptances_pkey PRIMARY KEY (partner_id, version, at),
    constraint acceptances_partner_id_fkey FOREIGN KEY (partner_id) REFERENCES partners(id),
    constraint acceptances_person_id_fkey FOREIGN KEY (person_id) REFERENCES persons(id),
    constraint acceptances_version_fkey FOREIGN KEY (version) REFERENCES agreements(version)
);

create table access_changes (
    id uuid default gen_random_uuid() not null,
    kind text not null,
    subject text not null,
    status text,
    from_at timestamp with time zone not null,
    expires_at timestamp with time zone,
    seq bigint generated always as identity not null,
    number bigint,
    constraint access_changes_pkey PRIMARY KEY (id),
    constraint access_changes_number_key UNIQUE (number),
    constraint access_changes_kind_check CHECK ((kind = ANY (ARRAY['partner'::text, 'person'::text, 'credential'::text, 'key'::text, 'passkey'::text, 'machine_client'::text, 'spent_budget'::text, 'data_key'::text, 'signing_key'::text, 'publisher_key'::text])))
);
CREATE INDEX access_changes_seq_idx ON access_changes USING btree (seq) WHERE (number IS NULL);
CREATE INDEX access_changes_subject_seq_idx ON access_changes USING btree (subject, seq DESC) WHERE (kind = 'spent_budget'::text);

create table access_lists (
    seq bigint generated always as identity not null,
    partner_id uuid not null,
    case_id uuid not null,
    person_ids uuid[],
    from_at timestamp with time zone not null,
    set_by uuid,
    constraint access_lists_pkey PRIMARY KEY (seq),
    constraint access_lists_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id),
    constraint access_lists_partner_id_fkey FOREIGN KEY (partner_id) REFERENCES partners(id),
    constraint access_lists_set_by_fkey FOREIGN KEY (set_by) REFERENCES persons(id)
);
CREATE INDEX access_lists_partner_id_case_id_seq_idx ON access_lists USING btree (partner_id, case_id, seq);

create table account_mails (
    id uuid not null,
    person_id uuid not null,
    kind text not null,
    is_recovery boolean not null,
    state text not null,
    attempts integer default 0 not null,
    next_at timestamp with time zone not null,
    not_before timestamp with time zone not null,
    created_at timestamp with time zone not null,
    constraint account_mails_pkey PRIMARY KEY (id),
    constraint account_mails_kind_check CHECK ((kind = ANY (ARRAY['link'::text, 'recovery'::text, 'passkey_added'::text, 'account_connected'::text, 'account_disconnected'::text, 'words_changed'::text]))),
    constraint account_mails_state_check CHECK ((state = ANY (ARRAY['due'::text, 'sent'::text, 'failed'::text, 'cancelled'::text]))),
    constraint account_mails_person_id_fkey FOREIGN KEY (person_id) REFERENCES persons(id)
);
CREATE INDEX account_mails_person_id_created_at_idx ON account_mails USING btree (person_id, created_at);
CREATE INDEX account_mails_state_next_at_idx ON account_mails USING btree (state, next_at);

create table acknowledgements (
    id uuid not null,
    event_id bigint not null,
    partner_id uuid not null,
    person_id uuid not null,
    case_id uuid not null,
    artifact_id uuid not null,
    version integer not null,
    at timestamp with time zone not null,
    constraint acknowledgements_pkey PRIMARY KEY (id),
    constraint acknowledgements_partner_id_artifact_id_version_key UNIQUE (partner_id, artifact_id, version),
    constraint acknowledgements_artifact_id_fkey FOREIGN KEY (artifact_id) REFERENCES artifacts(id),
    constraint acknowledgements_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id),
    constraint acknowledgements_event_id_fkey FOREIGN KEY (event_id) REFERENCES events(seq),
    constraint acknowledgements_partner_id_fkey FOREIGN KEY (partner_id) REFERENCES partners(id),
    constraint acknowledgements_person_id_fkey FOREIGN KEY (person_id) REFERENCES persons(id)
);
CREATE INDEX acknowledgements_case_id_artifact_id_at_partner_id_person_i_idx ON acknowledgements USING btree (case_id, artifact_id, at) INCLUDE (partner_id, person_id, version);

create table admission_scores (
    seq bigint generated always as identity not null,
    applicant_id uuid not null,
    rules_version integer not null,
    criterion text not null,
    person_id uuid not null,
    score integer not null,
    reason_ciphertext bytea not null,
    at timestamp with time zone not null,
    constraint admission_scores_pkey PRIMARY KEY (seq),
    constraint admission_scores_score_check CHECK (((score >= 0) AND (score <= 4))),
    constraint admission_scores_applicant_id_fkey FOREIGN KEY (applicant_id) REFERENCES applications(partner_id),
    constraint admission_scores_person_id_fkey FOREIGN KEY (person_id) REFERENCES persons(id)
);
CREATE INDEX admission_scores_applicant_id_idx ON admission_scores USING btree (applicant_id);

create table advisories (
    case_id uuid not null,
    year integer not null,
    number integer not null,
    id text not null,
    published_at timestamp with time zone not null,
    revised_at timestamp with time zone not null,
    generation bigint not null,
    constraint advisories_pkey PRIMARY KEY (case_id),
    constraint advisories_id_key UNIQUE (id),
    constraint advisories_year_number_key UNIQUE (year, number),
    constraint advisories_number_check CHECK ((number > 0)),
    constraint advisories_year_check CHECK (((year >= 1970) AND (year <= 9999))),
    constraint advisories_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id)
);
CREATE UNIQUE INDEX advisories_generation ON advisories USING btree (generation);
CREATE INDEX advisories_revised ON advisories USING btree (revised_at, id);

create table advisory_documents (
    path text not null,
    revision integer not null,
    advisory_id text not null,
    type text not null,
    body text not null,
    sha256 text not null,
    sha512 text not null,
    signature text,
    signed_by text,
    constraint advisory_documents_pkey PRIMARY KEY (path, revision),
    constraint advisory_documents_advisory_id_fkey FOREIGN KEY (advisory_id) REFERENCES advisories(id)
);
CREATE INDEX advisory_documents_signed_by_idx ON advisory_documents USING btree (signed_by) WHERE (signature IS NOT NULL);

create table advisory_entries (
    advisory_id text not null,
    list text not null,
    body text not null,
    constraint advisory_entries_pkey PRIMARY KEY (list, advisory_id),
    constraint advisory_entries_advisory_id_fkey FOREIGN KEY (advisory_id) REFERENCES advisories(id)
);

create table advisory_revisions (
    advisory_id text not null,
    number integer not null,
    at timestamp with time zone not null,
    summary text not null,
    content jsonb not null,
    constraint advisory_revisions_pkey PRIMARY KEY (advisory_id, number),
    constraint advisory_revisions_number_check CHECK ((number > 0)),
    constraint advisory_revisions_advisory_id_fkey FOREIGN KEY (advisory_id) REFERENCES advisories(id)
);

create table aggregate_last_run (
    day timestamp with time zone not null,
    constraint aggregate_last_run_pkey PRIMARY KEY (day)
);

create table aggregates (
    case_id uuid not null,
    cell text not null,
    rules_version integer not null,
    band text,
    partner_ids uuid[] not null,
    at timestamp with time zone not null,
    constraint aggregates_pkey PRIMARY KEY (case_id, cell),
    constraint aggregates_cell_check CHECK ((cell = ANY (ARRAY['exploitation'::text, 'none_observed'::text, 'protected'::text, 'false_positives'::text]))),
    constraint aggregates_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id)
);

create table agreements (
    version integer not null,
    text_ciphertext bytea not null,
    requirements jsonb not null,
    longest_embargo_days integer not null,
    created_at timestamp with time zone not null,
    applies_at timestamp with time zone not null,
    constraint agreements_pkey PRIMARY KEY (version)
);

create table alarm_calls (
    code text not null,
    id uuid not null,
    since timestamp with time zone not null,
    cleared_at timestamp with time zone,
    call integer not null,
    attempts integer not null,
    next_at timestamp with time zone not null,
    constraint alarm_calls_pkey PRIMARY KEY (code),
    constraint alarm_calls_id_key UNIQUE (id)
);

create table annual_reports (
    year integer not null,
    event_id bigint not null,
    statistics jsonb not null,
    approval_id uuid not null,
    actor_id uuid not null,
    at timestamp with time zone not null,
    constraint annual_reports_pkey PRIMARY KEY (year),
    constraint annual_reports_actor_id_fkey FOREIGN KEY (actor_id) REFERENCES persons(id),
    constraint annual_reports_approval_id_fkey FOREIGN KEY (approval_id) REFERENCES approvals(id),
    constraint annual_reports_event_id_fkey FOREIGN KEY (event_id) REFERENCES events(seq)
);

create table applications (
    partner_id uuid not null,
    secret_hash bytea not null,
    reference_hash bytea not null,
    form_ciphertext bytea not null,
    submitted_at timestamp with time zone not null,
    decision text,
    decided_by uuid,
    decided_at timestamp with time zone,
    decision_ciphertext bytea,
    rules_version integer,
    lead_id uuid,
    constraint applications_pkey PRIMARY KEY (partner_id),
    constraint applications_reference_hash_key UNIQUE (reference_hash),
    constraint applications_secret_hash_key UNIQUE (secret_hash),
    constraint applications_check CHECK (((decision IS NULL) = (decided_at IS NULL))),
    constraint applications_decision_check CHECK ((decision = ANY (ARRAY['invited'::text, 'declined'::text]))),
    constraint applications_decided_by_fkey FOREIGN KEY (decided_by) REFERENCES persons(id),
    constraint applications_lead_id_fkey FOREIGN KEY (lead_id) REFERENCES persons(id),
    constraint applications_partner_id_fkey FOREIGN KEY (partner_id) REFERENCES partners(id)
);
CREATE INDEX applications_submitted_at_idx ON applications USING btree (submitted_at) WHERE (decision IS NULL);

create table approval_reads (
    approval_id uuid not null,
    person_id uuid not null,
    constraint approval_reads_pkey PRIMARY KEY (approval_id, person_id),
    constraint approval_reads_approval_id_fkey FOREIGN KEY (approval_id) REFERENCES approvals(id),
    constraint approval_reads_person_id_fkey FOREIGN KEY (person_id) REFERENCES persons(id)
);

create table approvals (
    id uuid not null,
    action text not null,
    effects jsonb not null,
    effects_hash bytea not null,
    text_ciphertext bytea,
    requested_by uuid not null,
    requested_at timestamp with time zone not null,
    signed_by uuid,
    signed_at timestamp with time zone,
    applied_at timestamp with time zone,
    voided_at timestamp with time zone,
    void_reason text,
    withheld_from uuid[] default '{}'::uuid[] not null,
    signature jsonb,
    constraint approvals_pkey PRIMARY KEY (id),
    constraint approvals_check CHECK ((signed_by IS DISTINCT FROM requested_by)),
    constraint approvals_check1 CHECK (((void_reason IS NULL) OR (voided_at IS NOT NULL))),
    constraint approvals_void_reason_check CHECK ((void_reason = ANY (ARRAY['withdrawn'::text, 'changed'::text, 'superseded'::text, 'requester_left'::text, 'signer_left'::text]))),
    constraint approvals_requested_by_fkey FOREIGN KEY (requested_by) REFERENCES persons(id),
    constraint approvals_signed_by_fkey FOREIGN KEY (signed_by) REFERENCES persons(id)
);

create table archive_extractions (
    evidence_id uuid not null,
    list_ciphertext bytea not null,
    texts_ciphertext bytea not null,
    extracted_at timestamp with time zone not null,
    constraint archive_extractions_pkey PRIMARY KEY (evidence_id),
    constraint archive_extractions_evidence_id_fkey FOREIGN KEY (evidence_id) REFERENCES evidence(id)
);

create table artifact_samples (
    seq bigint generated always as identity not null,
    id uuid not null,
    artifact_id uuid not null,
    must text not null,
    sample_ciphertext bytea not null,
    added_by uuid not null,
    added_at timestamp with time zone not null,
    constraint artifact_samples_pkey PRIMARY KEY (id),
    constraint artifact_samples_must_check CHECK ((must = ANY (ARRAY['hit'::text, 'miss'::text]))),
    constraint artifact_samples_added_by_fkey FOREIGN KEY (added_by) REFERENCES persons(id),
    constraint artifact_samples_artifact_id_fkey FOREIGN KEY (artifact_id) REFERENCES artifacts(id)
);
CREATE INDEX artifact_samples_artifact_id_seq_idx ON artifact_samples USING btree (artifact_id, seq);

create table artifact_versions (
    artifact_id uuid not null,
    version integer not null,
    content_ciphertext bytea not null,
    created_by uuid not null,
    created_at timestamp with time zone not null,
    colluders smallint default 2 not null,
    has_poc_key boolean default false not null,
    constraint artifact_versions_pkey PRIMARY KEY (artifact_id, version),
    constraint artifact_versions_colluders_check CHECK (((colluders >= 1) AND (colluders <= 8))),
    constraint artifact_versions_artifact_id_fkey FOREIGN KEY (artifact_id) REFERENCES artifacts(id),
    constraint artifact_versions_created_by_fkey FOREIGN KEY (created_by) REFERENCES persons(id)
);

create table artifacts (
    id uuid not null,
    case_id uuid not null,
    class text not null,
    tlp text not null,
    pap text not null,
    name_ciphertext bytea not null,
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
    evidence_id uuid not null,
    artifact_id uuid,
    version integer,
    verdict text not null,
    result_ciphertext bytea not null,
    created_by uuid,
    at timestamp with time zone not null,
    constraint attributions_pkey PRIMARY KEY (id),
    constraint attributions_verdict_check CHECK ((verdict = ANY (ARRAY['traced'::text, 'undecided'::text, 'unrelated'::text]))),
    constraint attributions_created_by_fkey FOREIGN KEY (created_by) REFERENCES persons(id),
    constraint attributions_evidence_id_fkey FOREIGN KEY (evidence_id) REFERENCES evidence(id)
);
CREATE INDEX attributions_evidence_id_idx ON attributions USING btree (evidence_id);

create table audit_log_faults (
    id bigint generated always as identity not null,
    detected_at timestamp with time zone not null,
    leaf bigint,
    ended_at timestamp with time zone,
    constraint audit_log_faults_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX audit_log_faults_expr_idx ON audit_log_faults USING btree ((true)) WHERE (ended_at IS NULL);

create table backups (
    id uuid not null,
    taken_at timestamp with time zone not null,
    bytes bigint not null,
    sha256 bytea not null,
    is_scheduled boolean not null,
    constraint backups_pkey PRIMARY KEY (id)
);
CREATE INDEX backups_taken_at_idx ON backups USING btree (taken_at DESC) WHERE is_scheduled;

create table batch_nodes (
    level integer not null,
    pos bigint not null,
    hash bytea not null,
    constraint batch_nodes_pkey PRIMARY KEY (level, pos)
);

create table batches (
    index bigint not null,
    at timestamp with time zone not null,
    due_at timestamp with time zone not null,
    visible_at timestamp with time zone not null,
    seed bytea not null,
    root bytea not null,
    anchor bytea not null,
    anchor_salt bytea not null,
    anchored_size bigint not null,
    log_root bytea not null,
    recorded boolean not null,
    constraint batches_pkey PRIMARY KEY (index)
);

create table calendars (
    seq bigint generated always as identity not null,
    days jsonb not null,
    from_at timestamp with time zone not null,
    actor_id uuid,
    constraint calendars_pkey PRIMARY KEY (seq)
);

create table caller_counts (
    key bytea not null,
    started_at timestamp with time zone not null,
    count integer not null,
    constraint caller_counts_pkey PRIMARY KEY (key)
);
CREATE INDEX caller_counts_started_at_idx ON caller_counts USING btree (started_at);

create table canary_names (
    digest bytea not null,
    case_id uuid not null,
    artifact_id uuid not null,
    version integer not null,
    kind text not null,
    decoy boolean not null,
    ciphertext bytea not null,
    at timestamp with time zone not null,
    constraint canary_names_pkey PRIMARY KEY (digest),
    constraint canary_names_digest_check CHECK ((octet_length(digest) = 32)),
    constraint canary_names_kind_check CHECK ((kind = ANY (ARRAY['host'::text, 'url'::text, 'address'::text, 'credential'::text, 'hash'::text])))
);
CREATE INDEX canary_names_case_id_idx ON canary_names USING btree (case_id);

create table canary_spool (
    seq bigint generated always as identity not null,
    digest bytea,
    channel text not null,
    times integer not null,
    request jsonb not null,
    received_at timestamp with time zone not null,
    constraint canary_spool_pkey PRIMARY KEY (seq),
    constraint canary_spool_channel_check CHECK ((channel = ANY (ARRAY['dns'::text, 'http'::text]))),
    constraint canary_spool_digest_check CHECK ((octet_length(digest) = 32)),
    constraint canary_spool_received_at_check CHECK (((received_at >= '2020-01-01 00:00:00+00'::timestamp with time zone) AND (received_at <= '2200-01-01 00:00:00+00'::timestamp with time zone))),
    constraint canary_spool_request_check CHECK ((octet_length((request)::text) <= 2000)),
    constraint canary_spool_times_check CHECK (((times >= 1) AND (times <= 1000000)))
);

create table canary_touches (
    id uuid not null,
    digest bytea not null,
    channel text not null,
    likely_source text not null,
    source bytea not null,
    times bigint not null,
    first_at timestamp with time zone not null,
    last_at timestamp with time zone not null,
    ciphertext bytea not null,
    constraint canary_touches_pkey PRIMARY KEY (id),
    constraint canary_touches_digest_channel_likely_source_source_key UNIQUE (digest, channel, likely_source, source),
    constraint canary_touches_channel_check CHECK ((channel = ANY (ARRAY['dns'::text, 'http'::text]))),
    constraint canary_touches_likely_source_check CHECK ((likely_source = ANY (ARRAY['resolver'::text, 'link_preview'::text, 'scanner'::text, 'tool'::text, 'browser'::text]))),
    constraint canary_touches_digest_fkey FOREIGN KEY (digest) REFERENCES canary_names(digest)
);

create table canary_unknown_names (
    day date not null,
    channel text not null,
    formed boolean not null,
    times bigint not null,
    constraint canary_unknown_names_pkey PRIMARY KEY (day, channel, formed),
    constraint canary_unknown_names_channel_check CHECK ((channel = ANY (ARRAY['dns'::text, 'http'::text])))
);

create table case_closures (
    case_id uuid not null,
    kind text not null,
    at timestamp with time zone not null,
    actor_id uuid not null,
    reason_ciphertext bytea not null,
    constraint case_closures_pkey PRIMARY KEY (case_id),
    constraint case_closures_kind_check CHECK ((kind = ANY (ARRAY['cancelled'::text, 'withdrawn'::text]))),
    constraint case_closures_actor_id_fkey FOREIGN KEY (actor_id) REFERENCES persons(id),
    constraint case_closures_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id)
);

create table case_exploitation (
    seq bigint generated always as identity not null,
    case_id uuid not null,
    known boolean not null,
    at timestamp with time zone not null,
    constraint case_exploitation_pkey PRIMARY KEY (seq),
    constraint case_exploitation_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id)
);
CREATE INDEX case_exploitation_case_idx ON case_exploitation USING btree (case_id);

create table case_holds (
    id uuid not null,
    case_id uuid not null,
    reason_ciphertext bytea not null,
    set_by uuid not null,
    set_at timestamp with time zone not null,
    lifted_at timestamp with time zone,
    constraint case_holds_pkey PRIMARY KEY (id),
    constraint case_holds_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id),
    constraint case_holds_set_by_fkey FOREIGN KEY (set_by) REFERENCES persons(id)
);
CREATE UNIQUE INDEX case_holds_case_id_idx ON case_holds USING btree (case_id) WHERE (lifted_at IS NULL);

create table case_links (
    from_case_id uuid not null,
    to_case_id uuid not null,
    kind text not null,
    from_at timestamp with time zone not null,
    constraint case_links_pkey PRIMARY KEY (from_case_id, to_case_id, kind),
    constraint case_links_kind_check CHECK ((kind = ANY (ARRAY['bypass_of'::text, 'variant_of'::text]))),
    constraint case_links_from_case_id_fkey FOREIGN KEY (from_case_id) REFERENCES cases(id),
    constraint case_links_to_case_id_fkey FOREIGN KEY (to_case_id) REFERENCES cases(id)
);

create table case_names (
    name_hash bytea not null,
    case_id uuid not null,
    constraint case_names_pkey PRIMARY KEY (name_hash, case_id),
    constraint case_names_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id)
);

create table case_reads (
    person_id uuid not null,
    part text not null,
    case_id uuid not null,
    revision integer not null,
    at timestamp with time zone not null,
    constraint case_reads_pkey PRIMARY KEY (person_id, part, case_id, revision),
    constraint case_reads_part_check CHECK ((part = ANY (ARRAY['facts'::text, 'samples'::text, 'sightings'::text, 'public_text'::text, 'questions'::text]))),
    constraint case_reads_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id),
    constraint case_reads_person_id_fkey FOREIGN KEY (person_id) REFERENCES persons(id)
);

create table cases (
    id uuid not null,
    details_ciphertext bytea not null,
    permission_ciphertext bytea,
    created_by uuid not null,
    created_at timestamp with time zone not null,
    revision integer default 1 not null,
    amended_at timestamp with time zone,
    content_deleted_at timestamp with time zone,
    content_deletion_id uuid,
    constraint cases_pkey PRIMARY KEY (id),
    constraint cases_content_deletion_id_fkey FOREIGN KEY (content_deletion_id) REFERENCES approvals(id),
    constraint cases_created_by_fkey FOREIGN KEY (created_by) REFERENCES persons(id)
);

create table changes (
    scope uuid not null,
    tx xid8 not null,
    at timestamp with time zone default clock_timestamp() not null,
    constraint changes_pkey PRIMARY KEY (scope, tx)
);
CREATE INDEX changes_at_idx ON changes USING btree (at);

create table checkpoints (
    size bigint not null,
    root bytea not null,
    note text not null,
    at timestamp with time zone not null,
    constraint checkpoints_pkey PRIMARY KEY (size)
);

create table clock_guard (
    only_one boolean default true not null,
    high_water_at timestamp with time zone not null,
    memory jsonb not null,
    constraint clock_guard_pkey PRIMARY KEY (only_one),
    constraint clock_guard_only_one_check CHECK (only_one)
);

create table code_designs (
    seq bigint generated always as identity not null,
    case_id uuid not null,
    class text not null,
    ciphertext bytea not null,
    at timestamp with time zone not null,
    ended_at timestamp with time zone,
    expires_at timestamp with time zone,
    constraint code_designs_pkey PRIMARY KEY (seq),
    constraint code_designs_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id)
);
CREATE INDEX code_designs_case_id_class_idx ON code_designs USING btree (case_id, class);

create table connected_identities (
    id uuid not null,
    subject_hash bytea not null,
    person_id uuid not null,
    provider text not null,
    created_at timestamp with time zone not null,
    last_used_at timestamp with time zone,
    ended_at timestamp with time zone,
    constraint connected_identities_pkey PRIMARY KEY (id),
    constraint connected_identities_person_id_fkey FOREIGN KEY (person_id) REFERENCES persons(id)
);
CREATE UNIQUE INDEX connected_identities_person_id_provider_idx ON connected_identities USING btree (person_id, provider) WHERE (ended_at IS NULL);
CREATE UNIQUE INDEX connected_identities_subject_hash_idx ON connected_identities USING btree (subject_hash) WHERE (ended_at IS NULL);
CREATE TRIGGER noted_identity_ended AFTER UPDATE ON connected_identities FOR EACH ROW WHEN (((old.ended_at IS NULL) AND (new.ended_at IS NOT NULL))) EXECUTE FUNCTION note_identity_ended();

create table consent_history (
    seq bigint generated always as identity not null,
    case_id uuid not null,
    partner_id uuid,
    party_id uuid,
    kind text not null,
    at timestamp with time zone not null,
    answer_due_at timestamp with time zone,
    ends_at timestamp with time zone,
    constraint consent_history_pkey PRIMARY KEY (seq),
    constraint consent_history_check CHECK ((num_nonnulls(partner_id, party_id) = 1)),
    constraint consent_history_kind_check CHECK ((kind = ANY (ARRAY['invited'::text, 'signed'::text, 'declined'::text, 'exited'::text]))),
    constraint consent_history_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id),
    constraint consent_history_partner_id_fkey FOREIGN KEY (partner_id) REFERENCES partners(id),
    constraint consent_history_party_id_fkey FOREIGN KEY (party_id) REFERENCES external_parties(id)
);
CREATE INDEX consent_history_case_id_partner_id_seq_idx ON consent_history USING btree (case_id, partner_id, seq);

create table cosignatures (
    size bigint not null,
    witness text not null,
    line text not null,
    signed_at timestamp with time zone not null,
    constraint cosignatures_pkey PRIMARY KEY (size, witness)
);

create table credentials (
    hash bytea not null,
    person_id uuid not null,
    kind text not null,
    created_at timestamp with time zone not null,
    expires_at timestamp with time zone not null,
    reusable boolean default false not null,
    ended_at timestamp with time zone,
    name_ciphertext bytea,
    last_used_at timestamp with time zone,
    identity_id uuid,
    role_limit text[],
    provider_session_hash bytea,
    scopes text[] default '{}'::text[] not null,
    networks text[] default '{}'::text[] not null,
    key_thumbprint text,
    certificate_thumbprint text,
    parent_hash bytea,
    client_id uuid,
    refused_at timestamp with time zone,
    last_used_from_ciphertext bytea,
    idle_ms integer,
    last_used_on_ciphertext bytea,
    confirmed_at timestamp with time zone,
    constraint credentials_pkey PRIMARY KEY (hash),
    constraint credentials_kind_check CHECK ((kind = ANY (ARRAY['token'::text, 'session'::text, 'link'::text]))),
    constraint credentials_scopes_check CHECK ((scopes <@ ARRAY['poll'::text, 'fetch'::text, 'report'::text, 'manage'::text])),
    constraint credentials_client_id_fkey FOREIGN KEY (client_id) REFERENCES machine_clients(id),
    constraint credentials_identity_id_fkey FOREIGN KEY (identity_id) REFERENCES connected_identities(id),
    constraint credentials_parent_hash_fkey FOREIGN KEY (parent_hash) REFERENCES credentials(hash),
    constraint credentials_person_id_fkey FOREIGN KEY (person_id) REFERENCES persons(id)
);
CREATE INDEX credentials_client_id_idx ON credentials USING btree (client_id) WHERE (client_id IS NOT NULL);
CREATE INDEX credentials_identity_id_idx ON credentials USING btree (identity_id) WHERE (ended_at IS NULL);
CREATE INDEX credentials_parent_hash_idx ON credentials USING btree (parent_hash) WHERE (parent_hash IS NOT NULL);
CREATE INDEX credentials_person_id_idx ON credentials USING btree (person_id);
CREATE INDEX credentials_provider_session_hash_idx ON credentials USING btree (provider_session_hash) WHERE (ended_at IS NULL);
CREATE TRIGGER ended_exchanged_tokens AFTER UPDATE ON credentials FOR EACH ROW WHEN (((old.ended_at IS NULL) AND ((new.ended_at IS NOT NULL) OR (new.expires_at < old.expires_at)))) EXECUTE FUNCTION end_exchanged_tokens();
CREATE TRIGGER forgot_last_use BEFORE UPDATE ON credentials FOR EACH ROW WHEN (((old.ended_at IS NULL) AND (new.ended_at IS NOT NULL))) EXECUTE FUNCTION forget_last_use();
CREATE TRIGGER noted_ended AFTER UPDATE ON credentials FOR EACH ROW WHEN (((old.ended_at IS NULL) AND (new.ended_at IS NOT NULL))) EXECUTE FUNCTION note_ended();

create table data_keys (
    scope text not null,
    wrapped bytea not null,
    version smallint not null,
    number bigint generated always as identity not null,
    half smallint not null,
    constraint data_keys_pkey PRIMARY KEY (number),
    constraint data_keys_version_check CHECK ((version = ANY (ARRAY[1, 2])))
);
CREATE INDEX data_keys_scope_idx ON data_keys USING btree (scope);

create table default_schedules (
    seq bigint generated always as identity not null,
    schedule jsonb not null,
    from_at timestamp with time zone not null,
    actor_id uuid,
    constraint default_schedules_pkey PRIMARY KEY (seq)
);

create table deleted_sighting_objects (
    id uuid not null,
    partner_id uuid not null,
    case_id uuid not null,
    name bytea not null,
    type text not null,
    version text not null,
    object_ciphertext bytea not null,
    deleted_at timestamp with time zone not null,
    constraint deleted_sighting_objects_pkey PRIMARY KEY (id),
    constraint deleted_sighting_objects_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id),
    constraint deleted_sighting_objects_partner_id_fkey FOREIGN KEY (partner_id) REFERENCES partners(id)
);
CREATE INDEX deleted_sighting_objects_case_id_idx ON deleted_sighting_objects USING btree (case_id);

create table deletion_confirmations (
    id uuid not null,
    event_id bigint not null,
    recall_id uuid not null,
    partner_id uuid not null,
    person_id uuid not null,
    case_id uuid not null,
    artifact_id uuid not null,
    versions integer[] not null,
    at timestamp with time zone not null,
    constraint deletion_confirmations_pkey PRIMARY KEY (id),
    constraint deletion_confirmations_recall_id_partner_id_key UNIQUE (recall_id, partner_id),
    constraint deletion_confirmations_artifact_id_fkey FOREIGN KEY (artifact_id) REFERENCES artifacts(id),
    constraint deletion_confirmations_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id),
    constraint deletion_confirmations_event_id_fkey FOREIGN KEY (event_id) REFERENCES events(seq),
    constraint deletion_confirmations_partner_id_fkey FOREIGN KEY (partner_id) REFERENCES partners(id),
    constraint deletion_confirmations_person_id_fkey FOREIGN KEY (person_id) REFERENCES persons(id),
    constraint deletion_confirmations_recall_id_fkey FOREIGN KEY (recall_id) REFERENCES recalls(id)
);
CREATE INDEX deletion_confirmations_partner_id_artifact_id_idx ON deletion_confirmations USING btree (partner_id, artifact_id);

create table deliveries (
    id uuid not null,
    event_id bigint not null,
    partner_id uuid not null,
    person_id uuid not null,
    case_id uuid not null,
    artifact_id uuid not null,
    version integer not null,
    class text not null,
    copy_hash bytea not null,
    copy_salt bytea not null,
    at timestamp with time zone not null,
    channel text default 'copy'::text not null,
    constraint deliveries_pkey PRIMARY KEY (id),
    constraint deliveries_channel_check CHECK ((channel = ANY (ARRAY['copy'::text, 'taxii'::text, 'taxii_copy'::text, 'csaf'::text, 'misp'::text]))),
    constraint deliveries_artifact_id_fkey FOREIGN KEY (artifact_id) REFERENCES artifacts(id),
    constraint deliveries_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id),
    constraint deliveries_event_id_fkey FOREIGN KEY (event_id) REFERENCES events(seq),
    constraint deliveries_partner_id_fkey FOREIGN KEY (partner_id) REFERENCES partners(id),
    constraint deliveries_person_id_fkey FOREIGN KEY (person_id) REFERENCES persons(id)
);
CREATE INDEX deliveries_artifact_id_at_idx ON deliveries USING btree (artifact_id, at);
CREATE INDEX deliveries_case_id_class_at_partner_id_person_id_artifact_i_idx ON deliveries USING btree (case_id, class, at) INCLUDE (partner_id, person_id, artifact_id, version, channel);
CREATE INDEX deliveries_partner_id_at_idx ON deliveries USING btree (partner_id, at);

create table demo_clock (
    only_one boolean default true not null,
    now_at timestamp with time zone not null,
    target_at timestamp with time zone,
    constraint demo_clock_pkey PRIMARY KEY (only_one),
    constraint demo_clock_only_one_check CHECK (only_one)
);

create table deputies (
    id uuid not null,
    person_id uuid not null,
    deputy_id uuid not null,
    from_at timestamp with time zone not null,
    until_at timestamp with time zone not null,
    ended_at timestamp with time zone,
    constraint deputies_pkey PRIMARY KEY (id),
    constraint deputies_check CHECK ((person_id <> deputy_id)),
    constraint deputies_check1 CHECK ((until_at > from_at)),
    constraint deputies_deputy_id_fkey FOREIGN KEY (deputy_id) REFERENCES persons(id),
    constraint deputies_person_id_fkey FOREIGN KEY (person_id) REFERENCES persons(id)
);

create table destroyed_keys (
    scope text not null,
    at timestamp with time zone not null,
    approval_id uuid,
    constraint destroyed_keys_pkey PRIMARY KEY (scope),
    constraint destroyed_keys_approval_id_fkey FOREIGN KEY (approval_id) REFERENCES approvals(id)
);
CREATE TRIGGER deleted_approval_texts AFTER INSERT ON destroyed_keys FOR EACH ROW EXECUTE FUNCTION delete_approval_texts();
CREATE TRIGGER destroyed_key AFTER INSERT ON destroyed_keys FOR EACH ROW EXECUTE FUNCTION note_destroyed_key();

create table dismissed_reports (
    report_id uuid not null,
    case_id uuid not null,
    approval_id uuid not null,
    at timestamp with time zone not null,
    constraint dismissed_reports_pkey PRIMARY KEY (report_id),
    constraint dismissed_reports_approval_id_fkey FOREIGN KEY (approval_id) REFERENCES approvals(id),
    constraint dismissed_reports_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id)
);
CREATE INDEX dismissed_reports_case_idx ON dismissed_reports USING btree (case_id);

create table embargo_history (
    case_id uuid not null,
    n integer not null,
    kind text not null,
    at timestamp with time zone not null,
    ends_at timestamp with time zone,
    reason_ciphertext bytea,
    partner_id uuid,
    party_id uuid,
    proposal integer,
    trigger_kind text,
    owner_id uuid,
    constraint embargo_history_pkey PRIMARY KEY (case_id, n),
    constraint embargo_history_check CHECK ((num_nonnulls(partner_id, party_id) <= 1)),
    constraint embargo_history_kind_check CHECK ((kind = ANY (ARRAY['proposed'::text, 'rejected'::text, 'agreed'::text, 'moved'::text, 'terminated'::text, 'ended'::text]))),
    constraint embargo_history_trigger_kind_check CHECK ((trigger_kind = ANY (ARRAY['exploitation'::text, 'public_proof_of_concept'::text, 'listed_as_exploited'::text, 'leak'::text]))),
    constraint embargo_history_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id),
    constraint embargo_history_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES persons(id),
    constraint embargo_history_partner_id_fkey FOREIGN KEY (partner_id) REFERENCES partners(id),
    constraint embargo_history_party_id_fkey FOREIGN KEY (party_id) REFERENCES external_parties(id)
);

create table events (
    seq bigint generated always as identity not null,
    at timestamp with time zone not null,
    kind text not null,
    body jsonb not null,
    salt bytea not null,
    confidential boolean default false not null,
    constraint events_pkey PRIMARY KEY (seq)
);
CREATE INDEX events_beside_masters ON events USING btree (((body ->> 'artifact'::text)), at) WHERE (kind = 'attribution.read'::text);
CREATE INDEX events_of_evidence ON events USING gin (((body -> 'evidence'::text)) jsonb_path_ops) WHERE (body ? 'evidence'::text);
CREATE INDEX events_of_masters ON events USING btree (((body ->> 'artifact'::text)), at) WHERE (kind = ANY (ARRAY['artifact.versioned'::text, 'artifact.read'::text]));

create table evidence (
    id uuid not null,
    seq bigint generated always as identity not null,
    kind text not null,
    case_id uuid,
    details_ciphertext bytea,
    content_ciphertext bytea,
    sha256 bytea,
    size integer,
    observed_at timestamp with time zone not null,
    clock text not null,
    added_by uuid,
    added_at timestamp with time zone not null,
    content_kind text,
    content_format text,
    fingerprint_level smallint,
    constraint evidence_pkey PRIMARY KEY (id),
    constraint evidence_clock_check CHECK ((clock = ANY (ARRAY['synchronised'::text, 'estimated'::text, 'unknown'::text]))),
    constraint evidence_content_kind_check CHECK ((content_kind = ANY (ARRAY['text'::text, 'archive'::text, 'image'::text, 'document'::text, 'binary'::text]))),
    constraint evidence_kind_check CHECK ((kind = ANY (ARRAY['exploitation'::text, 'public_proof_of_concept'::text, 'listed_as_exploited'::text, 'leak'::text, 'canary_touched'::text]))),
    constraint evidence_added_by_fkey FOREIGN KEY (added_by) REFERENCES persons(id),
    constraint evidence_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id)
);
CREATE INDEX evidence_sha256_idx ON evidence USING btree (sha256);

create table evidence_deletions (
    evidence_id uuid not null,
    reason_ciphertext bytea not null,
    actor_id uuid not null,
    at timestamp with time zone not null,
    constraint evidence_deletions_pkey PRIMARY KEY (evidence_id),
    constraint evidence_deletions_actor_id_fkey FOREIGN KEY (actor_id) REFERENCES persons(id),
    constraint evidence_deletions_evidence_id_fkey FOREIGN KEY (evidence_id) REFERENCES evidence(id)
);

create table evidence_holds (
    id uuid not null,
    evidence_id uuid not null,
    reason_ciphertext bytea not null,
    set_by uuid not null,
    set_at timestamp with time zone not null,
    lifted_at timestamp with time zone,
    constraint evidence_holds_pkey PRIMARY KEY (id),
    constraint evidence_holds_evidence_id_fkey FOREIGN KEY (evidence_id) REFERENCES evidence(id),
    constraint evidence_holds_set_by_fkey FOREIGN KEY (set_by) REFERENCES persons(id)
);
CREATE UNIQUE INDEX evidence_holds_evidence_id_idx ON evidence_holds USING btree (evidence_id) WHERE (lifted_at IS NULL);

create table evidence_notes (
    id uuid not null,
    seq bigint generated always as identity not null,
    evidence_id uuid not null,
    about text not null,
    text_ciphertext bytea not null,
    actor_id uuid not null,
    at timestamp with time zone not null,
    constraint evidence_notes_pkey PRIMARY KEY (id),
    constraint evidence_notes_about_check CHECK ((about = ANY (ARRAY['licence'::text, 'handling'::text, 'other'::text]))),
    constraint evidence_notes_actor_id_fkey FOREIGN KEY (actor_id) REFERENCES persons(id),
    constraint evidence_notes_evidence_id_fkey FOREIGN KEY (evidence_id) REFERENCES evidence(id)
);
CREATE INDEX evidence_notes_evidence_id_idx ON evidence_notes USING btree (evidence_id);

create table external_parties (
    id uuid not null,
    case_id uuid not null,
    role text not null,
    details_ciphertext bytea not null,
    secret_hash bytea,
    added_by uuid not null,
    added_at timestamp with time zone not null,
    constraint external_parties_pkey PRIMARY KEY (id),
    constraint external_parties_secret_hash_key UNIQUE (secret_hash),
    constraint external_parties_role_check CHECK ((role = ANY (ARRAY['finder'::text, 'vendor'::text, 'coordinator'::text, 'other'::text]))),
    constraint external_parties_added_by_fkey FOREIGN KEY (added_by) REFERENCES persons(id),
    constraint external_parties_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id)
);
CREATE INDEX external_parties_case_id_added_at_idx ON external_parties USING btree (case_id, added_at);

create table feed_batches (
    partner_id uuid not null,
    last bigint not null,
    first bigint not null,
    person_id uuid not null,
    collection text not null,
    entries bytea not null,
    ended boolean default false not null,
    constraint feed_batches_pkey PRIMARY KEY (partner_id, last),
    constraint feed_batches_check CHECK ((octet_length(entries) = (16 * ((last - first) + 1)))),
    constraint feed_batches_collection_check CHECK ((collection = ANY (ARRAY['warnings'::text, 'sightings'::text, 'csaf'::text, 'misp'::text]))),
    constraint feed_batches_partner_id_fkey FOREIGN KEY (partner_id) REFERENCES partners(id),
    constraint feed_batches_person_id_fkey FOREIGN KEY (person_id) REFERENCES persons(id)
);
CREATE INDEX feed_batches_person_id_collection_idx ON feed_batches USING btree (person_id, collection) WHERE (NOT ended);

create table feed_runs (
    partner_id uuid not null,
    kind text not null,
    last bigint not null,
    first bigint not null,
    ended_at timestamp with time zone,
    constraint feed_runs_pkey PRIMARY KEY (partner_id, kind, last),
    constraint feed_runs_check CHECK ((first <= last)),
    constraint feed_runs_check1 CHECK (((kind = 'ended'::text) = (ended_at IS NOT NULL))),
    constraint feed_runs_kind_check CHECK ((kind = ANY (ARRAY['delivered'::text, 'ended'::text]))),
    constraint feed_runs_partner_id_fkey FOREIGN KEY (partner_id) REFERENCES partners(id)
);

create table feed_states (
    person_id uuid not null,
    collection text not null,
    state_id uuid not null,
    constraint feed_states_pkey PRIMARY KEY (person_id, collection),
    constraint feed_states_person_id_fkey FOREIGN KEY (person_id) REFERENCES persons(id)
);

create table findings (
    id uuid not null,
    seq bigint generated always as identity not null,
    inquiry_id uuid not null,
    partner_id uuid,
    details_ciphertext bytea not null,
    approval_id uuid not null,
    proposed_by uuid not null,
    proposed_at timestamp with time zone not null,
    confirmed_at timestamp with time zone,
    without_answer_ciphertext bytea,
    constraint findings_pkey PRIMARY KEY (id),
    constraint findings_approval_id_fkey FOREIGN KEY (approval_id) REFERENCES approvals(id),
    constraint findings_inquiry_id_fkey FOREIGN KEY (inquiry_id) REFERENCES inquiries(id),
    constraint findings_partner_id_fkey FOREIGN KEY (partner_id) REFERENCES partners(id),
    constraint findings_proposed_by_fkey FOREIGN KEY (proposed_by) REFERENCES persons(id)
);
CREATE INDEX findings_inquiry_id_idx ON findings USING btree (inquiry_id);

create table follow_up_deadlines (
    seq bigint generated always as identity not null,
    case_id uuid not null,
    wave_id uuid,
    hours integer,
    set_by uuid not null,
    at timestamp with time zone not null,
    constraint follow_up_deadlines_pkey PRIMARY KEY (seq),
    constraint follow_up_deadlines_hours_check CHECK (((hours >= 1) AND (hours <= 2160))),
    constraint follow_up_deadlines_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id),
    constraint follow_up_deadlines_set_by_fkey FOREIGN KEY (set_by) REFERENCES persons(id),
    constraint follow_up_deadlines_wave_id_fkey FOREIGN KEY (wave_id) REFERENCES waves(id)
);
CREATE INDEX follow_up_deadlines_case_id_idx ON follow_up_deadlines USING btree (case_id);

create table follow_up_last_run (
    only_one boolean default true not null,
    at timestamp with time zone not null,
    constraint follow_up_last_run_pkey PRIMARY KEY (only_one),
    constraint follow_up_last_run_only_one_check CHECK (only_one)
);

create table follow_ups (
    id uuid not null,
    partner_id uuid not null,
    case_id uuid not null,
    wave_id uuid not null,
    started_at timestamp with time zone not null,
    due_at timestamp with time zone not null,
    remind_at timestamp with time zone not null,
    ended_at timestamp with time zone,
    reminded text default 'none'::text not null,
    constraint follow_ups_pkey PRIMARY KEY (id),
    constraint follow_ups_reminded_check CHECK ((reminded = ANY (ARRAY['none'::text, 'before'::text, 'after'::text]))),
    constraint follow_ups_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id),
    constraint follow_ups_partner_id_fkey FOREIGN KEY (partner_id) REFERENCES partners(id),
    constraint follow_ups_wave_id_fkey FOREIGN KEY (wave_id) REFERENCES waves(id)
);
CREATE INDEX follow_ups_case_id_idx ON follow_ups USING btree (case_id);
CREATE UNIQUE INDEX follow_ups_partner_id_wave_id_idx ON follow_ups USING btree (partner_id, wave_id) WHERE (ended_at IS NULL);

create table high_water_known (
    only_one boolean default true not null,
    created_at timestamp with time zone not null,
    constraint high_water_known_pkey PRIMARY KEY (only_one),
    constraint high_water_known_only_one_check CHECK (only_one)
);

create table idempotency_answers (
    key bytea not null,
    request bytea not null,
    answer_ciphertext bytea not null,
    at timestamp with time zone not null,
    scope text not null,
    constraint idempotency_answers_pkey PRIMARY KEY (key)
);

create table inquiries (
    id uuid not null,
    seq bigint generated always as identity not null,
    case_id uuid not null,
    details_ciphertext bytea not null,
    opened_by uuid not null,
    opened_at timestamp with time zone not null,
    constraint inquiries_pkey PRIMARY KEY (id),
    constraint inquiries_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id),
    constraint inquiries_opened_by_fkey FOREIGN KEY (opened_by) REFERENCES persons(id)
);

create table inquiry_evidence (
    inquiry_id uuid not null,
    evidence_id uuid not null,
    constraint inquiry_evidence_pkey PRIMARY KEY (inquiry_id, evidence_id),
    constraint inquiry_evidence_evidence_id_fkey FOREIGN KEY (evidence_id) REFERENCES evidence(id),
    constraint inquiry_evidence_inquiry_id_fkey FOREIGN KEY (inquiry_id) REFERENCES inquiries(id)
);

create table inquiry_exclusions (
    inquiry_id uuid not null,
    person_id uuid not null,
    was_member boolean not null,
    actor_id uuid not null,
    at timestamp with time zone not null,
    text_ciphertext bytea not null,
    constraint inquiry_exclusions_pkey PRIMARY KEY (inquiry_id, person_id),
    constraint inquiry_exclusions_actor_id_fkey FOREIGN KEY (actor_id) REFERENCES persons(id),
    constraint inquiry_exclusions_inquiry_id_fkey FOREIGN KEY (inquiry_id) REFERENCES inquiries(id),
    constraint inquiry_exclusions_person_id_fkey FOREIGN KEY (person_id) REFERENCES persons(id)
);

create table inquiry_history (
    inquiry_id uuid not null,
    n integer not null,
    kind text not null,
    actor_id uuid not null,
    at timestamp with time zone not null,
    text_ciphertext bytea not null,
    constraint inquiry_history_pkey PRIMARY KEY (inquiry_id, n),
    constraint inquiry_history_kind_check CHECK ((kind = ANY (ARRAY['closed'::text, 'reopened'::text]))),
    constraint inquiry_history_actor_id_fkey FOREIGN KEY (actor_id) REFERENCES persons(id),
    constraint inquiry_history_inquiry_id_fkey FOREIGN KEY (inquiry_id) REFERENCES inquiries(id)
);

create table inquiry_members (
    inquiry_id uuid not null,
    person_id uuid not null,
    added_at timestamp with time zone not null,
    constraint inquiry_members_pkey PRIMARY KEY (inquiry_id, person_id),
    constraint inquiry_members_inquiry_id_fkey FOREIGN KEY (inquiry_id) REFERENCES inquiries(id),
    constraint inquiry_members_person_id_fkey FOREIGN KEY (person_id) REFERENCES persons(id)
);

create table inquiry_questions (
    id uuid not null,
    seq bigint generated always as identity not null,
    inquiry_id uuid not null,
    partner_id uuid not null,
    kind text not null,
    finding_id uuid,
    text_ciphertext bytea not null,
    asked_by uuid not null,
    asked_at timestamp with time zone not null,
    answer_due_at timestamp with time zone not null,
    answer_ciphertext bytea,
    answered_by uuid,
    answered_at timestamp with time zone,
    expired_at timestamp with time zone,
    read_by uuid,
    read_at timestamp with time zone,
    constraint inquiry_questions_pkey PRIMARY KEY (id),
    constraint inquiry_questions_check CHECK (((kind = 'finding'::text) = (finding_id IS NOT NULL))),
    constraint inquiry_questions_check1 CHECK (((answered_at IS NULL) = (answer_ciphertext IS NULL))),
    constraint inquiry_questions_kind_check CHECK ((kind = ANY (ARRAY['question'::text, 'deletion'::text, 'finding'::text]))),
    constraint inquiry_questions_answered_by_fkey FOREIGN KEY (answered_by) REFERENCES persons(id),
    constraint inquiry_questions_asked_by_fkey FOREIGN KEY (asked_by) REFERENCES persons(id),
    constraint inquiry_questions_finding_id_fkey FOREIGN KEY (finding_id) REFERENCES findings(id),
    constraint inquiry_questions_inquiry_id_fkey FOREIGN KEY (inquiry_id) REFERENCES inquiries(id),
    constraint inquiry_questions_partner_id_fkey FOREIGN KEY (partner_id) REFERENCES partners(id),
    constraint inquiry_questions_read_by_fkey FOREIGN KEY (read_by) REFERENCES persons(id)
);
CREATE INDEX inquiry_questions_inquiry_id_idx ON inquiry_questions USING btree (inquiry_id);
CREATE INDEX inquiry_questions_partner_id_idx ON inquiry_questions USING btree (partner_id);

create table job_runs (
    job text not null,
    ran_at timestamp with time zone not null,
    succeeded_at timestamp with time zone,
    first_ran_at timestamp with time zone default clock_timestamp() not null,
    constraint job_runs_pkey PRIMARY KEY (job),
    constraint job_runs_job_check CHECK (((length(job) >= 1) AND (length(job) <= 60)))
);

create table leaves (
    index bigint not null,
    seq bigint not null,
    hash bytea not null,
    constraint leaves_pkey PRIMARY KEY (index),
    constraint leaves_seq_key UNIQUE (seq),
    constraint leaves_seq_fkey FOREIGN KEY (seq) REFERENCES events(seq)
);

create table letter_templates (
    kind text not null,
    version integer not null,
    text_ciphertext bytea not null,
    created_by uuid,
    created_at timestamp with time zone not null,
    constraint letter_templates_pkey PRIMARY KEY (kind, version),
    constraint letter_templates_created_by_fkey FOREIGN KEY (created_by) REFERENCES persons(id)
);

create table letters (
    id uuid not null,
    seq bigint generated always as identity not null,
    partner_id uuid not null,
    kind text not null,
    measure_id uuid,
    procedure_id uuid,
    text_ciphertext bytea not null,
    sent_at timestamp with time zone not null,
    answer_ciphertext bytea,
    answered_by uuid,
    answered_at timestamp with time zone,
    read_by uuid,
    read_at timestamp with time zone,
    constraint letters_pkey PRIMARY KEY (id),
    constraint letters_check CHECK (((measure_id IS NOT NULL) OR (procedure_id IS NOT NULL))),
    constraint letters_answered_by_fkey FOREIGN KEY (answered_by) REFERENCES persons(id),
    constraint letters_measure_id_fkey FOREIGN KEY (measure_id) REFERENCES measures(id),
    constraint letters_partner_id_fkey FOREIGN KEY (partner_id) REFERENCES partners(id),
    constraint letters_procedure_id_fkey FOREIGN KEY (procedure_id) REFERENCES procedures(id),
    constraint letters_read_by_fkey FOREIGN KEY (read_by) REFERENCES persons(id)
);
CREATE INDEX letters_partner_id_idx ON letters USING btree (partner_id);
CREATE INDEX letters_procedure_id_idx ON letters USING btree (procedure_id);

create table machine_clients (
    id uuid not null,
    person_id uuid not null,
    name_ciphertext bytea not null,
    keys jsonb not null,
    scopes text[] not null,
    networks text[] not null,
    created_at timestamp with time zone not null,
    last_used_at timestamp with time zone,
    ended_at timestamp with time zone,
    keys_changed_at timestamp with time zone,
    constraint machine_clients_pkey PRIMARY KEY (id),
    constraint machine_clients_scopes_check CHECK ((scopes <@ ARRAY['poll'::text, 'fetch'::text, 'report'::text, 'manage'::text])),
    constraint machine_clients_person_id_fkey FOREIGN KEY (person_id) REFERENCES persons(id)
);
CREATE INDEX machine_clients_person_id_idx ON machine_clients USING btree (person_id);
CREATE TRIGGER ended_machine_client AFTER UPDATE ON machine_clients FOR EACH ROW WHEN (((old.ended_at IS NULL) AND (new.ended_at IS NOT NULL))) EXECUTE FUNCTION end_machine_client();
CREATE TRIGGER ended_replaced_keys AFTER UPDATE ON machine_clients FOR EACH ROW WHEN ((old.keys_changed_at IS DISTINCT FROM new.keys_changed_at)) EXECUTE FUNCTION end_replaced_keys();

create table mail_returns (
    mail_id uuid not null,
    outcome text not null,
    partner_id uuid not null,
    person_id uuid,
    at timestamp with time zone not null,
    constraint mail_returns_pkey PRIMARY KEY (mail_id, outcome),
    constraint mail_returns_outcome_check CHECK ((outcome = ANY (ARRAY['failed'::text, 'delayed'::text]))),
    constraint mail_returns_partner_id_fkey FOREIGN KEY (partner_id) REFERENCES partners(id),
    constraint mail_returns_person_id_fkey FOREIGN KEY (person_id) REFERENCES persons(id)
);
CREATE INDEX mail_returns_partner_id_at_idx ON mail_returns USING btree (partner_id, at);

create table mail_signing_keys (
    fingerprint text not null,
    created_at timestamp with time zone not null,
    public_text text not null,
    secret_ciphertext bytea not null,
    constraint mail_signing_keys_pkey PRIMARY KEY (fingerprint)
);
CREATE UNIQUE INDEX mail_signing_keys_one ON mail_signing_keys USING btree ((true));

create table mailbox_events (
    seq bigint generated always as identity not null,
    partner_id uuid not null,
    person_id uuid,
    kind text not null,
    at timestamp with time zone not null,
    constraint mailbox_events_pkey PRIMARY KEY (seq),
    constraint mailbox_events_kind_check CHECK ((kind = ANY (ARRAY['verified'::text, 'bounced'::text]))),
    constraint mailbox_events_partner_id_fkey FOREIGN KEY (partner_id) REFERENCES partners(id),
    constraint mailbox_events_person_id_fkey FOREIGN KEY (person_id) REFERENCES persons(id)
);
CREATE INDEX mailbox_events_partner_id_at_idx ON mailbox_events USING btree (partner_id, at);

create table mark_masters (
    epoch integer not null,
    master_ciphertext bytea not null,
    created_at timestamp with time zone not null,
    constraint mark_masters_pkey PRIMARY KEY (epoch)
);

create table marked_versions (
    artifact_id uuid not null,
    version integer not null,
    epoch integer not null,
    slots integer not null,
    manifest bytea not null,
    at timestamp with time zone not null,
    colluders smallint default 2 not null,
    slots_ciphertext bytea,
    canary_zone text,
    constraint marked_versions_pkey PRIMARY KEY (artifact_id, version, epoch),
    constraint marked_versions_colluders_check CHECK ((colluders = ANY (ARRAY[2, 4, 8])))
);

create table master_reads (
    id bigint generated always as identity not null,
    person_id uuid not null,
    artifact_id uuid not null,
    version integer not null,
    class text not null,
    read_at timestamp with time zone not null,
    limit_reached_at timestamp with time zone,
    constraint master_reads_pkey PRIMARY KEY (id),
    constraint master_reads_person_id_fkey FOREIGN KEY (person_id) REFERENCES persons(id)
);
CREATE INDEX master_reads_limit_reached_at_idx ON master_reads USING btree (limit_reached_at) WHERE (limit_reached_at IS NOT NULL);
CREATE INDEX master_reads_person_id_class_read_at_idx ON master_reads USING btree (person_id, class, read_at);

create table measures (
    id uuid not null,
    seq bigint generated always as identity not null,
    kind text not null,
    partner_id uuid,
    policy_version integer,
    procedure_id uuid,
    reason_ciphertext bytea not null,
    taken_by uuid not null,
    taken_at timestamp with time zone not null,
    review_due_at timestamp with time zone,
    approval_id uuid,
    ended_at timestamp with time zone,
    constraint measures_pkey PRIMARY KEY (id),
    constraint measures_kind_check CHECK ((kind = ANY (ARRAY['restrict_by_reporting_duty'::text, 'restrict'::text, 'interim_suspension'::text, 'reinstatement'::text, 'lift'::text, 'reprimand'::text, 'suspension'::text, 'termination'::text]))),
    constraint measures_approval_id_fkey FOREIGN KEY (approval_id) REFERENCES approvals(id),
    constraint measures_partner_id_fkey FOREIGN KEY (partner_id) REFERENCES partners(id),
    constraint measures_policy_version_fkey FOREIGN KEY (policy_version) REFERENCES policies(version),
    constraint measures_procedure_id_fkey FOREIGN KEY (procedure_id) REFERENCES procedures(id),
    constraint measures_taken_by_fkey FOREIGN KEY (taken_by) REFERENCES persons(id)
);
CREATE INDEX measures_partner_id_idx ON measures USING btree (partner_id);

create table migrations (
    name text not null,
    sha256 text not null,
    at timestamp with time zone default now() not null,
    additive boolean default false not null,
    constraint migrations_pkey PRIMARY KEY (name)
);

create table notice_filters (
    partner_id uuid not null,
    patterns_ciphertext bytea not null,
    constraint notice_filters_pkey PRIMARY KEY (partner_id),
    constraint notice_filters_partner_id_fkey FOREIGN KEY (partner_id) REFERENCES partners(id)
);

create table notices (
    id uuid not null,
    partner_id uuid not null,
    person_id uuid not null,
    wave_id uuid,
    state text not null,
    attempts integer default 0 not null,
    next_at timestamp with time zone not null,
    created_at timestamp with time zone not null,
    sent_at timestamp with time zone,
    recall_id uuid,
    case_id uuid,
    confidential boolean default false not null,
    matter_id uuid,
    returned text,
    constraint notices_pkey PRIMARY KEY (id),
    constraint notices_person_id_wave_id_key UNIQUE (person_id, wave_id),
    constraint notices_returned_check CHECK ((returned = ANY (ARRAY['failed'::text, 'delayed'::text]))),
    constraint notices_state_check CHECK ((state = ANY (ARRAY['due'::text, 'sent'::text, 'dropped'::text, 'failed'::text, 'bounced'::text, 'filtered'::text]))),
    constraint notices_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id),
    constraint notices_partner_id_fkey FOREIGN KEY (partner_id) REFERENCES partners(id),
    constraint notices_person_id_fkey FOREIGN KEY (person_id) REFERENCES persons(id),
    constraint notices_recall_id_fkey FOREIGN KEY (recall_id) REFERENCES recalls(id),
    constraint notices_wave_id_fkey FOREIGN KEY (wave_id) REFERENCES waves(id)
);
CREATE INDEX notices_matter_id_idx ON notices USING btree (matter_id) WHERE (matter_id IS NOT NULL);
CREATE UNIQUE INDEX notices_recall_id_person_id_idx ON notices USING btree (recall_id, person_id) WHERE (recall_id IS NOT NULL);
CREATE INDEX notices_state_next_at_idx ON notices USING btree (state, next_at);
CREATE INDEX notices_wave_id_idx ON notices USING btree (wave_id) WHERE (wave_id IS NOT NULL);

create table partner_due_diligence (
    seq bigint generated always as identity not null,
    partner_id uuid not null,
    fact text not null,
    value_ciphertext bytea not null,
    from_at timestamp with time zone not null,
    recorded_by uuid,
    constraint partner_due_diligence_pkey PRIMARY KEY (seq),
    constraint partner_due_diligence_fact_check CHECK ((fact = ANY (ARRAY['ownership'::text, 'jurisdictions'::text]))),
    constraint partner_due_diligence_partner_id_fkey FOREIGN KEY (partner_id) REFERENCES partners(id)
);
CREATE INDEX partner_due_diligence_partner_id_seq_idx ON partner_due_diligence USING btree (partner_id, seq);

create table partner_facts (
    seq bigint generated always as identity not null,
    partner_id uuid not null,
    fact text not null,
    value jsonb not null,
    from_at timestamp with time zone not null,
    recorded_by uuid,
    constraint partner_facts_pkey PRIMARY KEY (seq),
    constraint partner_facts_fact_check CHECK ((fact = ANY (ARRAY['tier'::text, 'status'::text, 'duties'::text, 'restriction'::text]))),
    constraint partner_facts_partner_id_fkey FOREIGN KEY (partner_id) REFERENCES partners(id)
);
CREATE INDEX partner_facts_partner_id_fact_from_at_seq_idx ON partner_facts USING btree (partner_id, fact, from_at, seq);
CREATE TRIGGER noted_status AFTER INSERT ON partner_facts FOR EACH ROW WHEN ((new.fact = 'status'::text)) EXECUTE FUNCTION note_status();

create table partner_keys (
    id uuid not null,
    partner_id uuid not null,
    recipient text not null,
    added_by uuid not null,
    added_at timestamp with time zone not null,
    usable_at timestamp with time zone,
    revoked_at timestamp with time zone,
    expires_at timestamp with time zone not null,
    tested_at timestamp with time zone,
    accepted_at timestamp with time zone,
    confirmed_by_id uuid,
    confirmed_at timestamp with time zone,
    certificate_ciphertext bytea,
    constraint partner_keys_pkey PRIMARY KEY (id),
    constraint partner_keys_check CHECK (((confirmed_by_id IS NULL) = (confirmed_at IS NULL))),
    constraint partner_keys_check1 CHECK (((recipient ~~ 'openpgp:%'::text) = (certificate_ciphertext IS NOT NULL))),
    constraint partner_keys_added_by_fkey FOREIGN KEY (added_by) REFERENCES persons(id),
    constraint partner_keys_confirmed_by_id_fkey FOREIGN KEY (confirmed_by_id) REFERENCES partner_keys(id),
    constraint partner_keys_partner_id_fkey FOREIGN KEY (partner_id) REFERENCES partners(id)
);
CREATE INDEX partner_keys_partner_id_idx ON partner_keys USING btree (partner_id);
CREATE TRIGGER noted_revoked AFTER UPDATE ON partner_keys FOR EACH ROW WHEN (((old.revoked_at IS NULL) AND (new.revoked_at IS NOT NULL))) EXECUTE FUNCTION note_revoked();

create table partner_last_run (
    only_one boolean default true not null,
    at timestamp with time zone not null,
    constraint partner_last_run_pkey PRIMARY KEY (only_one),
    constraint partner_last_run_only_one_check CHECK (only_one)
);

create table partner_mail_keys (
    id uuid not null,
    partner_id uuid not null,
    fingerprint text not null,
    key_ciphertext bytea not null,
    added_by uuid not null,
    added_at timestamp with time zone not null,
    usable_at timestamp with time zone not null,
    expires_at timestamp with time zone not null,
    revoked_at timestamp with time zone,
    failed_at timestamp with time zone,
    constraint partner_mail_keys_pkey PRIMARY KEY (id),
    constraint partner_mail_keys_partner_id_fingerprint_key UNIQUE (partner_id, fingerprint),
    constraint partner_mail_keys_added_by_fkey FOREIGN KEY (added_by) REFERENCES persons(id),
    constraint partner_mail_keys_partner_id_fkey FOREIGN KEY (partner_id) REFERENCES partners(id)
);

create table partner_mails (
    id uuid not null,
    partner_id uuid not null,
    kind text not null,
    mail_ciphertext bytea not null,
    state text not null,
    attempts integer default 0 not null,
    next_at timestamp with time zone not null,
    created_at timestamp with time zone not null,
    ended_at timestamp with time zone,
    constraint partner_mails_pkey PRIMARY KEY (id),
    constraint partner_mails_kind_check CHECK ((kind = ANY (ARRAY['code'::text, 'answered'::text]))),
    constraint partner_mails_state_check CHECK ((state = ANY (ARRAY['due'::text, 'sent'::text, 'failed'::text]))),
    constraint partner_mails_partner_id_fkey FOREIGN KEY (partner_id) REFERENCES partners(id)
);
CREATE INDEX partner_mails_partner_id_created_at_idx ON partner_mails USING btree (partner_id, created_at);
CREATE INDEX partner_mails_state_next_at_idx ON partner_mails USING btree (state, next_at);

create table partner_statements (
    id uuid not null,
    partner_id uuid not null,
    person_id uuid not null,
    kind text not null,
    version integer not null,
    is_zero_report boolean not null,
    body_ciphertext bytea not null,
    at timestamp with time zone not null,
    constraint partner_statements_pkey PRIMARY KEY (id),
    constraint partner_statements_kind_check CHECK ((kind = ANY (ARRAY['attestation'::text, 'regular_reports'::text]))),
    constraint partner_statements_partner_id_fkey FOREIGN KEY (partner_id) REFERENCES partners(id),
    constraint partner_statements_person_id_fkey FOREIGN KEY (person_id) REFERENCES persons(id),
    constraint partner_statements_version_fkey FOREIGN KEY (version) REFERENCES agreements(version)
);
CREATE INDEX partner_statements_partner_id_kind_at_idx ON partner_statements USING btree (partner_id, kind, at);

create table partners (
    id uuid not null,
    details_ciphertext bytea not null,
    created_at timestamp with time zone not null,
    constraint partners_pkey PRIMARY KEY (id)
);

create table passkeys (
    id bytea not null,
    person_id uuid not null,
    public_key bytea not null,
    counter bigint not null,
    transports text[] not null,
    is_backed_up boolean not null,
    name_ciphertext bytea not null,
    created_at timestamp with time zone not null,
    last_used_at timestamp with time zone,
    ended_at timestamp with time zone,
    constraint passkeys_pkey PRIMARY KEY (id),
    constraint passkeys_person_id_fkey FOREIGN KEY (person_id) REFERENCES persons(id)
);
CREATE INDEX passkeys_person_id_idx ON passkeys USING btree (person_id);
CREATE TRIGGER noted_passkey_ended AFTER UPDATE ON passkeys FOR EACH ROW WHEN (((old.ended_at IS NULL) AND (new.ended_at IS NOT NULL))) EXECUTE FUNCTION note_passkey_ended();

create table pending_events (
    seq bigint not null,
    due_at timestamp with time zone not null,
    attempts integer default 0 not null,
    kind text not null,
    constraint pending_events_pkey PRIMARY KEY (seq),
    constraint pending_events_seq_fkey FOREIGN KEY (seq) REFERENCES events(seq)
);
CREATE INDEX pending_events_due_at_seq_idx ON pending_events USING btree (due_at, seq);

create table persons (
    id uuid not null,
    partner_id uuid,
    details_ciphertext bytea not null,
    roles text[] not null,
    created_by uuid,
    created_at timestamp with time zone not null,
    left_at timestamp with time zone,
    constraint persons_pkey PRIMARY KEY (id),
    constraint persons_check CHECK (
CASE
    WHEN (partner_id IS NULL) THEN (roles <@ ARRAY['author'::text, 'manager'::text, 'investigator'::text, 'approver'::text, 'auditor'::text, 'admin'::text])
    ELSE (roles <@ ARRAY['lead'::text, 'analyst'::text])
END)
);
CREATE INDEX persons_partner_id_idx ON persons USING btree (partner_id);
CREATE TRIGGER noted_left AFTER UPDATE ON persons FOR EACH ROW WHEN (((old.left_at IS NULL) AND (new.left_at IS NOT NULL))) EXECUTE FUNCTION note_left();

create table policies (
    version integer not null,
    name text not null,
    text text not null,
    examples text not null,
    created_by uuid,
    created_at timestamp with time zone not null,
    constraint policies_pkey PRIMARY KEY (version),
    constraint policies_created_by_fkey FOREIGN KEY (created_by) REFERENCES persons(id)
);

create table policy_activations (
    seq bigint generated always as identity not null,
    version integer not null,
    from_at timestamp with time zone not null,
    actor_id uuid,
    constraint policy_activations_pkey PRIMARY KEY (seq),
    constraint policy_activations_version_fkey FOREIGN KEY (version) REFERENCES policies(version)
);

create table procedure_history (
    procedure_id uuid not null,
    n integer not null,
    turn jsonb not null,
    approval_id uuid,
    text_ciphertext bytea,
    constraint procedure_history_pkey PRIMARY KEY (procedure_id, n),
    constraint procedure_history_approval_id_fkey FOREIGN KEY (approval_id) REFERENCES approvals(id),
    constraint procedure_history_procedure_id_fkey FOREIGN KEY (procedure_id) REFERENCES procedures(id)
);

create table procedures (
    id uuid not null,
    seq bigint generated always as identity not null,
    partner_id uuid not null,
    finding_id uuid not null,
    grounds_ciphertext bytea not null,
    constraint procedures_pkey PRIMARY KEY (id),
    constraint procedures_finding_id_key UNIQUE (finding_id),
    constraint procedures_finding_id_fkey FOREIGN KEY (finding_id) REFERENCES findings(id),
    constraint procedures_partner_id_fkey FOREIGN KEY (partner_id) REFERENCES partners(id)
);
CREATE INDEX procedures_partner_id_idx ON procedures USING btree (partner_id);

create table program_rules (
    kind text not null,
    version integer not null,
    rules jsonb not null,
    created_by uuid,
    created_at timestamp with time zone not null,
    constraint program_rules_pkey PRIMARY KEY (kind, version),
    constraint program_rules_kind_check CHECK ((kind = ANY (ARRAY['admission'::text, 'tiers'::text, 'testing'::text, 'requirements'::text, 'consent'::text, 'embargo'::text, 'aggregates'::text, 'reporting'::text]))),
    constraint program_rules_created_by_fkey FOREIGN KEY (created_by) REFERENCES persons(id)
);

create table protection_statuses (
    id uuid not null,
    event_id bigint not null,
    partner_id uuid not null,
    person_id uuid not null,
    case_id uuid not null,
    state text not null,
    effective_at timestamp with time zone,
    note_ciphertext bytea not null,
    at timestamp with time zone not null,
    constraint protection_statuses_pkey PRIMARY KEY (id),
    constraint protection_statuses_state_check CHECK ((state = ANY (ARRAY['protected'::text, 'in_progress'::text, 'not_applicable'::text, 'needs_more'::text]))),
    constraint protection_statuses_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id),
    constraint protection_statuses_event_id_fkey FOREIGN KEY (event_id) REFERENCES events(seq),
    constraint protection_statuses_partner_id_fkey FOREIGN KEY (partner_id) REFERENCES partners(id),
    constraint protection_statuses_person_id_fkey FOREIGN KEY (person_id) REFERENCES persons(id)
);
CREATE INDEX protection_statuses_case_id_event_id_idx ON protection_statuses USING btree (case_id, event_id);

create table publisher_keys (
    fingerprint text not null,
    created_at timestamp with time zone not null,
    public_text text not null,
    secret_ciphertext bytea not null,
    replaced_at timestamp with time zone,
    revoked_at timestamp with time zone,
    constraint publisher_keys_pkey PRIMARY KEY (fingerprint),
    constraint publisher_keys_revoked_check CHECK (((revoked_at IS NULL) OR (replaced_at IS NOT NULL)))
);
CREATE UNIQUE INDEX publisher_keys_one ON publisher_keys USING btree ((true)) WHERE (replaced_at IS NULL);
CREATE TRIGGER replaced_publisher_key AFTER UPDATE ON publisher_keys FOR EACH ROW WHEN ((new.replaced_at IS NOT NULL)) EXECUTE FUNCTION note_replaced_publisher_key();

create table quarantines (
    id uuid not null,
    started_at timestamp with time zone not null,
    reasons text[] not null,
    files jsonb not null,
    applied jsonb not null,
    number bigint not null,
    approval_id uuid,
    ended_at timestamp with time zone,
    constraint quarantines_pkey PRIMARY KEY (id),
    constraint quarantines_approval_id_fkey FOREIGN KEY (approval_id) REFERENCES approvals(id)
);
CREATE UNIQUE INDEX quarantines_expr_idx ON quarantines USING btree ((true)) WHERE (ended_at IS NULL);

create table recalls (
    id uuid not null,
    event_id bigint not null,
    artifact_id uuid not null,
    version integer,
    reason_ciphertext bytea not null,
    recalled_by uuid not null,
    recalled_at timestamp with time zone not null,
    ended_by uuid,
    ended_at timestamp with time zone,
    approval_id uuid,
    constraint recalls_pkey PRIMARY KEY (id),
    constraint recalls_check CHECK (((ended_at IS NULL) = (ended_by IS NULL))),
    constraint recalls_check1 CHECK (((ended_at IS NULL) = (approval_id IS NULL))),
    constraint recalls_approval_id_fkey FOREIGN KEY (approval_id) REFERENCES approvals(id),
    constraint recalls_artifact_id_fkey FOREIGN KEY (artifact_id) REFERENCES artifacts(id),
    constraint recalls_artifact_id_version_fkey FOREIGN KEY (artifact_id, version) REFERENCES artifact_versions(artifact_id, version),
    constraint recalls_ended_by_fkey FOREIGN KEY (ended_by) REFERENCES persons(id),
    constraint recalls_event_id_fkey FOREIGN KEY (event_id) REFERENCES events(seq),
    constraint recalls_recalled_by_fkey FOREIGN KEY (recalled_by) REFERENCES persons(id)
);
CREATE INDEX recalls_artifact_id_event_id_idx ON recalls USING btree (artifact_id, event_id);

create table receipts (
    id uuid not null,
    seq bigint generated always as identity not null,
    partner_id uuid not null,
    salt bytea not null,
    body jsonb not null,
    commitment bytea not null,
    batch_id bigint,
    place integer,
    key_change integer,
    path bytea,
    constraint receipts_pkey PRIMARY KEY (id),
    constraint receipts_batch_id_place_key UNIQUE (batch_id, place),
    constraint receipts_partner_id_key_change_key UNIQUE (partner_id, key_change),
    constraint receipts_check CHECK (((batch_id IS NULL) = (place IS NULL))),
    constraint receipts_path_check CHECK ((octet_length(path) = 320)),
    constraint receipts_batch_id_fkey FOREIGN KEY (batch_id) REFERENCES batches(index),
    constraint receipts_partner_id_fkey FOREIGN KEY (partner_id) REFERENCES partners(id)
);
CREATE INDEX receipts_partner_id_seq_idx ON receipts USING btree (partner_id, seq) WHERE (batch_id IS NULL);

create table recognition_words (
    partner_id uuid not null,
    set_at timestamp with time zone not null,
    words_ciphertext bytea,
    constraint recognition_words_pkey PRIMARY KEY (partner_id, set_at),
    constraint recognition_words_partner_id_fkey FOREIGN KEY (partner_id) REFERENCES partners(id)
);

create table refused_removals (
    person_id uuid not null,
    provider text not null,
    refused_at timestamp with time zone not null,
    constraint refused_removals_pkey PRIMARY KEY (person_id),
    constraint refused_removals_person_id_fkey FOREIGN KEY (person_id) REFERENCES persons(id)
);

create table regimes (
    id text not null,
    version integer not null,
    regime jsonb not null,
    created_by uuid,
    created_at timestamp with time zone not null,
    constraint regimes_pkey PRIMARY KEY (id, version),
    constraint regimes_version_check CHECK ((version > 0)),
    constraint regimes_created_by_fkey FOREIGN KEY (created_by) REFERENCES persons(id)
);

create table regulatory_clock_history (
    clock_id uuid not null,
    n integer not null,
    kind text not null,
    at timestamp with time zone not null,
    actor_id uuid,
    since_at timestamp with time zone,
    filing text,
    source_kind text,
    source_id uuid,
    text_ciphertext bytea,
    constraint regulatory_clock_history_pkey PRIMARY KEY (clock_id, n),
    constraint regulatory_clock_history_kind_check CHECK ((kind = ANY (ARRAY['aware'::text, 'fix'::text, 'submitted'::text, 'reopened'::text, 'closed'::text]))),
    constraint regulatory_clock_history_source_kind_check CHECK ((source_kind = ANY (ARRAY['sighting'::text, 'evidence'::text, 'person'::text]))),
    constraint regulatory_clock_history_actor_id_fkey FOREIGN KEY (actor_id) REFERENCES persons(id),
    constraint regulatory_clock_history_clock_id_fkey FOREIGN KEY (clock_id) REFERENCES regulatory_clocks(id)
);

create table regulatory_clocks (
    id uuid not null,
    case_id uuid not null,
    regime text not null,
    version integer not null,
    terms jsonb not null,
    seq bigint generated always as identity not null,
    constraint regulatory_clocks_pkey PRIMARY KEY (id),
    constraint regulatory_clocks_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id)
);
CREATE INDEX regulatory_clocks_case_id_idx ON regulatory_clocks USING btree (case_id);

create table requirement_reminders (
    partner_id uuid not null,
    kind text not null,
    due_at timestamp with time zone not null,
    step text not null,
    at timestamp with time zone not null,
    constraint requirement_reminders_pkey PRIMARY KEY (partner_id, kind, due_at, step),
    constraint requirement_reminders_partner_id_fkey FOREIGN KEY (partner_id) REFERENCES partners(id)
);

create table reviews (
    id uuid not null,
    seq bigint generated always as identity not null,
    measure_id uuid not null,
    procedure_id uuid,
    review_due_at timestamp with time zone,
    approval_id uuid not null,
    reason_ciphertext bytea not null,
    decided_at timestamp with time zone not null,
    constraint reviews_pkey PRIMARY KEY (id),
    constraint reviews_check CHECK (((procedure_id IS NULL) = (review_due_at IS NOT NULL))),
    constraint reviews_approval_id_fkey FOREIGN KEY (approval_id) REFERENCES approvals(id),
    constraint reviews_measure_id_fkey FOREIGN KEY (measure_id) REFERENCES measures(id),
    constraint reviews_procedure_id_fkey FOREIGN KEY (procedure_id) REFERENCES procedures(id)
);
CREATE INDEX reviews_measure_id_idx ON reviews USING btree (measure_id);

create table root_keys (
    id text not null,
    number bigint generated always as identity not null,
    wrapped bytea not null,
    constraint root_keys_pkey PRIMARY KEY (id)
);

create table sighting_objects (
    id uuid not null,
    seq bigint generated always as identity not null,
    partner_id uuid not null,
    case_id uuid not null,
    name bytea not null,
    type text not null,
    version text not null,
    chars integer not null,
    object_ciphertext bytea not null,
    constraint sighting_objects_pkey PRIMARY KEY (id),
    constraint sighting_objects_partner_id_name_version_case_id_key UNIQUE (partner_id, name, version, case_id)
);
CREATE INDEX sighting_objects_partner_id_case_id_idx ON sighting_objects USING btree (partner_id, case_id);

create table sighting_statuses (
    id uuid not null,
    person_id uuid not null,
    status_ciphertext bytea not null,
    at timestamp with time zone not null,
    constraint sighting_statuses_pkey PRIMARY KEY (id),
    constraint sighting_statuses_person_id_fkey FOREIGN KEY (person_id) REFERENCES persons(id)
);
CREATE INDEX sighting_statuses_at_idx ON sighting_statuses USING btree (at);

create table sightings (
    id uuid not null,
    event_id bigint not null,
    partner_id uuid not null,
    person_id uuid not null,
    case_id uuid not null,
    reference uuid not null,
    version text not null,
    report_ciphertext bytea not null,
    observed_at timestamp with time zone not null,
    clock text not null,
    at timestamp with time zone not null,
    withdrawn_at timestamp with time zone,
    zero_report_since_at timestamp with time zone,
    counted boolean default false not null,
    constraint sightings_pkey PRIMARY KEY (id),
    constraint sightings_partner_id_case_id_reference_version_key UNIQUE (partner_id, case_id, reference, version),
    constraint sightings_clock_check CHECK ((clock = ANY (ARRAY['synchronised'::text, 'estimated'::text, 'unknown'::text]))),
    constraint sightings_looked_check CHECK ((zero_report_since_at < observed_at)),
    constraint sightings_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id),
    constraint sightings_event_id_fkey FOREIGN KEY (event_id) REFERENCES events(seq),
    constraint sightings_partner_id_fkey FOREIGN KEY (partner_id) REFERENCES partners(id),
    constraint sightings_person_id_fkey FOREIGN KEY (person_id) REFERENCES persons(id)
);
CREATE INDEX sightings_case_id_event_id_idx ON sightings USING btree (case_id, event_id);

create table signing_keys (
    number bigint generated always as identity not null,
    log text not null,
    verifier_key text not null,
    handover text,
    former_key text not null,
    seeds_ciphertext bytea not null,
    added_at timestamp with time zone not null,
    former_ended_at timestamp with time zone,
    constraint signing_keys_pkey PRIMARY KEY (number),
    constraint signing_keys_verifier_key_key UNIQUE (verifier_key),
    constraint signing_keys_log_check CHECK ((log = ANY (ARRAY['audit_log'::text, 'receipt_log'::text])))
);
CREATE TRIGGER ended_signing_key AFTER INSERT OR UPDATE ON signing_keys FOR EACH ROW WHEN ((new.former_ended_at IS NOT NULL)) EXECUTE FUNCTION note_ended_signing_key();

create table staff_copies (
    event_id bigint not null,
    person_id uuid not null,
    case_id uuid not null,
    artifact_id uuid not null,
    version integer not null,
    copy_hash bytea not null,
    copy_salt bytea not null,
    at timestamp with time zone not null,
    constraint staff_copies_pkey PRIMARY KEY (event_id),
    constraint staff_copies_artifact_id_fkey FOREIGN KEY (artifact_id) REFERENCES artifacts(id),
    constraint staff_copies_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id),
    constraint staff_copies_event_id_fkey FOREIGN KEY (event_id) REFERENCES events(seq),
    constraint staff_copies_person_id_fkey FOREIGN KEY (person_id) REFERENCES persons(id)
);
CREATE INDEX staff_copies_artifact_id_version_idx ON staff_copies USING btree (artifact_id, version);
CREATE INDEX staff_copies_case_id_idx ON staff_copies USING btree (case_id);

create table staff_notices (
    id uuid not null,
    person_id uuid not null,
    state text not null,
    attempts integer default 0 not null,
    next_at timestamp with time zone not null,
    confidential boolean not null,
    created_at timestamp with time zone,
    returned_at timestamp with time zone,
    constraint staff_notices_pkey PRIMARY KEY (id),
    constraint staff_notices_state_check CHECK ((state = ANY (ARRAY['due'::text, 'sent'::text, 'dropped'::text, 'failed'::text]))),
    constraint staff_notices_person_id_fkey FOREIGN KEY (person_id) REFERENCES persons(id)
);
CREATE INDEX staff_notices_next_at_idx ON staff_notices USING btree (next_at) WHERE (state = 'due'::text);

create table task_last_run (
    only_one boolean default true not null,
    at timestamp with time zone not null,
    constraint task_last_run_pkey PRIMARY KEY (only_one),
    constraint task_last_run_only_one_check CHECK (only_one)
);

create table task_notices (
    person_id uuid not null,
    key text not null,
    step text not null,
    at timestamp with time zone not null,
    constraint task_notices_pkey PRIMARY KEY (person_id, key, step),
    constraint task_notices_step_check CHECK ((step = ANY (ARRAY['opened'::text, 'due_soon'::text, 'overdue'::text]))),
    constraint task_notices_person_id_fkey FOREIGN KEY (person_id) REFERENCES persons(id)
);

create table test_results (
    id uuid not null,
    event_id bigint not null,
    partner_id uuid not null,
    person_id uuid not null,
    case_id uuid not null,
    artifact_id uuid not null,
    version integer not null,
    result_ciphertext bytea not null,
    at timestamp with time zone not null,
    constraint test_results_pkey PRIMARY KEY (id),
    constraint test_results_artifact_id_fkey FOREIGN KEY (artifact_id) REFERENCES artifacts(id),
    constraint test_results_artifact_id_version_fkey FOREIGN KEY (artifact_id, version) REFERENCES artifact_versions(artifact_id, version),
    constraint test_results_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id),
    constraint test_results_event_id_fkey FOREIGN KEY (event_id) REFERENCES events(seq),
    constraint test_results_partner_id_fkey FOREIGN KEY (partner_id) REFERENCES partners(id),
    constraint test_results_person_id_fkey FOREIGN KEY (person_id) REFERENCES persons(id)
);
CREATE INDEX test_results_artifact_id_event_id_idx ON test_results USING btree (artifact_id, event_id);
CREATE INDEX test_results_partner_id_event_id_idx ON test_results USING btree (partner_id, event_id);

create table text_fingerprints (
    fingerprint bytea not null,
    evidence_id uuid not null,
    depth smallint not null,
    constraint text_fingerprints_pkey PRIMARY KEY (fingerprint, evidence_id),
    constraint text_fingerprints_evidence_id_fkey FOREIGN KEY (evidence_id) REFERENCES evidence(id)
);
CREATE INDEX text_fingerprints_evidence_id_idx ON text_fingerprints USING btree (evidence_id);

create table tier_proposals (
    id uuid not null,
    partner_id uuid not null,
    from_tier text not null,
    to_tier text not null,
    rules_version integer not null,
    findings jsonb not null,
    created_at timestamp with time zone not null,
    ended_at timestamp with time zone,
    ended_as text,
    ended_by uuid,
    reason_ciphertext bytea,
    constraint tier_proposals_pkey PRIMARY KEY (id),
    constraint tier_proposals_check CHECK (((ended_at IS NULL) = (ended_as IS NULL))),
    constraint tier_proposals_ended_as_check CHECK ((ended_as = ANY (ARRAY['accepted'::text, 'superseded'::text, 'dismissed'::text]))),
    constraint tier_proposals_ended_by_fkey FOREIGN KEY (ended_by) REFERENCES persons(id),
    constraint tier_proposals_partner_id_fkey FOREIGN KEY (partner_id) REFERENCES partners(id)
);
CREATE UNIQUE INDEX tier_proposals_partner_id_idx ON tier_proposals USING btree (partner_id) WHERE (ended_at IS NULL);

create table tracing_budgets (
    artifact_id uuid not null,
    version integer not null,
    case_id uuid not null,
    seal_id uuid not null,
    state_ciphertext bytea not null,
    constraint tracing_budgets_pkey PRIMARY KEY (artifact_id, version),
    constraint tracing_budgets_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id)
);
CREATE INDEX tracing_budgets_case_id_idx ON tracing_budgets USING btree (case_id);

create table tracing_instruction_extensions (
    id uuid not null,
    seq bigint generated always as identity not null,
    instruction_id uuid not null,
    text_ciphertext bytea not null,
    approval_id uuid not null,
    requested_by uuid not null,
    requested_at timestamp with time zone not null,
    extended_at timestamp with time zone,
    constraint tracing_instruction_extensions_pkey PRIMARY KEY (id),
    constraint tracing_instruction_extensions_approval_id_fkey FOREIGN KEY (approval_id) REFERENCES approvals(id),
    constraint tracing_instruction_extensions_instruction_id_fkey FOREIGN KEY (instruction_id) REFERENCES tracing_instructions(id),
    constraint tracing_instruction_extensions_requested_by_fkey FOREIGN KEY (requested_by) REFERENCES persons(id)
);
CREATE INDEX tracing_instruction_extensions_instruction_id_idx ON tracing_instruction_extensions USING btree (instruction_id);

create table tracing_instructions (
    id uuid not null,
    seq bigint generated always as identity not null,
    inquiry_id uuid not null,
    text_ciphertext bytea not null,
    approval_id uuid not null,
    requested_by uuid not null,
    requested_at timestamp with time zone not null,
    activated_at timestamp with time zone,
    code_design_id bigint,
    ended_at timestamp with time zone,
    constraint tracing_instructions_pkey PRIMARY KEY (id),
    constraint tracing_instructions_approval_id_fkey FOREIGN KEY (approval_id) REFERENCES approvals(id),
    constraint tracing_instructions_code_design_id_fkey FOREIGN KEY (code_design_id) REFERENCES code_designs(seq),
    constraint tracing_instructions_inquiry_id_fkey FOREIGN KEY (inquiry_id) REFERENCES inquiries(id),
    constraint tracing_instructions_requested_by_fkey FOREIGN KEY (requested_by) REFERENCES persons(id)
);
CREATE INDEX tracing_instructions_inquiry_id_idx ON tracing_instructions USING btree (inquiry_id);

create table tree_nodes (
    level integer not null,
    pos bigint not null,
    hash bytea not null,
    constraint tree_nodes_pkey PRIMARY KEY (level, pos)
);

create table unsequenced_events (
    seq bigint not null,
    constraint unsequenced_events_pkey PRIMARY KEY (seq)
);

create table used_challenges (
    hash bytea not null,
    expires_at timestamp with time zone not null,
    constraint used_challenges_pkey PRIMARY KEY (hash)
);
CREATE INDEX used_challenges_expires_at_idx ON used_challenges USING btree (expires_at);

create table used_proofs (
    hash bytea not null,
    expires_at timestamp with time zone not null,
    constraint used_proofs_pkey PRIMARY KEY (hash)
);
CREATE INDEX used_proofs_expires_at_idx ON used_proofs USING btree (expires_at);

create table vouches (
    applicant_id uuid not null,
    partner_id uuid not null,
    person_id uuid not null,
    text_ciphertext bytea not null,
    at timestamp with time zone not null,
    constraint vouches_pkey PRIMARY KEY (applicant_id, partner_id),
    constraint vouches_applicant_id_fkey FOREIGN KEY (applicant_id) REFERENCES applications(partner_id),
    constraint vouches_partner_id_fkey FOREIGN KEY (partner_id) REFERENCES partners(id),
    constraint vouches_person_id_fkey FOREIGN KEY (person_id) REFERENCES persons(id)
);

create table warning_questions (
    id uuid not null,
    event_id bigint not null,
    case_id uuid not null,
    partner_id uuid not null,
    person_id uuid not null,
    text_ciphertext bytea not null,
    asked_at timestamp with time zone not null,
    answer_ciphertext bytea,
    audience text,
    answered_by uuid,
    answered_at timestamp with time zone,
    constraint warning_questions_pkey PRIMARY KEY (id),
    constraint warning_questions_audience_check CHECK ((audience = ANY (ARRAY['partner'::text, 'recipients'::text]))),
    constraint warning_questions_check CHECK ((((answered_at IS NULL) = (answer_ciphertext IS NULL)) AND ((answered_at IS NULL) = (audience IS NULL)))),
    constraint warning_questions_answered_by_fkey FOREIGN KEY (answered_by) REFERENCES persons(id),
    constraint warning_questions_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id),
    constraint warning_questions_event_id_fkey FOREIGN KEY (event_id) REFERENCES events(seq),
    constraint warning_questions_partner_id_fkey FOREIGN KEY (partner_id) REFERENCES partners(id),
    constraint warning_questions_person_id_fkey FOREIGN KEY (person_id) REFERENCES persons(id)
);
CREATE INDEX warning_questions_case_id_event_id_idx ON warning_questions USING btree (case_id, event_id);
CREATE INDEX warning_questions_event_id_idx ON warning_questions USING btree (event_id) WHERE (answered_at IS NULL);

create table wave_artifacts (
    wave_id uuid not null,
    artifact_id uuid not null,
    version integer not null,
    late_released_at timestamp with time zone,
    constraint wave_artifacts_pkey PRIMARY KEY (wave_id, artifact_id, version),
    constraint wave_artifacts_artifact_id_fkey FOREIGN KEY (artifact_id) REFERENCES artifacts(id),
    constraint wave_artifacts_wave_id_fkey FOREIGN KEY (wave_id) REFERENCES waves(id)
);

create table wave_freezes (
    seq bigint generated always as identity not null,
    wave_id uuid not null,
    frozen_at timestamp with time zone not null,
    unfrozen_at timestamp with time zone,
    constraint wave_freezes_pkey PRIMARY KEY (seq),
    constraint wave_freezes_wave_id_fkey FOREIGN KEY (wave_id) REFERENCES waves(id)
);
CREATE UNIQUE INDEX wave_freezes_wave_id_idx ON wave_freezes USING btree (wave_id) WHERE (unfrozen_at IS NULL);

create table wave_offsets (
    seq bigint generated always as identity not null,
    wave_id uuid not null,
    offset_ms bigint not null,
    from_at timestamp with time zone not null,
    constraint wave_offsets_pkey PRIMARY KEY (seq),
    constraint wave_offsets_offset_ms_check CHECK ((offset_ms <= 0)),
    constraint wave_offsets_wave_id_fkey FOREIGN KEY (wave_id) REFERENCES waves(id)
);
CREATE INDEX wave_offsets_wave_id_seq_idx ON wave_offsets USING btree (wave_id, seq);

create table waves (
    id uuid not null,
    case_id uuid not null,
    tier text not null,
    approval_id uuid,
    released_at timestamp with time zone,
    constraint waves_pkey PRIMARY KEY (id),
    constraint waves_case_id_tier_key UNIQUE (case_id, tier),
    constraint waves_tier_check CHECK ((tier = ANY (ARRAY['validate'::text, 'advance'::text, 'entry'::text, 'publication'::text]))),
    constraint waves_approval_id_fkey FOREIGN KEY (approval_id) REFERENCES approvals(id),
    constraint waves_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id)
);
CREATE INDEX waves_approval_id_idx ON waves USING btree (approval_id) WHERE ((released_at IS NULL) AND (approval_id IS NOT NULL));
CREATE INDEX waves_released_at_idx ON waves USING btree (released_at);

create table webhook_calls (
    id uuid not null,
    webhook_id uuid not null,
    wave_id uuid,
    state text not null,
    attempts integer default 0 not null,
    next_at timestamp with time zone not null,
    created_at timestamp with time zone not null,
    constraint webhook_calls_pkey PRIMARY KEY (id),
    constraint webhook_calls_state_check CHECK ((state = ANY (ARRAY['due'::text, 'in_progress'::text, 'sent'::text, 'failed'::text, 'dropped'::text]))),
    constraint webhook_calls_wave_id_fkey FOREIGN KEY (wave_id) REFERENCES waves(id),
    constraint webhook_calls_webhook_id_fkey FOREIGN KEY (webhook_id) REFERENCES webhooks(id) ON DELETE CASCADE
);
CREATE INDEX webhook_calls_next_at_idx ON webhook_calls USING btree (next_at) WHERE (state = ANY (ARRAY['due'::text, 'in_progress'::text]));
CREATE INDEX webhook_calls_webhook_id_idx ON webhook_calls USING btree (webhook_id);
CREATE UNIQUE INDEX webhook_calls_webhook_id_wave_id_idx ON webhook_calls USING btree (webhook_id, wave_id) NULLS NOT DISTINCT WHERE (state = 'due'::text);

create table webhooks (
    id uuid not null,
    partner_id uuid not null,
    address_ciphertext bytea not null,
    secret_ciphertext bytea not null,
    previous_ciphertext bytea,
    previous_expires_at timestamp with time zone,
    created_at timestamp with time zone not null,
    created_by uuid not null,
    last_outcome text,
    last_at timestamp with time zone,
    first_failed_at timestamp with time zone,
    disabled_at timestamp with time zone,
    signing_ciphertext bytea not null,
    previous_signing_ciphertext bytea,
    constraint webhooks_pkey PRIMARY KEY (id),
    constraint webhooks_last_outcome_check CHECK ((last_outcome = ANY (ARRAY['2xx'::text, '3xx'::text, '4xx'::text, '410'::text, '5xx'::text, 'timeout'::text, 'refused'::text]))),
    constraint webhooks_created_by_fkey FOREIGN KEY (created_by) REFERENCES persons(id),
    constraint webhooks_partner_id_fkey FOREIGN KEY (partner_id) REFERENCES partners(id)
);
CREATE INDEX webhooks_partner_id_idx ON webhooks USING btree (partner_id);

create table witnesses (
    name text not null,
    first_asked_at timestamp with time zone not null,
    asked_at timestamp with time zone not null,
    signed_size bigint not null,
    problem text,
    constraint witnesses_pkey PRIMARY KEY (name)
);
