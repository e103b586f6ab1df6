/** Loads the touched canaries, the timing and the tracing instructions of a bundle. */
import type { Bundle } from "@tocsin/marks/bundle/bundle"
import { assumptionsOf, cautionOfTiming, shippedModel } from "@tocsin/marks/bundle/timing"
import { type Instant, formatInstant } from "@tocsin/base/instant"
import { loadBackgroundRates, findTouch } from "../../../share/canaries/actions/list-canaries.ts"
import { reasonText } from "../../../share/canaries/touch.ts"
import { loadApproval } from "../../../trust/approvals/actions/load-approvals.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { loadEvidence } from "../../evidence/actions/load-evidence.ts"
import type { FullInquiry } from "./open-inquiry.ts"
import { listInstructions } from "./propose-instruction.ts"
import { computeTiming } from "./compute-timing.ts"

const formatOrNull = (at: Instant | null): string | null => (at === null ? null : formatInstant(at))

/** Lists touched canaries of the remaining evidence, with the current rate of decoys. */
export async function loadTouches(ctx: ActionContext, inquiry: FullInquiry): Promise<Bundle["touches"]> {
    const rates = new Map((await loadBackgroundRates(ctx)).map((background) => [background.likelySource, background]))
    const list: Bundle["touches"] = []
    for (const evidence of inquiry.evidence) {
        const { touch: id, deletedAt } = await loadEvidence(ctx, evidence)
        const found = id === null || deletedAt !== null ? null : await findTouch(ctx, id)
        if (found === null) continue
        const {
            artifact,
            version,
            kind,
            what: value,
            name,
            channel,
            likelySource,
            reasons,
            times,
            recipient,
            decoy,
        } = found
        const { decoys = 0, touched = 0, max = 1 } = rates.get(likelySource) ?? {}
        list.push({
            touch: found.id,
            evidence,
            case: found.case,
            artifact,
            version,
            kind,
            what: value,
            name,
            channel,
            likelySource,
            reasons: reasons.map(reasonText),
            times,
            recipient: decoy ? null : recipient,
            firstAt: formatInstant(found.firstAt),
            lastAt: formatInstant(found.lastAt),
            background: { decoys, touched, rateMax: max },
        })
    }
    return list
}

/** Loads the timing of an inquiry for its bundle. */
export async function loadTimingPart(ctx: ActionContext, inquiry: FullInquiry): Promise<Bundle["timing"]> {
    const { firstObservation, rows, evenAt } = await computeTiming(ctx, inquiry)
    return {
        caution: cautionOfTiming,
        assumptions: assumptionsOf(shippedModel),
        evenAt,
        model: { ...shippedModel, offMs: { ...shippedModel.offMs } },
        firstObservation: firstObservation && {
            evidence: firstObservation.id,
            at: formatInstant(firstObservation.observedAt),
            clock: firstObservation.clock,
        },
        rows: rows.map(({ title: _, since, ...rest }) => ({ ...rest, since: formatOrNull(since) })),
    }
}

/** Loads the tracing instructions of an inquiry for its bundle. */
export async function loadInstructionParts(
    ctx: ActionContext,
    inquiry: string,
): Promise<Bundle["tracingInstructions"]> {
    const list: Bundle["tracingInstructions"] = []
    for (const { state: _, extensions, requestedAt, activatedAt, endedAt, ...rest } of await listInstructions(
        ctx,
        inquiry,
    )) {
        const extensionParts = []
        for (const { state: _state, requestedAt: at, until, extendedAt, ...rest } of extensions) {
            const dates = {
                requestedAt: formatInstant(at),
                until: formatInstant(until),
                extendedAt: formatOrNull(extendedAt),
            }
            extensionParts.push({ ...rest, ...dates, ...(await loadSignature(ctx, rest.approval, extendedAt)) })
        }
        const dates = {
            requestedAt: formatInstant(requestedAt),
            activatedAt: formatOrNull(activatedAt),
            endedAt: formatOrNull(endedAt),
        }
        list.push({
            ...rest,
            ...dates,
            ...(await loadSignature(ctx, rest.approval, activatedAt)),
            extensions: extensionParts,
        })
    }
    return list
}

/** Returns the signer once the approval was applied, else null. */
async function loadSignature(ctx: ActionContext, id: string, appliedAt: Instant | null) {
    const { effects, signedBy } = await loadApproval(ctx, id)
    return { effects: { ...effects }, signedBy: appliedAt === null ? null : signedBy }
}
