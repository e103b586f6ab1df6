/** Loads the facts of partners at an instant, in a few statements for all of them, without decrypting names. */
import type { Instant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import type { Tx } from "../../../platform/postgres/db.ts"
import { loadKeys, decryptText } from "../../../platform/crypto/vault.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { agreementState, inForceAt } from "../agreements/agreement.ts"
import { dutyTable } from "../reporting-duties/reporting-duties.ts"
import { type Facts, type PartnerFacts, factsAt, factsFrom, combineFacts } from "../facts.ts"
import type { AgreementState, NameAndMail, PartnerStatus } from "../partner.ts"
import * as agreementStore from "../agreements/store/agreements.ts"
import * as store from "../store/partners.ts"
import { loadFactsWithRows, loadPastRows } from "../requirements/actions/list-requirements.ts"

/** Loads the facts of every partner that existed at this instant. */
export async function listPartnerFacts(ctx: ActionContext, instant: Instant): Promise<PartnerFacts[]> {
    return await loadFactsAt(ctx, instant, null)
}

/**
 * Loads one partner's facts. Refuses `partner.not_found` for an unknown partner and for one that did not exist yet.
 */
export async function loadPartnerFacts(ctx: ActionContext, partner: string, instant: Instant): Promise<PartnerFacts> {
    const [facts] = await loadFactsAt(ctx, instant, partner)
    return facts ?? unknownPartner()
}

/** Facts of partners at any instant up to one, read once for many questions. */
export interface PastFacts {
    /** Partners that existed by then. */
    readonly partners: readonly string[]
    /** Null where the partner did not exist yet. */
    readonly at: (partner: string, instant: Instant) => PartnerFacts | null
    /** When the partner or the program's requirements changed. */
    readonly changesOf: (partner: string) => readonly Instant[]
    /** The partner's facts at an instant and after each later change. */
    readonly since: (partner: string, instant: Instant) => readonly Facts[]
}

/** Loads past facts of all partners (null) or of one. */
export async function loadPartnerFactsUntil(
    ctx: ActionContext,
    until: Instant,
    partner: string | null,
): Promise<PastFacts> {
    const past = await loadPastRows(ctx, until, partner)
    const rowsOf = (id: string) => past.facts.get(id) ?? []
    return {
        partners: [...past.facts.keys()].filter((id) => factsAt(rowsOf(id), until) !== null),
        at: (id, instant) => {
            const facts = factsAt(rowsOf(id), instant)
            return facts && combineFacts(id, facts, past.computedAt(id, instant))
        },
        changesOf: (id) => [...rowsOf(id).map(({ from }) => from), ...past.changesOf(id)],
        since: (id, instant) => factsFrom(rowsOf(id), instant),
    }
}

/** Whether a shipped duty has this regime, or a partner ever had a duty of it. */
export async function isKnownRegime(ctx: ActionContext, regime: string): Promise<boolean> {
    return dutyTable.some((duty) => duty.regime === regime) || (await store.isKnownRegime(ctx.tx, regime))
}

/** Loads a partner's present status. */
export async function loadPartnerStatus(ctx: ActionContext, partner: string): Promise<PartnerStatus> {
    return (await loadPartnerStatusReader(ctx.tx, partner))(ctx.now)
}

/** Lists the present status of every partner. */
export async function listPartnerStatuses(ctx: ActionContext): Promise<ReadonlyMap<string, PartnerStatus>> {
    return new Map((await listPartnerFacts(ctx, ctx.now)).map(({ partner, status }) => [partner, status]))
}

/** Loads a partner's statuses in advance, for an instant given later. The portal's guard reads this first. */
export async function loadPartnerStatusReader(tx: Tx, partner: string): Promise<(now: Instant) => PartnerStatus> {
    const rows = await store.listHistory(tx, partner)
    return (now) => factsAt(rows, now)?.status ?? unknownPartner()
}

async function loadFactsAt(ctx: ActionContext, instant: Instant, partner: string | null): Promise<PartnerFacts[]> {
    return [...(await loadFactsWithRows(ctx, instant, partner))].flatMap(([id, rows]) => {
        const facts: Facts | null = factsAt(rows.facts, instant)
        return facts ? [combineFacts(id, facts, rows.computed)] : []
    })
}

/** State of the partner's acceptance of the agreement in force at this instant. */
export async function loadAgreementState(
    ctx: ActionContext,
    partner: string,
    instant: Instant,
): Promise<AgreementState> {
    const inForce = inForceAt(await agreementStore.listTermsAt(ctx.tx, instant), instant)
    return agreementState(inForce, await agreementStore.listAcceptances(ctx.tx, instant, partner), instant)
}

/** Decrypts names and addresses of all partners, by id; for staff only. */
export async function listNamesAndMails(ctx: ActionContext): Promise<Map<string, NameAndMail>> {
    const rows = await store.listPartners(ctx.tx)
    const scopes = rows.map(({ id }) => `partner:${id}`)
    await loadKeys(ctx.tx, scopes)
    const names = new Map<string, NameAndMail>()
    for (const row of rows) names.set(row.id, await decryptDetails(ctx, row))
    return names
}

export async function loadNameAndMail(ctx: ActionContext, partner: string): Promise<NameAndMail> {
    return await decryptDetails(ctx, (await store.findPartner(ctx.tx, partner)) ?? unknownPartner())
}

/** Lists all decisions about a partner, in order. */
export async function listFactHistory(ctx: ActionContext, partner: string): Promise<store.HistoryRow[]> {
    return await store.listHistory(ctx.tx, partner)
}

/** Lists partners with a fact that became valid after an instant. */
export async function listPartnersChangedSince(ctx: ActionContext, after: Instant): Promise<string[]> {
    return await store.listChangedBetween(ctx.tx, after, ctx.now)
}

export function unknownPartner(): never {
    refuse("missing", "partner.not_found", "no partner with this id")
}

async function decryptDetails(ctx: ActionContext, row: store.PartnerRow): Promise<NameAndMail> {
    const place = `partners.details:${row.id}`
    return JSON.parse(
        await decryptText(ctx.tx, ctx.services.keys, `partner:${row.id}`, place, row.details_ciphertext),
    ) as NameAndMail
}
