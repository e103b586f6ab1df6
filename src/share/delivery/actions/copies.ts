/**
 * Handing out a copy: decided, marked, sealed and recorded in one transaction; sent only after its commit.
 *
 * The partner's copy leaves here sealed to the partner's own age keys; the server cannot open it again.
 */
import { createHash } from "node:crypto"
import { formatInstant } from "../../../lib/instant.ts"
import { refuse } from "../../../lib/refusal.ts"
import type { Tx } from "../../../platform/db.ts"
import { Download, hide } from "../../../platform/http.ts"
import { lockToRead } from "../../../platform/locks.ts"
import { sealFor } from "../../../platform/seal.ts"
import type { ArtifactVersion } from "../../../trust/approvals/approval.ts"
import { type Act, record } from "../../../trust/audit/actions.ts"
import { giveReceipt } from "../../../trust/receipts/actions/batching.ts"
import { keysOf } from "../../../trust/partners/actions/keys.ts"
import { masterOf } from "../../artifacts/actions.ts"
import { isRecalledNow } from "../../artifacts/actions/recalls.ts"
import { type Entitlement, entitlementTo, entitlementsOf } from "../../entitlement/actions/entitlements.ts"
import { copyFor } from "../../marking/actions.ts"
import { idBehind, nameFor } from "./names.ts"
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
    const sealedHash = createHash("sha256").update(sealed).digest("hex")
    const receipt = await give(act, "fetched", { id, case: caseId, artifact, version, sealed: sealedHash })
    const facts = { case: caseId, partner, artifact, version, class: its.class, copy: hash.toString("hex"), receipt }
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
        channel: "copy",
        copy_hash: hash,
        copy_salt: salt,
        at: act.now,
    })
    const mayGoOn = (tx: Tx) => stillEntitled(act, tx, partner, { artifact, version })
    return new Download(sealed, `${master.name}.age`, mayGoOn, {
        "tocsin-receipt": id,
        "tocsin-version": String(version),
    })
}

interface Proven {
    /** What the receipt is asked for with. */
    readonly id: string
    readonly case: string
    readonly artifact: string
    readonly version: number
    /** SHA-256 of the sealed copy, in hex. */
    readonly sealed?: string
}

/** Gives the receipt, which names all things as this partner knows them. Returns what the event is to name. */
async function give(act: Act, kind: "fetched" | "acknowledged", { id, case: of, ...its }: Proven): Promise<string> {
    const { partner, person } = partnerOf(act)
    const { keys } = act.doors
    const names = {
        warning: nameFor(keys, partner, "warning", of),
        artifact: nameFor(keys, partner, "artifact", its.artifact),
    }
    const body = { ...its, ...names, kind, at: formatInstant(act.now), receipt: id, partner, person }
    return await giveReceipt(act, { id, partner, body })
}

/** Asked while bytes are under way, in a transaction of its own. */
async function stillEntitled(act: Act, tx: Tx, partner: string, its: ArtifactVersion): Promise<boolean> {
    await lockToRead(tx, partner)
    const then = { ...act, tx, now: await act.doors.clock.now(tx) }
    // A newer version may be open by now: of the one that is under way it says nothing.
    if (await isRecalledNow(then, its.artifact, its.version)) return false
    return (await entitledTo(then, partner, its.artifact)) !== null
}

async function entitledTo(act: Act, partner: string, artifact: string): Promise<Entitlement | null> {
    const its = await entitlementTo(act, partner, artifact)
    return its !== null && its.version !== null ? its : null
}

export interface Confirmed {
    /** How many artifacts were confirmed for the first time. */
    readonly acknowledged: number
    /** What their receipts are asked for with; those that were confirmed before, too. */
    readonly receipts: readonly string[]
}

/** A person confirms what the partner has fetched of a warning. */
export async function acknowledge(act: Act, name: string): Promise<Confirmed> {
    const { partner, person } = partnerOf(act)
    const caseId = idBehind(act.doors.keys, partner, "warning", name)
    const entitled = (await entitlementsOf(act, partner, null)).filter((one) => one.case === caseId)
    if (!entitled.some((one) => one.version !== null)) hide()
    await store.lockDeliveries(act.tx, partner, caseId)
    const filter = { partner, case: caseId, before: null }
    const nameOf = (one: { artifact: string; version: number }) => `${one.artifact} ${one.version}`
    const said = new Map((await store.acknowledgements(act.tx, filter)).map((one) => [nameOf(one), one.id]))
    const open = new Map((await store.deliveries(act.tx, filter)).map((one) => [nameOf(one), one]))
    const fresh = [...open].filter(([key]) => !said.has(key)).map(([, one]) => one)
    if (open.size === 0)
        refuse("conflict", "delivery.nothing_fetched", "fetch a copy first: there is nothing to confirm")
    const receipts = [...said.values()]
    for (const { artifact, version } of fresh) {
        const id = act.doors.newId()
        const what = { case: caseId, artifact, version }
        const receipt = await give(act, "acknowledged", { id, ...what })
        const event = await record(act, { kind: "copy.acknowledged", ...what, partner, receipt })
        const row = { id, event, partner, person, case_id: caseId, artifact, version, at: act.now }
        await store.insertAcknowledgement(act.tx, row)
        receipts.push(id)
    }
    return { acknowledged: fresh.length, receipts }
}
