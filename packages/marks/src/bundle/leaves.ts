/** Checks the leaves of a bundle: that they are under its head, contain what they must, and that none is omitted. */
import { sha256 } from "@noble/hashes/sha2.js"
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js"
import type { Leaf } from "./bundle.ts"
import { type Json, canonical, canonicalBytes } from "@tocsin/base/canonical"
import type { Checkpoint } from "@tocsin/audit-log/checkpoint"
import { provesInclusion } from "@tocsin/audit-log/merkle"
import { leafOf } from "@tocsin/audit-log/export"
import { refuse } from "@tocsin/base/refusal"
import { commit } from "@tocsin/audit-log/signed-note"

/** Refuses `bundle.out_of_place` and `bundle.altered`. */
export function assertLeaves(leaves: readonly Leaf[], { size, root }: Checkpoint): void {
    let previousIndex = -1
    for (const { index, at, kind, confidential, salt, body, path } of leaves) {
        if (!(index > previousIndex))
            refuse("invalid", "bundle.out_of_place", `leaf \`${index}\` is not in the order of the leaves`)
        previousIndex = index
        const json = body as { [name: string]: Json }
        const commitment = bytesToHex(commit(hexToBytes(salt), confidential ? { kind, body: json } : json))
        const hash = leafOf({ at, kind: confidential ? "confidential" : kind, commitment })
        if (provesInclusion(path.map(hexToBytes), hash, index, size, root)) continue
        refuse(
            "invalid",
            "bundle.altered",
            `leaf \`${index}\` differs from the signed tree: get the bundle again from its author`,
        )
    }
}

/** The required content of a leaf. */
export interface Claim {
    readonly kind: string
    /** The required instant; null for any. */
    readonly at: string | null
    readonly body: Readonly<Record<string, Json>>
}

/** Finds the leaf of a claim. Refuses `bundle.not_recorded`. */
export function assertRecorded(leaves: readonly Leaf[], { kind, at, body }: Claim): Leaf {
    const found = leaves.find((leaf) => leaf.kind === kind && (at === null || leaf.at === at) && hasFields(leaf, body))
    return found ?? refuseUnrecorded(`no leaf of kind \`${kind}\` confirms what the bundle states`)
}

/** Refuses `bundle.not_recorded`. */
export function refuseUnrecorded(reason: string): never {
    refuse("invalid", "bundle.not_recorded", reason)
}

/** Checks whether a leaf has these fields. */
export function hasFields(leaf: Leaf, body: Readonly<Record<string, Json>>): boolean {
    return Object.entries(body).every(([name, value]) => equalJson(leaf.body[name] ?? null, value))
}

/** Refuses unless there are as many leaves of a kind as claims. */
export function assertComplete(leaves: readonly Leaf[], claims: readonly Claim[], kind: string): void {
    const claimed = new Set(claims.filter((claim) => claim.kind === kind).map((claim) => canonical(claim.body)))
    if (leaves.filter((leaf) => leaf.kind === kind).length === claimed.size) return
    refuse(
        "invalid",
        "bundle.count_mismatch",
        `the number of leaves of kind \`${kind}\` differs from what the bundle states`,
    )
}

/** Refuses `bundle.duplicate_entry` for repeated keys. */
export function assertUnique(kind: string, keys: readonly (string | number)[]): void {
    if (new Set(keys).size === keys.length) return
    refuse("invalid", "bundle.duplicate_entry", `it has one of its ${kind} twice`)
}

/** Compares two values by their canonical JSON. */
export const equalJson = (a: unknown, b: unknown): boolean => canonical(a) === canonical(b)

/** Computes the commitment of the audit log to a text. */
export const textCommitment = (salt: string, content: Json): string => bytesToHex(commit(hexToBytes(salt), content))

/**
 * An action that one person requested and another signed, over effects that commit to its text, and that was applied.
 */
export interface TwoPersonAction {
    readonly action: string
    readonly id: string
    readonly approval: string
    readonly requestedBy: string
    readonly signedBy: string | null
    readonly effects: Readonly<Record<string, unknown>>
    readonly digest: string
}

/** Refuses `bundle.effects_mismatch` and `bundle.not_signed`. */
export function assertTwoPeople(leaves: readonly Leaf[], signedAction: TwoPersonAction): void {
    const { action, id, approval, requestedBy, signedBy, effects, digest } = signedAction
    const effectsHash = bytesToHex(sha256(canonicalBytes(effects)))
    const detail = (effects["detail"] ?? {}) as Readonly<Record<string, unknown>>
    if (detail["digest"] !== digest) {
        refuse("invalid", "bundle.effects_mismatch", `the text of \`${id}\` differs from the signed text`)
    }
    if (signedBy === null || signedBy === requestedBy) {
        refuse("invalid", "bundle.not_signed", `\`${id}\` was not signed by a second person`)
    }
    const signed = { approval, action, effectsHash }
    assertRecorded(leaves, { kind: "approval.requested", at: null, body: { ...signed, by: requestedBy } })
    assertRecorded(leaves, { kind: "approval.signed", at: null, body: { ...signed, by: signedBy } })
    assertRecorded(leaves, { kind: "approval.applied", at: null, body: { approval } })
}
