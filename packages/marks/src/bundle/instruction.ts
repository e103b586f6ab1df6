/**
 * Checks the tracing instructions of a bundle: each was requested by one person, signed by another, activated, and
 * ended or extended.
 */
import type { Bundle } from "./bundle.ts"
import { parseInstant } from "@tocsin/base/instant"
import { type Claim, assertTwoPeople, refuseUnrecorded, textCommitment } from "./leaves.ts"

type TracingInstruction = Bundle["tracingInstructions"][number]
type InstructionExtension = TracingInstruction["extensions"][number]

/** Lists what the leaves of tracing instructions must contain. */
export function claimsOfInstructions({ inquiry, tracingInstructions }: Bundle): Claim[] {
    return tracingInstructions.flatMap((tracingInstruction) => [
        ...claimsOf(inquiry, tracingInstruction),
        ...tracingInstruction.extensions.flatMap((extension) =>
            claimsOfExtension({ inquiry, tracingInstruction: tracingInstruction.id }, extension),
        ),
    ])
}

function claimsOf(inquiry: string, tracingInstruction: TracingInstruction): Claim[] {
    const { id, approval, requestedBy, requestedAt, activatedAt, endedAt } = tracingInstruction
    const about = { inquiry, tracingInstruction: id }
    const commitment = { text: commitmentOf(tracingInstruction) }
    const claims: Claim[] = [
        {
            kind: "tracing_instruction.proposed",
            at: requestedAt,
            body: { ...about, ...commitment, approval, by: requestedBy },
        },
    ]
    if (activatedAt !== null)
        claims.push({ kind: "tracing_instruction.activated", at: activatedAt, body: { ...about, ...commitment } })
    if (endedAt !== null && endedAt !== lastDay(tracingInstruction)) {
        claims.push({ kind: "tracing_instruction.ended", at: endedAt, body: about })
    }
    return claims
}

function claimsOfExtension(
    about: { inquiry: string; tracingInstruction: string },
    extension: InstructionExtension,
): Claim[] {
    const { id: extensionId, approval, requestedBy, requestedAt, extendedAt } = extension
    const fields = { ...about, extension: extensionId, text: commitmentOfExtension(extension) }
    const claims: Claim[] = [
        {
            kind: "tracing_instruction.extension_requested",
            at: requestedAt,
            body: { ...fields, approval, by: requestedBy },
        },
    ]
    return extendedAt === null
        ? claims
        : [...claims, { kind: "tracing_instruction.extended", at: extendedAt, body: fields }]
}

/**
 * Refuses unless an instruction was activated or extended as stated. An instruction with a last day ended on that day
 * and never later.
 */
export function assertInstruction({ leaves, createdAt }: Bundle, tracingInstruction: TracingInstruction): void {
    if (tracingInstruction.activatedAt === null) {
        if (
            tracingInstruction.endedAt === null &&
            tracingInstruction.signedBy === null &&
            tracingInstruction.extensions.length === 0
        )
            return
        refuseUnrecorded(
            `tracing instruction \`${tracingInstruction.id}\` was never active, but has an end, signer or extension`,
        )
    }
    assertTwoPeople(leaves, {
        action: "tracing_instruction.activate",
        ...tracingInstruction,
        digest: commitmentOf(tracingInstruction),
    })
    for (const extension of tracingInstruction.extensions) {
        if (extension.extendedAt !== null) {
            assertTwoPeople(leaves, {
                action: "tracing_instruction.extend",
                ...extension,
                digest: commitmentOfExtension(extension),
            })
        } else if (extension.signedBy !== null)
            refuseUnrecorded(
                `tracing instruction \`${tracingInstruction.id}\` has a signed extension that was never applied`,
            )
    }
    const day = lastDay(tracingInstruction)
    const isOver = day !== null && parseInstant(day) <= parseInstant(createdAt)
    if (
        isOver &&
        (tracingInstruction.endedAt === null || parseInstant(tracingInstruction.endedAt) > parseInstant(day))
    ) {
        refuseUnrecorded(`tracing instruction \`${tracingInstruction.id}\` continued after its last day`)
    }
    if (tracingInstruction.endedAt !== null && tracingInstruction.endedAt === day && !isOver)
        refuseUnrecorded(`tracing instruction \`${tracingInstruction.id}\` has an end in the future`)
}

const lastDay = ({ extensions }: TracingInstruction): string | null =>
    extensions.findLast((extension) => extension.extendedAt !== null)?.until ?? null

const commitmentOf = ({
    salt,
    case: caseId,
    class: kind,
    colluders,
    gainBits,
    reason,
    assumedColluders,
}: TracingInstruction): string =>
    textCommitment(salt, { case: caseId, class: kind, colluders, gainBits, reason, assumedColluders })

const commitmentOfExtension = ({ salt, owner, reason, until }: InstructionExtension): string =>
    textCommitment(salt, { owner, reason, until: parseInstant(until) })
