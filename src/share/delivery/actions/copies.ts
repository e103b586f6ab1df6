/**
 * Handing out a copy: decided, marked, sealed and recorded in one transaction; sent only after its commit.
 *
 * The partner's copy leaves here sealed to the partner's own age keys; the server cannot open it again.
 */
import { createHash } from "node:crypto"
import { formatInstant } from "../../../lib/instant.ts"
import { Refusal, refuse } from "../../../lib/refusal.ts"
import type { Tx } from "../../../platform/db.ts"
import { Download, Pending, hide } from "../../../platform/http.ts"
import { lockToRead } from "../../../platform/locks.ts"
import { sealFor } from "../../../platform/seal.ts"
import type { ArtifactVersion } from "../../../trust/approvals/approval.ts"
import { type Act, record, recordEnd } from "../../../trust/audit/actions.ts"
import { giveReceipt } from "../../../trust/receipts/actions/batching.ts"
import { keysOf } from "../../../trust/partners/actions/keys.ts"
import { type Master, masterOf } from "../../artifacts/actions.ts"
import type { ArtifactClass } from "../../artifacts/artifact.ts"
import { holdCases } from "../../cases/actions.ts"
import { isRecalledNow } from "../../artifacts/actions/recalls.ts"
import { type Entitlement, entitlementTo, entitlementsOf } from "../../entitlement/actions/entitlements.ts"
import { type Marks, copyFor, marksFor } from "../../marking/actions.ts"
import { manifestFor } from "../../marking/actions/manifest.ts"
import { idBehind, nameFor } from "./names.ts"
import { insertCopy } from "../store/copies.ts"
import * as store from "../store.ts"
import { partnerOf } from "./projection.ts"

const saltBytes = 16

/** The partner's copy of an artifact, by the id that this partner knows it under. */
export async function fetchCopy(act: Act, name: string): Promise<Download> {
    return await handOut(await prepare(act, name, (open) => markedVersion(act, open)))
}

export interface Fetching extends Act {
    readonly params: { readonly id: string }
}

/**
 * As `fetchCopy`, for several persons in one transaction. Each is decided alone. Null for each who gets no copy: `fetchCopy` then
 * says why. Nothing is written before all are decided but marks that are committed; a fault after that undoes all.
 */
export async function fetchCopies(asks: readonly Fetching[]): Promise<(Download | null)[]> {
    const versions = new Map<string, Promise<MarkedVersion>>()
    const prepared = asks.map(async (act) => {
        try {
            return await prepare(act, act.params.id, (open) => {
                const key = `${open.artifact} ${open.version}`
                const known = versions.get(key) ?? markedVersion(act, open)
                versions.set(key, known)
                return known
            })
        } catch (error) {
            if (error instanceof Refusal || error instanceof Pending) return null
            throw error
        }
    })
    const copies = (await Promise.all(prepared)).map(async (copy) => (copy === null ? null : await handOut(copy)))
    return await Promise.all(copies)
}

/** The same for every partner. */
interface MarkedVersion {
    readonly master: Master
    readonly marks: Marks | null
}

async function markedVersion(act: Act, { case: caseId, artifact, version }: Open): Promise<MarkedVersion> {
    const manifest = manifestFor(act, artifact, version)
    const [master] = await Promise.all([masterOf(act, artifact, version), holdCases(act, [caseId]), manifest])
    return { master, marks: await marksFor(act, master, manifest) }
}

interface Prepared extends MarkedVersion {
    readonly act: Act
    readonly class: ArtifactClass
    readonly recipients: readonly string[]
}

/** Decides. Refuses `delivery.no_key`, and hides what the partner may not have. */
async function prepare(act: Act, name: string, find: (open: Open) => Promise<MarkedVersion>): Promise<Prepared> {
    const { partner } = partnerOf(act)
    const artifact = idBehind(act.doors.keys, partner, "artifact", name)
    const [entitlement, recipients] = await Promise.all([
        entitledTo(act, partner, artifact),
        keysOf(act, partner, act.now),
    ])
    if (entitlement === null) hide()
    if (recipients.length === 0) refuse("conflict", "delivery.no_key", "add an age key first: a copy is sealed to it")
    return { act, class: entitlement.class, recipients, ...(await find(entitlement)) }
}

/** Marks, seals and records. Refuses nothing: what is handed out was decided. */
async function handOut({ act, class: kind, recipients, master, marks }: Prepared): Promise<Download> {
    const { partner, person } = partnerOf(act)
    const plain = await copyFor(act, master, partner, marks)
    const sealed = sealFor(recipients, plain)
    const salt = act.doors.random(saltBytes)
    const id = act.doors.newId()
    const hash = createHash("sha256").update(salt).update(plain).digest()
    const { case: caseId, artifact, version } = master
    const sealedHash = createHash("sha256").update(sealed).digest("hex")
    const receipt = await give(act, "fetched", { id, case: caseId, artifact, version, sealed: sealedHash })
    const facts = { case: caseId, partner, artifact, version, class: kind, copy: hash.toString("hex"), receipt }
    const event = await recordEnd(act, { kind: "copy.delivered", delivery: id, ...facts })
    await insertCopy(act.tx, {
        id,
        event,
        partner,
        person,
        case_id: caseId,
        artifact,
        version,
        class: kind,
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

type Open = Entitlement & { readonly version: number }

async function entitledTo(act: Act, partner: string, artifact: string): Promise<Open | null> {
    const its = await entitlementTo(act, partner, artifact)
    return its !== null && its.version !== null ? { ...its, version: its.version } : null
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
