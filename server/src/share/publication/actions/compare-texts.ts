/** What is public, for whoever has to tell whether something else is the same: every form of an advisory, as words. */
import type { Instant } from "@tocsin/base/instant"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { wordsIn } from "../public-statement.ts"
import * as store from "../store.ts"

export interface PublicForms {
    readonly advisory: string
    readonly revision: number
    /** Since when it has been public. */
    readonly at: Instant
    readonly forms: readonly { readonly sha256: string; readonly texts: readonly string[] }[]
}

/** Of advisories that are not asked for by their case, so many of the newest. */
const advisoriesMax = 200

/** Each revision of the advisory of a case; where no case is known, of the newest there are. */
export async function publicForms(ctx: ActionContext, caseId: string | null): Promise<PublicForms[]> {
    const rows = await store.listPublicDocuments(ctx.tx, caseId, advisoriesMax)
    const revisions = Map.groupBy(rows, ({ advisory, revision }) => `${advisory}/${revision}`)
    return [...revisions.values()].flatMap((rows) => {
        const [first] = rows
        if (first === undefined) return []
        const forms = rows.map(({ sha256, type, body }) => ({ sha256, texts: wordsIn(type, body) }))
        return [{ advisory: first.advisory, revision: first.revision, at: first.at, forms }]
    })
}
