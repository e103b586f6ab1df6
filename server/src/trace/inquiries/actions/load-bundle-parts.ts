/** Loads the touched canaries, the timing and the tracing instructions of a bundle. */
import type { Bundle } from "@tocsin/marks/bundle/bundle"
import { assumptionsOf, cautionOfTiming, shippedModel } from "@tocsin/marks/bundle/timing"
import { type Instant, formatInstant } from "@tocsin/base/instant"
import { background, touch as touchOf } from "../../../share/canaries/actions/list-canaries.ts"
import { approval as approvalOf } from "../../../trust/approvals/actions.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { evidenceOf } from "../../evidence/actions.ts"
import type { Opened } from "./open-inquiry.ts"
import { allProvisions } from "./tracing-instructions.ts"
import { timingIn } from "./weigh-timing.ts"

const formatOrNull = (at: Instant | null): string | null => (at === null ? null : formatInstant(at))

/** Lists touched canaries of the remaining evidence, with the current rate of decoys. */
export async function touchesIn(ctx: ActionContext, input: Opened): Promise<NonNullable<Bundle["touches"]>> {
    const known = new Map((await background(ctx)).map((background) => [background.grade, background]))
    const list: NonNullable<Bundle["touches"]> = []
    for (const evidence of input.evidence) {
        const { touch: id, deletedAt } = await evidenceOf(ctx, evidence)
        const found = id === null || deletedAt !== null ? null : await touchOf(ctx, id)
        if (found === null) continue
        const { artifact, version, kind, what: value, name, channel, grade, reasons, times, recipient, decoy } = found
        const { decoys = 0, touched = 0, upTo = 1 } = known.get(grade) ?? {}
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
            grade,
            reasons: [...reasons],
            times,
            recipient: decoy ? null : recipient,
            firstAt: formatInstant(found.firstAt),
            lastAt: formatInstant(found.lastAt),
            background: { decoys, touched, upTo },
        })
    }
    return list
}

/** Loads the timing of an inquiry for its bundle. */
export async function timingTold(ctx: ActionContext, input: Opened): Promise<NonNullable<Bundle["timing"]>> {
    const { seen, rows, evenAt } = await timingIn(ctx, input)
    return {
        caution: cautionOfTiming,
        assumptions: assumptionsOf(shippedModel),
        evenAt,
        model: { ...shippedModel, offMs: { ...shippedModel.offMs } },
        seen: seen && { evidence: seen.id, at: formatInstant(seen.seenAt), clock: seen.clock },
        rows: rows.map(({ title: _, since, ...rest }) => ({ ...rest, since: formatOrNull(since) })),
    }
}

/** Loads the tracing instructions of an inquiry for its bundle. */
export async function provisionsIn(ctx: ActionContext, inquiry: string): Promise<NonNullable<Bundle["provisions"]>> {
    const list: NonNullable<Bundle["provisions"]> = []
    for (const { state: _, carryings, askedAt, inForceAt, endedAt, ...rest } of await allProvisions(ctx, inquiry)) {
        const carried = []
        for (const { state: _state, askedAt: at, until, carriedAt, ...rest } of carryings) {
            const dates = {
                askedAt: formatInstant(at),
                until: formatInstant(until),
                carriedAt: formatOrNull(carriedAt),
            }
            carried.push({ ...rest, ...dates, ...(await signedIn(ctx, rest.approval, carriedAt)) })
        }
        const dates = {
            askedAt: formatInstant(askedAt),
            inForceAt: formatOrNull(inForceAt),
            endedAt: formatOrNull(endedAt),
        }
        list.push({ ...rest, ...dates, ...(await signedIn(ctx, rest.approval, inForceAt)), carryings: carried })
    }
    return list
}

/** Returns the signer once the approval was applied, else null. */
async function signedIn(ctx: ActionContext, id: string, usedAt: Instant | null) {
    const { effects, signedBy } = await approvalOf(ctx, id)
    return { effects: { ...effects }, signedBy: usedAt === null ? null : signedBy }
}
