/**
 * Lists the alternatives of a text for a person who can sign its release: the signature covers every form.
 *
 * With all forms a person can write a copy without marks, so each look is counted and recorded as a read of the master.
 */
import type { Slot } from "@tocsin/marks/carriers/carrier"
import { refuse } from "@tocsin/base/refusal"
import { approvalToSign } from "../../../trust/approvals/actions.ts"
import { readingsIn } from "../../../trust/approvals/approval.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { masterOf } from "../../artifacts/actions.ts"
import { marksFor } from "../actions.ts"
import { takeMaster } from "./limit-master-reads.ts"

/** For a free value, the lowest and the highest form. */
export interface Alternative {
    readonly kind: "alternative" | "value"
    readonly forms: readonly string[]
}

/**
 * Lists the alternatives of a requested version, in the order of the text. Refuses what the signature refuses,
 * `mark.not_in_request`, and what `takeMaster` refuses.
 */
export async function alternativesToSign(
    ctx: ActionContext,
    approval: string,
    artifact: string,
): Promise<{ readonly version: number; readonly alternatives: readonly Alternative[] }> {
    const { effects } = await approvalToSign(ctx, approval)
    const released = readingsIn(effects).find((reading) => reading.artifact === artifact)
    if (!released) {
        refuse(
            "missing",
            "mark.not_in_request",
            "this request releases no version of the artifact: name one that it does",
        )
    }
    const master = await masterOf(ctx, artifact, released.version)
    const marks = await marksFor(ctx, master)
    const alternatives = alternativesIn(marks?.slots ?? [])
    if (alternatives.length > 0) await takeMaster(ctx, master, "to sign")
    return { version: released.version, alternatives }
}

function alternativesIn(slots: readonly Slot[]): Alternative[] {
    return slots.flatMap(({ kind, variants }): Alternative[] => {
        const forms = variants.map(([edit]) => edit?.text ?? "")
        if (kind === "alternative") return [{ kind, forms }]
        return kind === "value" ? [{ kind, forms: [forms[0] ?? "", forms.at(-1) ?? ""] }] : []
    })
}
