/** Returns every public form of an advisory as text, to compare it with other texts. */
import type { Instant } from "@tocsin/base/instant"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { comparableTextsOf } from "../comparable-texts.ts"
import * as store from "../store.ts"

export interface PublicForms {
    readonly advisory: string
    readonly revision: number
    /** Since when the form is public. */
    readonly at: Instant
    readonly forms: readonly { readonly sha256: string; readonly texts: readonly string[] }[]
}

/** The number of newest advisories to compare where no case is given. */
const advisoriesMax = 200

/** Lists each revision of a case's advisory; for null, of the newest advisories. */
export async function listPublicForms(ctx: ActionContext, caseId: string | null): Promise<PublicForms[]> {
    const rows = await store.listPublicDocuments(ctx.tx, caseId, advisoriesMax)
    const revisions = Map.groupBy(rows, ({ advisory, revision }) => `${advisory}/${revision}`)
    return [...revisions.values()].flatMap((rows) => {
        const [first] = rows
        if (first === undefined) return []
        const forms = rows.map(({ sha256, type, body }) => ({ sha256, texts: comparableTextsOf(type, body) }))
        return [{ advisory: first.advisory, revision: first.revision, at: first.at, forms }]
    })
}
