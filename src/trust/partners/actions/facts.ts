/** What is true of partners at an instant: read in a few statements for all of them, names left sealed. */
import type { Instant } from "../../../lib/instant.ts"
import { refuse } from "../../../lib/refusal.ts"
import type { Tx } from "../../../platform/db.ts"
import { holdKeys, unseal } from "../../../platform/vault.ts"
import type { Act } from "../../audit/actions.ts"
import { agreementState, inForceAt } from "../agreement.ts"
import { dutyTable } from "../duty.ts"
import { type Facts, type PartnerFacts, factsAt, factsFrom, partnerFacts } from "../facts.ts"
import type { AgreementState, Details, Standing } from "../partner.ts"
import * as agreementStore from "../store/agreements.ts"
import * as store from "../store/partners.ts"
import { heldAt, pastUntil } from "./dues.ts"

/** The facts of every partner that was there at this instant. */
export async function partnerFactsAt(act: Act, instant: Instant): Promise<PartnerFacts[]> {
    return await readFacts(act, instant, null)
}

/** The facts of one; refuses an unknown partner, and one that was not there yet. */
export async function partnerFactsOf(act: Act, partner: string, instant: Instant): Promise<PartnerFacts> {
    const [facts] = await readFacts(act, instant, partner)
    return facts ?? unknownPartner()
}

/** What was true of partners at any instant up to one: read once, for whoever asks about many. */
export interface PastFacts {
    /** Those that were there by then. */
    readonly partners: readonly string[]
    /** Null where the partner was not there yet. */
    readonly at: (partner: string, instant: Instant) => PartnerFacts | null
    /** When something about it changed, or about what everybody owes. */
    readonly changesOf: (partner: string) => readonly Instant[]
    /** What was decided about it at an instant, and after each later change. */
    readonly since: (partner: string, instant: Instant) => readonly Facts[]
}

/** Of every partner, or of one. */
export async function partnerFactsUntil(act: Act, until: Instant, partner: string | null): Promise<PastFacts> {
    const past = await pastUntil(act, until, partner)
    const rowsOf = (id: string) => past.facts.get(id) ?? []
    return {
        partners: [...past.facts.keys()].filter((id) => factsAt(rowsOf(id), until) !== null),
        at: (id, instant) => {
            const facts = factsAt(rowsOf(id), instant)
            return facts && partnerFacts(id, facts, past.computedAt(id, instant))
        },
        changesOf: (id) => [...rowsOf(id).map(({ from }) => from), ...past.changesOf(id)],
        since: (id, instant) => factsFrom(rowsOf(id), instant),
    }
}

/** Whether a duty of this regime is shipped, or any partner was ever under one. */
export async function isRegime(act: Act, regime: string): Promise<boolean> {
    return dutyTable.some((one) => one.regime === regime) || (await store.isRegime(act.tx, regime))
}

/** The standing now. */
export async function standingOf(act: Act, partner: string): Promise<Standing> {
    return (await standingRead(act.tx, partner))(act.now)
}

/** As `standingOf`, at an instant that is told later: what every guard of the portal asks first. */
export async function standingRead(tx: Tx, partner: string): Promise<(now: Instant) => Standing> {
    const rows = await store.history(tx, partner)
    return (now) => factsAt(rows, now)?.standing ?? unknownPartner()
}

async function readFacts(act: Act, instant: Instant, partner: string | null): Promise<PartnerFacts[]> {
    return [...(await heldAt(act, instant, partner))].flatMap(([id, held]) => {
        const facts: Facts | null = factsAt(held.facts, instant)
        return facts ? [partnerFacts(id, facts, held.computed)] : []
    })
}

/** Whether the agreement in force at this instant stands accepted by this partner then. */
export async function agreementStateAt(act: Act, partner: string, instant: Instant): Promise<AgreementState> {
    const inForce = inForceAt(await agreementStore.termsAt(act.tx, instant), instant)
    return agreementState(inForce, await agreementStore.acceptances(act.tx, instant, partner), instant)
}

/** Names and addresses of all partners, by id; for the operator's eyes. */
export async function partnerNames(act: Act): Promise<Map<string, Details>> {
    const rows = await store.partners(act.tx)
    const scopes = rows.map(({ id }) => `partner:${id}`)
    await holdKeys(act.tx, act.doors.keys, scopes)
    const names = new Map<string, Details>()
    for (const row of rows) names.set(row.id, await openDetails(act, row))
    return names
}

export async function partnerName(act: Act, partner: string): Promise<Details> {
    return await openDetails(act, (await store.partner(act.tx, partner)) ?? unknownPartner())
}

/** Everything that was decided about a partner, in that order. */
export async function historyOf(act: Act, partner: string): Promise<store.HistoryRow[]> {
    return await store.history(act.tx, partner)
}

/** The partners of whom something has come to hold since an instant, decided then or for then. */
export async function partnersChangedSince(act: Act, after: Instant): Promise<string[]> {
    return await store.changedBetween(act.tx, after, act.now)
}

export function unknownPartner(): never {
    refuse("missing", "partner.not_found", "no such partner")
}

async function openDetails(act: Act, row: store.PartnerRow): Promise<Details> {
    const place = `partners.details:${row.id}`
    return JSON.parse(
        await unseal(act.tx, act.doors.keys, `partner:${row.id}`, place, row.details_ciphertext),
    ) as Details
}
