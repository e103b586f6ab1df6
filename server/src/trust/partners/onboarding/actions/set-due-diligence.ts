/** Records a partner's owners and jurisdictions with sources, as history. */
import { canonical } from "@tocsin/base/canonical"
import { encryptText, decryptText } from "../../../../platform/crypto/vault.ts"
import { type ActionContext, record } from "../../../../kernel/action-context.ts"
import { personOf } from "../../../../kernel/actor.ts"
import { type DueDiligence, type DueDiligenceRow, dueDiligenceAt, validateDueDiligence } from "../due-diligence.ts"
import * as store from "../store/due-diligence.ts"
import { lockPartner } from "../../store/partners.ts"
import { loadPartnerFacts } from "../../actions/load-facts.ts"

/** Lists all entries in order. Refuses `partner.not_found`. */
export async function listDueDiligence(ctx: ActionContext, partner: string): Promise<DueDiligenceRow[]> {
    await loadPartnerFacts(ctx, partner, ctx.now)
    const rows: DueDiligenceRow[] = []
    for (const { value_ciphertext: ciphertext, ...row } of await store.listDueDiligence(ctx.tx, partner)) {
        const text = await decryptText(
            ctx.tx,
            ctx.services.keys,
            `partner:${partner}`,
            placeOf(partner, row.fact),
            ciphertext,
        )
        rows.push({ ...row, value: JSON.parse(text) as unknown } as DueDiligenceRow)
    }
    return rows
}

/** Sets the due diligence from now on. Unchanged facts are not written again. */
export async function setDueDiligence(ctx: ActionContext, partner: string, value: DueDiligence): Promise<void> {
    validateDueDiligence(value, ctx.now)
    await lockPartner(ctx.tx, partner)
    const before = dueDiligenceAt(await listDueDiligence(ctx, partner), ctx.now)
    for (const fact of ["ownership", "jurisdictions"] as const) {
        if (canonical(before[fact]) === canonical(value[fact])) continue
        const text = JSON.stringify(value[fact])
        const ciphertext = await encryptText(
            ctx.tx,
            ctx.services.keys,
            `partner:${partner}`,
            placeOf(partner, fact),
            text,
        )
        await store.insertDueDiligence(ctx.tx, partner, fact, ciphertext, { from: ctx.now, by: personOf(ctx.actor) })
        await record(ctx, { kind: "partner.due_diligence_set", partner, fact, count: value[fact].length })
    }
}

const placeOf = (partner: string, fact: string): string => `partner_background.${fact}:${partner}`
