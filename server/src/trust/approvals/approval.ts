/**
 * An approval: a second person's signature over the effects of an act, not over its name.
 *
 * It is asked for, signed within a day by somebody independent, and used once, while both still may. What has no
 * instant of its own is used within a week of its signature. What was signed is a ceiling:
 * an act that has become narrower or later since still stands under it, one that is wider, earlier or other does not.
 */
import { sha256 } from "@noble/hashes/sha2.js"
import { bytesToHex } from "@noble/hashes/utils.js"
import { type Json, canonical, canonicalBytes } from "@tocsin/base/canonical"
import { type Instant, dayMs } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { asking, stillHas } from "../../kernel/permissions.ts"
import type { Person } from "../identity/person.ts"

/** What an act will do, in ids, versions and instants; never in names or content. */
export interface Effects {
    /** The act in one word of its slice: `wave.release`, `partner.reinstate`. */
    readonly act: string
    /** Ids of the partners it reaches. */
    readonly recipients: readonly string[]
    readonly artifacts: readonly ArtifactVersion[]
    /** Who gets what of it, where not everybody gets all. */
    readonly openings?: readonly Opening[]
    /** The instant it is armed for; null: from its use on. */
    readonly at: Instant | null
    /** Whatever else was decided. It must be the same when the approval is used. */
    readonly detail?: Json
    /** Persons who may not sign, besides whoever asks: the authors of what goes out. */
    readonly authors?: readonly string[]
    /** Of what is not for everybody to know: the persons who alone see it and may sign. */
    readonly onlyFor?: readonly string[]
}

export interface ArtifactVersion {
    readonly artifact: string
    readonly version: number
}

/** All of these get all of these. */
export interface Opening {
    readonly recipients: readonly string[]
    readonly artifacts: readonly ArtifactVersion[]
}

/** One partner's reading of one version. */
export interface Reading extends ArtifactVersion {
    readonly partner: string
}

export interface Approval {
    readonly id: string
    readonly effects: Effects
    /** SHA-256 of the effects in canonical JSON, in hex. This is what is signed. */
    readonly effectsHash: string
    /** What the effects hold as a hash only, sealed; null where there is nothing of the kind. */
    readonly words: Uint8Array | null
    readonly requestedBy: string
    readonly requestedAt: Instant
    readonly signedBy: string | null
    readonly signedAt: Instant | null
    readonly usedAt: Instant | null
    readonly voidedAt: Instant | null
    /** Why; null also where it fell before reasons were kept. */
    readonly voidReason: VoidReason | null
    /** Persons who once might know of it, and may no more. */
    readonly withheldFrom: readonly string[]
}

export type ApprovalState = "requested" | "signed" | "used" | "voided" | "expired"

/** Whoever asked, or signed, has left or lost the role since: two people who may are no more behind it. */
export type Gone = "asker gone" | "signer gone"
/** Why an approval was taken back. */
export type VoidReason = "withdrawn" | "changed" | "superseded" | Gone

/** How long a request waits for its signature. Half-open: at its very end it is too late. */
export const signWithinMs = dayMs
/** How long what was signed for no instant of its own waits to be carried out. Half-open. */
export const carryOutWithinMs = 7 * dayMs

/** When it lapses if nobody signs it, or carries it out; null: what was signed for an instant is armed until then. */
export function lapsesAt({ effects, requestedAt, signedAt }: Approval): Instant | null {
    if (signedAt === null) return requestedAt + signWithinMs
    return effects.at === null ? signedAt + carryOutWithinMs : null
}

export function stateOf(approval: Approval, now: Instant): ApprovalState {
    if (approval.usedAt !== null) return "used"
    if (approval.voidedAt !== null) return "voided"
    const lapses = lapsesAt(approval)
    if (lapses !== null && !(now < lapses)) return "expired"
    return approval.signedAt === null ? "requested" : "signed"
}

/** The readings as effects have them: those who get the same together. */
export function openingsOf(readings: readonly Reading[]): Pick<Effects, "recipients" | "artifacts" | "openings"> {
    const byPartner = Map.groupBy(readings, ({ partner }) => partner)
    const alike = Map.groupBy(byPartner.entries(), ([, reading]) => setOf(reading.map(nameOf)).join("\n"))
    const openings = [...alike.values()].map((list) => ({
        recipients: setOf(list.map(([partner]) => partner)),
        artifacts: versionsOf(list[0]?.[1] ?? []),
    }))
    const whole = { recipients: setOf([...byPartner.keys()]), artifacts: versionsOf(readings) }
    return openings.length > 1 ? { ...whole, openings: openings.toSorted(byRecipient) } : whole
}

/** The same effects in one order and without repetitions, so that equal effects have equal hashes. */
export function settled(effects: Effects): Effects {
    const { act, recipients, artifacts, openings, at, detail, authors, onlyFor } = effects
    return {
        act,
        recipients: setOf(recipients),
        artifacts: versionsOf(artifacts),
        ...(openings !== undefined && {
            openings: openings
                .map((opening) => ({ recipients: setOf(opening.recipients), artifacts: versionsOf(opening.artifacts) }))
                .toSorted(byRecipient),
        }),
        at,
        ...(detail !== undefined && { detail }),
        ...(authors !== undefined && { authors: setOf(authors) }),
        ...(onlyFor !== undefined && { onlyFor: setOf(onlyFor) }),
    }
}

/** SHA-256 of the settled effects in canonical JSON (RFC 8785), in hex. */
export function hashOf(effects: Effects): string {
    return bytesToHex(sha256(canonicalBytes(settled(effects))))
}

/** Whether what is about to happen stays under what was signed: the same act, for no more, and no earlier. */
export function covers(approved: Effects, actual: Effects): boolean {
    const artifacts = new Set(approved.artifacts.map(nameOf))
    const gets = gettingIn(approved)
    return (
        actual.act === approved.act &&
        canonical(actual.detail ?? null) === canonical(approved.detail ?? null) &&
        actual.artifacts.every((artifactVersion) => artifacts.has(nameOf(artifactVersion))) &&
        [...gettingIn(actual)].every(([partner, entries]) => hasAll(gets.get(partner), entries)) &&
        notEarlier(actual.at, approved.at)
    )
}

const hasAll = (values: ReadonlySet<string> | undefined, entries: ReadonlySet<string>): boolean =>
    values !== undefined && [...entries].every((item) => values.has(item))

/** What each recipient gets. */
function gettingIn(effects: Effects): Map<string, Set<string>> {
    const gets = new Map(effects.recipients.map((recipient) => [recipient, new Set<string>()]))
    for (const { partner, ...version } of readingsIn(effects)) gets.get(partner)?.add(nameOf(version))
    return gets
}

/** Each partner's reading of each version. */
export function readingsIn({ recipients, artifacts, openings = [{ recipients, artifacts }] }: Effects): Reading[] {
    return openings.flatMap((opening) =>
        opening.recipients.flatMap((partner) => opening.artifacts.map((version) => ({ partner, ...version }))),
    )
}

/** "From its use on" and an instant are different promises: neither stands for the other. */
function notEarlier(actual: Instant | null, approved: Instant | null): boolean {
    return actual === null || approved === null ? actual === approved : actual >= approved
}

/** Whether this person may know of it at all. */
export function concerns({ effects: { onlyFor }, withheldFrom }: Approval, person: string): boolean {
    return (onlyFor === undefined || onlyFor.includes(person)) && !withheldFrom.includes(person)
}

/** Two people decide by it that reports of exploitation do not count: the act alone says that there are some. */
export const dismissing = "case.dismiss_reports"

const publishing = ["wave.unfreeze", "wave.late_release", "embargo.terminate", "recall.lift", "case.amend"]
/** They list what partners gain, which is more or less where a duty withholds it because of a report. */
const relaxing = ["policy.activate", "partner.relax_duties"]

/**
 * Whether effects of this kind can tell that exploitation of a case is reported. By kind: the absence of those that do would tell
 * it as well.
 */
export function canTellOfReports({ act, detail }: Effects): boolean {
    if (act === "wave.release") return ((detail ?? {}) as { readonly tier?: Json }).tier === "publication"
    return act === dismissing || publishing.includes(act) || relaxing.includes(act)
}

/** The case whose own words come with it, for whoever writes the case to read, too; null: other words, or none. */
export function retoldCase({ act, detail }: Effects): string | null {
    const { case: id } = (detail ?? {}) as { readonly case?: Json }
    return act === "case.amend" && typeof id === "string" ? id : null
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
export function assertIndependent(effects: Effects, requester: Signer, signer: Signer): void {
    if (signer.person === requester.person) {
        refuse("forbidden", "approval.own_request", "whoever asks for an approval cannot sign it")
    }
    const behind = new Set([requester.person, ...requester.creators])
    if ([signer.person, ...signer.creators].some((item) => behind.has(item))) {
        refuse("forbidden", "approval.related_signer", "both accounts go back to one person: ask somebody else")
    }
    if (effects.authors?.includes(signer.person)) {
        refuse("forbidden", "approval.author_cannot_sign", "an author of what goes out cannot sign it")
    }
}

/** Refuses a signature that comes too late or twice, or over other effects than those asked for. */
export function assertUnsigned(approval: Approval, effectsHash: string, now: Instant): void {
    const state = stateOf(approval, now)
    assertNotLapsed(approval, now)
    if (state === "expired") refuse("conflict", "approval.expired", "this request was not signed within 24 hours")
    if (state === "signed") refuse("conflict", "approval.already_signed", "this is signed already")
    if (state === "used") refuse("conflict", "approval.already_applied", "this approval was used")
    if (state === "voided") refuse("conflict", "approval.already_voided", "this approval was taken back")
    if (effectsHash !== approval.effectsHash) {
        refuse("conflict", "approval.effects_mismatch", "the effects are not those you were shown: read them again")
    }
}

/** Refuses a use that the signature does not carry. */
export function assertCarries(approval: Approval, actual: Effects, now: Instant): void {
    const state = stateOf(approval, now)
    if (state === "used") refuse("conflict", "approval.already_applied", "this approval was used")
    if (state === "voided") refuse("conflict", "approval.already_voided", "this approval was taken back")
    assertNotLapsed(approval, now)
    if (state !== "signed") refuse("conflict", "approval.not_signed", "a second person has not signed this")
    if (!covers(approval.effects, actual)) {
        refuse("conflict", "approval.effects_exceeded", "this is wider, earlier or other than what was signed")
    }
}

function assertNotLapsed(approval: Approval, now: Instant): void {
    if (!(approval.signedAt !== null && stateOf(approval, now) === "expired")) return
    refuse(
        "conflict",
        "approval.signature_expired",
        "this was not carried out within 7 days of its signature: ask anew",
    )
}

export type Holder = Pick<Person, "id" | "partner" | "leftAt" | "roles"> | null

/** Who of the two may no more; `signer` counts once it is signed. */
export function goneOf({ effects, signedBy }: Approval, asker: Holder, signer: Holder): Gone | null {
    if (!stillHas(asker, asking[effects.act] ?? "")) return "asker gone"
    return signedBy === null || stillHas(signer, "approval:sign") ? null : "signer gone"
}

/** Refuses what two people who may are no more behind. */
export function assertTwoPeople(gone: Gone | null): void {
    if (gone === "asker gone") {
        refuse(
            "conflict",
            "approval.requester_left",
            "whoever asked has left, or may not ask for this any more: ask anew",
        )
    }
    if (gone === "signer gone") {
        refuse("conflict", "approval.signer_left", "whoever signed has left, or may not sign any more: ask anew")
    }
}

const nameOf = ({ artifact, version }: ArtifactVersion): string => `${artifact} ${version}`

const versionsOf = (artifactVersions: readonly ArtifactVersion[]): ArtifactVersion[] =>
    [...new Map(artifactVersions.map((artifactVersion) => [nameOf(artifactVersion), artifactVersion])).values()]
        .map(({ artifact, version }) => ({ artifact, version }))
        .toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))

const byRecipient = (a: Opening, b: Opening): number => ((a.recipients[0] ?? "") < (b.recipients[0] ?? "") ? -1 : 1)

const setOf = (ids: readonly string[]): string[] => [...new Set(ids)].toSorted()
