/**
 * Millions of deliveries, inserted by SQL, because fetching them one by one takes days. A thousand partners with two
 * people each; a thousand ordinary cases of three versions; two that bypass others; and a large case of twenty
 * versions, fetched by everyone. Every delivery has its event.
 */
import type { Tx } from "../server/src/platform/postgres/db.ts"

export interface FilledCases {
    readonly large: string
    readonly ordinary: string
    /** The artifact that descends from both. */
    readonly bypass: string
    readonly partner: string
    readonly person: string
}

const casesCount = 1000
/** The lengths of a copy and a salt in production. */
const constants = "decode(repeat('ab', 32), 'hex'), decode(repeat('cd', 16), 'hex')"

export async function fillDeliveries(tx: Tx, deliveries: number): Promise<FilledCases> {
    await dropReferences(tx)
    await tx.query("set local synchronous_commit = off")
    await tx.query("set local maintenance_work_mem = '512MB'")
    const indexes = await tx.query<{ name: string; made: string }>(
        `select indexname as name, indexdef as made from pg_indexes where tablename in
             ('deliveries', 'events', 'acknowledgements', 'notices')
         and indexname not in (select conname from pg_constraint)`,
    )
    for (const { name } of indexes) await tx.query(`drop index "${name}"`)
    for (const statement of [...people, ...cases, ...contacts]) await tx.query(statement)
    const [{ all: large } = { all: 0 }] = await tx.query<{ all: number }>('select count(*) as "all" from deliveries')
    await tx.query(ordinaryDeliveries(deliveries - large))
    for (const statement of events) await tx.query(statement)
    for (const { made } of indexes) await tx.query(made)
    const [filled] = await tx.query<FilledCases>(
        `select (select id from bench_cases where n = 0) as large, (select id from bench_cases where n = 1) as ordinary,
             (select id from bench_cases where n = ${casesCount}) as bypass, id as partner, lead as person
         from bench_partners where id not in (select id from bench_likenesses) limit 1`,
    )
    if (!filled) throw new Error("nothing was filled in")
    return filled
}

/** Makes all facts of partners three months older. Some have changed since, each at its own instant. */
const people: readonly string[] = [
    `create temp table bench_models on commit drop as
     select row_number() over (order by created_at desc, id) % 3 as kind, id
     from partners order by created_at desc, id limit 3`,
    `create temp table bench_likenesses on commit drop as
     select md5('partner ' || i)::uuid as id, md5('lead ' || i)::uuid as lead, m.id as model
     from generate_series(1, 1000 - (select count(*) from partners)) i join bench_models m on m.kind = i % 3`,
    `insert into partners (id, details_ciphertext, created_at) select id, '\\x00', now() from bench_likenesses`,
    `insert into persons (id, partner_id, details_ciphertext, roles, created_at)
     select lead, id, '\\x00', '{lead}', now() from bench_likenesses`,
    `insert into partner_facts (partner_id, fact, value, from_at)
     select l.id, fact, value, from_at from bench_likenesses l join partner_facts f on f.partner_id = l.model
     order by f.seq`,
    `insert into acceptances (partner_id, version, person_id, at, ends_at)
     select l.id, version, lead, at, ends_at from bench_likenesses l join acceptances a on a.partner_id = l.model`,
    `insert into persons (id, partner_id, details_ciphertext, roles, created_at)
     select md5('analyst ' || id)::uuid, id, '\\x00', '{analyst}', now() from partners`,
    ...[
        "partner_facts.from_at",
        "acceptances.at",
        "agreements.created_at",
        "agreements.applies_at",
        "persons.created_at",
        "policy_activations.from_at",
        "program_rules.created_at",
        "mailbox_events.at",
        "partner_keys.added_at",
        "partner_keys.usable_at",
    ].map((place) => {
        const [table, column] = place.split(".")
        return `update ${table} set ${column} = ${column} - interval '90 days'`
    }),
    `create temp table bench_partners on commit drop as
     select row_number() over (order by p.id)::int as n, p.id, lead.id as lead, md5('analyst ' || p.id)::uuid as analyst
     from partners p join persons lead on lead.partner_id = p.id and lead.roles = '{lead}'`,
    `insert into partner_facts (partner_id, fact, value, from_at)
     select id, 'restriction', 'null', now() - n * interval '30 minutes' from bench_partners where n % 2 = 0`,
]

const classes = "array['summary', 'technical', 'guidance', 'indicators', 'rules', 'repro', 'poc', 'patch']"

const cases: readonly string[] = [
    `create temp table bench_cases on commit drop as
     select n, md5('case ' || n)::uuid as id, case when n = 0 then 20 else 3 end as versions,
         now() - interval '50 days' + n * interval '50 minutes' as at from generate_series(0, ${casesCount}) n`,
    `insert into cases (id, details_ciphertext, created_by, created_at)
     select c.id, '\\x00', (select id from persons limit 1), at from bench_cases c`,
    `insert into case_links (from_case_id, to_case_id, kind, from_at)
     select a.id, b.id, 'bypass_of', b.at from bench_cases a join bench_cases b
     on (a.n, b.n) in ((${casesCount}, ${casesCount - 1}), (${casesCount - 1}, 0))`,
    `insert into embargo_history (case_id, n, kind, at, ends_at) select id, 0, 'agreed', at, at + interval '14 days'
     from bench_cases`,
    `create temp table bench_artifacts on commit drop as
     select c.n, c.id as case_id, k, md5('artifact ' || c.n || ' ' || k)::uuid as id, (${classes})[k] as class, at,
     versions
     from bench_cases c, generate_series(1, 8) k`,
    `insert into artifacts (id, case_id, class, tlp, pap, name_ciphertext, created_at)
     select id, case_id, class, 'RED', 'RED', '\\x00', at from bench_artifacts`,
    `insert into artifact_versions (artifact_id, version, content_ciphertext, created_by, created_at)
     select a.id, v, '\\x00', (select id from persons limit 1), at
     from bench_artifacts a, generate_series(1, versions) v`,
    `create temp table bench_waves on commit drop as
     select c.n, md5('wave ' || c.n || ' ' || tier)::uuid as id, c.id as case_id, tier, at + fell as released_at,
     fell - interval '14 days' as before
     from bench_cases c, (values ('validate', interval '0'), ('advance', interval '9 days'), ('entry',
     interval '13 days')) as w (tier, fell)`,
    `insert into waves (id, case_id, tier, released_at) select id, case_id, tier, released_at from bench_waves`,
    `insert into wave_offsets (wave_id, offset_ms, from_at)
     select id, extract(epoch from before)::bigint * 1000, released_at - interval '20 days' from bench_waves`,
    `insert into wave_artifacts (wave_id, artifact_id, version, late_released_at)
     select w.id, a.id, v, case when v > 1 then greatest(released_at, a.at + v * interval '12 hours') end
     from bench_waves w join bench_artifacts a using (n), generate_series(1, versions) v`,
]

const contacts = [
    `insert into deliveries (id, event_id, partner_id, person_id, case_id, artifact_id, version, class, copy_hash,
     copy_salt, at)
     select lpad(to_hex(row_number() over ()), 32, '0')::uuid, row_number() over (), p.id, person_id, a.case_id, a.id,
     v, a.class,
         ${constants}, a.at + interval '14 days' + random() * interval '2 days'
     from bench_artifacts a, generate_series(1, 20) v, bench_partners p, unnest(array[p.lead, p.analyst]) person_id
     where a.n = 0`,
    `insert into acknowledgements (id, event_id, partner_id, person_id, case_id, artifact_id, version, at)
     select md5(p.n || ' ' || a.id || ' ' || v)::uuid, 1, p.id, p.lead, a.case_id, a.id, v, a.at + interval '17 days'
     from bench_artifacts a, generate_series(1, versions) v, bench_partners p
     where a.n = 0 or (p.n + a.n + a.k + v) % 50 = 0`,
    `insert into notices (id, partner_id, person_id, wave_id, state, next_at, created_at, sent_at)
     select md5(w.id || ' ' || person_id)::uuid, p.id, person_id, w.id, 'sent', released_at, released_at,
     released_at + interval '1 minute'
     from bench_waves w, bench_partners p, unnest(array[p.lead, p.analyst]) person_id
     where w.n = 0 or (p.n + w.n) % 20 = 0`,
]

/** Checking foreign keys of millions of rows takes longer than writing them. */
async function dropReferences(tx: Tx): Promise<void> {
    const references = await tx.query<{ made: string }>(
        `select format('alter table %s drop constraint %I', conrelid::regclass, conname) as made from pg_constraint
         where contype = 'f' and conrelid in
             ('deliveries'::regclass, 'events'::regclass, 'acknowledgements'::regclass, 'notices'::regclass)`,
    )
    for (const { made } of references) await tx.query(made)
}

/** Fetches are in random order, so each case's deliveries are spread over the table. */
const ordinaryDeliveries = (count: number) => `
    insert into deliveries (id, event_id, partner_id, person_id, case_id, artifact_id, version, class, copy_hash,
    copy_salt, at, channel)
    select lpad(to_hex(10000000 + i), 32, '0')::uuid, 10000000 + i, p.id,
    case when i % 3 = 0 then p.lead else p.analyst end,
        a.case_id, a.id, v, a.class, ${constants}, a.at + away, case when i % 5 = 0 then 'taxii' else 'copy' end
    from (select i, 1 + floor(random() * ${casesCount})::int as n, 1 + floor(random() * 8)::int as k,
            1 + floor(random() * (select count(*) from bench_partners))::int as p, 1 + floor(random() * 3)::int as v,
            random() * interval '14 days' as away from generate_series(1, ${count}) i) as made
    join bench_artifacts a using (n, k) join bench_partners p on p.n = made.p`

const events = [
    `insert into events (seq, at, kind, body, salt) overriding system value
     select event_id + 10000000, at, 'copy.delivered', jsonb_build_object('by', person_id, 'case', case_id, 'partner',
     partner_id, 'artifact', artifact_id,
         'version', version, 'class', class), decode(repeat('ef', 16), 'hex') from deliveries`,
    `insert into events (seq, at, kind, body, salt, confidential) overriding system value
     select 100000000 + row_number() over (), at, 'artifact.read', jsonb_build_object('by',
     md5('reader ' || reader)::uuid, 'case', case_id, 'artifact', id,
         'version', 1), decode(repeat('ef', 16), 'hex'), false from bench_artifacts, generate_series(1, 20) reader`,
]
