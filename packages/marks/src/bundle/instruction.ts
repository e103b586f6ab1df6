/**
 * Checks the tracing instructions of a bundle: each was requested by one person, signed by another, activated, and
 * ended or extended.
 */
import type { Bundle } from "./bundle.ts"
import { parseInstant } from "@tocsin/base/instant"
import { type Claim, assertTwoPeople, notOnRecord, words } from "./leaves.ts"

type Provision = NonNullable<Bundle["provisions"]>[number]
type Carrying = Provision["carryings"][number]

/** Lists what the leaves of tracing instructions must contain. */
export function claimsOfProvisions({ inquiry, provisions = [] }: Bundle): Claim[] {
    return provisions.flatMap((provision) => [
        ...claimsOf(inquiry, provision),
        ...provision.carryings.flatMap((carrying) => claimsOfCarrying({ inquiry, provision: provision.id }, carrying)),
    ])
}

function claimsOf(inquiry: string, input: Provision): Claim[] {
    const { id, approval, askedBy, askedAt, inForceAt, endedAt } = input
    const about = { inquiry, provision: id }
    const item = { words: wordsOf(input) }
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

function claimsOfCarrying(about: { inquiry: string; provision: string }, input: Carrying): Claim[] {
    const { id: carrying, approval, askedBy, askedAt, carriedAt } = input
    const item = { ...about, carrying, words: wordsOfCarrying(input) }
    const claims: Claim[] = [
        { kind: "tracing_instruction.extension_requested", at: askedAt, body: { ...item, approval, by: askedBy } },
    ]
    return carriedAt === null
        ? claims
        : [...claims, { kind: "tracing_instruction.extended", at: carriedAt, body: item }]
}

/**
 * Refuses unless an instruction was activated or extended as stated. An instruction with a last day ended on that day
 * and never later.
 */
export function assertInstructed({ leaves, madeAt }: Bundle, input: Provision): void {
    if (input.inForceAt === null) {
        if (input.endedAt === null && input.signedBy === null && input.carryings.length === 0) return
        notOnRecord(`provision \`${input.id}\` was never in force, and tells what became of it`)
    }
    assertTwoPeople(leaves, { act: "tracing_instruction.activate", ...input, digest: wordsOf(input) })
    for (const carrying of input.carryings) {
        if (carrying.carriedAt !== null) {
            assertTwoPeople(leaves, {
                act: "tracing_instruction.extend",
                ...carrying,
                digest: wordsOfCarrying(carrying),
            })
        } else if (carrying.signedBy !== null)
            notOnRecord(`provision \`${input.id}\` tells of a signature that nothing used`)
    }
    const day = lastDay(input)
    const isOver = day !== null && parseInstant(day) <= parseInstant(madeAt)
    if (isOver && (input.endedAt === null || parseInstant(input.endedAt) > parseInstant(day))) {
        notOnRecord(`provision \`${input.id}\` went on beyond its day`)
    }
    if (input.endedAt !== null && input.endedAt === day && !isOver)
        notOnRecord(`provision \`${input.id}\` has not ended yet`)
}

const lastDay = ({ carryings }: Provision): string | null =>
    carryings.findLast((carrying) => carrying.carriedAt !== null)?.until ?? null

const wordsOf = ({ salt, case: caseId, class: kind, colluders, gain, reason, together }: Provision): string =>
    words(salt, { case: caseId, class: kind, colluders, gain, reason, together })

const wordsOfCarrying = ({ salt, owner, reason, until }: Carrying): string =>
    words(salt, { owner, reason, until: parseInstant(until) })
