/**
 * Lists the alternatives of a text for a person who can sign its release, because the signature covers every form.
 *
 * With all forms a person can write a copy without marks. So each such read is counted and recorded as a read of the
 * master.
 */
import type { Slot } from "@tocsin/marks/carriers/carrier"
import { refuse } from "@tocsin/base/refusal"
import { loadApprovalToSign } from "../../../trust/approvals/actions/load-approvals.ts"
import { partnerVersionsIn } from "../../../trust/approvals/approval.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { loadMaster } from "../../artifacts/actions/load-artifacts.ts"
import { prepareMarks } from "./mark-copy.ts"
import { recordMasterRead } from "./limit-master-reads.ts"

/** For a free value, the lowest and the highest form. */
export interface Alternative {
    readonly kind: "alternative" | "value"
    readonly forms: readonly string[]
}

/**
 * Lists the alternatives of a requested version, in the order of the text. Refuses what the signature refuses,
 * `mark.not_in_request`, and what `recordMasterRead` refuses.
 */
export async function listAlternativesToSign(
    ctx: ActionContext,
    approval: string,
    artifact: string,
): Promise<{ readonly version: number; readonly alternatives: readonly Alternative[] }> {
    const { effects } = await loadApprovalToSign(ctx, approval)
    const signedReading = partnerVersionsIn(effects).find((reading) => reading.artifact === artifact)
    if (!signedReading) {
        refuse(
            "missing",
            "mark.not_in_request",
            "this request releases no version of the artifact: name one that it does",
        )
    }
    const master = await loadMaster(ctx, artifact, signedReading.version)
    const marks = await prepareMarks(ctx, master)
    const alternatives = alternativesIn(marks?.slots ?? [])
    if (alternatives.length > 0) await recordMasterRead(ctx, master, "to sign")
    return { version: signedReading.version, alternatives }
}

function alternativesIn(slots: readonly Slot[]): Alternative[] {
    return slots.flatMap(({ kind, variants }): Alternative[] => {
        const forms = variants.map(([edit]) => edit?.text ?? "")
        if (kind === "alternative") return [{ kind, forms }]
        return kind === "value" ? [{ kind, forms: [forms[0] ?? "", forms.at(-1) ?? ""] }] : []
    })
}
