/**
 * Commits to the marks of what is asked to be let out, before anybody can read it. Else the first who reads it would wait longer
 * than whoever comes after, and could tell by that alone that nobody had read it before.
 */
import { Refusal } from "@tocsin/base/refusal"
import { Pending } from "../../../kernel/route.ts"
import type { ArtifactVersion } from "../../../trust/approvals/approval.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { masterOf } from "../../artifacts/actions.ts"
import { marksFor } from "../actions.ts"

export async function commitMarks(ctx: ActionContext, versions: readonly ArtifactVersion[]): Promise<void> {
    for (const { artifact, version } of versions) await commitOne(ctx, await masterOf(ctx, artifact, version))
}

/** Marks that take long to find are looked for meanwhile; those that are never found let nothing out, and hold up nothing else. */
async function commitOne(ctx: ActionContext, master: Parameters<typeof marksFor>[1]): Promise<void> {
    try {
        await marksFor(ctx, master)
    } catch (error) {
        if (error instanceof Pending) void error.work.catch(() => undefined)
        else if (!(error instanceof Refusal && /^mark\.(too_complex|settings_missing)$/.test(error.code))) throw error
    }
}
