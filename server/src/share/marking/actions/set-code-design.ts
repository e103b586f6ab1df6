/**
 * Sets the code design of a class for future versions, whatever their authors declare.
 *
 * Two people sign it; authors and signers of releases do not see it. Codewords that are generated already do not
 * change.
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

/**
 * Sets the design; returns the number that ends it. The caller applies the approval of a second person in this
 * transaction and records it.
 */
export async function layDesign(ctx: ActionContext, subject: Of, colluders: Colluders): Promise<number> {
    const box = await seal(ctx.tx, ctx.services.keys, "marks", placeOf(subject), JSON.stringify({ colluders }))
    return await store.insertLaid(ctx.tx, { caseId: subject.case, class: subject.class, box }, ctx.now)
}

/** Ends a design. Then the one set before it is valid again, or else the authors' declarations. */
export async function endDesign(ctx: ActionContext, laid: number): Promise<void> {
    await store.setLaidEnded(ctx.tx, laid, ctx.now)
}

/** Lets the design end at an instant. */
export async function limitDesign(ctx: ActionContext, laid: number, until: Instant): Promise<void> {
    await store.setLaidUntil(ctx.tx, laid, until)
}

/** Returns the design that is set for the class, or else the one that the author declared. */
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
