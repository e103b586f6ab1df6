/** Adds and revokes a partner's age keys, and lists usable ones for sealing copies. */
import type { Instant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { trustedInstant, withheldFrom } from "../../../../platform/time/clock.ts"
import { assertRecipient } from "../../../../platform/crypto/seal.ts"
import { applyApproval } from "../../../approvals/actions/request-approval.ts"
import type { Effects } from "../../../approvals/approval.ts"
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
    assertCanActivateEarly,
    readinessAt,
    usableFrom,
} from "../key.ts"
import * as store from "../store/keys.ts"
import { lockPartner } from "../../store/partners.ts"
import { activationEffects } from "../../approval-effects.ts"
import { assertLead } from "../../roster/actions/manage-roster.ts"
import { loadRules } from "../../actions/set-program-rules.ts"

/**
 * Adds an age recipient. If another partner also has it, the audit log notes this for staff; a refusal would reveal one
 * partner to another. `end`: when sealing to it stops; null: the latest possible instant. Refuses `key.already_added`,
 * `key.too_many`.
 */
export async function addKey(ctx: ActionContext, recipient: string, end: Instant | null = null): Promise<PartnerKey> {
    const { partner, person } = assertLead(ctx)
    await assertRecipient(recipient)
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
    const from = usableFrom(earlierKeys, ctx.now)
    const { rules } = await loadRules(ctx, "requirements")
    const key: PartnerKey = {
        id: ctx.services.newId(),
        partner,
        recipient,
        addedBy: person,
        addedAt: ctx.now,
        usableFrom: from,
        expiresAt: keyEnd(end, from, rules.keyDaysMax),
        revokedAt: null,
        testedAt: null,
        activatedEarlyAt: null,
    }
    const elsewhere = await store.isUsedElsewhere(ctx.tx, partner, recipient)
    await store.insertKey(ctx.tx, key)
    const { id, expiresAt } = key
    const first = earlierKeys.length === 0
    await record(ctx, { kind: "key.added", partner, key: id, usableFrom: from, expiresAt, first, elsewhere })
    return key
}

/**
 * Activates a new key early, by two signatures. Staff must first verify the key by another channel. For a partner that
 * lost its keys and expects a wave within the day.
 */
export async function activateKeyEarly(
    ctx: ActionContext,
    partner: string,
    id: string,
    approval: string,
): Promise<void> {
    await lockPartner(ctx.tx, partner)
    const effects = await computeActivationEffects(ctx, partner, id)
    await applyApproval(ctx, approval, effects)
    await store.markActivatedEarly(ctx.tx, id, ctx.now)
    await record(ctx, { kind: "key.activated_early", partner, key: id, approval })
}

/** The effects of early activation: the key's recipient, which the partner reads out. */
export async function computeActivationEffects(ctx: ActionContext, partner: string, id: string): Promise<Effects> {
    const key = await loadKey(ctx, partner, id)
    assertCanActivateEarly(key, await store.listKeys(ctx.tx, partner), ctx.now)
    return activationEffects(partner, id, key.recipient)
}

/** Revokes a key: no more copies are sealed to it. Repeating changes nothing. */
export async function revokeKey(ctx: ActionContext, id: string): Promise<void> {
    const { partner } = assertLead(ctx)
    await lockPartner(ctx.tx, partner)
    const key = await loadKey(ctx, partner, id)
    if (isRevoked(key, ctx.now)) return
    await store.markRevoked(ctx.tx, id, await withheldFrom(ctx.tx, ctx.services, ctx.now))
    await record(ctx, { kind: "key.revoked", partner, key: id })
}

/** Revokes a key again after a restore that lost the revocation. False where it is unknown or revoked. */
export async function revokeKeyAfterRestore(ctx: ActionContext, id: string): Promise<boolean> {
    const partner = await store.findPartnerOfKey(ctx.tx, id)
    if (partner === null) return false
    await lockPartner(ctx.tx, partner)
    const key = await loadKey(ctx, partner, id)
    if (isRevoked(key, ctx.now)) return false
    await store.markRevoked(ctx.tx, id, await withheldFrom(ctx.tx, ctx.services, ctx.now))
    await record(ctx, { kind: "key.revoked", partner, key: id })
    return true
}

/** Loads a key of this partner. Refuses `key.not_found` for any other. */
export async function loadKey(ctx: ActionContext, partner: string, id: string): Promise<PartnerKey> {
    const key = (await store.listKeys(ctx.tx, partner)).find((partnerKey) => partnerKey.id === id)
    return key ?? refuse("missing", "key.not_found", "no key with this id")
}

/** Lists the recipients (`age1…`) for this partner's copies at this instant; may be empty. */
export async function listRecipients(ctx: ActionContext, partner: string, at: Instant): Promise<string[]> {
    const keys = await store.listKeysToSealFor(ctx.tx, partner)
    const waited = keys.filter((key) => hasWaited(key, trustedInstant(ctx.services.clock, key.trustedUntil, at)))
    return waited.filter((key) => isUsable(key, at)).map((key) => key.recipient)
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
