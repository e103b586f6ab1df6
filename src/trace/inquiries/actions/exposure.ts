/**
 * The core query of an inquiry: who could have had, was told of, fetched and confirmed a class of a case before an
 * instant, over the cases that it bypasses or varies too. What could be had is replayed, on the facts of each moment.
 */
import type { Instant } from "../../../lib/instant.ts"
import { refuse } from "../../../lib/refusal.ts"
import { artifactsOf } from "../../../share/artifacts/actions.ts"
import { recallsOf } from "../../../share/artifacts/actions/recalls.ts"
import type { ArtifactClass } from "../../../share/artifacts/artifact.ts"
import { caseFile, casesNamed, turnedAt } from "../../../share/cases/actions.ts"
import { contactsBefore } from "../../../share/delivery/actions/exposure.ts"
import { matrixOf } from "../../../share/entitlement/actions/entitlements.ts"
import { policies } from "../../../share/entitlement/actions/policies.ts"
import { openedBy, thawedAt } from "../../../share/waves/actions.ts"
import { type Act, record } from "../../../trust/audit/actions.ts"
import { personsBehind } from "../../../trust/audit/actions/exporting.ts"
import { acceptancesOf } from "../../../trust/partners/actions/agreements.ts"
import { couldSee } from "../../../trust/partners/actions/circles.ts"
import { historyOf, partnerFactsAt } from "../../../trust/partners/actions/facts.ts"
import { type CaseExposure, type Exposure, caseNamed, exposedOf } from "../exposure.ts"

export interface Asked {
    /** The id of a case, or a CVE id. */
    readonly case: string
    readonly class: ArtifactClass
    readonly before: Instant
}

export async function exposure(act: Act, asked: Asked): Promise<Exposure> {
    const named = caseNamed(asked.case)
    const ids = "id" in named ? [named.id] : await casesNamed(act, named.cve)
    if (ids.length === 0) refuse("missing", "exposure.unknown_case", "no case has this CVE id")
    const origins: string[] = []
    for (const id of ids) origins.push(...(await caseFile(act, id)).origins)
    const all = [...new Set([...ids, ...origins])]
    const cases: CaseExposure[] = []
    for (const id of all) cases.push({ ...(await ofCase(act, id, asked)), asked: ids.includes(id) })
    await record(act, { kind: "exposure.asked", cases: all, class: asked.class, before: asked.before }, true)
    return { class: asked.class, before: asked.before, cases }
}

async function ofCase(act: Act, caseId: string, asked: Asked): Promise<Omit<CaseExposure, "asked">> {
    const its = new Set(
        (await artifactsOf(act, caseId)).filter((one) => one.class === asked.class).map((one) => one.id),
    )
    const opened = (await openedBy(act, caseId)).filter((one) => its.has(one.artifact) && one.at < asked.before)
    const waves = new Set(opened.map((one) => one.wave))
    const contacts = await contactsBefore(act, caseId, asked.before)
    const partners = (await partnerFactsAt(act, act.now)).map((one) => one.partner)
    const entitledFrom = await replayed(act, caseId, asked, { opened: opened.map((one) => one.at), partners })
    const fetched = contacts.fetched.filter((one) => its.has(one.artifact))
    const known = {
        partners,
        entitledFrom,
        readers: await readersOf(act, caseId, { entitledFrom, fetched, before: Math.min(asked.before, act.now + 1) }),
        notified: contacts.notified.filter((one) => waves.has(one.wave) && entitledFrom.has(one.partner)),
        fetched,
        acknowledged: contacts.acknowledged.filter((one) => its.has(one.artifact)),
    }
    return { case: caseId, partners: exposedOf(known), own: await ownReaders(act, [...its], asked.before) }
}

async function ownReaders(act: Act, artifacts: readonly string[], before: Instant): Promise<string[]> {
    const persons = new Set<string>()
    for (const artifact of artifacts) {
        for (const kind of ["artifact.versioned", "artifact.read"]) {
            for (const one of await personsBehind(act, kind, { artifact }, before - 1)) persons.add(one)
        }
    }
    return [...persons].toSorted()
}

interface Could {
    readonly entitledFrom: ReadonlyMap<string, Instant>
    readonly fetched: readonly { readonly partner: string; readonly at: Instant }[]
    readonly before: Instant
}

/** Of each partner that could have it: its persons who could, from when it could on. */
async function readersOf(act: Act, caseId: string, { entitledFrom, fetched, before }: Could) {
    const times = new Map([...entitledFrom].map(([partner, from]) => [partner, { from, before }]))
    for (const { partner, at } of fetched) {
        times.set(partner, { from: Math.min(at, times.get(partner)?.from ?? at), before })
    }
    return await couldSee(act, caseId, times)
}

interface Replay {
    /** When waves opened something of the class. */
    readonly opened: readonly Instant[]
    readonly partners: readonly string[]
}

/**
 * From when each partner could have fetched it. A yes begins when a wave opens it or is thawed, when a recall ends, when a
 * policy comes into force, when the case comes to descend from another or something is said of its embargo, or when
 * something about that partner changes; the last moment that is asked about stands for whatever else.
 */
async function replayed(
    act: Act,
    caseId: string,
    asked: Asked,
    { opened, partners }: Replay,
): Promise<Map<string, Instant>> {
    const from = new Map<string, Instant>()
    if (opened.length === 0) return from
    const [first, last] = [Math.min(...opened), Math.min(asked.before - 1, act.now)]
    const within = (instants: readonly Instant[]) => instants.filter((at) => at > first && at <= last)
    const look = async (at: Instant) => {
        for (const partner of await entitledAt(act, caseId, asked.class, at)) {
            from.set(partner, Math.min(at, from.get(partner) ?? at))
        }
    }
    const { activations } = await policies(act)
    const forAll = within([
        ...[...opened, ...activations.map((one) => one.from)],
        ...[...(await turnedAt(act, caseId)), ...(await thawedAt(act, caseId))],
        ...(await recallsOf(act, null)).flatMap((one) => (one.case === caseId ? (one.endedAt ?? []) : [])),
    ])
    for (const at of new Set([first, ...forAll])) await look(at)
    const own: Instant[] = []
    for (const partner of partners.filter((one) => !from.has(one))) {
        own.push(...(await historyOf(act, partner)).map((row) => row.from))
        own.push(...(await acceptancesOf(act, partner)).map((one) => one.at))
    }
    for (const at of new Set([...within(own), last])) await look(at)
    return from
}

async function entitledAt(act: Act, caseId: string, kind: ArtifactClass, at: Instant): Promise<string[]> {
    const { entitlements } = await matrixOf(act, caseId, { at })
    const could = entitlements.filter((one) => one.class === kind && one.version !== null)
    return could.map((one) => one.partner)
}
