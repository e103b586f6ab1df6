/** Records a partner's ownership and jurisdictions with sources, as history. */
import { canonical } from "@tocsin/base/canonical"
import { seal, unseal } from "../../../../platform/crypto/vault.ts"
import { type ActionContext, record } from "../../../../kernel/action-context.ts"
import { personOf } from "../../../../kernel/actor.ts"
import { type Background, type BackgroundRow, backgroundAt, validateBackground } from "../due-diligence.ts"
import * as store from "../store/due-diligence.ts"
import { lockPartner } from "../../store/partners.ts"
import { partnerFactsOf } from "../../actions/load-facts.ts"

/** Lists all entries in order. Refuses `partner.not_found`. */
export async function backgroundHistory(ctx: ActionContext, partner: string): Promise<BackgroundRow[]> {
    await partnerFactsOf(ctx, partner, ctx.now)
    const rows: BackgroundRow[] = []
    for (const { value_ciphertext: box, ...row } of await store.background(ctx.tx, partner)) {
        const text = await unseal(ctx.tx, ctx.services.keys, `partner:${partner}`, placeOf(partner, row.fact), box)
        rows.push({ ...row, value: JSON.parse(text) as unknown } as BackgroundRow)
    }
    return rows
}

/** Sets the due diligence from now on. Unchanged facts are not written again. */
export async function setBackground(ctx: ActionContext, partner: string, value: Background): Promise<void> {
    validateBackground(value, ctx.now)
    await lockPartner(ctx.tx, partner)
    const before = backgroundAt(await backgroundHistory(ctx, partner), ctx.now)
    for (const fact of ["ownership", "jurisdictions"] as const) {
        if (canonical(before[fact]) === canonical(value[fact])) continue
        const text = JSON.stringify(value[fact])
        const box = await seal(ctx.tx, ctx.services.keys, `partner:${partner}`, placeOf(partner, fact), text)
        await store.insertBackground(ctx.tx, partner, fact, box, { from: ctx.now, by: personOf(ctx.actor) })
        await record(ctx, { kind: "partner.due_diligence_set", partner, fact, count: value[fact].length })
    }
}

const placeOf = (partner: string, fact: string): string => `partner_background.${fact}:${partner}`
