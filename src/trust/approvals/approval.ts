/**
 * An approval: a second person's signature over the effects of an act, not over its name.
 *
 * It is asked for, signed within a day by somebody independent, and used once. What was signed is a ceiling:
 * an act that has become narrower or later since still stands under it, one that is wider, earlier or other does not.
 */
import { sha256 } from "@noble/hashes/sha2.js"
import { bytesToHex } from "@noble/hashes/utils.js"
import { type Json, canonical, canonicalBytes } from "../../lib/canonical.ts"
import { type Instant, dayMs } from "../../lib/instant.ts"
import { refuse } from "../../lib/refusal.ts"

/** What an act will do, in ids, versions and instants; never in names or content. */
export interface Effects {
    /** The act in one word of its slice: `wave.release`, `partner.reinstate`. */
    readonly act: string
    /** Ids of the partners it reaches. */
    readonly recipients: readonly string[]
    readonly artifacts: readonly ArtifactVersion[]
    /** The instant it is armed for; null: from its use on. */
    readonly at: Instant | null
    /** Whatever else was decided. It must be the same when the approval is used. */
    readonly detail?: Json
    /** Persons who may not sign, besides whoever asks: the authors of what goes out. */
    readonly authors?: readonly string[]
}

export interface ArtifactVersion {
    readonly artifact: string
    readonly version: number
}

export interface Approval {
    readonly id: string
    readonly effects: Effects
    /** SHA-256 of the effects in canonical JSON, in hex. This is what is signed. */
    readonly effectsHash: string
    readonly requestedBy: string
    readonly requestedAt: Instant
    readonly signedBy: string | null
    readonly signedAt: Instant | null
    readonly usedAt: Instant | null
    readonly voidedAt: Instant | null
}

export type ApprovalState = "requested" | "signed" | "used" | "voided" | "expired"

/** Why an approval was taken back. */
export type VoidReason = "withdrawn" | "changed" | "superseded"

/** How long a request waits for its signature. Half-open: at its very end it is too late. */
export const signWithinMs = dayMs

export function stateOf(approval: Approval, now: Instant): ApprovalState {
    if (approval.usedAt !== null) return "used"
    if (approval.voidedAt !== null) return "voided"
    if (approval.signedAt !== null) return "signed"
    return now < approval.requestedAt + signWithinMs ? "requested" : "expired"
}

/** The same effects in one order and without repetitions, so that equal effects have equal hashes. */
export function settled(effects: Effects): Effects {
    const { act, recipients, artifacts, at, detail, authors } = effects
    return {
        act,
        recipients: setOf(recipients),
        artifacts: [...new Map(artifacts.map((one) => [nameOf(one), one])).values()]
            .map(({ artifact, version }) => ({ artifact, version }))
            .toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1)),
        at,
        ...(detail !== undefined && { detail }),
        ...(authors !== undefined && { authors: setOf(authors) }),
    }
}

/** SHA-256 of the settled effects in canonical JSON (RFC 8785), in hex. */
export function hashOf(effects: Effects): string {
    return bytesToHex(sha256(canonicalBytes(settled(effects))))
}

/** Whether what is about to happen stays under what was signed: the same act, for no more, and no earlier. */
export function covers(approved: Effects, actual: Effects): boolean {
    const recipients = new Set(approved.recipients)
    const artifacts = new Set(approved.artifacts.map(nameOf))
    return (
        actual.act === approved.act &&
        canonical(actual.detail ?? null) === canonical(approved.detail ?? null) &&
        actual.recipients.every((one) => recipients.has(one)) &&
        actual.artifacts.every((one) => artifacts.has(nameOf(one))) &&
        notEarlier(actual.at, approved.at)
    )
}

/** "From its use on" and an instant are different promises: neither stands for the other. */
function notEarlier(actual: Instant | null, approved: Instant | null): boolean {
    return actual === null || approved === null ? actual === approved : actual >= approved
}

/** Who signs: a person, and everybody whose act that person's account goes back to. */
export interface Signer {
    readonly person: string
    readonly creators: readonly string[]
}

/**
 * Refuses a signer who is not a second person: whoever asked, an account that goes back to the same person as the
 * other (whoever adds an account is shown its link, and two of them may be one human), an author of what goes out.
 */
export function mustBeIndependent(effects: Effects, requester: Signer, signer: Signer): void {
    if (signer.person === requester.person) {
        refuse("forbidden", "approval.own_request", "whoever asks for an approval cannot sign it")
    }
    const behind = new Set([requester.person, ...requester.creators])
    if ([signer.person, ...signer.creators].some((one) => behind.has(one))) {
        refuse("forbidden", "approval.related_signer", "both accounts go back to one person: ask somebody else")
    }
    if (effects.authors?.includes(signer.person)) {
        refuse("forbidden", "approval.author_signs", "an author of what goes out cannot sign it")
    }
}

/** Refuses a signature that comes too late or twice, or over other effects than those asked for. */
export function mustWaitForSignature(approval: Approval, effectsHash: string, now: Instant): void {
    const state = stateOf(approval, now)
    if (state === "expired") refuse("conflict", "approval.expired", "this request was not signed within 24 hours")
    if (state === "signed") refuse("conflict", "approval.signed_already", "this is signed already")
    if (state === "used") refuse("conflict", "approval.used", "this approval was used")
    if (state === "voided") refuse("conflict", "approval.voided", "this approval was taken back")
    if (effectsHash !== approval.effectsHash) {
        refuse("conflict", "approval.other_effects", "the effects are not those you were shown: read them again")
    }
}

/** Refuses a use that the signature does not carry. */
export function mustCarry(approval: Approval, actual: Effects, now: Instant): void {
    const state = stateOf(approval, now)
    if (state === "used") refuse("conflict", "approval.used", "this approval was used")
    if (state === "voided") refuse("conflict", "approval.voided", "this approval was taken back")
    if (state !== "signed") refuse("conflict", "approval.not_signed", "a second person has not signed this")
    if (!covers(approval.effects, actual)) {
        refuse("conflict", "approval.does_not_cover", "this is wider, earlier or other than what was signed")
    }
}

const nameOf = ({ artifact, version }: ArtifactVersion): string => `${artifact} ${version}`

const setOf = (ids: readonly string[]): string[] => [...new Set(ids)].toSorted()
