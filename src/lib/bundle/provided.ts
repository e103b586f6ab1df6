/** What a bundle tells of provisions: each asked for by one and signed by another, in force, and ended or carried on. */
import type { Bundle } from "../bundle.ts"
import { parseInstant } from "../instant.ts"
import { type Claim, mustHaveTwoHands, notOnRecord, words } from "./leaves.ts"

type Provision = NonNullable<Bundle["provisions"]>[number]
type Carrying = Provision["carryings"][number]

export function claimsOfProvisions({ inquiry, provisions = [] }: Bundle): Claim[] {
    return provisions.flatMap((one) => [
        ...claimsOf(inquiry, one),
        ...one.carryings.flatMap((its) => claimsOfCarrying({ inquiry, provision: one.id }, its)),
    ])
}

function claimsOf(inquiry: string, its: Provision): Claim[] {
    const { id, approval, askedBy, askedAt, inForceAt, endedAt } = its
    const about = { inquiry, provision: id }
    const said = { words: wordsOf(its) }
    const claims: Claim[] = [
        { kind: "tracing_instruction.proposed", at: askedAt, body: { ...about, ...said, approval, by: askedBy } },
    ]
    if (inForceAt !== null)
        claims.push({ kind: "tracing_instruction.activated", at: inForceAt, body: { ...about, ...said } })
    if (endedAt !== null && endedAt !== lastDay(its)) {
        claims.push({ kind: "tracing_instruction.ended", at: endedAt, body: about })
    }
    return claims
}

function claimsOfCarrying(about: { inquiry: string; provision: string }, its: Carrying): Claim[] {
    const { id: carrying, approval, askedBy, askedAt, carriedAt } = its
    const said = { ...about, carrying, words: wordsOfCarrying(its) }
    const claims: Claim[] = [
        { kind: "tracing_instruction.extension_requested", at: askedAt, body: { ...said, approval, by: askedBy } },
    ]
    return carriedAt === null
        ? claims
        : [...claims, { kind: "tracing_instruction.extended", at: carriedAt, body: said }]
}

/** Of what was put in force, or carried on. What ended by its day ended then, and never later. */
export function mustBeProvided({ leaves, madeAt }: Bundle, its: Provision): void {
    if (its.inForceAt === null) {
        if (its.endedAt === null && its.signedBy === null && its.carryings.length === 0) return
        notOnRecord(`provision \`${its.id}\` was never in force, and tells what became of it`)
    }
    mustHaveTwoHands(leaves, { act: "tracing_instruction.activate", ...its, digest: wordsOf(its) })
    for (const one of its.carryings) {
        if (one.carriedAt !== null) {
            mustHaveTwoHands(leaves, { act: "tracing_instruction.extend", ...one, digest: wordsOfCarrying(one) })
        } else if (one.signedBy !== null) notOnRecord(`provision \`${its.id}\` tells of a signature that nothing used`)
    }
    const day = lastDay(its)
    const isOver = day !== null && parseInstant(day) <= parseInstant(madeAt)
    if (isOver && (its.endedAt === null || parseInstant(its.endedAt) > parseInstant(day))) {
        notOnRecord(`provision \`${its.id}\` went on beyond its day`)
    }
    if (its.endedAt !== null && its.endedAt === day && !isOver) notOnRecord(`provision \`${its.id}\` has not ended yet`)
}

const lastDay = ({ carryings }: Provision): string | null =>
    carryings.findLast((one) => one.carriedAt !== null)?.until ?? null

const wordsOf = ({ salt, case: of, class: kind, colluders, gain, reason, together }: Provision): string =>
    words(salt, { case: of, class: kind, colluders, gain, reason, together })

const wordsOfCarrying = ({ salt, owner, reason, until }: Carrying): string =>
    words(salt, { owner, reason, until: parseInstant(until) })
