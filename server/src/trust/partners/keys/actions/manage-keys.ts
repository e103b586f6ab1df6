/** Adds and revokes a partner's keys for copies, and lists usable ones for sealing. */
import { type Instant, formatInstant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import type { KeyChange } from "@tocsin/client/key-change"
import { isCertificate } from "@tocsin/client/openpgp-recipient"
import { recipientText } from "@tocsin/client/recipient"
import { normalRecipient } from "@tocsin/client/ssh-recipient"
import { trustedInstant, withheldFrom } from "../../../../platform/time/clock.ts"
import { readSealingCertificate } from "../../../../platform/crypto/seal-openpgp.ts"
import { assertRecipient } from "../../../../platform/crypto/seal.ts"
import { applyApproval } from "../../../approvals/actions/request-approval.ts"
import type { Effects } from "../../../approvals/approval.ts"
import { queueKeyReceipt } from "../../../receipts/actions/queue-key-receipt.ts"
import { type ActionContext, record } from "../../../../kernel/action-context.ts"
import {
    type PartnerKey,
    type Readiness,
    hasWaited,
    isEnded,
    isRevoked,
    isUsable,
    keyEnd,
    keysMax,
    accept,
    assertCanAccept,
    earliestUse,
    readinessAt,
} from "../key.ts"
import * as store from "../store/keys.ts"
import { lockPartner } from "../../store/partners.ts"
import { acceptanceEffects } from "../../approval-effects.ts"
import { hasCaseAccess } from "../../partner.ts"
import { assertLead, voidAdmissionApprovals } from "../../roster/actions/manage-roster.ts"
import { loadPartnerStatus } from "../../actions/load-facts.ts"
import { loadRules } from "../../actions/set-program-rules.ts"
import { encryptCertificate } from "./seal-copy.ts"

/**
 * Adds an age recipient, or an armoured OpenPGP certificate. If another partner also has it, the audit log notes this
 * for staff; a refusal would reveal one partner to another. `end`: when sealing to it stops; null: the latest possible
 * instant. Refuses `key.already_added`, `key.too_many`.
 */
export async function addKey(ctx: ActionContext, typed: string, end: Instant | null = null): Promise<PartnerKey> {
    const { partner, person } = assertLead(ctx)
    const { recipient, certificate, endsAt } = await readRecipient(ctx, typed)
    await lockPartner(ctx.tx, partner)
    const earlierKeys = await store.listKeys(ctx.tx, partner)
    const inUse = earlierKeys.filter((key) => !isEnded(key, ctx.now))
    if (earlierKeys.some((key) => key.recipient === recipient)) {
        refuse("conflict", "key.already_added", "this key was added before and cannot be added again: create a new key")
    }
    if (!(inUse.length < keysMax))
        refuse("conflict", "key.too_many", `the limit of \`${keysMax}\` keys is reached: revoke one first`, {
            max: keysMax,
        })
    const first = earlierKeys.length === 0
    const { rules } = await loadRules(ctx, "requirements")
    const from = earliestUse(earlierKeys, ctx.now)
    const latest = keyEnd(end, from, rules.keyDaysMax)
    const key: PartnerKey = {
        id: ctx.services.newId(),
        partner,
        recipient,
        addedBy: person,
        addedAt: ctx.now,
        usableFrom: first ? ctx.now : null,
        expiresAt: endsAt === null || endsAt > latest ? latest : keyEnd(endsAt, from, rules.keyDaysMax),
        revokedAt: null,
        testedAt: null,
        confirmedBy: null,
        confirmedAt: null,
        acceptedAt: null,
    }
    const elsewhere = await store.isUsedElsewhere(ctx.tx, partner, recipient)
    const ciphertext = certificate === null ? null : await encryptCertificate(ctx, key, certificate)
    await store.insertKey(ctx.tx, key, ciphertext)
    await voidAdmissionApprovals(ctx, partner)
    const { id, usableFrom, expiresAt } = key
    const receipt = await issueKeyReceipt(ctx, "key_added", key)
    const admitted = hasCaseAccess(await loadPartnerStatus(ctx, partner))
    const added = { partner, key: id, usableFrom, expiresAt, first, admitted, elsewhere, receipt }
    await record(ctx, { kind: "key.added", ...added })
    return key
}

interface ReadRecipient {
    readonly recipient: string
    /** Armoured; null: an age recipient. */
    readonly certificate: string | null
    /** When the certificate expires; null: never. */
    readonly endsAt: Instant | null
}

async function readRecipient(ctx: ActionContext, typed: string): Promise<ReadRecipient> {
    if (isCertificate(typed)) {
        const { recipient, text, endsAt } = await readSealingCertificate(typed, ctx.services.realNow())
        return { recipient, certificate: text, endsAt }
    }
    const recipient = normalRecipient(typed)
    await assertRecipient(recipient)
    return { recipient, certificate: null, endsAt: null }
}

export interface Acceptance {
    readonly partner: string
    readonly key: string
    /** Whether the key is usable at once, for a partner without a usable key. */
    readonly atOnce: boolean
}

/**
 * Accepts a key that waits, by two signatures. Staff must first verify the key by another channel. It is usable a day
 * after it was added at the earliest, or at once where the partner lost its keys.
 */
export async function acceptKey(ctx: ActionContext, acceptance: Acceptance, approval: string): Promise<void> {
    const { partner, key: id, atOnce } = acceptance
    await lockPartner(ctx.tx, partner)
    const effects = await computeAcceptanceEffects(ctx, acceptance)
    await applyApproval(ctx, approval, effects)
    const accepted = accept(await loadKey(ctx, partner, id), atOnce, ctx.now)
    await store.saveStart(ctx.tx, accepted)
    const { usableFrom } = accepted
    const receipt = await issueKeyReceipt(ctx, "key_accepted", accepted, approval)
    await record(ctx, { kind: "key.accepted", partner, key: id, usableFrom, atOnce, approval, receipt })
}

/** The effects of an acceptance: the key's recipient, which the partner reads out, and when it is usable. */
export async function computeAcceptanceEffects(
    ctx: ActionContext,
    { partner, key: id, atOnce }: Acceptance,
): Promise<Effects> {
    if (!hasCaseAccess(await loadPartnerStatus(ctx, partner)))
        refuse("conflict", "key.no_case_access", "the partner has no case access: accept its key once it has access")
    const key = await loadKey(ctx, partner, id)
    assertCanAccept(key, await listUsableKeys(ctx, partner, ctx.now), atOnce, ctx.now)
    return acceptanceEffects(key, atOnce)
}

/** Lists keys that wait for a confirmation or an acceptance, oldest first. */
export async function listWaitingKeys(ctx: ActionContext): Promise<PartnerKey[]> {
    return await store.listWaitingKeys(ctx.tx, ctx.now)
}

/** Revokes a key: no more copies are sealed to it. Repeating changes nothing. */
export async function revokeKey(ctx: ActionContext, id: string): Promise<void> {
    const { partner } = assertLead(ctx)
    await lockPartner(ctx.tx, partner)
    const key = await loadKey(ctx, partner, id)
    if (isRevoked(key, ctx.now)) return
    await store.markRevoked(ctx.tx, id, await withheldFrom(ctx.tx, ctx.services, ctx.now))
    await voidAdmissionApprovals(ctx, partner)
    const receipt = await issueKeyReceipt(ctx, "key_revoked", key)
    await record(ctx, { kind: "key.revoked", partner, key: id, receipt })
}

/** Revokes a key again after a restore that lost the revocation. False where it is unknown or revoked. */
export async function revokeKeyAfterRestore(ctx: ActionContext, id: string): Promise<boolean> {
    const partner = await store.findPartnerOfKey(ctx.tx, id)
    if (partner === null) return false
    await lockPartner(ctx.tx, partner)
    const key = await loadKey(ctx, partner, id)
    if (isRevoked(key, ctx.now)) return false
    await store.markRevoked(ctx.tx, id, await withheldFrom(ctx.tx, ctx.services, ctx.now))
    const receipt = await issueKeyReceipt(ctx, "key_revoked", key)
    await record(ctx, { kind: "key.revoked", partner, key: id, receipt })
    return true
}

/** Gives the partner a receipt for a change of its keys. Returns the receipt's hash for the event. */
export async function issueKeyReceipt(
    ctx: ActionContext,
    kind: KeyChange["kind"],
    key: PartnerKey,
    approval: string | null = null,
): Promise<string> {
    return await queueKeyReceipt(ctx, key.partner, {
        kind,
        key: key.id,
        recipient: recipientText(key.recipient),
        confirmedBy: key.confirmedBy,
        approval,
        usableFrom: key.usableFrom === null ? null : formatInstant(key.usableFrom),
        expiresAt: formatInstant(key.expiresAt),
    })
}

/** Loads a key of this partner. Refuses `key.not_found` for any other. */
export async function loadKey(ctx: ActionContext, partner: string, id: string): Promise<PartnerKey> {
    const key = (await store.listKeys(ctx.tx, partner)).find((partnerKey) => partnerKey.id === id)
    return key ?? refuse("missing", "key.not_found", "no key with this id")
}

/** Lists the recipients for this partner's copies at this instant; may be empty. */
export async function listRecipients(ctx: ActionContext, partner: string, at: Instant): Promise<string[]> {
    return (await listUsableKeys(ctx, partner, at)).map((key) => key.recipient)
}

/** Lists the keys that this partner's copies are sealed to at this instant; may be empty. */
export async function listUsableKeys(ctx: ActionContext, partner: string, at: Instant): Promise<PartnerKey[]> {
    const keys = await store.listKeysToSealFor(ctx.tx, partner)
    const waited = keys.filter((key) => hasWaited(key, trustedInstant(ctx.services.clock, key.trustedUntil, at)))
    return waited.filter((key) => isUsable(key, at))
}

/** Lists every key that the partner ever had, oldest first. */
export async function listKeys(ctx: ActionContext, partner: string): Promise<PartnerKey[]> {
    return await store.listKeys(ctx.tx, partner)
}

/** Counts each partner's usable keys now. Partners without keys are left out. */
export async function countUsableKeys(ctx: ActionContext): Promise<Map<string, number>> {
    const counts = new Map<string, number>()
    for (const key of await store.listKeysInUse(ctx.tx)) {
        if (isUsable(key, ctx.now)) counts.set(key.partner, (counts.get(key.partner) ?? 0) + 1)
    }
    return counts
}

/** Readiness of each partner for a release at an instant. */
export async function loadReadiness(
    ctx: ActionContext,
    partners: readonly string[],
    instant: Instant,
): Promise<Map<string, Readiness>> {
    const keys = Map.groupBy(await store.listKeysInUse(ctx.tx), ({ partner }) => partner)
    return new Map(partners.map((partner) => [partner, readinessAt(keys.get(partner) ?? [], instant)]))
}
