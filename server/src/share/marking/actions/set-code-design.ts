/**
 * Sets the code design of a class for future versions, whatever their authors declare.
 *
 * Two people sign it; authors and signers of releases do not see it. Codewords that are generated already do not
 * change.
 */
import { type Colluders, designFor } from "@tocsin/marks/code"
import type { Instant } from "@tocsin/base/instant"
import { encryptText, decryptText } from "../../../platform/crypto/vault.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import type { Master } from "../../artifacts/actions/load-artifacts.ts"
import type { ArtifactClass } from "../../artifacts/artifact.ts"
import * as store from "../store.ts"

export interface DesignScope {
    readonly case: string
    readonly class: ArtifactClass
}

/**
 * Sets the design; returns the number that ends it. The caller applies the approval of a second person in this
 * transaction and records it.
 */
export async function setCodeDesign(ctx: ActionContext, scope: DesignScope, colluders: Colluders): Promise<number> {
    const ciphertext = await encryptText(
        ctx.tx,
        ctx.services.keys,
        "marks",
        placeOf(scope),
        JSON.stringify({ colluders }),
    )
    return await store.insertCodeDesign(ctx.tx, { caseId: scope.case, class: scope.class, ciphertext }, ctx.now)
}

/** Ends a design. Then the one set before it is valid again, or else the authors' declarations. */
export async function endCodeDesign(ctx: ActionContext, designNumber: number): Promise<void> {
    await store.endCodeDesign(ctx.tx, designNumber, ctx.now)
}

/** Lets the design end at an instant. */
export async function setCodeDesignExpiry(ctx: ActionContext, designNumber: number, until: Instant): Promise<void> {
    await store.setCodeDesignExpiry(ctx.tx, designNumber, until)
}

/** Returns the design that is set for the class, or else the one that the author declared. */
export async function loadActiveDesign(ctx: ActionContext, master: Master): Promise<Colluders> {
    const ciphertext = await store.findActiveCodeDesign(ctx.tx, master.case, master.class, ctx.now)
    if (ciphertext === null) return declaredDesign(master)
    const text = await decryptText(ctx.tx, ctx.services.keys, "marks", placeOf(master), ciphertext)
    return (JSON.parse(text) as { colluders: Colluders }).colluders
}

export function declaredDesign({ colluders }: Pick<Master, "colluders">): Colluders {
    const design = designFor(colluders)
    if (design === null) throw new Error(`no code design for ${colluders} colluders`)
    return design
}

const placeOf = (scope: DesignScope): string => `laid_designs.box:${scope.case}:${scope.class}`
