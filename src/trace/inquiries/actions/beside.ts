/** What of an inquiry stands in its bundle beside evidence and findings: touched canaries, what time says, and provisions. */
import type { Bundle } from "../../../lib/bundle.ts"
import { assumptionsOf, cautionOfTiming, shippedModel } from "../../../lib/bundle/timing.ts"
import { type Instant, formatInstant } from "../../../lib/instant.ts"
import { background, touch as touchOf } from "../../../share/canaries/actions/reading.ts"
import { approval as approvalOf } from "../../../trust/approvals/actions.ts"
import type { Act } from "../../../trust/audit/actions.ts"
import { evidenceOf } from "../../evidence/actions.ts"
import type { Opened } from "./inquiries.ts"
import { allProvisions } from "./provisions.ts"
import { timingIn } from "./timing.ts"

const told = (at: Instant | null): string | null => (at === null ? null : formatInstant(at))

/** Of its evidence that is there, with what decoys have taught by now of the grade. */
export async function touchesIn(act: Act, its: Opened): Promise<NonNullable<Bundle["touches"]>> {
    const known = new Map((await background(act)).map((one) => [one.grade, one]))
    const all: NonNullable<Bundle["touches"]> = []
    for (const evidence of its.evidence) {
        const { touch: id, deletedAt } = await evidenceOf(act, evidence)
        const found = id === null || deletedAt !== null ? null : await touchOf(act, id)
        if (found === null) continue
        const { artifact, version, kind, what, name, channel, grade, reasons, times, recipient, decoy } = found
        const { decoys = 0, touched = 0, upTo = 1 } = known.get(grade) ?? {}
        all.push({
            ...{ touch: found.id, evidence, case: found.case, artifact, version, kind, what, name, channel, grade },
            ...{ reasons: [...reasons], times, recipient: decoy ? null : recipient },
            ...{ firstAt: formatInstant(found.firstAt), lastAt: formatInstant(found.lastAt) },
            background: { decoys, touched, upTo },
        })
    }
    return all
}

export async function timingTold(act: Act, its: Opened): Promise<NonNullable<Bundle["timing"]>> {
    const { seen, rows, evenAt } = await timingIn(act, its)
    return {
        ...{ caution: cautionOfTiming, assumptions: assumptionsOf(shippedModel), evenAt },
        model: { ...shippedModel, offMs: { ...shippedModel.offMs } },
        seen: seen && { evidence: seen.id, at: formatInstant(seen.seenAt), clock: seen.clock },
        rows: rows.map(({ title: _, since, ...one }) => ({ ...one, since: told(since) })),
    }
}

export async function provisionsIn(act: Act, inquiry: string): Promise<NonNullable<Bundle["provisions"]>> {
    const all: NonNullable<Bundle["provisions"]> = []
    for (const { state: _, carryings, askedAt, inForceAt, endedAt, ...one } of await allProvisions(act, inquiry)) {
        const carried = []
        for (const { state: _state, askedAt: at, until, carriedAt, ...its } of carryings) {
            const dates = { askedAt: formatInstant(at), until: formatInstant(until), carriedAt: told(carriedAt) }
            carried.push({ ...its, ...dates, ...(await signedIn(act, its.approval, carriedAt)) })
        }
        const dates = { askedAt: formatInstant(askedAt), inForceAt: told(inForceAt), endedAt: told(endedAt) }
        all.push({ ...one, ...dates, ...(await signedIn(act, one.approval, inForceAt)), carryings: carried })
    }
    return all
}

/** A signature counts once it was used. */
async function signedIn(act: Act, id: string, usedAt: Instant | null) {
    const { effects, signedBy } = await approvalOf(act, id)
    return { effects: { ...effects }, signedBy: usedAt === null ? null : signedBy }
}
