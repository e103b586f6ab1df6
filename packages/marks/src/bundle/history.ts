/** Computes from the leaves of a bundle how its inquiry went, who its members are, and which evidence it has. */
import type { Bundle } from "./bundle.ts"
import { type Claim, assertRecorded, refuseUnrecorded, equalJson, hasFields, textCommitment } from "./leaves.ts"

/** Lists what the leaf of a history entry must contain. */
export function claimOfEntry(entry: Bundle["history"][number], inquiry: string): Claim {
    const { kind, outcome, reason, salt, by, at } = entry
    return { kind: `inquiry.${kind}`, at, body: { inquiry, by, text: textCommitment(salt, { outcome, reason }) } }
}

/** Refuses unless the history is in the order of its leaves and the status follows from the last entry. */
export function assertHistory({ inquiry, status, history, leaves }: Bundle): void {
    const places = history.map((entry) => assertRecorded(leaves, claimOfEntry(entry, inquiry)).index)
    const isInOrder = places.every((place, i) => i === 0 || place > (places[i - 1] ?? place))
    const statusOfHistory = history.at(-1)?.kind === "closed" ? "closed" : "open"
    if (!isInOrder || status !== statusOfHistory)
        refuseUnrecorded("its history or status differs from the recorded one")
}

/**
 * Refuses unless the members follow from the leaves: the opener and people who were added, without those excluded
 * since.
 */
export function assertMembers({ inquiry, members, leaves }: Bundle): void {
    const current = new Set<string>()
    for (const leaf of leaves.filter((leaf) => hasFields(leaf, { inquiry }))) {
        const { by, members: addedMembers, person } = leaf.body
        if (leaf.kind === "inquiry.opened") current.add(String(by))
        if (leaf.kind === "inquiry.expanded" && Array.isArray(addedMembers))
            for (const item of addedMembers) current.add(String(item))
        if (leaf.kind === "inquiry.person_excluded") current.delete(String(person))
    }
    if (equalJson(members.toSorted(), [...current].toSorted())) return
    refuseUnrecorded("its members differ from the recorded ones")
}

/** Refuses unless the evidence is exactly the evidence added by leaves. */
export function assertEvidenceOfInquiry({ inquiry, evidence, leaves }: Bundle): void {
    const expansions = leaves.filter((leaf) => leaf.kind === "inquiry.expanded" && hasFields(leaf, { inquiry }))
    const addedEvidence = expansions.flatMap(({ body: { evidence } }) =>
        Array.isArray(evidence) ? evidence.map(String) : [],
    )
    if (equalJson(evidence.map(({ id }) => id).toSorted(), [...new Set(addedEvidence)].toSorted())) return
    refuseUnrecorded("its evidence differs from the recorded evidence")
}
