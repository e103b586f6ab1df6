/** What time alone says of an inquiry's case, beside the explanations and their weights; for members. */
import { type Timed, evenAt, shippedModel, timed } from "../../../lib/bundle/timing.ts"
import { embargoOf } from "../../../share/cases/actions.ts"
import { firstFetchedBefore } from "../../../share/delivery/actions/exposure.ts"
import { type Act, record } from "../../../trust/audit/actions.ts"
import { evidenceOf } from "../../evidence/actions.ts"
import type { Evidence } from "../../evidence/evidence.ts"
import { type Opened, wholeInquiry } from "./inquiries.ts"

export interface Timing {
    /** What was seen first; null where nothing was. */
    readonly seen: Pick<Evidence, "id" | "kind" | "seenAt" | "clock"> | null
    readonly rows: readonly Timed[]
    readonly evenAt: number | null
}

/** The look is on record. Refuses `inquiry.not_found`. */
export async function timingOf(act: Act, id: string): Promise<Timing> {
    const timing = await timingIn(act, await wholeInquiry(act, id))
    await record(act, { kind: "inquiry.read", inquiry: id, about: "timing" }, true)
    return timing
}

/** For actions that have let the member in, and record themselves what they did with it. */
export async function timingIn(
    act: Act,
    { case: caseId, evidence, hypotheses }: Pick<Opened, "case" | "evidence" | "hypotheses">,
): Promise<Timing> {
    const seen = await firstSeen(act, caseId, evidence)
    const held = await firstFetchedBefore(act, caseId, act.now + 1)
    const ended = (await embargoOf(act, caseId)).find(({ kind }) => kind === "ended")
    const known = {
        seen: seen && { at: seen.seenAt, clock: seen.clock },
        held: [...held]
            .map(([partner, at]) => ({ partner, at }))
            .toSorted((a, b) => a.at - b.at || (a.partner < b.partner ? -1 : 1)),
        publicSince: ended?.at ?? null,
    }
    const rows = timed(hypotheses, known, shippedModel)
    return { seen, rows, evenAt: evenAt(rows) }
}

/** Of the inquiry's evidence of this case. A touched canary may be an echo, and a deleted one says nothing any more. */
async function firstSeen(act: Act, caseId: string, evidence: readonly string[]): Promise<Evidence | null> {
    let first: Evidence | null = null
    for (const id of evidence) {
        const one = await evidenceOf(act, id)
        const isOfIt = one.case === null || one.case === caseId
        if (!isOfIt || one.kind === "canary touched" || one.deletedAt !== null) continue
        if (first === null || one.seenAt < first.seenAt) first = one
    }
    return first
}
