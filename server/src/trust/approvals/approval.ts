/**
 * Defines approvals: a second person's signature over the effects of an action.
 *
 * A person requests it, an independent person signs it within a day, and it is applied once while both may still act.
 * Without an instant of its own it must be applied within a week. The signed effects are a limit: a narrower or later
 * action is covered, a wider, earlier or different action is not.
 */
import { sha256 } from "@noble/hashes/sha2.js"
import { bytesToHex } from "@noble/hashes/utils.js"
import { type Json, canonical, canonicalBytes } from "@tocsin/base/canonical"
import { type Instant, dayMs } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { permissionByAction, isStaffWithPermission } from "../../kernel/permissions.ts"
import type { Person } from "../identity/person.ts"

/** The effects of an action in ids, versions and instants; never in names or content. */
export interface Effects {
    /** The approval action, for example `wave.release`, `partner.reinstate`. */
    readonly action: string
    /** Ids of the affected partners. */
    readonly recipients: readonly string[]
    readonly artifacts: readonly ArtifactVersion[]
    /** Recipient groups, where not all recipients get all artifacts. */
    readonly recipientGroups?: readonly RecipientGroup[]
    /** The instant for which it is approved; null: from its application on. */
    readonly at: Instant | null
    /** Any other part of the decision. It must be equal when the approval is applied. */
    readonly detail?: Json
    /** People who may not sign, in addition to the requester: the authors of the content. */
    readonly authors?: readonly string[]
    /** The only people who may see and sign a confidential approval. */
    readonly onlyFor?: readonly string[]
}

/** A version of an artifact. */
export interface ArtifactVersion {
    readonly artifact: string
    readonly version: number
}

/** One recipient group: each recipient gets each artifact. */
export interface RecipientGroup {
    readonly recipients: readonly string[]
    readonly artifacts: readonly ArtifactVersion[]
}

/** One version that one partner gets. */
export interface PartnerVersion extends ArtifactVersion {
    readonly partner: string
}

/** The reason of a request, or the id of the signed approval. */
export interface ApprovalInput {
    readonly reason?: string | undefined
    readonly approval?: string | undefined
}

/** Whether the action may run, and the approval that was signed or waits for a signature. */
export interface ApprovalOutcome {
    readonly done: boolean
    readonly approval: string
}

/** The outcome of a deletion. */
export interface DeletionOutcome extends ApprovalOutcome {
    /** Whether other work needs what the deletion would destroy. Then the approval is void: refuse after the commit. */
    readonly isNeeded: boolean
}

/** An approval with its effects and signatures. */
export interface Approval {
    readonly id: string
    readonly effects: Effects
    /** SHA-256 of the effects in canonical JSON, in hex. The signer signs this hash. */
    readonly effectsHash: string
    /** Encrypted text behind a hash in the effects; null where there is none. */
    readonly textCiphertext: Uint8Array | null
    readonly requestedBy: string
    readonly requestedAt: Instant
    readonly signedBy: string | null
    readonly signedAt: Instant | null
    readonly appliedAt: Instant | null
    readonly voidedAt: Instant | null
    /** Why it was voided; null if it was not. */
    readonly voidReason: VoidReason | null
    /** People who could see it once and may no longer. */
    readonly withheldFrom: readonly string[]
}

/** The state of an approval, computed from its instants. */
export type ApprovalState = "requested" | "signed" | "applied" | "voided" | "expired"

/** Requester or signer has left or lost the role, so two people no longer support the approval. */
export type ApprovalObstacle = "requester_left" | "signer_left"
/** Why an approval was voided. */
export type VoidReason = "withdrawn" | "changed" | "superseded" | ApprovalObstacle

/** How long a request can be signed, in milliseconds. Half-open. */
export const signWithinMs = dayMs
/** How long a signed approval without an instant can be applied, in milliseconds. Half-open. */
export const applyWithinMs = 7 * dayMs

/** Limit of approvals that are signed together. */
export const signedTogetherMax = 200

/** When an approval expires unsigned or unapplied. Null: signed for an instant, it does not expire. */
export function expiresAt({ effects, requestedAt, signedAt }: Approval): Instant | null {
    if (signedAt === null) return requestedAt + signWithinMs
    return effects.at === null ? signedAt + applyWithinMs : null
}

/** State of an approval at this instant. */
export function stateOf(approval: Approval, now: Instant): ApprovalState {
    if (approval.appliedAt !== null) return "applied"
    if (approval.voidedAt !== null) return "voided"
    const expiry = expiresAt(approval)
    if (expiry !== null && !(now < expiry)) return "expired"
    return approval.signedAt === null ? "requested" : "signed"
}

/** Groups recipients that get the same versions. */
export function recipientGroupsOf(
    partnerVersions: readonly PartnerVersion[],
): Pick<Effects, "recipients" | "artifacts" | "recipientGroups"> {
    const byPartner = Map.groupBy(partnerVersions, ({ partner }) => partner)
    const sameVersions = Map.groupBy(byPartner.entries(), ([, versions]) =>
        sortedUniqueOf(versions.map(versionKeyOf)).join("\n"),
    )
    const recipientGroups = [...sameVersions.values()].map((list) => ({
        recipients: sortedUniqueOf(list.map(([partner]) => partner)),
        artifacts: uniqueVersionsOf(list[0]?.[1] ?? []),
    }))
    const total = { recipients: sortedUniqueOf([...byPartner.keys()]), artifacts: uniqueVersionsOf(partnerVersions) }
    return recipientGroups.length > 1 ? { ...total, recipientGroups: recipientGroups.toSorted(byRecipient) } : total
}

/** Sorts effects and removes duplicates, so that equal effects have equal hashes. */
export function normaliseEffects(effects: Effects): Effects {
    const { action, recipients, artifacts, recipientGroups, at, detail, authors, onlyFor } = effects
    return {
        action,
        recipients: sortedUniqueOf(recipients),
        artifacts: uniqueVersionsOf(artifacts),
        ...(recipientGroups !== undefined && {
            recipientGroups: recipientGroups
                .map((group) => ({
                    recipients: sortedUniqueOf(group.recipients),
                    artifacts: uniqueVersionsOf(group.artifacts),
                }))
                .toSorted(byRecipient),
        }),
        at,
        ...(detail !== undefined && { detail }),
        ...(authors !== undefined && { authors: sortedUniqueOf(authors) }),
        ...(onlyFor !== undefined && { onlyFor: sortedUniqueOf(onlyFor) }),
    }
}

/** SHA-256 of the sorted effects in canonical JSON (RFC 8785), in hex. */
export function hashOf(effects: Effects): string {
    return bytesToHex(sha256(canonicalBytes(normaliseEffects(effects))))
}

/** Whether the signed effects cover the actual ones: the same action, for no more, and no earlier. */
export function covers(approved: Effects, actual: Effects): boolean {
    const artifacts = new Set(approved.artifacts.map(versionKeyOf))
    const approvedVersions = versionsByRecipient(approved)
    return (
        actual.action === approved.action &&
        canonical(actual.detail ?? null) === canonical(approved.detail ?? null) &&
        actual.artifacts.every((artifactVersion) => artifacts.has(versionKeyOf(artifactVersion))) &&
        [...versionsByRecipient(actual)].every(([partner, entries]) =>
            hasAll(approvedVersions.get(partner), entries),
        ) &&
        isNotEarlier(actual.at, approved.at)
    )
}

const hasAll = (values: ReadonlySet<string> | undefined, entries: ReadonlySet<string>): boolean =>
    values !== undefined && [...entries].every((entry) => values.has(entry))

/** The versions that each recipient gets. */
function versionsByRecipient(effects: Effects): Map<string, Set<string>> {
    const versions = new Map(effects.recipients.map((recipient) => [recipient, new Set<string>()]))
    for (const { partner, ...version } of partnerVersionsIn(effects)) versions.get(partner)?.add(versionKeyOf(version))
    return versions
}

/** Lists each version that each partner gets. */
export function partnerVersionsIn({
    recipients,
    artifacts,
    recipientGroups = [{ recipients, artifacts }],
}: Effects): PartnerVersion[] {
    return recipientGroups.flatMap((group) =>
        group.recipients.flatMap((partner) => group.artifacts.map((version) => ({ partner, ...version }))),
    )
}

/** Whether an action is not earlier than approved. "At application" (null) and an instant do not cover each other. */
function isNotEarlier(actual: Instant | null, approved: Instant | null): boolean {
    return actual === null || approved === null ? actual === approved : actual >= approved
}

/** Whether this person may see the approval. */
export function isVisibleTo({ effects: { onlyFor }, withheldFrom }: Approval, person: string): boolean {
    return (onlyFor === undefined || onlyFor.includes(person)) && !withheldFrom.includes(person)
}

/** The action that dismisses reports of exploitation. Its name alone shows that reports exist. */
export const dismissReportsAction = "case.dismiss_reports"

const publishingActions = ["wave.unfreeze", "wave.late_release", "embargo.terminate", "recall.lift", "case.amend"]
/** These list the partners' new access, which depends on reports where a reporting duty withholds content. */
const relaxingActions = ["policy.activate", "partner.relax_duties"]

/**
 * Whether effects of this kind can show that exploitation of a case is reported. Decided by kind, because the absence
 * of single approvals would show it as well.
 */
export function canRevealReports({ action, detail }: Effects): boolean {
    if (action === "wave.release") return ((detail ?? {}) as { readonly tier?: Json }).tier === "publication"
    return action === dismissReportsAction || publishingActions.includes(action) || relaxingActions.includes(action)
}

/**
 * The case whose new text comes with the approval, also for authors of the case to read. Null: another text or none.
 */
export function amendedCaseOf({ action, detail }: Effects): string | null {
    const { case: id } = (detail ?? {}) as { readonly case?: Json }
    return action === "case.amend" && typeof id === "string" ? id : null
}

/** A signer with the people who created its account, directly or indirectly. */
export interface Signer {
    readonly person: string
    readonly creators: readonly string[]
}

/**
 * Refuses `approval.own_request`, `approval.related_signer` and `approval.author_cannot_sign`. Accounts with a common
 * creator count as related, because the creator saw their links and may be the same human.
 */
export function assertIndependent(effects: Effects, requester: Signer, signer: Signer): void {
    if (signer.person === requester.person) {
        refuse("forbidden", "approval.own_request", "you requested this approval: another person must sign it")
    }
    const requesterAccounts = new Set([requester.person, ...requester.creators])
    if ([signer.person, ...signer.creators].some((account) => requesterAccounts.has(account))) {
        refuse(
            "forbidden",
            "approval.related_signer",
            "one person created your account and the requester's: ask another person to sign",
        )
    }
    if (effects.action === "person.recover" && isAbout(effects.detail, signer.person)) {
        refuse(
            "forbidden",
            "approval.own_recovery",
            "two other people restore your sign-in: ask another person to sign",
        )
    }
    if (effects.authors?.includes(signer.person)) {
        refuse(
            "forbidden",
            "approval.author_cannot_sign",
            "you are an author of this content: ask another person to sign",
        )
    }
}

const isAbout = (detail: Json | undefined, person: string): boolean =>
    typeof detail === "object" && detail !== null && "person" in detail && detail["person"] === person

/** Refuses a signature that is late or repeated, or whose hash is not that of the effects. */
export function assertCanSign(approval: Approval, effectsHash: string, now: Instant): void {
    const state = stateOf(approval, now)
    assertSignatureNotExpired(approval, now)
    if (state === "expired")
        refuse("conflict", "approval.expired", "this request was not signed within 24 hours: request a new approval")
    if (state === "signed") refuse("conflict", "approval.already_signed", "this approval is already signed: apply it")
    if (state === "applied")
        refuse("conflict", "approval.already_applied", "this approval was already applied: request a new one")
    if (state === "voided") refuse("conflict", "approval.already_voided", "this approval was voided: request a new one")
    if (effectsHash !== approval.effectsHash) {
        refuse(
            "conflict",
            "approval.effects_mismatch",
            "the effects are not those you were shown: reload and read them again",
        )
    }
}

/** Refuses an approval that cannot be applied to the actual effects now. */
export function assertCanApply(approval: Approval, actual: Effects, now: Instant): void {
    const state = stateOf(approval, now)
    if (state === "applied")
        refuse("conflict", "approval.already_applied", "this approval was already applied: request a new one")
    if (state === "voided") refuse("conflict", "approval.already_voided", "this approval was voided: request a new one")
    assertSignatureNotExpired(approval, now)
    if (state !== "signed")
        refuse("conflict", "approval.not_signed", "this approval is not signed: ask a second person to sign it")
    if (!covers(approval.effects, actual)) {
        refuse("conflict", "approval.effects_exceeded", "the effects exceed the signed approval: request a new one")
    }
}

function assertSignatureNotExpired(approval: Approval, now: Instant): void {
    if (!(approval.signedAt !== null && stateOf(approval, now) === "expired")) return
    refuse(
        "conflict",
        "approval.signature_expired",
        "this approval was not applied within 7 days of its signature: request a new one",
    )
}

/** The person behind an approval; null where the person is unknown. */
export type ApprovalPerson = Pick<Person, "id" | "partner" | "leftAt" | "roles"> | null

/** Which of the two people may no longer act; null: both may. `signer` counts once it is signed. */
export function obstacleOf(
    { effects, signedBy }: Approval,
    requester: ApprovalPerson,
    signer: ApprovalPerson,
): ApprovalObstacle | null {
    if (!isStaffWithPermission(requester, permissionByAction[effects.action] ?? "")) return "requester_left"
    return signedBy === null || isStaffWithPermission(signer, "approval:sign") ? null : "signer_left"
}

/** Refuses `approval.requester_left` and `approval.signer_left`. */
export function assertTwoPeople(obstacle: ApprovalObstacle | null): void {
    if (obstacle === "requester_left") {
        refuse(
            "conflict",
            "approval.requester_left",
            "the requester has left or lost the permission: request a new approval",
        )
    }
    if (obstacle === "signer_left") {
        refuse("conflict", "approval.signer_left", "the signer has left or lost the permission: request a new approval")
    }
}

const versionKeyOf = ({ artifact, version }: ArtifactVersion): string => `${artifact} ${version}`

const uniqueVersionsOf = (artifactVersions: readonly ArtifactVersion[]): ArtifactVersion[] =>
    [...new Map(artifactVersions.map((artifactVersion) => [versionKeyOf(artifactVersion), artifactVersion])).values()]
        .map(({ artifact, version }) => ({ artifact, version }))
        .toSorted((a, b) => (versionKeyOf(a) < versionKeyOf(b) ? -1 : 1))

const byRecipient = (a: RecipientGroup, b: RecipientGroup): number =>
    (a.recipients[0] ?? "") < (b.recipients[0] ?? "") ? -1 : 1

const sortedUniqueOf = (ids: readonly string[]): string[] => [...new Set(ids)].toSorted()
