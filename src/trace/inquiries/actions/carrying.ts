/**
 * What becomes of provisions when their inquiry is closed: each ends, unless it is carried on: with a reason, somebody who answers
 * for it and a day, as another member has signed, since two are asked for the provision itself.
 */
import { refuse } from "../../../lib/refusal.ts"
import { endDesign, limitDesign } from "../../../share/marking/actions/laying.ts"
import { useApproval } from "../../../trust/approvals/actions.ts"
import type { Effects } from "../../../trust/approvals/approval.ts"
import { type Act, record } from "../../../trust/audit/actions.ts"
import { type Carrying, type Provision, isInForce, mustBeCarrying } from "../provision.ts"
import * as kept from "../store.ts"
import * as store from "../store/provisions.ts"
import { memberOfOpen, mustBeOperator } from "./membership.ts"
import { allProvisions, askOfOthers, carryingPlaceOf, mustBeNoSuspects, unknownProvision } from "./provisions.ts"
import { commitTo, keepWords } from "./words.ts"

/** Before the closing: waits for another member's signature. */
export async function askToCarryOn(
    act: Act,
    inquiry: string,
    provision: string,
    its: Carrying,
): Promise<{ readonly carrying: string; readonly approval: string }> {
    await memberOfOpen(act, inquiry)
    mustBeCarrying(its, await kept.members(act.tx, inquiry), act.now)
    const found = (await allProvisions(act, inquiry)).find(({ id }) => id === provision) ?? unknownProvision()
    mustBeInForce(found)
    await mustBeNoSuspects(act, inquiry, [its.owner])
    const id = act.doors.newId()
    const { box, words } = await keepWords(act, inquiry, carryingPlaceOf(id), wordsOf(its))
    const approval = await askOfOthers(act, inquiry, effectsOf(inquiry, id, words))
    const row = {
        id,
        provision,
        text_ciphertext: box,
        approval,
        requested_by: mustBeOperator(act),
        requested_at: act.now,
    }
    await store.insertCarrying(act.tx, row)
    const event = { inquiry, provision, carrying: id, approval, words }
    await record(act, { kind: "tracing_instruction.extension_requested", ...event }, true)
    return { carrying: id, approval }
}

/** All in force: those of `carried` go on until their day, the others are over. For whoever closes the inquiry. */
export async function endProvisions(act: Act, inquiry: string, carried: readonly string[]): Promise<void> {
    const inForce = (await allProvisions(act, inquiry)).filter(isInForce)
    if (carried.some((id) => !inForce.some((one) => one.id === id))) unknownProvision()
    const laid = new Map((await store.provisions(act.tx, inquiry)).map((row) => [row.id, row.laid]))
    for (const one of inForce) {
        const design = laid.get(one.id) ?? null
        if (carried.includes(one.id)) await carryOn(act, inquiry, one, design)
        else await end(act, inquiry, one, design)
    }
}

async function carryOn(act: Act, inquiry: string, its: Provision, laid: number | null): Promise<void> {
    const asked = its.carryings.findLast(({ carriedAt }) => carriedAt === null)
    if (asked === undefined) {
        refuse(
            "conflict",
            "inquiry.extension_not_requested",
            "that a provision goes on is asked for, and signed by another, first",
        )
    }
    mustBeCarrying(asked, await kept.members(act.tx, inquiry), act.now)
    const words = commitTo(asked.salt, wordsOf(asked))
    const { requestedBy, signedBy } = await useApproval(act, asked.approval, effectsOf(inquiry, asked.id, words))
    await mustBeNoSuspects(act, inquiry, [requestedBy, signedBy, asked.owner])
    if (laid !== null) await limitDesign(act, laid, asked.until)
    await store.setCarried(act.tx, asked.id, act.now)
    const event = { inquiry, provision: its.id, carrying: asked.id, words }
    await record(act, { kind: "tracing_instruction.extended", ...event }, true)
}

async function end(act: Act, inquiry: string, { id }: Provision, laid: number | null): Promise<void> {
    if (laid !== null) await endDesign(act, laid)
    await store.setEnded(act.tx, id, act.now)
    await record(act, { kind: "tracing_instruction.ended", inquiry, provision: id }, true)
}

function mustBeInForce(its: Provision): void {
    if (isInForce(its)) return
    refuse("conflict", "inquiry.not_in_force", "only a provision that is in force can be carried on")
}

const wordsOf = ({ owner, reason, until }: Carrying) => ({ owner, reason, until })

function effectsOf(inquiry: string, carrying: string, digest: string): Effects {
    return {
        act: "tracing_instruction.extend",
        recipients: [],
        artifacts: [],
        at: null,
        detail: { inquiry, carrying, digest },
    }
}
