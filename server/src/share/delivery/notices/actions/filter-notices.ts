/**
 * Notice filters: a partner's leads list the products about which they want notices of waves.
 *
 * A filter reveals what the partner runs, so only the partner sees it. It applies only where the notices of a wave are
 * created. No answer, report, rehearsal or entitlement depends on it, so that it cannot be inferred.
 */
import { productsOf } from "@tocsin/formats/advisory/product"
import { encryptText, decryptText } from "../../../../platform/crypto/vault.ts"
import { type ActionContext, record } from "../../../../kernel/action-context.ts"
import { listPeopleWithAccess } from "../../../../trust/partners/roster/actions/set-access-list.ts"
import { assertLead } from "../../../../trust/partners/roster/actions/manage-roster.ts"
import { loadCaseFile } from "../../../cases/actions/load-case.ts"
import { type Pattern, normalisePatterns, matcherFor } from "../filter.ts"
import { retryNotices } from "../store/notices.ts"
import { deleteFilter, listFilters, insertFilteredNotice, setFilter } from "../store/filters.ts"
import { type NoticeCause, createNotices } from "./create-notices.ts"

const scopeOf = (partner: string): string => `partner:${partner}`
const placeOf = (partner: string): string => `notice_filters.patterns:${partner}`

/** Returns the partner's patterns; empty: it gets every notice. */
export async function loadFilter(ctx: ActionContext, partner: string): Promise<readonly Pattern[]> {
    return (await loadFilters(ctx, [partner])).get(partner) ?? []
}

/** Returns the filters of those partners that have one. */
async function loadFilters(ctx: ActionContext, partners: readonly string[]): Promise<Map<string, readonly Pattern[]>> {
    const filters = new Map<string, readonly Pattern[]>()
    for (const { partner, ciphertext } of await listFilters(ctx.tx, partners)) {
        const text = await decryptText(ctx.tx, ctx.services.keys, scopeOf(partner), placeOf(partner), ciphertext)
        filters.set(partner, JSON.parse(text) as Pattern[])
    }
    return filters
}

/** Replaces the whole filter, from the next wave on. The event records the number of patterns only. */
export async function replaceFilter(ctx: ActionContext, requested: readonly Pattern[]): Promise<readonly Pattern[]> {
    const { partner } = assertLead(ctx)
    const patterns = normalisePatterns(requested)
    const text = JSON.stringify(patterns)
    if (text === JSON.stringify(await loadFilter(ctx, partner))) return patterns
    if (patterns.length === 0) await deleteFilter(ctx.tx, partner)
    else {
        const ciphertext = await encryptText(ctx.tx, ctx.services.keys, scopeOf(partner), placeOf(partner), text)
        await setFilter(ctx.tx, { partner, ciphertext })
    }
    await record(ctx, { kind: "notice_filter.set", partner, patterns: patterns.length })
    return patterns
}

export type WaveNoticeCause = NoticeCause & { readonly wave: string }

/**
 * Notifies the partners whose filters match the case's products of a wave, and returns them. Notices that could not be
 * sent are retried. For the other partners, stores that their own filter kept the notice back.
 */
export async function notifyOfWave(
    ctx: ActionContext,
    about: WaveNoticeCause,
    partners: readonly string[],
): Promise<string[]> {
    const filters = await loadFilters(ctx, partners)
    const matches =
        filters.size === 0 ? () => true : matcherFor(productsOf((await loadCaseFile(ctx, about.case)).vulnerabilities))
    const matching = partners.filter((partner) => matches(filters.get(partner) ?? []))
    const notified = new Set(matching)
    await retryNotices(ctx.tx, about.wave, matching, ctx.services.realNow())
    await createNotices(ctx, about, matching)
    let filtered = 0
    for (const partner of partners) {
        if (!notified.has(partner) && (await recordFilteredNotices(ctx, about, partner))) filtered++
    }
    if (filtered > 0) {
        await record(ctx, { kind: "notice.filtered", case: about.case, wave: about.wave, partners: filtered })
    }
    return matching
}

/** Stores that a partner's filter kept the notice back. False where this was already stored for all of its people. */
async function recordFilteredNotices(ctx: ActionContext, about: WaveNoticeCause, partner: string): Promise<boolean> {
    let isNew = false
    for (const person of await listPeopleWithAccess(ctx, partner, about.case)) {
        const notice = { id: ctx.services.newId(), partner, person, recall: null, matter: null, ...about }
        isNew = (await insertFilteredNotice(ctx.tx, notice, ctx.now, ctx.services.realNow())) || isNew
    }
    return isNew
}
