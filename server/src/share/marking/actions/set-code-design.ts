/**
 * How the words of a class are drawn from now on, whatever its authors declare: two have signed it, and neither authors nor whoever
 * signs a release is told. It holds for versions whose words are not drawn yet; no word that there is changes.
 */
import { type Colluders, designFor } from "@tocsin/marks/code"
import type { Instant } from "@tocsin/base/instant"
import { seal, unseal } from "../../../platform/crypto/vault.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import type { Master } from "../../artifacts/actions.ts"
import type { ArtifactClass } from "../../artifacts/artifact.ts"
import * as store from "../store.ts"

export interface Of {
    readonly case: string
    readonly class: ArtifactClass
}

/** For whoever has used the signature of a second person for it in this transaction, and records it. Returns what it is ended by. */
export async function layDesign(ctx: ActionContext, subject: Of, colluders: Colluders): Promise<number> {
    const box = await seal(ctx.tx, ctx.services.keys, "marks", placeOf(subject), JSON.stringify({ colluders }))
    return await store.insertLaid(ctx.tx, { caseId: subject.case, class: subject.class, box }, ctx.now)
}

/** What was laid before it for the same class, and is not over, holds again; else what its authors declare. */
export async function endDesign(ctx: ActionContext, laid: number): Promise<void> {
    await store.setLaidEnded(ctx.tx, laid, ctx.now)
}

/** It ends at an instant by itself. */
export async function limitDesign(ctx: ActionContext, laid: number, until: Instant): Promise<void> {
    await store.setLaidUntil(ctx.tx, laid, until)
}

/** The biases for as many as was laid; else as the author of the version has declared. */
export async function designInForce(ctx: ActionContext, master: Master): Promise<Colluders> {
    const box = await store.findNewestLaid(ctx.tx, master.case, master.class, ctx.now)
    if (box === null) return designDeclared(master)
    const text = await unseal(ctx.tx, ctx.services.keys, "marks", placeOf(master), box)
    return (JSON.parse(text) as { colluders: Colluders }).colluders
}

export function designDeclared({ colluders }: Pick<Master, "colluders">): Colluders {
    const design = designFor(colluders)
    if (design === null) throw new Error(`no biases tell ${colluders} who collude`)
    return design
}

const placeOf = (subject: Of): string => `laid_designs.box:${subject.case}:${subject.class}`
