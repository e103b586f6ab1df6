/**
 * Commits to the marks of versions when their release is requested.
 *
 * Otherwise the first reader would wait longer than later readers, and so learn to be the first.
 */
import { Refusal } from "@tocsin/base/refusal"
import { PendingWork } from "../../../kernel/route.ts"
import type { ArtifactVersion } from "../../../trust/approvals/approval.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { findMaster } from "../../artifacts/actions/load-artifacts.ts"
import { prepareMarks } from "./mark-copy.ts"

export async function commitMarks(ctx: ActionContext, versions: readonly ArtifactVersion[]): Promise<void> {
    for (const { artifact, version } of versions) {
        const master = await findMaster(ctx, artifact, version)
        if (master !== null) await commitVersion(ctx, master)
    }
}

/**
 * Commits to one version. Slots that take long are found in the background. A version whose slots are never found is
 * not released, and blocks no other.
 */
async function commitVersion(ctx: ActionContext, master: Parameters<typeof prepareMarks>[1]): Promise<void> {
    try {
        await prepareMarks(ctx, master)
    } catch (error) {
        if (error instanceof PendingWork) void error.work.catch(() => undefined)
        else if (!(error instanceof Refusal && /^mark\.(too_complex|settings_missing)$/.test(error.code))) throw error
    }
}
