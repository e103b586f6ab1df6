-- The sum of migrations/, written by scripts/schema.ts and kept true by a test: read it, and never edit it.

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

create function note_change() returns trigger language plpgsql as $$
begin
    insert into changes (scope, tx) values ('00000000-0000-0000-0000-000000000000', pg_current_xact_id()) on conflict do nothing;
    return null;
end
$$;

create function note_change_of_partner() returns trigger language plpgsql as $$
declare
    its uuid := case tg_op when 'DELETE' then old.partner else new.partner end;
begin
    insert into changes (scope, tx)
    values (coalesce(its, '00000000-0000-0000-0000-000000000000'), pg_current_xact_id()) on conflict do nothing;
    return null;
end
$$;

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

create function note_ended() returns trigger language plpgsql as $$
begin
    insert into access_changes (kind, subject, from_at, expires_at)
    values ('credential', encode(new.hash, 'hex'), new.ended_at, new.expires_at);
    return null;
end
$$;

create function note_left() returns trigger language plpgsql as $$
begin
    insert into access_changes (kind, subject, from_at) values ('person', new.id::text, new.left_at);
    return null;
end
$$;

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
    values ('partner', new.partner::text, new.value #>> '{}', new.from_at);
    return null;
end
$$;

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
CREATE TRIGGER noted AFTER INSERT OR DELETE OR UPDATE ON acceptances FOR EACH ROW EXECUTE FUNCTION note_change_of_partner();

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
    constraint access_changes_kind_check CHECK ((kind = ANY (ARRAY['partner'::text, 'person'::text, 'credential'::text, 'key'::text])))
);
CREATE INDEX access_changes_seq_idx ON access_changes USING btree (seq) WHERE (number IS NULL);

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
CREATE INDEX acknowledgements_case_id_artifact_at_partner_person_version_idx ON acknowledgements USING btree (case_id, artifact, at) INCLUDE (partner, person, version);
CREATE TRIGGER noted AFTER INSERT OR DELETE OR UPDATE ON acknowledgements FOR EACH ROW EXECUTE FUNCTION note_change_of_partner();

create table admission_scores (
    seq bigint generated always as identity not null,
    applicant uuid not null,
    rules_version integer not null,
    criterion text not null,
    person uuid not null,
    score integer not null,
    reason_box bytea not null,
    at timestamp with time zone not null,
    constraint admission_scores_pkey PRIMARY KEY (seq),
    constraint admission_scores_score_check CHECK (((score >= 0) AND (score <= 4))),
    constraint admission_scores_applicant_fkey FOREIGN KEY (applicant) REFERENCES applications(partner),
    constraint admission_scores_person_fkey FOREIGN KEY (person) REFERENCES persons(id)
);
CREATE INDEX admission_scores_applicant_idx ON admission_scores USING btree (applicant);

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
    advisory text not null,
    type text not null,
    body text not null,
    sha256 text not null,
    sha512 text not null,
    signature text,
    constraint advisory_documents_pkey PRIMARY KEY (path, revision),
    constraint advisory_documents_advisory_fkey FOREIGN KEY (advisory) REFERENCES advisories(id)
);

create table advisory_entries (
    advisory text not null,
    list text not null,
    body text not null,
    constraint advisory_entries_pkey PRIMARY KEY (list, advisory),
    constraint advisory_entries_advisory_fkey FOREIGN KEY (advisory) REFERENCES advisories(id)
);

create table advisory_revisions (
    advisory text not null,
    number integer not null,
    at timestamp with time zone not null,
    summary text not null,
    content jsonb not null,
    constraint advisory_revisions_pkey PRIMARY KEY (advisory, number),
    constraint advisory_revisions_number_check CHECK ((number > 0)),
    constraint advisory_revisions_advisory_fkey FOREIGN KEY (advisory) REFERENCES advisories(id)
);

create table aggregate_days (
    day timestamp with time zone not null,
    constraint aggregate_days_pkey PRIMARY KEY (day)
);

create table aggregates (
    case_id uuid not null,
    cell text not null,
    rules integer not null,
    band text,
    basis uuid[] not null,
    at timestamp with time zone not null,
    constraint aggregates_pkey PRIMARY KEY (case_id, cell),
    constraint aggregates_cell_check CHECK ((cell = ANY (ARRAY['exploitation'::text, 'none seen'::text, 'protected'::text, 'false positives'::text]))),
    constraint aggregates_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id)
);

create table agreements (
    version integer not null,
    text_box bytea not null,
    owes jsonb not null,
    longest_embargo_days integer not null,
    created_at timestamp with time zone not null,
    applies_at timestamp with time zone not null,
    constraint agreements_pkey PRIMARY KEY (version)
);
CREATE TRIGGER noted AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON agreements FOR EACH STATEMENT EXECUTE FUNCTION note_change();

create table applications (
    partner uuid not null,
    secret_hash bytea not null,
    reference_hash bytea not null,
    form_box bytea not null,
    made_at timestamp with time zone not null,
    decision text,
    decided_by uuid,
    decided_at timestamp with time zone,
    decision_box bytea,
    rules_version integer,
    lead uuid,
    constraint applications_pkey PRIMARY KEY (partner),
    constraint applications_reference_hash_key UNIQUE (reference_hash),
    constraint applications_secret_hash_key UNIQUE (secret_hash),
    constraint applications_check CHECK (((decision IS NULL) = (decided_at IS NULL))),
    constraint applications_decision_check CHECK ((decision = ANY (ARRAY['invited'::text, 'declined'::text]))),
    constraint applications_decided_by_fkey FOREIGN KEY (decided_by) REFERENCES persons(id),
    constraint applications_lead_fkey FOREIGN KEY (lead) REFERENCES persons(id),
    constraint applications_partner_fkey FOREIGN KEY (partner) REFERENCES partners(id)
);
CREATE INDEX applications_made_at_idx ON applications USING btree (made_at) WHERE (decision IS NULL);

create table approval_reads (
    approval uuid not null,
    person uuid not null,
    constraint approval_reads_pkey PRIMARY KEY (approval, person),
    constraint approval_reads_approval_fkey FOREIGN KEY (approval) REFERENCES approvals(id),
    constraint approval_reads_person_fkey FOREIGN KEY (person) REFERENCES persons(id)
);

create table approvals (
    id uuid not null,
    act text not null,
    effects jsonb not null,
    effects_hash bytea not null,
    words_box bytea,
    requested_by uuid not null,
    requested_at timestamp with time zone not null,
    signed_by uuid,
    signed_at timestamp with time zone,
    used_at timestamp with time zone,
    voided_at timestamp with time zone,
    voided_for text,
    withheld_from uuid[] default '{}'::uuid[] not null,
    constraint approvals_pkey PRIMARY KEY (id),
    constraint approvals_check CHECK ((signed_by IS DISTINCT FROM requested_by)),
    constraint approvals_check1 CHECK (((voided_for IS NULL) OR (voided_at IS NOT NULL))),
    constraint approvals_voided_for_check CHECK ((voided_for = ANY (ARRAY['withdrawn'::text, 'changed'::text, 'superseded'::text, 'asker gone'::text, 'signer gone'::text]))),
    constraint approvals_requested_by_fkey FOREIGN KEY (requested_by) REFERENCES persons(id),
    constraint approvals_signed_by_fkey FOREIGN KEY (signed_by) REFERENCES persons(id)
);

create table artifact_results (
    id uuid not null,
    event bigint not null,
    partner uuid not null,
    person uuid not null,
    case_id uuid not null,
    artifact uuid not null,
    version integer not null,
    result_box bytea not null,
    at timestamp with time zone not null,
    constraint artifact_results_pkey PRIMARY KEY (id),
    constraint artifact_results_artifact_fkey FOREIGN KEY (artifact) REFERENCES artifacts(id),
    constraint artifact_results_artifact_version_fkey FOREIGN KEY (artifact, version) REFERENCES artifact_versions(artifact, version),
    constraint artifact_results_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id),
    constraint artifact_results_event_fkey FOREIGN KEY (event) REFERENCES events(seq),
    constraint artifact_results_partner_fkey FOREIGN KEY (partner) REFERENCES partners(id),
    constraint artifact_results_person_fkey FOREIGN KEY (person) REFERENCES persons(id)
);
CREATE INDEX artifact_results_artifact_event_idx ON artifact_results USING btree (artifact, event);
CREATE INDEX artifact_results_partner_event_idx ON artifact_results USING btree (partner, event);

create table artifact_samples (
    seq bigint generated always as identity not null,
    id uuid not null,
    artifact uuid not null,
    must text not null,
    sample_box bytea not null,
    added_by uuid not null,
    added_at timestamp with time zone not null,
    constraint artifact_samples_pkey PRIMARY KEY (id),
    constraint artifact_samples_must_check CHECK ((must = ANY (ARRAY['hit'::text, 'miss'::text]))),
    constraint artifact_samples_added_by_fkey FOREIGN KEY (added_by) REFERENCES persons(id),
    constraint artifact_samples_artifact_fkey FOREIGN KEY (artifact) REFERENCES artifacts(id)
);
CREATE INDEX artifact_samples_artifact_seq_idx ON artifact_samples USING btree (artifact, seq);

create table artifact_versions (
    artifact uuid not null,
    version integer not null,
    content_box bytea not null,
    created_by uuid not null,
    created_at timestamp with time zone not null,
    colluders smallint default 2 not null,
    constraint artifact_versions_pkey PRIMARY KEY (artifact, version),
    constraint artifact_versions_colluders_check CHECK (((colluders >= 1) AND (colluders <= 8))),
    constraint artifact_versions_artifact_fkey FOREIGN KEY (artifact) REFERENCES artifacts(id),
    constraint artifact_versions_created_by_fkey FOREIGN KEY (created_by) REFERENCES persons(id)
);
CREATE TRIGGER noted AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON artifact_versions FOR EACH STATEMENT EXECUTE FUNCTION note_change();

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
CREATE TRIGGER noted AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON artifacts FOR EACH STATEMENT EXECUTE FUNCTION note_change();

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

create table audit_log_faults (
    id bigint generated always as identity not null,
    since timestamp with time zone not null,
    leaf bigint,
    ended_at timestamp with time zone,
    constraint audit_log_faults_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX audit_log_faults_expr_idx ON audit_log_faults USING btree ((true)) WHERE (ended_at IS NULL);

create table batch_nodes (
    level integer not null,
    pos bigint not null,
    hash bytea not null,
    constraint batch_nodes_pkey PRIMARY KEY (level, pos)
);

create table batches (
    index bigint not null,
    at timestamp with time zone not null,
    slot timestamp with time zone not null,
    shown_from timestamp with time zone not null,
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
    by_person uuid,
    constraint calendars_pkey PRIMARY KEY (seq)
);

create table canary_names (
    digest bytea not null,
    case_id uuid not null,
    artifact uuid not null,
    version integer not null,
    kind text not null,
    decoy boolean not null,
    box bytea not null,
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
    heard jsonb not null,
    heard_at timestamp with time zone not null,
    constraint canary_spool_pkey PRIMARY KEY (seq),
    constraint canary_spool_channel_check CHECK ((channel = ANY (ARRAY['dns'::text, 'http'::text]))),
    constraint canary_spool_digest_check CHECK ((octet_length(digest) = 32)),
    constraint canary_spool_heard_at_check CHECK (((heard_at >= '2020-01-01 00:00:00+00'::timestamp with time zone) AND (heard_at <= '2200-01-01 00:00:00+00'::timestamp with time zone))),
    constraint canary_spool_heard_check CHECK ((octet_length((heard)::text) <= 2000)),
    constraint canary_spool_times_check CHECK (((times >= 1) AND (times <= 1000000)))
);

create table canary_touches (
    id uuid not null,
    digest bytea not null,
    channel text not null,
    grade text not null,
    source bytea not null,
    times bigint not null,
    first_at timestamp with time zone not null,
    last_at timestamp with time zone not null,
    box bytea not null,
    constraint canary_touches_pkey PRIMARY KEY (id),
    constraint canary_touches_digest_channel_grade_source_key UNIQUE (digest, channel, grade, source),
    constraint canary_touches_channel_check CHECK ((channel = ANY (ARRAY['dns'::text, 'http'::text]))),
    constraint canary_touches_grade_check CHECK ((grade = ANY (ARRAY['echo'::text, 'preview'::text, 'scanner'::text, 'program'::text, 'human'::text]))),
    constraint canary_touches_digest_fkey FOREIGN KEY (digest) REFERENCES canary_names(digest)
);

create table canary_unknown (
    day date not null,
    channel text not null,
    formed boolean not null,
    times bigint not null,
    constraint canary_unknown_pkey PRIMARY KEY (day, channel, formed),
    constraint canary_unknown_channel_check CHECK ((channel = ANY (ARRAY['dns'::text, 'http'::text])))
);

create table case_closings (
    case_id uuid not null,
    kind text not null,
    at timestamp with time zone not null,
    by_person uuid not null,
    why_box bytea not null,
    constraint case_closings_pkey PRIMARY KEY (case_id),
    constraint case_closings_kind_check CHECK ((kind = ANY (ARRAY['cancelled'::text, 'withdrawn'::text]))),
    constraint case_closings_by_person_fkey FOREIGN KEY (by_person) REFERENCES persons(id),
    constraint case_closings_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id)
);
CREATE TRIGGER noted AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON case_closings FOR EACH STATEMENT EXECUTE FUNCTION note_change();

create table case_exploitation (
    seq bigint generated always as identity not null,
    case_id uuid not null,
    known boolean not null,
    at timestamp with time zone not null,
    constraint case_exploitation_pkey PRIMARY KEY (seq),
    constraint case_exploitation_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id)
);
CREATE INDEX case_exploitation_case_idx ON case_exploitation USING btree (case_id);
CREATE TRIGGER noted AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON case_exploitation FOR EACH STATEMENT EXECUTE FUNCTION note_change();

create table case_links (
    from_case uuid not null,
    to_case uuid not null,
    kind text not null,
    from_at timestamp with time zone not null,
    constraint case_links_pkey PRIMARY KEY (from_case, to_case, kind),
    constraint case_links_kind_check CHECK ((kind = ANY (ARRAY['bypass of'::text, 'variant of'::text]))),
    constraint case_links_from_case_fkey FOREIGN KEY (from_case) REFERENCES cases(id),
    constraint case_links_to_case_fkey FOREIGN KEY (to_case) REFERENCES cases(id)
);
CREATE TRIGGER noted AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON case_links FOR EACH STATEMENT EXECUTE FUNCTION note_change();

create table case_names (
    name_hash bytea not null,
    case_id uuid not null,
    constraint case_names_pkey PRIMARY KEY (name_hash, case_id),
    constraint case_names_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id)
);

create table case_parties (
    id uuid not null,
    case_id uuid not null,
    role text not null,
    details_box bytea not null,
    secret_hash bytea,
    added_by uuid not null,
    added_at timestamp with time zone not null,
    constraint case_parties_pkey PRIMARY KEY (id),
    constraint case_parties_secret_hash_key UNIQUE (secret_hash),
    constraint case_parties_role_check CHECK ((role = ANY (ARRAY['finder'::text, 'vendor'::text, 'coordinator'::text, 'other'::text]))),
    constraint case_parties_added_by_fkey FOREIGN KEY (added_by) REFERENCES persons(id),
    constraint case_parties_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id)
);
CREATE INDEX case_parties_case_id_added_at_idx ON case_parties USING btree (case_id, added_at);

create table case_reads (
    person uuid not null,
    part text not null,
    case_id uuid not null,
    revision integer not null,
    at timestamp with time zone not null,
    constraint case_reads_pkey PRIMARY KEY (person, part, case_id, revision),
    constraint case_reads_part_check CHECK ((part = ANY (ARRAY['facts'::text, 'samples'::text, 'sightings'::text, 'public_text'::text]))),
    constraint case_reads_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id),
    constraint case_reads_person_fkey FOREIGN KEY (person) REFERENCES persons(id)
);

create table cases (
    id uuid not null,
    details_box bytea not null,
    permission_box bytea,
    created_by uuid not null,
    created_at timestamp with time zone not null,
    revision integer default 1 not null,
    retold_at timestamp with time zone,
    constraint cases_pkey PRIMARY KEY (id),
    constraint cases_created_by_fkey FOREIGN KEY (created_by) REFERENCES persons(id)
);
CREATE TRIGGER noted AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON cases FOR EACH STATEMENT EXECUTE FUNCTION note_change();

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

create table circles (
    seq bigint generated always as identity not null,
    partner uuid not null,
    case_id uuid not null,
    persons uuid[],
    from_at timestamp with time zone not null,
    set_by uuid,
    constraint circles_pkey PRIMARY KEY (seq),
    constraint circles_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id),
    constraint circles_partner_fkey FOREIGN KEY (partner) REFERENCES partners(id),
    constraint circles_set_by_fkey FOREIGN KEY (set_by) REFERENCES persons(id)
);
CREATE INDEX circles_partner_case_id_seq_idx ON circles USING btree (partner, case_id, seq);
CREATE TRIGGER noted AFTER INSERT OR DELETE OR UPDATE ON circles FOR EACH ROW EXECUTE FUNCTION note_change_of_partner();

create table clock_guard (
    only_one boolean default true not null,
    high_water timestamp with time zone not null,
    memory jsonb not null,
    constraint clock_guard_pkey PRIMARY KEY (only_one),
    constraint clock_guard_only_one_check CHECK (only_one)
);

create table consent_turns (
    seq bigint generated always as identity not null,
    case_id uuid not null,
    partner uuid,
    party uuid,
    kind text not null,
    at timestamp with time zone not null,
    answer_by timestamp with time zone,
    ends_at timestamp with time zone,
    constraint consent_turns_pkey PRIMARY KEY (seq),
    constraint consent_turns_check CHECK ((num_nonnulls(partner, party) = 1)),
    constraint consent_turns_kind_check CHECK ((kind = ANY (ARRAY['invited'::text, 'signed'::text, 'declined'::text, 'exited'::text]))),
    constraint consent_turns_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id),
    constraint consent_turns_partner_fkey FOREIGN KEY (partner) REFERENCES partners(id),
    constraint consent_turns_party_fkey FOREIGN KEY (party) REFERENCES case_parties(id)
);
CREATE INDEX consent_turns_case_id_partner_seq_idx ON consent_turns USING btree (case_id, partner, seq);
CREATE TRIGGER noted AFTER INSERT OR DELETE OR UPDATE ON consent_turns FOR EACH ROW EXECUTE FUNCTION note_change_of_partner();

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
CREATE TRIGGER noted_ended AFTER UPDATE ON credentials FOR EACH ROW WHEN (((old.ended_at IS NULL) AND (new.ended_at IS NOT NULL))) EXECUTE FUNCTION note_ended();

create table data_keys (
    scope text not null,
    wrapped bytea not null,
    constraint data_keys_pkey PRIMARY KEY (scope)
);
CREATE TRIGGER noted AFTER DELETE OR UPDATE ON data_keys FOR EACH ROW WHEN (((old.scope !~~ 'evidence:%'::text) AND (old.scope !~~ 'inquiry:%'::text))) EXECUTE FUNCTION note_change();

create table deletions (
    id uuid not null,
    event bigint not null,
    recall uuid not null,
    partner uuid not null,
    person uuid not null,
    case_id uuid not null,
    artifact uuid not null,
    versions integer[] not null,
    at timestamp with time zone not null,
    constraint deletions_pkey PRIMARY KEY (id),
    constraint deletions_recall_partner_key UNIQUE (recall, partner),
    constraint deletions_artifact_fkey FOREIGN KEY (artifact) REFERENCES artifacts(id),
    constraint deletions_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id),
    constraint deletions_event_fkey FOREIGN KEY (event) REFERENCES events(seq),
    constraint deletions_partner_fkey FOREIGN KEY (partner) REFERENCES partners(id),
    constraint deletions_person_fkey FOREIGN KEY (person) REFERENCES persons(id),
    constraint deletions_recall_fkey FOREIGN KEY (recall) REFERENCES recalls(id)
);
CREATE INDEX deletions_partner_artifact_idx ON deletions USING btree (partner, artifact);
CREATE TRIGGER noted AFTER INSERT OR DELETE OR UPDATE ON deletions FOR EACH ROW EXECUTE FUNCTION note_change_of_partner();

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
    channel text default 'copy'::text not null,
    constraint deliveries_pkey PRIMARY KEY (id),
    constraint deliveries_channel_check CHECK ((channel = ANY (ARRAY['copy'::text, 'taxii'::text, 'taxii copy'::text, 'csaf'::text, 'misp'::text]))),
    constraint deliveries_artifact_fkey FOREIGN KEY (artifact) REFERENCES artifacts(id),
    constraint deliveries_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id),
    constraint deliveries_event_fkey FOREIGN KEY (event) REFERENCES events(seq),
    constraint deliveries_partner_fkey FOREIGN KEY (partner) REFERENCES partners(id),
    constraint deliveries_person_fkey FOREIGN KEY (person) REFERENCES persons(id)
);
CREATE INDEX deliveries_artifact_at_idx ON deliveries USING btree (artifact, at);
CREATE INDEX deliveries_case_id_class_at_partner_person_artifact_version_idx ON deliveries USING btree (case_id, class, at) INCLUDE (partner, person, artifact, version, channel);
CREATE INDEX deliveries_partner_at_idx ON deliveries USING btree (partner, at);
CREATE TRIGGER noted AFTER INSERT OR DELETE OR UPDATE ON deliveries FOR EACH ROW EXECUTE FUNCTION note_delivery();

create table demo_clock (
    only_one boolean default true not null,
    now timestamp with time zone not null,
    target timestamp with time zone,
    constraint demo_clock_pkey PRIMARY KEY (only_one),
    constraint demo_clock_only_one_check CHECK (only_one)
);

create table deputies (
    id uuid not null,
    person uuid not null,
    deputy uuid not null,
    from_at timestamp with time zone not null,
    until_at timestamp with time zone not null,
    ended_at timestamp with time zone,
    constraint deputies_pkey PRIMARY KEY (id),
    constraint deputies_check CHECK ((person <> deputy)),
    constraint deputies_check1 CHECK ((until_at > from_at)),
    constraint deputies_deputy_fkey FOREIGN KEY (deputy) REFERENCES persons(id),
    constraint deputies_person_fkey FOREIGN KEY (person) REFERENCES persons(id)
);

create table dismissed_reports (
    report uuid not null,
    case_id uuid not null,
    approval uuid not null,
    at timestamp with time zone not null,
    constraint dismissed_reports_pkey PRIMARY KEY (report),
    constraint dismissed_reports_approval_fkey FOREIGN KEY (approval) REFERENCES approvals(id),
    constraint dismissed_reports_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id)
);
CREATE INDEX dismissed_reports_case_idx ON dismissed_reports USING btree (case_id);

create table due_reminders (
    partner uuid not null,
    kind text not null,
    due_at timestamp with time zone not null,
    step text not null,
    at timestamp with time zone not null,
    constraint due_reminders_pkey PRIMARY KEY (partner, kind, due_at, step),
    constraint due_reminders_partner_fkey FOREIGN KEY (partner) REFERENCES partners(id)
);

create table embargo_turns (
    case_id uuid not null,
    n integer not null,
    kind text not null,
    at timestamp with time zone not null,
    ends_at timestamp with time zone,
    why_box bytea,
    partner uuid,
    party uuid,
    proposal integer,
    trigger_kind text,
    owner uuid,
    constraint embargo_turns_pkey PRIMARY KEY (case_id, n),
    constraint embargo_turns_check CHECK ((num_nonnulls(partner, party) <= 1)),
    constraint embargo_turns_kind_check CHECK ((kind = ANY (ARRAY['proposed'::text, 'rejected'::text, 'agreed'::text, 'moved'::text, 'broken'::text, 'ended'::text]))),
    constraint embargo_turns_trigger_kind_check CHECK ((trigger_kind = ANY (ARRAY['exploitation'::text, 'public proof of concept'::text, 'listed as exploited'::text, 'leak'::text]))),
    constraint embargo_turns_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id),
    constraint embargo_turns_owner_fkey FOREIGN KEY (owner) REFERENCES persons(id),
    constraint embargo_turns_partner_fkey FOREIGN KEY (partner) REFERENCES partners(id),
    constraint embargo_turns_party_fkey FOREIGN KEY (party) REFERENCES case_parties(id)
);
CREATE TRIGGER noted AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON embargo_turns FOR EACH STATEMENT EXECUTE FUNCTION note_change();

create table events (
    seq bigint generated always as identity not null,
    at timestamp with time zone not null,
    kind text not null,
    body jsonb not null,
    salt bytea not null,
    sealed boolean default false not null,
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
    details_box bytea,
    content_box bytea,
    sha256 bytea,
    size integer,
    seen_at timestamp with time zone not null,
    clock text not null,
    filed_by uuid,
    filed_at timestamp with time zone not null,
    content_kind text,
    content_format text,
    print_level smallint,
    constraint evidence_pkey PRIMARY KEY (id),
    constraint evidence_clock_check CHECK ((clock = ANY (ARRAY['synchronised'::text, 'estimated'::text, 'unknown'::text]))),
    constraint evidence_content_kind_check CHECK ((content_kind = ANY (ARRAY['text'::text, 'archive'::text, 'image'::text, 'document'::text, 'binary'::text]))),
    constraint evidence_kind_check CHECK ((kind = ANY (ARRAY['exploitation'::text, 'public proof of concept'::text, 'listed as exploited'::text, 'leak'::text, 'canary touched'::text]))),
    constraint evidence_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id),
    constraint evidence_filed_by_fkey FOREIGN KEY (filed_by) REFERENCES persons(id)
);
CREATE INDEX evidence_sha256_idx ON evidence USING btree (sha256);

create table evidence_deletions (
    evidence uuid not null,
    reason_box bytea not null,
    by uuid not null,
    at timestamp with time zone not null,
    constraint evidence_deletions_pkey PRIMARY KEY (evidence),
    constraint evidence_deletions_by_fkey FOREIGN KEY (by) REFERENCES persons(id),
    constraint evidence_deletions_evidence_fkey FOREIGN KEY (evidence) REFERENCES evidence(id)
);

create table evidence_holds (
    id uuid not null,
    evidence uuid not null,
    reason_box bytea not null,
    set_by uuid not null,
    set_at timestamp with time zone not null,
    lifted_at timestamp with time zone,
    constraint evidence_holds_pkey PRIMARY KEY (id),
    constraint evidence_holds_evidence_fkey FOREIGN KEY (evidence) REFERENCES evidence(id),
    constraint evidence_holds_set_by_fkey FOREIGN KEY (set_by) REFERENCES persons(id)
);
CREATE UNIQUE INDEX evidence_holds_evidence_idx ON evidence_holds USING btree (evidence) WHERE (lifted_at IS NULL);

create table evidence_notes (
    id uuid not null,
    seq bigint generated always as identity not null,
    evidence uuid not null,
    about text not null,
    text_box bytea not null,
    by uuid not null,
    at timestamp with time zone not null,
    constraint evidence_notes_pkey PRIMARY KEY (id),
    constraint evidence_notes_about_check CHECK ((about = ANY (ARRAY['licence'::text, 'handling'::text, 'other'::text]))),
    constraint evidence_notes_by_fkey FOREIGN KEY (by) REFERENCES persons(id),
    constraint evidence_notes_evidence_fkey FOREIGN KEY (evidence) REFERENCES evidence(id)
);
CREATE INDEX evidence_notes_evidence_idx ON evidence_notes USING btree (evidence);

create table evidence_openings (
    evidence uuid not null,
    list_box bytea not null,
    texts_box bytea not null,
    opened_at timestamp with time zone not null,
    constraint evidence_openings_pkey PRIMARY KEY (evidence),
    constraint evidence_openings_evidence_fkey FOREIGN KEY (evidence) REFERENCES evidence(id)
);

create table evidence_prints (
    print bytea not null,
    evidence uuid not null,
    depth smallint not null,
    constraint evidence_prints_pkey PRIMARY KEY (print, evidence),
    constraint evidence_prints_evidence_fkey FOREIGN KEY (evidence) REFERENCES evidence(id)
);
CREATE INDEX evidence_prints_evidence_idx ON evidence_prints USING btree (evidence);

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
    unheard_box bytea,
    constraint findings_pkey PRIMARY KEY (id),
    constraint findings_approval_fkey FOREIGN KEY (approval) REFERENCES approvals(id),
    constraint findings_inquiry_fkey FOREIGN KEY (inquiry) REFERENCES inquiries(id),
    constraint findings_partner_fkey FOREIGN KEY (partner) REFERENCES partners(id),
    constraint findings_proposed_by_fkey FOREIGN KEY (proposed_by) REFERENCES persons(id)
);
CREATE INDEX findings_inquiry_idx ON findings USING btree (inquiry);

create table high_water_known (
    only_one boolean default true not null,
    made_at timestamp with time zone not null,
    constraint high_water_known_pkey PRIMARY KEY (only_one),
    constraint high_water_known_only_one_check CHECK (only_one)
);

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

create table inquiry_carryings (
    id uuid not null,
    seq bigint generated always as identity not null,
    provision uuid not null,
    words_box bytea not null,
    approval uuid not null,
    asked_by uuid not null,
    asked_at timestamp with time zone not null,
    carried_at timestamp with time zone,
    constraint inquiry_carryings_pkey PRIMARY KEY (id),
    constraint inquiry_carryings_approval_fkey FOREIGN KEY (approval) REFERENCES approvals(id),
    constraint inquiry_carryings_asked_by_fkey FOREIGN KEY (asked_by) REFERENCES persons(id),
    constraint inquiry_carryings_provision_fkey FOREIGN KEY (provision) REFERENCES inquiry_provisions(id)
);
CREATE INDEX inquiry_carryings_provision_idx ON inquiry_carryings USING btree (provision);

create table inquiry_evidence (
    inquiry uuid not null,
    evidence uuid not null,
    constraint inquiry_evidence_pkey PRIMARY KEY (inquiry, evidence),
    constraint inquiry_evidence_evidence_fkey FOREIGN KEY (evidence) REFERENCES evidence(id),
    constraint inquiry_evidence_inquiry_fkey FOREIGN KEY (inquiry) REFERENCES inquiries(id)
);

create table inquiry_kept_out (
    inquiry uuid not null,
    person uuid not null,
    was_member boolean not null,
    by uuid not null,
    at timestamp with time zone not null,
    words_box bytea not null,
    constraint inquiry_kept_out_pkey PRIMARY KEY (inquiry, person),
    constraint inquiry_kept_out_by_fkey FOREIGN KEY (by) REFERENCES persons(id),
    constraint inquiry_kept_out_inquiry_fkey FOREIGN KEY (inquiry) REFERENCES inquiries(id),
    constraint inquiry_kept_out_person_fkey FOREIGN KEY (person) REFERENCES persons(id)
);

create table inquiry_members (
    inquiry uuid not null,
    person uuid not null,
    added_at timestamp with time zone not null,
    constraint inquiry_members_pkey PRIMARY KEY (inquiry, person),
    constraint inquiry_members_inquiry_fkey FOREIGN KEY (inquiry) REFERENCES inquiries(id),
    constraint inquiry_members_person_fkey FOREIGN KEY (person) REFERENCES persons(id)
);

create table inquiry_provisions (
    id uuid not null,
    seq bigint generated always as identity not null,
    inquiry uuid not null,
    words_box bytea not null,
    approval uuid not null,
    asked_by uuid not null,
    asked_at timestamp with time zone not null,
    in_force_at timestamp with time zone,
    laid bigint,
    ended_at timestamp with time zone,
    constraint inquiry_provisions_pkey PRIMARY KEY (id),
    constraint inquiry_provisions_approval_fkey FOREIGN KEY (approval) REFERENCES approvals(id),
    constraint inquiry_provisions_asked_by_fkey FOREIGN KEY (asked_by) REFERENCES persons(id),
    constraint inquiry_provisions_inquiry_fkey FOREIGN KEY (inquiry) REFERENCES inquiries(id),
    constraint inquiry_provisions_laid_fkey FOREIGN KEY (laid) REFERENCES laid_designs(seq)
);
CREATE INDEX inquiry_provisions_inquiry_idx ON inquiry_provisions USING btree (inquiry);

create table inquiry_questions (
    id uuid not null,
    seq bigint generated always as identity not null,
    inquiry uuid not null,
    partner uuid not null,
    kind text not null,
    finding uuid,
    words_box bytea not null,
    asked_by uuid not null,
    asked_at timestamp with time zone not null,
    answer_by timestamp with time zone not null,
    answer_box bytea,
    answered_by uuid,
    answered_at timestamp with time zone,
    lapsed_at timestamp with time zone,
    noted_by uuid,
    noted_at timestamp with time zone,
    constraint inquiry_questions_pkey PRIMARY KEY (id),
    constraint inquiry_questions_check CHECK (((kind = 'finding'::text) = (finding IS NOT NULL))),
    constraint inquiry_questions_check1 CHECK (((answered_at IS NULL) = (answer_box IS NULL))),
    constraint inquiry_questions_kind_check CHECK ((kind = ANY (ARRAY['question'::text, 'deletion'::text, 'finding'::text]))),
    constraint inquiry_questions_answered_by_fkey FOREIGN KEY (answered_by) REFERENCES persons(id),
    constraint inquiry_questions_asked_by_fkey FOREIGN KEY (asked_by) REFERENCES persons(id),
    constraint inquiry_questions_finding_fkey FOREIGN KEY (finding) REFERENCES findings(id),
    constraint inquiry_questions_inquiry_fkey FOREIGN KEY (inquiry) REFERENCES inquiries(id),
    constraint inquiry_questions_noted_by_fkey FOREIGN KEY (noted_by) REFERENCES persons(id),
    constraint inquiry_questions_partner_fkey FOREIGN KEY (partner) REFERENCES partners(id)
);
CREATE INDEX inquiry_questions_inquiry_idx ON inquiry_questions USING btree (inquiry);
CREATE INDEX inquiry_questions_partner_idx ON inquiry_questions USING btree (partner);

create table inquiry_turns (
    inquiry uuid not null,
    n integer not null,
    kind text not null,
    by uuid not null,
    at timestamp with time zone not null,
    words_box bytea not null,
    constraint inquiry_turns_pkey PRIMARY KEY (inquiry, n),
    constraint inquiry_turns_kind_check CHECK ((kind = ANY (ARRAY['closed'::text, 'reopened'::text]))),
    constraint inquiry_turns_by_fkey FOREIGN KEY (by) REFERENCES persons(id),
    constraint inquiry_turns_inquiry_fkey FOREIGN KEY (inquiry) REFERENCES inquiries(id)
);

create table job_runs (
    job text not null,
    ran_at timestamp with time zone not null,
    succeeded_at timestamp with time zone,
    first_ran_at timestamp with time zone default clock_timestamp() not null,
    constraint job_runs_pkey PRIMARY KEY (job),
    constraint job_runs_job_check CHECK (((length(job) >= 1) AND (length(job) <= 60)))
);

create table laid_designs (
    seq bigint generated always as identity not null,
    case_id uuid not null,
    class text not null,
    box bytea not null,
    at timestamp with time zone not null,
    ended_at timestamp with time zone,
    until timestamp with time zone,
    constraint laid_designs_pkey PRIMARY KEY (seq),
    constraint laid_designs_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id)
);
CREATE INDEX laid_designs_case_id_class_idx ON laid_designs USING btree (case_id, class);

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
    text_box bytea not null,
    created_by uuid,
    created_at timestamp with time zone not null,
    constraint letter_templates_pkey PRIMARY KEY (kind, version),
    constraint letter_templates_created_by_fkey FOREIGN KEY (created_by) REFERENCES persons(id)
);

create table letters (
    id uuid not null,
    seq bigint generated always as identity not null,
    partner uuid not null,
    kind text not null,
    measure uuid,
    procedure uuid,
    text_box bytea not null,
    sent_at timestamp with time zone not null,
    answer_box bytea,
    answered_by uuid,
    answered_at timestamp with time zone,
    noted_by uuid,
    noted_at timestamp with time zone,
    constraint letters_pkey PRIMARY KEY (id),
    constraint letters_check CHECK (((measure IS NOT NULL) OR (procedure IS NOT NULL))),
    constraint letters_answered_by_fkey FOREIGN KEY (answered_by) REFERENCES persons(id),
    constraint letters_measure_fkey FOREIGN KEY (measure) REFERENCES measures(id),
    constraint letters_noted_by_fkey FOREIGN KEY (noted_by) REFERENCES persons(id),
    constraint letters_partner_fkey FOREIGN KEY (partner) REFERENCES partners(id),
    constraint letters_procedure_fkey FOREIGN KEY (procedure) REFERENCES procedures(id)
);
CREATE INDEX letters_partner_idx ON letters USING btree (partner);
CREATE INDEX letters_procedure_idx ON letters USING btree (procedure);

create table mail_returns (
    mail uuid not null,
    fate text not null,
    partner uuid not null,
    person uuid,
    at timestamp with time zone not null,
    constraint mail_returns_pkey PRIMARY KEY (mail, fate),
    constraint mail_returns_fate_check CHECK ((fate = ANY (ARRAY['failed'::text, 'delayed'::text]))),
    constraint mail_returns_partner_fkey FOREIGN KEY (partner) REFERENCES partners(id),
    constraint mail_returns_person_fkey FOREIGN KEY (person) REFERENCES persons(id)
);
CREATE INDEX mail_returns_partner_at_idx ON mail_returns USING btree (partner, at);

create table mail_signing_keys (
    fingerprint text not null,
    made_at timestamp with time zone not null,
    public_text text not null,
    secret_box bytea not null,
    constraint mail_signing_keys_pkey PRIMARY KEY (fingerprint)
);
CREATE UNIQUE INDEX mail_signing_keys_one ON mail_signing_keys USING btree ((true));

create table mailbox_marks (
    seq bigint generated always as identity not null,
    partner uuid not null,
    person uuid,
    kind text not null,
    at timestamp with time zone not null,
    constraint mailbox_marks_pkey PRIMARY KEY (seq),
    constraint mailbox_marks_kind_check CHECK ((kind = ANY (ARRAY['proved'::text, 'bounced'::text]))),
    constraint mailbox_marks_partner_fkey FOREIGN KEY (partner) REFERENCES partners(id),
    constraint mailbox_marks_person_fkey FOREIGN KEY (person) REFERENCES persons(id)
);
CREATE INDEX mailbox_marks_partner_at_idx ON mailbox_marks USING btree (partner, at);
CREATE TRIGGER noted AFTER INSERT OR DELETE OR UPDATE ON mailbox_marks FOR EACH ROW EXECUTE FUNCTION note_change_of_partner();

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
    colluders smallint default 2 not null,
    slots_box bytea,
    canary_zone text,
    constraint marked_versions_pkey PRIMARY KEY (artifact, version, epoch),
    constraint marked_versions_colluders_check CHECK ((colluders = ANY (ARRAY[2, 4, 8])))
);
CREATE TRIGGER noted AFTER INSERT OR DELETE OR UPDATE ON marked_versions FOR EACH ROW EXECUTE FUNCTION note_marked_anew();

create table master_reads (
    id bigint generated always as identity not null,
    person uuid not null,
    artifact uuid not null,
    version integer not null,
    class text not null,
    read_at timestamp with time zone not null,
    limit_reached_at timestamp with time zone,
    constraint master_reads_pkey PRIMARY KEY (id),
    constraint master_reads_person_fkey FOREIGN KEY (person) REFERENCES persons(id)
);
CREATE INDEX master_reads_limit_reached_at_idx ON master_reads USING btree (limit_reached_at) WHERE (limit_reached_at IS NOT NULL);
CREATE INDEX master_reads_person_class_read_at_idx ON master_reads USING btree (person, class, read_at);

create table measures (
    id uuid not null,
    seq bigint generated always as identity not null,
    kind text not null,
    partner uuid,
    policy integer,
    procedure uuid,
    reason_box bytea not null,
    taken_by uuid not null,
    taken_at timestamp with time zone not null,
    review_by timestamp with time zone,
    approval uuid,
    ended_at timestamp with time zone,
    constraint measures_pkey PRIMARY KEY (id),
    constraint measures_kind_check CHECK ((kind = ANY (ARRAY['restrict by duty'::text, 'restrict'::text, 'interim suspension'::text, 'reinstatement'::text, 'lift'::text, 'reprimand'::text, 'suspension'::text, 'termination'::text]))),
    constraint measures_approval_fkey FOREIGN KEY (approval) REFERENCES approvals(id),
    constraint measures_partner_fkey FOREIGN KEY (partner) REFERENCES partners(id),
    constraint measures_policy_fkey FOREIGN KEY (policy) REFERENCES policies(version),
    constraint measures_procedure_fkey FOREIGN KEY (procedure) REFERENCES procedures(id),
    constraint measures_taken_by_fkey FOREIGN KEY (taken_by) REFERENCES persons(id)
);
CREATE INDEX measures_partner_idx ON measures USING btree (partner);

create table migrations (
    name text not null,
    sha256 text not null,
    at timestamp with time zone default now() not null,
    constraint migrations_pkey PRIMARY KEY (name)
);

create table notice_filters (
    partner uuid not null,
    patterns_box bytea not null,
    constraint notice_filters_pkey PRIMARY KEY (partner),
    constraint notice_filters_partner_fkey FOREIGN KEY (partner) REFERENCES partners(id)
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
    recall uuid,
    case_id uuid,
    sealed boolean default false not null,
    about uuid,
    returned text,
    constraint notices_pkey PRIMARY KEY (id),
    constraint notices_person_wave_key UNIQUE (person, wave),
    constraint notices_returned_check CHECK ((returned = ANY (ARRAY['failed'::text, 'delayed'::text]))),
    constraint notices_state_check CHECK ((state = ANY (ARRAY['due'::text, 'sent'::text, 'dropped'::text, 'failed'::text, 'bounced'::text, 'filtered'::text]))),
    constraint notices_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id),
    constraint notices_partner_fkey FOREIGN KEY (partner) REFERENCES partners(id),
    constraint notices_person_fkey FOREIGN KEY (person) REFERENCES persons(id),
    constraint notices_recall_fkey FOREIGN KEY (recall) REFERENCES recalls(id),
    constraint notices_wave_fkey FOREIGN KEY (wave) REFERENCES waves(id)
);
CREATE INDEX notices_about_idx ON notices USING btree (about) WHERE (about IS NOT NULL);
CREATE UNIQUE INDEX notices_recall_person_idx ON notices USING btree (recall, person) WHERE (recall IS NOT NULL);
CREATE INDEX notices_state_next_at_idx ON notices USING btree (state, next_at);
CREATE INDEX notices_wave_idx ON notices USING btree (wave) WHERE (wave IS NOT NULL);

create table operator_notices (
    id uuid not null,
    person uuid not null,
    state text not null,
    tries integer default 0 not null,
    next_at timestamp with time zone not null,
    sealed boolean not null,
    made_at timestamp with time zone,
    returned_at timestamp with time zone,
    constraint operator_notices_pkey PRIMARY KEY (id),
    constraint operator_notices_state_check CHECK ((state = ANY (ARRAY['due'::text, 'sent'::text, 'dropped'::text, 'failed'::text]))),
    constraint operator_notices_person_fkey FOREIGN KEY (person) REFERENCES persons(id)
);
CREATE INDEX operator_notices_next_at_idx ON operator_notices USING btree (next_at) WHERE (state = 'due'::text);

create table owed_report_looks (
    only_one boolean default true not null,
    at timestamp with time zone not null,
    constraint owed_report_looks_pkey PRIMARY KEY (only_one),
    constraint owed_report_looks_only_one_check CHECK (only_one)
);

create table owed_reports (
    id uuid not null,
    partner uuid not null,
    case_id uuid not null,
    wave uuid not null,
    since timestamp with time zone not null,
    due_at timestamp with time zone not null,
    remind_at timestamp with time zone not null,
    ended_at timestamp with time zone,
    reminded text default 'not'::text not null,
    constraint owed_reports_pkey PRIMARY KEY (id),
    constraint owed_reports_reminded_check CHECK ((reminded = ANY (ARRAY['not'::text, 'before'::text, 'after'::text]))),
    constraint owed_reports_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id),
    constraint owed_reports_partner_fkey FOREIGN KEY (partner) REFERENCES partners(id),
    constraint owed_reports_wave_fkey FOREIGN KEY (wave) REFERENCES waves(id)
);
CREATE INDEX owed_reports_case_id_idx ON owed_reports USING btree (case_id);
CREATE UNIQUE INDEX owed_reports_partner_wave_idx ON owed_reports USING btree (partner, wave) WHERE (ended_at IS NULL);

create table partner_background (
    seq bigint generated always as identity not null,
    partner uuid not null,
    fact text not null,
    value_box bytea not null,
    from_at timestamp with time zone not null,
    recorded_by uuid,
    constraint partner_background_pkey PRIMARY KEY (seq),
    constraint partner_background_fact_check CHECK ((fact = ANY (ARRAY['ownership'::text, 'jurisdictions'::text]))),
    constraint partner_background_partner_fkey FOREIGN KEY (partner) REFERENCES partners(id)
);
CREATE INDEX partner_background_partner_seq_idx ON partner_background USING btree (partner, seq);

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
CREATE TRIGGER noted AFTER INSERT OR DELETE OR UPDATE ON partner_facts FOR EACH ROW EXECUTE FUNCTION note_change_of_partner();
CREATE TRIGGER noted_status AFTER INSERT ON partner_facts FOR EACH ROW WHEN ((new.fact = 'standing'::text)) EXECUTE FUNCTION note_status();

create table partner_keys (
    id uuid not null,
    partner uuid not null,
    recipient text not null,
    added_by uuid not null,
    added_at timestamp with time zone not null,
    usable_from timestamp with time zone not null,
    revoked_at timestamp with time zone,
    expires_at timestamp with time zone not null,
    proved_at timestamp with time zone,
    hastened_at timestamp with time zone,
    constraint partner_keys_pkey PRIMARY KEY (id),
    constraint partner_keys_added_by_fkey FOREIGN KEY (added_by) REFERENCES persons(id),
    constraint partner_keys_partner_fkey FOREIGN KEY (partner) REFERENCES partners(id)
);
CREATE INDEX partner_keys_partner_idx ON partner_keys USING btree (partner);
CREATE TRIGGER noted AFTER INSERT OR DELETE OR UPDATE ON partner_keys FOR EACH ROW EXECUTE FUNCTION note_change_of_partner();
CREATE TRIGGER noted_revoked AFTER UPDATE ON partner_keys FOR EACH ROW WHEN (((old.revoked_at IS NULL) AND (new.revoked_at IS NOT NULL))) EXECUTE FUNCTION note_revoked();

create table partner_looks (
    only_one boolean default true not null,
    at timestamp with time zone not null,
    constraint partner_looks_pkey PRIMARY KEY (only_one),
    constraint partner_looks_only_one_check CHECK (only_one)
);

create table partner_mail_keys (
    id uuid not null,
    partner uuid not null,
    fingerprint text not null,
    key_box bytea not null,
    added_by uuid not null,
    added_at timestamp with time zone not null,
    usable_from timestamp with time zone not null,
    expires_at timestamp with time zone not null,
    revoked_at timestamp with time zone,
    failed_at timestamp with time zone,
    constraint partner_mail_keys_pkey PRIMARY KEY (id),
    constraint partner_mail_keys_partner_fingerprint_key UNIQUE (partner, fingerprint),
    constraint partner_mail_keys_added_by_fkey FOREIGN KEY (added_by) REFERENCES persons(id),
    constraint partner_mail_keys_partner_fkey FOREIGN KEY (partner) REFERENCES partners(id)
);

create table partner_mails (
    id uuid not null,
    partner uuid not null,
    kind text not null,
    mail_box bytea not null,
    state text not null,
    tries integer default 0 not null,
    next_at timestamp with time zone not null,
    made_at timestamp with time zone not null,
    ended_at timestamp with time zone,
    constraint partner_mails_pkey PRIMARY KEY (id),
    constraint partner_mails_kind_check CHECK ((kind = ANY (ARRAY['code'::text, 'answered'::text, 'link'::text]))),
    constraint partner_mails_state_check CHECK ((state = ANY (ARRAY['due'::text, 'sent'::text, 'failed'::text]))),
    constraint partner_mails_partner_fkey FOREIGN KEY (partner) REFERENCES partners(id)
);
CREATE INDEX partner_mails_partner_made_at_idx ON partner_mails USING btree (partner, made_at);
CREATE INDEX partner_mails_state_next_at_idx ON partner_mails USING btree (state, next_at);

create table partner_rules (
    kind text not null,
    version integer not null,
    rules jsonb not null,
    created_by uuid,
    created_at timestamp with time zone not null,
    constraint partner_rules_pkey PRIMARY KEY (kind, version),
    constraint partner_rules_kind_check CHECK ((kind = ANY (ARRAY['admission'::text, 'tiers'::text, 'testing'::text, 'dues'::text, 'consent'::text, 'embargo'::text, 'aggregates'::text, 'reporting'::text]))),
    constraint partner_rules_created_by_fkey FOREIGN KEY (created_by) REFERENCES persons(id)
);
CREATE TRIGGER noted AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON partner_rules FOR EACH STATEMENT EXECUTE FUNCTION note_change();

create table partner_statements (
    id uuid not null,
    partner uuid not null,
    person uuid not null,
    kind text not null,
    version integer not null,
    nothing boolean not null,
    body_box bytea not null,
    at timestamp with time zone not null,
    constraint partner_statements_pkey PRIMARY KEY (id),
    constraint partner_statements_kind_check CHECK ((kind = ANY (ARRAY['attestation'::text, 'regular reports'::text]))),
    constraint partner_statements_partner_fkey FOREIGN KEY (partner) REFERENCES partners(id),
    constraint partner_statements_person_fkey FOREIGN KEY (person) REFERENCES persons(id),
    constraint partner_statements_version_fkey FOREIGN KEY (version) REFERENCES agreements(version)
);
CREATE INDEX partner_statements_partner_kind_at_idx ON partner_statements USING btree (partner, kind, at);
CREATE TRIGGER noted AFTER INSERT OR DELETE OR UPDATE ON partner_statements FOR EACH ROW EXECUTE FUNCTION note_change_of_partner();

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
CREATE TRIGGER noted AFTER INSERT OR DELETE OR UPDATE ON persons FOR EACH ROW EXECUTE FUNCTION note_change_of_partner();
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
CREATE TRIGGER noted AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON policies FOR EACH STATEMENT EXECUTE FUNCTION note_change();

create table policy_activations (
    seq bigint generated always as identity not null,
    version integer not null,
    from_at timestamp with time zone not null,
    by_person uuid,
    constraint policy_activations_pkey PRIMARY KEY (seq),
    constraint policy_activations_version_fkey FOREIGN KEY (version) REFERENCES policies(version)
);
CREATE TRIGGER noted AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON policy_activations FOR EACH STATEMENT EXECUTE FUNCTION note_change();

create table procedure_turns (
    procedure uuid not null,
    n integer not null,
    turn jsonb not null,
    approval uuid,
    words_box bytea,
    constraint procedure_turns_pkey PRIMARY KEY (procedure, n),
    constraint procedure_turns_approval_fkey FOREIGN KEY (approval) REFERENCES approvals(id),
    constraint procedure_turns_procedure_fkey FOREIGN KEY (procedure) REFERENCES procedures(id)
);

create table procedures (
    id uuid not null,
    seq bigint generated always as identity not null,
    partner uuid not null,
    finding uuid not null,
    grounds_box bytea not null,
    constraint procedures_pkey PRIMARY KEY (id),
    constraint procedures_finding_key UNIQUE (finding),
    constraint procedures_finding_fkey FOREIGN KEY (finding) REFERENCES findings(id),
    constraint procedures_partner_fkey FOREIGN KEY (partner) REFERENCES partners(id)
);
CREATE INDEX procedures_partner_idx ON procedures USING btree (partner);

create table protections (
    id uuid not null,
    event bigint not null,
    partner uuid not null,
    person uuid not null,
    case_id uuid not null,
    state text not null,
    since timestamp with time zone,
    note_box bytea not null,
    at timestamp with time zone not null,
    constraint protections_pkey PRIMARY KEY (id),
    constraint protections_state_check CHECK ((state = ANY (ARRAY['protected'::text, 'coming'::text, 'not applicable'::text, 'need more'::text]))),
    constraint protections_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id),
    constraint protections_event_fkey FOREIGN KEY (event) REFERENCES events(seq),
    constraint protections_partner_fkey FOREIGN KEY (partner) REFERENCES partners(id),
    constraint protections_person_fkey FOREIGN KEY (person) REFERENCES persons(id)
);
CREATE INDEX protections_case_id_event_idx ON protections USING btree (case_id, event);

create table published_reports (
    year integer not null,
    event bigint not null,
    figures jsonb not null,
    approval uuid not null,
    by uuid not null,
    at timestamp with time zone not null,
    constraint published_reports_pkey PRIMARY KEY (year),
    constraint published_reports_approval_fkey FOREIGN KEY (approval) REFERENCES approvals(id),
    constraint published_reports_by_fkey FOREIGN KEY (by) REFERENCES persons(id),
    constraint published_reports_event_fkey FOREIGN KEY (event) REFERENCES events(seq)
);

create table publisher_keys (
    fingerprint text not null,
    made_at timestamp with time zone not null,
    public_text text not null,
    secret_box bytea not null,
    constraint publisher_keys_pkey PRIMARY KEY (fingerprint)
);
CREATE UNIQUE INDEX publisher_keys_one ON publisher_keys USING btree ((true));

create table quarantines (
    id uuid not null,
    since timestamp with time zone not null,
    reasons text[] not null,
    files jsonb not null,
    applied jsonb not null,
    number bigint not null,
    approval uuid,
    ended_at timestamp with time zone,
    constraint quarantines_pkey PRIMARY KEY (id),
    constraint quarantines_approval_fkey FOREIGN KEY (approval) REFERENCES approvals(id)
);
CREATE UNIQUE INDEX quarantines_expr_idx ON quarantines USING btree ((true)) WHERE (ended_at IS NULL);

create table recalls (
    id uuid not null,
    event bigint not null,
    artifact uuid not null,
    version integer,
    reason_box bytea not null,
    recalled_by uuid not null,
    recalled_at timestamp with time zone not null,
    ended_by uuid,
    ended_at timestamp with time zone,
    approval uuid,
    constraint recalls_pkey PRIMARY KEY (id),
    constraint recalls_check CHECK (((ended_at IS NULL) = (ended_by IS NULL))),
    constraint recalls_check1 CHECK (((ended_at IS NULL) = (approval IS NULL))),
    constraint recalls_approval_fkey FOREIGN KEY (approval) REFERENCES approvals(id),
    constraint recalls_artifact_fkey FOREIGN KEY (artifact) REFERENCES artifacts(id),
    constraint recalls_artifact_version_fkey FOREIGN KEY (artifact, version) REFERENCES artifact_versions(artifact, version),
    constraint recalls_ended_by_fkey FOREIGN KEY (ended_by) REFERENCES persons(id),
    constraint recalls_event_fkey FOREIGN KEY (event) REFERENCES events(seq),
    constraint recalls_recalled_by_fkey FOREIGN KEY (recalled_by) REFERENCES persons(id)
);
CREATE INDEX recalls_artifact_event_idx ON recalls USING btree (artifact, event);
CREATE TRIGGER noted AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON recalls FOR EACH STATEMENT EXECUTE FUNCTION note_change();

create table receipts (
    id uuid not null,
    seq bigint generated always as identity not null,
    partner uuid not null,
    salt bytea not null,
    body jsonb not null,
    commitment bytea not null,
    batch bigint,
    place integer,
    constraint receipts_pkey PRIMARY KEY (id),
    constraint receipts_batch_place_key UNIQUE (batch, place),
    constraint receipts_check CHECK (((batch IS NULL) = (place IS NULL))),
    constraint receipts_batch_fkey FOREIGN KEY (batch) REFERENCES batches(index),
    constraint receipts_partner_fkey FOREIGN KEY (partner) REFERENCES partners(id)
);
CREATE INDEX receipts_partner_seq_idx ON receipts USING btree (partner, seq) WHERE (batch IS NULL);

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

create table regulatory_clock_turns (
    clock uuid not null,
    n integer not null,
    kind text not null,
    at timestamp with time zone not null,
    by uuid,
    since timestamp with time zone,
    filing text,
    source_kind text,
    source uuid,
    words_box bytea,
    constraint regulatory_clock_turns_pkey PRIMARY KEY (clock, n),
    constraint regulatory_clock_turns_kind_check CHECK ((kind = ANY (ARRAY['aware'::text, 'fix'::text, 'filed'::text, 'taken back'::text, 'closed'::text]))),
    constraint regulatory_clock_turns_source_kind_check CHECK ((source_kind = ANY (ARRAY['sighting'::text, 'evidence'::text, 'person'::text]))),
    constraint regulatory_clock_turns_by_fkey FOREIGN KEY (by) REFERENCES persons(id),
    constraint regulatory_clock_turns_clock_fkey FOREIGN KEY (clock) REFERENCES regulatory_clocks(id)
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

create table remembered_answers (
    key bytea not null,
    request bytea not null,
    answer_box bytea not null,
    at timestamp with time zone not null,
    constraint remembered_answers_pkey PRIMARY KEY (key)
);

create table report_deadlines (
    seq bigint generated always as identity not null,
    case_id uuid not null,
    wave uuid,
    hours integer,
    set_by uuid not null,
    at timestamp with time zone not null,
    constraint report_deadlines_pkey PRIMARY KEY (seq),
    constraint report_deadlines_hours_check CHECK (((hours >= 1) AND (hours <= 2160))),
    constraint report_deadlines_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id),
    constraint report_deadlines_set_by_fkey FOREIGN KEY (set_by) REFERENCES persons(id),
    constraint report_deadlines_wave_fkey FOREIGN KEY (wave) REFERENCES waves(id)
);
CREATE INDEX report_deadlines_case_id_idx ON report_deadlines USING btree (case_id);

create table reviews (
    id uuid not null,
    seq bigint generated always as identity not null,
    measure uuid not null,
    procedure uuid,
    review_by timestamp with time zone,
    approval uuid not null,
    reason_box bytea not null,
    decided_at timestamp with time zone not null,
    constraint reviews_pkey PRIMARY KEY (id),
    constraint reviews_check CHECK (((procedure IS NULL) = (review_by IS NOT NULL))),
    constraint reviews_approval_fkey FOREIGN KEY (approval) REFERENCES approvals(id),
    constraint reviews_measure_fkey FOREIGN KEY (measure) REFERENCES measures(id),
    constraint reviews_procedure_fkey FOREIGN KEY (procedure) REFERENCES procedures(id)
);
CREATE INDEX reviews_measure_idx ON reviews USING btree (measure);

create table shown_batches (
    partner uuid not null,
    last bigint not null,
    first bigint not null,
    person uuid not null,
    collection text not null,
    entries bytea not null,
    over boolean default false not null,
    constraint shown_batches_pkey PRIMARY KEY (partner, last),
    constraint shown_batches_check CHECK ((octet_length(entries) = (16 * ((last - first) + 1)))),
    constraint shown_batches_collection_check CHECK ((collection = ANY (ARRAY['warnings'::text, 'sightings'::text, 'csaf'::text, 'misp'::text]))),
    constraint shown_batches_partner_fkey FOREIGN KEY (partner) REFERENCES partners(id),
    constraint shown_batches_person_fkey FOREIGN KEY (person) REFERENCES persons(id)
);
CREATE INDEX shown_batches_person_collection_idx ON shown_batches USING btree (person, collection) WHERE (NOT over);

create table shown_heads (
    person uuid not null,
    collection text not null,
    head uuid not null,
    constraint shown_heads_pkey PRIMARY KEY (person, collection),
    constraint shown_heads_person_fkey FOREIGN KEY (person) REFERENCES persons(id)
);

create table shown_runs (
    partner uuid not null,
    what text not null,
    last bigint not null,
    first bigint not null,
    at timestamp with time zone,
    constraint shown_runs_pkey PRIMARY KEY (partner, what, last),
    constraint shown_runs_check CHECK ((first <= last)),
    constraint shown_runs_check1 CHECK (((what = 'ended'::text) = (at IS NOT NULL))),
    constraint shown_runs_what_check CHECK ((what = ANY (ARRAY['delivered'::text, 'ended'::text]))),
    constraint shown_runs_partner_fkey FOREIGN KEY (partner) REFERENCES partners(id)
);

create table sighting_objects (
    id uuid not null,
    seq bigint generated always as identity not null,
    partner uuid not null,
    case_id uuid not null,
    name bytea not null,
    type text not null,
    version text not null,
    chars integer not null,
    object_box bytea not null,
    constraint sighting_objects_pkey PRIMARY KEY (id),
    constraint sighting_objects_partner_name_version_case_id_key UNIQUE (partner, name, version, case_id)
);
CREATE INDEX sighting_objects_partner_case_id_idx ON sighting_objects USING btree (partner, case_id);

create table sighting_statuses (
    id uuid not null,
    person uuid not null,
    status_box bytea not null,
    at timestamp with time zone not null,
    constraint sighting_statuses_pkey PRIMARY KEY (id),
    constraint sighting_statuses_person_fkey FOREIGN KEY (person) REFERENCES persons(id)
);
CREATE INDEX sighting_statuses_at_idx ON sighting_statuses USING btree (at);

create table sightings (
    id uuid not null,
    event bigint not null,
    partner uuid not null,
    person uuid not null,
    case_id uuid not null,
    reference uuid not null,
    version text not null,
    report_box bytea not null,
    seen_at timestamp with time zone not null,
    clock text not null,
    at timestamp with time zone not null,
    withdrawn_at timestamp with time zone,
    looked_since timestamp with time zone,
    heard boolean default false not null,
    constraint sightings_pkey PRIMARY KEY (id),
    constraint sightings_partner_case_id_reference_version_key UNIQUE (partner, case_id, reference, version),
    constraint sightings_clock_check CHECK ((clock = ANY (ARRAY['synchronised'::text, 'estimated'::text, 'unknown'::text]))),
    constraint sightings_looked_check CHECK ((looked_since < seen_at)),
    constraint sightings_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id),
    constraint sightings_event_fkey FOREIGN KEY (event) REFERENCES events(seq),
    constraint sightings_partner_fkey FOREIGN KEY (partner) REFERENCES partners(id),
    constraint sightings_person_fkey FOREIGN KEY (person) REFERENCES persons(id)
);
CREATE INDEX sightings_case_id_event_idx ON sightings USING btree (case_id, event);

create table staff_copies (
    event bigint not null,
    person uuid not null,
    case_id uuid not null,
    artifact uuid not null,
    version integer not null,
    copy_hash bytea not null,
    copy_salt bytea not null,
    at timestamp with time zone not null,
    constraint staff_copies_pkey PRIMARY KEY (event),
    constraint staff_copies_artifact_fkey FOREIGN KEY (artifact) REFERENCES artifacts(id),
    constraint staff_copies_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id),
    constraint staff_copies_event_fkey FOREIGN KEY (event) REFERENCES events(seq),
    constraint staff_copies_person_fkey FOREIGN KEY (person) REFERENCES persons(id)
);
CREATE INDEX staff_copies_artifact_version_idx ON staff_copies USING btree (artifact, version);
CREATE INDEX staff_copies_case_id_idx ON staff_copies USING btree (case_id);

create table stranger_counts (
    key bytea not null,
    since timestamp with time zone not null,
    count integer not null,
    constraint stranger_counts_pkey PRIMARY KEY (key)
);
CREATE INDEX stranger_counts_by_age ON stranger_counts USING btree (since);

create table tier_proposals (
    id uuid not null,
    partner uuid not null,
    from_tier text not null,
    to_tier text not null,
    rules_version integer not null,
    findings jsonb not null,
    made_at timestamp with time zone not null,
    ended_at timestamp with time zone,
    ended_as text,
    ended_by uuid,
    reason_box bytea,
    constraint tier_proposals_pkey PRIMARY KEY (id),
    constraint tier_proposals_check CHECK (((ended_at IS NULL) = (ended_as IS NULL))),
    constraint tier_proposals_ended_as_check CHECK ((ended_as = ANY (ARRAY['taken'::text, 'overtaken'::text, 'set aside'::text]))),
    constraint tier_proposals_ended_by_fkey FOREIGN KEY (ended_by) REFERENCES persons(id),
    constraint tier_proposals_partner_fkey FOREIGN KEY (partner) REFERENCES partners(id)
);
CREATE UNIQUE INDEX tier_proposals_partner_idx ON tier_proposals USING btree (partner) WHERE (ended_at IS NULL);

create table todos (
    seq bigint not null,
    due_at timestamp with time zone not null,
    tries integer default 0 not null,
    kind text not null,
    constraint todos_pkey PRIMARY KEY (seq),
    constraint todos_seq_fkey FOREIGN KEY (seq) REFERENCES events(seq)
);
CREATE INDEX todos_due_at_seq_idx ON todos USING btree (due_at, seq);

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

create table tree_nodes (
    level integer not null,
    pos bigint not null,
    hash bytea not null,
    constraint tree_nodes_pkey PRIMARY KEY (level, pos)
);

create table unnumbered (
    seq bigint not null,
    constraint unnumbered_pkey PRIMARY KEY (seq)
);

create table vouches (
    applicant uuid not null,
    partner uuid not null,
    person uuid not null,
    words_box bytea not null,
    at timestamp with time zone not null,
    constraint vouches_pkey PRIMARY KEY (applicant, partner),
    constraint vouches_applicant_fkey FOREIGN KEY (applicant) REFERENCES applications(partner),
    constraint vouches_partner_fkey FOREIGN KEY (partner) REFERENCES partners(id),
    constraint vouches_person_fkey FOREIGN KEY (person) REFERENCES persons(id)
);

create table waiting_looks (
    only_one boolean default true not null,
    at timestamp with time zone not null,
    constraint waiting_looks_pkey PRIMARY KEY (only_one),
    constraint waiting_looks_only_one_check CHECK (only_one)
);

create table waiting_told (
    person uuid not null,
    key text not null,
    step text not null,
    at timestamp with time zone not null,
    constraint waiting_told_pkey PRIMARY KEY (person, key, step),
    constraint waiting_told_step_check CHECK ((step = ANY (ARRAY['began'::text, 'soon'::text, 'over'::text]))),
    constraint waiting_told_person_fkey FOREIGN KEY (person) REFERENCES persons(id)
);

create table wave_artifacts (
    wave uuid not null,
    artifact uuid not null,
    version integer not null,
    opened_at timestamp with time zone,
    constraint wave_artifacts_pkey PRIMARY KEY (wave, artifact, version),
    constraint wave_artifacts_artifact_fkey FOREIGN KEY (artifact) REFERENCES artifacts(id),
    constraint wave_artifacts_wave_fkey FOREIGN KEY (wave) REFERENCES waves(id)
);
CREATE TRIGGER noted AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON wave_artifacts FOR EACH STATEMENT EXECUTE FUNCTION note_change();

create table wave_freezes (
    seq bigint generated always as identity not null,
    wave uuid not null,
    from_at timestamp with time zone not null,
    until_at timestamp with time zone,
    constraint wave_freezes_pkey PRIMARY KEY (seq),
    constraint wave_freezes_wave_fkey FOREIGN KEY (wave) REFERENCES waves(id)
);
CREATE UNIQUE INDEX wave_freezes_wave_idx ON wave_freezes USING btree (wave) WHERE (until_at IS NULL);
CREATE TRIGGER noted AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON wave_freezes FOR EACH STATEMENT EXECUTE FUNCTION note_change();

create table wave_offsets (
    seq bigint generated always as identity not null,
    wave uuid not null,
    offset_ms bigint not null,
    from_at timestamp with time zone not null,
    constraint wave_offsets_pkey PRIMARY KEY (seq),
    constraint wave_offsets_offset_ms_check CHECK ((offset_ms <= 0)),
    constraint wave_offsets_wave_fkey FOREIGN KEY (wave) REFERENCES waves(id)
);
CREATE INDEX wave_offsets_wave_seq_idx ON wave_offsets USING btree (wave, seq);
CREATE TRIGGER noted AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON wave_offsets FOR EACH STATEMENT EXECUTE FUNCTION note_change();

create table wave_plans (
    seq bigint generated always as identity not null,
    plan jsonb not null,
    from_at timestamp with time zone not null,
    by_person uuid,
    constraint wave_plans_pkey PRIMARY KEY (seq)
);

create table waves (
    id uuid not null,
    case_id uuid not null,
    tier text not null,
    approval uuid,
    released_at timestamp with time zone,
    constraint waves_pkey PRIMARY KEY (id),
    constraint waves_case_id_tier_key UNIQUE (case_id, tier),
    constraint waves_tier_check CHECK ((tier = ANY (ARRAY['validate'::text, 'advance'::text, 'entry'::text, 'publication'::text]))),
    constraint waves_approval_fkey FOREIGN KEY (approval) REFERENCES approvals(id),
    constraint waves_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id)
);
CREATE INDEX waves_approval_idx ON waves USING btree (approval) WHERE ((released_at IS NULL) AND (approval IS NOT NULL));
CREATE INDEX waves_released_at_idx ON waves USING btree (released_at);
CREATE TRIGGER noted AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON waves FOR EACH STATEMENT EXECUTE FUNCTION note_change();

create table webhook_calls (
    id uuid not null,
    webhook uuid not null,
    wave uuid,
    state text not null,
    tries integer default 0 not null,
    next_at timestamp with time zone not null,
    made_at timestamp with time zone not null,
    constraint webhook_calls_pkey PRIMARY KEY (id),
    constraint webhook_calls_state_check CHECK ((state = ANY (ARRAY['due'::text, 'under way'::text, 'sent'::text, 'failed'::text, 'dropped'::text]))),
    constraint webhook_calls_wave_fkey FOREIGN KEY (wave) REFERENCES waves(id),
    constraint webhook_calls_webhook_fkey FOREIGN KEY (webhook) REFERENCES webhooks(id) ON DELETE CASCADE
);
CREATE INDEX webhook_calls_next_at_idx ON webhook_calls USING btree (next_at) WHERE (state = ANY (ARRAY['due'::text, 'under way'::text]));
CREATE INDEX webhook_calls_webhook_idx ON webhook_calls USING btree (webhook);
CREATE UNIQUE INDEX webhook_calls_webhook_wave_idx ON webhook_calls USING btree (webhook, wave) NULLS NOT DISTINCT WHERE (state = 'due'::text);

create table webhooks (
    id uuid not null,
    partner uuid not null,
    address_box bytea not null,
    secret_box bytea not null,
    previous_box bytea,
    previous_until timestamp with time zone,
    made_at timestamp with time zone not null,
    made_by uuid not null,
    last_outcome text,
    last_at timestamp with time zone,
    failing_since timestamp with time zone,
    disabled_at timestamp with time zone,
    signing_box bytea,
    previous_signing_box bytea,
    constraint webhooks_pkey PRIMARY KEY (id),
    constraint webhooks_last_outcome_check CHECK ((last_outcome = ANY (ARRAY['2xx'::text, '3xx'::text, '4xx'::text, '410'::text, '5xx'::text, 'timeout'::text, 'refused'::text]))),
    constraint webhooks_made_by_fkey FOREIGN KEY (made_by) REFERENCES persons(id),
    constraint webhooks_partner_fkey FOREIGN KEY (partner) REFERENCES partners(id)
);
CREATE INDEX webhooks_partner_idx ON webhooks USING btree (partner);
