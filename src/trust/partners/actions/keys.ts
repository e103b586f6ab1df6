/** A partner's keys: its leads add and revoke them; whoever seals a copy asks which are usable. */
import type { Instant } from "../../../lib/instant.ts"
import { refuse } from "../../../lib/refusal.ts"
import { parseRecipient } from "../../../platform/seal.ts"
import { type Act, record } from "../../audit/actions.ts"
import { type PartnerKey, isRevoked, isUsable, keysMax, usableFrom } from "../key.ts"
import * as store from "../store/keys.ts"
import { lockPartner } from "../store/partners.ts"
import { mustBeLead } from "./roster.ts"

/**
 * Adds an age recipient. That another partner has it too is put on record for the operator, and never told here:
 * a refusal would tell one partner about another.
 */
export async function addKey(act: Act, recipient: string): Promise<PartnerKey> {
    const { partner, person } = mustBeLead(act)
    parseRecipient(recipient)
    await lockPartner(act.tx, partner)
    const had = await store.keys(act.tx, partner)
    const inUse = had.filter((key) => !isRevoked(key, act.now))
    if (had.some((key) => key.recipient === recipient)) {
        refuse("conflict", "key.known", "this key was added before; one that was revoked stays revoked")
    }
    if (!(inUse.length < keysMax)) refuse("conflict", "key.too_many", `a partner has \`${keysMax}\` keys at most`)
    const key: PartnerKey = {
        id: act.doors.newId(),
        partner,
        recipient,
        addedBy: person,
        addedAt: act.now,
        usableFrom: usableFrom(had, act.now),
        revokedAt: null,
    }
    const elsewhere = await store.isElsewhere(act.tx, partner, recipient)
    await store.insertKey(act.tx, key)
    const { id, usableFrom: from } = key
    await record(act, { kind: "key.added", partner, key: id, usableFrom: from, first: had.length === 0, elsewhere })
    return key
}

/** Nothing more is sealed for this key. Once more changes nothing. */
export async function revokeKey(act: Act, id: string): Promise<void> {
    const { partner } = mustBeLead(act)
    await lockPartner(act.tx, partner)
    const key = (await store.keys(act.tx, partner)).find((one) => one.id === id)
    if (!key) refuse("missing", "key.unknown", "no such key")
    if (key.revokedAt !== null) return
    await store.markRevoked(act.tx, id, act.now)
    await record(act, { kind: "key.revoked", partner, key: id })
}

/** The recipients (`age1…`) that a copy for this partner is sealed for at this instant; perhaps none. */
export async function keysOf(act: Act, partner: string, at: Instant): Promise<string[]> {
    return (await store.keys(act.tx, partner)).filter((key) => isUsable(key, at)).map((key) => key.recipient)
}

/** Every key the partner ever had, oldest first. */
export async function allKeysOf(act: Act, partner: string): Promise<PartnerKey[]> {
    return await store.keys(act.tx, partner)
}

/** How many usable keys each partner has now; partners without any are left out. */
export async function keyCounts(act: Act): Promise<Map<string, number>> {
    const counts = new Map<string, number>()
    for (const key of await store.keysInUse(act.tx)) {
        if (isUsable(key, act.now)) counts.set(key.partner, (counts.get(key.partner) ?? 0) + 1)
    }
    return counts
}
