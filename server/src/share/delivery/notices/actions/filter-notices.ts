/**
 * Notice filters: a partner's leads list the products about which they want notices of waves.
 *
 * A filter reveals what the partner runs, so only the partner sees it. It applies only where the notices of a wave are
 * created. No answer, report, rehearsal or entitlement depends on it, so that it cannot be inferred.
 */
import { productsOf } from "@tocsin/formats/advisory/product"
import { seal, unseal } from "../../../../platform/crypto/vault.ts"
import { type ActionContext, record } from "../../../../kernel/action-context.ts"
import { personsInside } from "../../../../trust/partners/roster/actions/set-access-list.ts"
import { assertLead } from "../../../../trust/partners/roster/actions/manage-roster.ts"
import { caseFile } from "../../../cases/actions.ts"
import { type Pattern, keptPatterns, wantedOf } from "../filter.ts"
import { retryNotices } from "../store/notices.ts"
import { deleteFilter, listFilters, keepBack, setFilter } from "../store/filters.ts"
import { type About, makeNotices } from "./create-notices.ts"

const scopeOf = (partner: string): string => `partner:${partner}`
const placeOf = (partner: string): string => `notice_filters.patterns:${partner}`

/** Returns the partner's patterns; empty: it gets every notice. */
export async function filterOf(ctx: ActionContext, partner: string): Promise<readonly Pattern[]> {
    return (await filtersOf(ctx, [partner])).get(partner) ?? []
}

/** Returns the filters of those partners that have one. */
async function filtersOf(ctx: ActionContext, partners: readonly string[]): Promise<Map<string, readonly Pattern[]>> {
    const opened = new Map<string, readonly Pattern[]>()
    for (const { partner, box } of await listFilters(ctx.tx, partners)) {
        const text = await unseal(ctx.tx, ctx.services.keys, scopeOf(partner), placeOf(partner), box)
        opened.set(partner, JSON.parse(text) as Pattern[])
    }
    return opened
}

/** Replaces the whole filter, from the next wave on. The event records the number of patterns only. */
export async function replaceFilter(ctx: ActionContext, given: readonly Pattern[]): Promise<readonly Pattern[]> {
    const { partner } = assertLead(ctx)
    const patterns = keptPatterns(given)
    const text = JSON.stringify(patterns)
    if (text === JSON.stringify(await filterOf(ctx, partner))) return patterns
    if (patterns.length === 0) await deleteFilter(ctx.tx, partner)
    else {
        const box = await seal(ctx.tx, ctx.services.keys, scopeOf(partner), placeOf(partner), text)
        await setFilter(ctx.tx, { partner, box })
    }
    await record(ctx, { kind: "notice_filter.set", partner, patterns: patterns.length })
    return patterns
}

export type AboutWave = About & { readonly wave: string }

/**
 * Notifies the partners whose filters match the case's products of a wave, and returns them. Notices that could not be
 * sent are retried. For the other partners, stores that their own filter kept the notice back.
 */
export async function notifyOfWave(
    ctx: ActionContext,
    about: AboutWave,
    partners: readonly string[],
): Promise<string[]> {
    const filters = await filtersOf(ctx, partners)
    const isWanted =
        filters.size === 0 ? () => true : wantedOf(productsOf((await caseFile(ctx, about.case)).vulnerabilities))
    const wanted = partners.filter((partner) => isWanted(filters.get(partner) ?? []))
    const notified = new Set(wanted)
    await retryNotices(ctx.tx, about.wave, wanted, ctx.services.realNow())
    await makeNotices(ctx, about, wanted)
    let keptBack = 0
    for (const partner of partners) {
        if (!notified.has(partner) && (await keepBackFrom(ctx, about, partner))) keptBack++
    }
    if (keptBack > 0) {
        await record(ctx, { kind: "notice.filtered", case: about.case, wave: about.wave, partners: keptBack })
    }
    return wanted
}

/** Stores that a partner's filter kept the notice back. False where this was already stored for all of its people. */
async function keepBackFrom(ctx: ActionContext, about: AboutWave, partner: string): Promise<boolean> {
    let isNew = false
    for (const person of await personsInside(ctx, partner, about.case)) {
        const notice = { id: ctx.services.newId(), partner, person, recall: null, sealed: null, ...about }
        isNew = (await keepBack(ctx.tx, notice, ctx.now, ctx.services.realNow())) || isNew
    }
    return isNew
}
