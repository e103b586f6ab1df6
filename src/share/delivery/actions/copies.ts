/**
 * Handing out a copy: decided, marked, sealed and recorded in one transaction; sent only after its commit.
 *
 * The partner's copy leaves here sealed to the partner's own age keys; the server cannot open it again.
 */
import { createHash } from "node:crypto"
import { refuse } from "../../../lib/refusal.ts"
import type { Tx } from "../../../platform/db.ts"
import { Download, hide } from "../../../platform/http.ts"
import { lockToRead } from "../../../platform/locks.ts"
import { sealFor } from "../../../platform/seal.ts"
import { type Act, record } from "../../../trust/audit/actions.ts"
import { receiptFor } from "../../../trust/audit/actions/exporting.ts"
import { keysOf } from "../../../trust/partners/actions/keys.ts"
import { masterOf } from "../../artifacts/actions.ts"
import { type Entitlement, entitlementTo, entitlementsOf } from "../../entitlement/actions/entitlements.ts"
import { copyFor } from "../../marking/actions.ts"
import { idBehind } from "./names.ts"
import * as store from "../store.ts"
import { partnerOf } from "./projection.ts"

const saltBytes = 16

/** The partner's copy of an artifact, by the id that this partner knows it under. */
export async function fetchCopy(act: Act, name: string): Promise<Download> {
    const { partner, person } = partnerOf(act)
    const artifact = idBehind(act.doors.keys, partner, "artifact", name)
    const its = (await entitledTo(act, partner, artifact)) ?? hide()
    const recipients = await keysOf(act, partner, act.now)
    if (recipients.length === 0) refuse("conflict", "delivery.no_key", "add an age key first: a copy is sealed to it")
    const master = await masterOf(act, artifact, its.version)
    const plain = await copyFor(act, master, partner)
    const sealed = sealFor(recipients, plain)
    const salt = act.doors.random(saltBytes)
    const id = act.doors.newId()
    const hash = createHash("sha256").update(salt).update(plain).digest()
    const { case: caseId, version } = { case: master.case, version: master.version }
    const facts = { case: caseId, partner, artifact, version, class: its.class, copy: hash.toString("hex") }
    const event = await record(act, { kind: "copy.delivered", delivery: id, ...facts })
    await store.insertDelivery(act.tx, {
        id,
        event,
        partner,
        person,
        case_id: caseId,
        artifact,
        version,
        class: its.class,
        copy_hash: hash,
        copy_salt: salt,
        at: act.now,
    })
    const mayGoOn = (tx: Tx) => stillEntitled(act, tx, partner, artifact)
    return new Download(sealed, `${master.name}.age`, mayGoOn, { "tocsin-receipt": id })
}

/** Asked while bytes are under way, in a transaction of its own. */
async function stillEntitled(act: Act, tx: Tx, partner: string, artifact: string): Promise<boolean> {
    await lockToRead(tx, partner)
    const now = await act.doors.clock.now(tx)
    return (await entitledTo({ ...act, tx, now }, partner, artifact)) !== null
}

async function entitledTo(act: Act, partner: string, artifact: string): Promise<Entitlement | null> {
    const its = await entitlementTo(act, partner, artifact)
    return its !== null && its.version !== null ? its : null
}

/** A person confirms what the partner has fetched of a warning; returns how many artifacts that are. */
export async function acknowledge(act: Act, name: string): Promise<number> {
    const { partner, person } = partnerOf(act)
    const caseId = idBehind(act.doors.keys, partner, "warning", name)
    const entitled = (await entitlementsOf(act, partner, null)).filter((one) => one.case === caseId)
    if (!entitled.some((one) => one.version !== null)) hide()
    await store.lockDeliveries(act.tx, partner, caseId)
    const filter = { partner, case: caseId, before: null }
    const nameOf = (one: { artifact: string; version: number }) => `${one.artifact} ${one.version}`
    const said = new Set((await store.acknowledgements(act.tx, filter)).map(nameOf))
    const open = new Map((await store.deliveries(act.tx, filter)).map((one) => [nameOf(one), one]))
    const fresh = [...open].filter(([key]) => !said.has(key)).map(([, one]) => one)
    if (open.size === 0)
        refuse("conflict", "delivery.nothing_fetched", "fetch a copy first: there is nothing to confirm")
    for (const { artifact, version } of fresh) {
        const event = await record(act, { kind: "copy.acknowledged", case: caseId, partner, artifact, version })
        const id = act.doors.newId()
        const row = { id, event, partner, person, case_id: caseId, artifact, version, at: act.now }
        await store.insertAcknowledgement(act.tx, row)
    }
    return fresh.length
}

/** The proof, from the record, that a copy was fetched. */
export async function receipt(act: Act, id: string): Promise<string> {
    const { partner } = partnerOf(act)
    const event = (await store.deliveryEvent(act.tx, partner, id)) ?? hide()
    const proof = await receiptFor(act, event)
    return (
        proof ??
        refuse("conflict", "delivery.not_numbered_yet", "this is recorded, and not numbered yet: ask again in a second")
    )
}
