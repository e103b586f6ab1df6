/**
 * Checks the tracing instructions of a bundle: each was requested by one person, signed by another, activated, and
 * ended or extended.
 */
import type { Bundle } from "./bundle.ts"
import { parseInstant } from "@tocsin/base/instant"
import { type Claim, assertTwoPeople, notOnRecord, words } from "./leaves.ts"

type Provision = NonNullable<Bundle["tracingInstructions"]>[number]
type Carrying = Provision["extensions"][number]

/** Lists what the leaves of tracing instructions must contain. */
export function claimsOfProvisions({ inquiry, tracingInstructions = [] }: Bundle): Claim[] {
    return tracingInstructions.flatMap((tracingInstruction) => [
        ...claimsOf(inquiry, tracingInstruction),
        ...tracingInstruction.extensions.flatMap((carrying) =>
            claimsOfCarrying({ inquiry, tracingInstruction: tracingInstruction.id }, carrying),
        ),
    ])
}

function claimsOf(inquiry: string, input: Provision): Claim[] {
    const { id, approval, askedBy, askedAt, inForceAt, endedAt } = input
    const about = { inquiry, tracingInstruction: id }
    const item = { text: wordsOf(input) }
    const claims: Claim[] = [
        { kind: "tracing_instruction.proposed", at: askedAt, body: { ...about, ...item, approval, by: askedBy } },
    ]
    if (inForceAt !== null)
        claims.push({ kind: "tracing_instruction.activated", at: inForceAt, body: { ...about, ...item } })
    if (endedAt !== null && endedAt !== lastDay(input)) {
        claims.push({ kind: "tracing_instruction.ended", at: endedAt, body: about })
    }
    return claims
}

function claimsOfCarrying(about: { inquiry: string; tracingInstruction: string }, input: Carrying): Claim[] {
    const { id: carrying, approval, askedBy, askedAt, extendedAt } = input
    const item = { ...about, carrying, text: wordsOfCarrying(input) }
    const claims: Claim[] = [
        { kind: "tracing_instruction.extension_requested", at: askedAt, body: { ...item, approval, by: askedBy } },
    ]
    return extendedAt === null
        ? claims
        : [...claims, { kind: "tracing_instruction.extended", at: extendedAt, body: item }]
}

/**
 * Refuses unless an instruction was activated or extended as stated. An instruction with a last day ended on that day
 * and never later.
 */
export function assertInstructed({ leaves, createdAt }: Bundle, input: Provision): void {
    if (input.inForceAt === null) {
        if (input.endedAt === null && input.signedBy === null && input.extensions.length === 0) return
        notOnRecord(`provision \`${input.id}\` was never in force, and tells what became of it`)
    }
    assertTwoPeople(leaves, { action: "tracing_instruction.activate", ...input, digest: wordsOf(input) })
    for (const carrying of input.extensions) {
        if (carrying.extendedAt !== null) {
            assertTwoPeople(leaves, {
                action: "tracing_instruction.extend",
                ...carrying,
                digest: wordsOfCarrying(carrying),
            })
        } else if (carrying.signedBy !== null)
            notOnRecord(`provision \`${input.id}\` tells of a signature that nothing used`)
    }
    const day = lastDay(input)
    const isOver = day !== null && parseInstant(day) <= parseInstant(createdAt)
    if (isOver && (input.endedAt === null || parseInstant(input.endedAt) > parseInstant(day))) {
        notOnRecord(`provision \`${input.id}\` went on beyond its day`)
    }
    if (input.endedAt !== null && input.endedAt === day && !isOver)
        notOnRecord(`provision \`${input.id}\` has not ended yet`)
}

const lastDay = ({ extensions }: Provision): string | null =>
    extensions.findLast((carrying) => carrying.extendedAt !== null)?.until ?? null

const wordsOf = ({ salt, case: caseId, class: kind, colluders, gain, reason, together }: Provision): string =>
    words(salt, { case: caseId, class: kind, colluders, gain, reason, together })

const wordsOfCarrying = ({ salt, owner, reason, until }: Carrying): string =>
    words(salt, { owner, reason, until: parseInstant(until) })
