/** Computes from the leaves of a bundle how its inquiry went, who its members are, and which evidence it has. */
import type { Bundle } from "./bundle.ts"
import { type Claim, assertRecorded, notOnRecord, same, says, words } from "./leaves.ts"

/** Lists what the leaf of a history entry must contain. */
export function claimOfTurn(turn: Bundle["history"][number], inquiry: string): Claim {
    const { kind, outcome, reason, salt, by, at } = turn
    return { kind: `inquiry.${kind}`, at, body: { inquiry, by, text: words(salt, { outcome, reason }) } }
}

/** Refuses unless the history is in the order of its leaves and the status follows from the last entry. */
export function assertCourse({ inquiry, status, history, leaves }: Bundle): void {
    const places = history.map((turn) => assertRecorded(leaves, claimOfTurn(turn, inquiry)).index)
    const isInOrder = places.every((place, i) => i === 0 || place > (places[i - 1] ?? place))
    const stands = history.at(-1)?.kind === "closed" ? "closed" : "open"
    if (!isInOrder || status !== stands) notOnRecord("it did not go as the bundle tells it")
}

/**
 * Refuses unless the members follow from the leaves: the opener and people who were added, without those excluded
 * since.
 */
export function assertMembers({ inquiry, members, leaves }: Bundle): void {
    const left = new Set<string>()
    for (const leaf of leaves.filter((leaf) => says(leaf, { inquiry }))) {
        const { by, members: more, person } = leaf.body
        if (leaf.kind === "inquiry.opened") left.add(String(by))
        if (leaf.kind === "inquiry.expanded" && Array.isArray(more)) for (const item of more) left.add(String(item))
        if (leaf.kind === "inquiry.person_excluded") left.delete(String(person))
    }
    if (same(members.toSorted(), [...left].toSorted())) return
    notOnRecord("its members are others than the record says")
}

/** Refuses unless the evidence is exactly the evidence added by leaves. */
export function assertEvidenceOfInquiry({ inquiry, evidence, leaves }: Bundle): void {
    const widened = leaves.filter((leaf) => leaf.kind === "inquiry.expanded" && says(leaf, { inquiry }))
    const brought = widened.flatMap(({ body: { evidence } }) => (Array.isArray(evidence) ? evidence.map(String) : []))
    if (same(evidence.map(({ id }) => id).toSorted(), [...new Set(brought)].toSorted())) return
    notOnRecord("its evidence is not what was brought in")
}
