/**
 * A double of the portal on a real socket. It answers like the real one, signs a real log, and can fail in two ways:
 * with the request not done, and with it done and recorded.
 */
import { createHash } from "node:crypto"
import { once } from "node:events"
import { type IncomingMessage, type ServerResponse, createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { text } from "node:stream/consumers"
import type { Key, KeyChange, Recall, Warning } from "@tocsin/client/connect"
import { recipientText } from "@tocsin/client/recipient"
import { formatCheckpoint, formatVerifierKey } from "@tocsin/audit-log/checkpoint"
import { formatHandover } from "@tocsin/audit-log/handover"
import { signatureLine } from "@tocsin/audit-log/note-keys"
import type { Json } from "@tocsin/base/canonical"
import { batchLeaves, batchPath, batchRoot } from "@tocsin/audit-log/batch"
import { type Hash, proveConsistency, proveInclusion, rootOf } from "@tocsin/audit-log/merkle"
import { type Batch, batchLeaf, receiptText } from "@tocsin/audit-log/receipt"
import { type SignedCheckpoint, commit } from "@tocsin/audit-log/signed-note"
import { recipientsOf } from "@tocsin/client/openpgp-recipient"
import { endings, formatOf, sealedFormatOf } from "@tocsin/client/sealed-format"
import { keysForFile } from "../../../server/src/trust/partners/keys/key.ts"
import { prepareOpenPgp } from "../../../server/src/platform/crypto/seal-openpgp.ts"
import { sealWithX25519 } from "../../../server/src/platform/crypto/seal.ts"
import { signingKeyFrom } from "../../../server/src/platform/crypto/ed25519.ts"
import { newId } from "../database.ts"
import { testCertificate, testRecipient } from "./openpgp.ts"

type TestLogKey = ReturnType<typeof signingKeyFrom> & { readonly name: string }

const noteBy = (text: string, keys: readonly TestLogKey[]): string =>
    `${text}\n${keys.map((key) => signatureLine(text, { ...key, kind: "ed25519" }, 0, key.sign)).join("")}`

/** A receipt log: batches with at most one receipt, and checkpoints signed with the key of this seed. */
export class TestLog {
    /** The keys that sign, oldest first. */
    private keys: readonly TestLogKey[]
    /** Each names the next key. */
    readonly handovers: string[] = []
    private readonly batches: {
        readonly leaves: Hash[]
        readonly batch: Batch
        readonly salt: string
        readonly body: Json
    }[] = []

    constructor(seed = 1) {
        this.keys = [{ ...signingKeyFrom(Buffer.alloc(32, seed)), name: `tocsin-receipts/test-${seed}` }]
    }

    get key(): TestLogKey {
        return this.keys[0]!
    }

    /** Adds the key of another seed, which the newest key names, unless the former one was lost. */
    addKey(seed: number, isNamed = true): this {
        const former = this.keys.at(-1)!
        const next = { ...former, ...signingKeyFrom(Buffer.alloc(32, seed)) }
        const tree = { origin: former.name, size: this.size, root: rootOf(this.hashes()) }
        const text = formatHandover(tree, [{ ...next, kind: "ed25519" }])
        if (isNamed) this.handovers.push(noteBy(text, [former, next]))
        this.keys = [...this.keys, next]
        return this
    }

    /** Ends all keys but the newest. */
    endFormerKeys(): this {
        this.keys = this.keys.slice(-1)
        return this
    }

    get verifierKey(): string {
        return formatVerifierKey(this.key)
    }

    get size(): number {
        return this.batches.length
    }

    /** Adds a batch with a receipt of this body; returns its number. */
    add(body: Json): number {
        const index = this.batches.length
        const salt = Buffer.alloc(16, index)
        const leaves = batchLeaves(Buffer.alloc(32, index), new Map([[placeOf(index), commit(salt, body)]]))
        const anchor = Buffer.alloc(32, index).toString("hex")
        const root = Buffer.from(batchRoot(leaves)).toString("hex")
        const batch = { anchor, at: "2025-07-01T00:00:00Z", root }
        this.batches.push({ leaves, batch, salt: salt.toString("hex"), body })
        return index
    }

    /** Has the signatures of all keys, as the portal answers it. */
    signCheckpoint(size = this.batches.length, keys = this.keys): SignedCheckpoint {
        const text = formatCheckpoint({ origin: this.key.name, size, root: rootOf(this.hashes(size)) })
        return { origin: this.key.name, verifierKey: this.verifierKey, checkpoint: noteBy(text, keys) }
    }

    receipt(index: number): string {
        const { leaves, batch, salt, body } = this.batches[index]!
        const [proof, place] = [proveInclusion(this.hashes(), index), placeOf(index)]
        return receiptText({
            checkpoint: this.signCheckpoint(this.size, [this.key]),
            index,
            batch,
            proof,
            place,
            path: batchPath(leaves, place),
            salt,
            body,
        })
    }

    consistency(from: number, to: number): string[] {
        return proveConsistency(this.hashes(to), from).map((hash) => Buffer.from(hash).toString("hex"))
    }

    private hashes(size = this.batches.length): Hash[] {
        return this.batches.slice(0, size).map(({ batch }) => batchLeaf(batch))
    }
}

const placeOf = (index: number): number => (index * 331 + 7) % 1024

export interface Answer {
    readonly status?: number
    readonly headers?: Readonly<Record<string, string>>
    /** Raw bytes, or JSON. */
    readonly body?: unknown
}

/** The failure of one request: another answer with nothing done, or the request done with its answer lost or cut. */
export type Fault = Answer | "lost" | "cut" | "refused connection"

export const problem = (status: number, code: string, detail = "no"): Answer => ({
    status,
    headers: { "content-type": "application/problem+json" },
    body: { type: "about:blank", title: "No", status, code, detail },
})

const notFound = problem(404, "request.not_found", "not found")

export class TestPortal {
    readonly token = "t".repeat(43)
    /** Only `active` has case access here. */
    status = "active"
    log = new TestLog()
    warnings: Warning[] = []
    recalls: Recall[] = []
    /** Reports of exploitation by id, and STIX envelopes as received. */
    readonly sightings = new Map<string, unknown>()
    readonly envelopes: unknown[] = []
    /** Protection reports as received, by the key that makes a retry the same report. */
    readonly protections = new Map<string, unknown>()
    /** Test results as received. */
    readonly results: unknown[] = []
    readonly texts = new Map<string, string>()
    keys: Key[] = []
    /** Whether a new key gets a receipt. */
    issuesKeyReceipts = false
    changes: KeyChange[] = []
    private head: string | null = null
    /** `GET copy`, `GET warnings`, `POST keys` …, in order. */
    readonly requests: string[] = []
    /** Failures of the next requests by name, one each. */
    readonly faults = new Map<string, Fault[]>()
    /** How many more times a receipt is reported as not yet in a batch. */
    unbatched = 0
    nextInSeconds = 5
    readonly deliveries: { readonly id: string; readonly artifact: string; readonly batch: number }[] = []
    readonly urls: string[] = []
    private readonly answersByKey = new Map<string, Answer>()
    private readonly server = createServer((request, response) => void this.serve(request, response))
    url = ""

    async listen(): Promise<this> {
        this.server.listen(0, "127.0.0.1")
        await once(this.server, "listening")
        this.url = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`
        return this
    }

    async close(): Promise<void> {
        this.server.closeAllConnections()
        this.server.close()
        await once(this.server, "close")
    }

    /** Counts the requests of this name. */
    count(name: string): number {
        return this.requests.filter((item) => item === name).length
    }

    /** Adds a warning with one available artifact per file name. */
    addWarning(title: string, ...names: string[]): Warning {
        const artifacts = names.map((name) => this.artifact(name))
        const input = {
            id: newId(),
            title,
            vulnerabilities: [],
            publication: null,
            published: false,
            withdrawnAt: null,
            permission: null,
            recalls: [],
        }
        const warning = { ...input, artifacts }
        this.warnings.push(warning)
        return warning
    }

    /** Recalls an artifact of a warning, so that it can no longer be read. */
    recallArtifact(warning: Warning, name: string): Recall {
        const artifact = warning.artifacts.find((artifact) => artifact.name === name)!
        const artifacts = warning.artifacts.map((item) =>
            item === artifact ? { ...item, available: false, version: null } : item,
        )
        this.warnings = this.warnings.map((item) => (item === warning ? { ...warning, artifacts } : item))
        const recalled = { class: artifact.class, name, versions: [artifact.version ?? 1], at: "2025-07-02T00:00:00Z" }
        const recall = { id: newId(), warning: warning.id, artifact: artifact.id, ...recalled, confirmedAt: null }
        this.recalls.push(recall)
        return recall
    }

    private confirmDeletion(id: string): Answer {
        const recall = this.recalls.find((recall) => recall.id === id)
        if (!recall) return notFound
        this.recalls = this.recalls.map((item) => (item === recall ? { ...item, confirmedAt: item.at } : item))
        return { body: { receipt: newId() } }
    }

    private artifact(name: string): Warning["artifacts"][number] {
        const id = newId()
        this.texts.set(id, `what ${name} says\n`)
        const times = { from: "2025-06-24T00:00:00Z", fetchedAt: null, acknowledgedAt: null, holds: [] }
        return { id, class: "technical", tlp: "RED", pap: "AMBER", name, available: true, version: 1, ...times }
    }

    private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
        const body = await text(request)
        const [, , kind = "", id = "", verb] = (request.url ?? "").split("/")
        const name = `${request.method} ${verb ?? kind}`
        this.requests.push(name)
        this.urls.push(request.url ?? "")
        const fault = this.faults.get(name)?.shift()
        if (fault === "refused connection") request.socket.destroy()
        else if (typeof fault === "object") send(response, fault)
        else {
            const answer = await this.answer(name, id, body, request.headers)
            if (fault === "lost") request.socket.destroy()
            else if (fault === "cut") sendHalf(response, answer)
            else send(response, answer)
        }
    }

    private answer(
        name: string,
        id: string,
        body: string,
        headers: IncomingMessage["headers"],
    ): Answer | Promise<Answer> {
        if (headers.authorization !== `Bearer ${this.token}`)
            return problem(401, "request.not_signed_in", "not signed in: sign in, or send a valid token")
        const isOfCase = ["GET warnings", "GET recalls", "GET copy"].includes(name)
        if (isOfCase && this.status !== "active") return notFound
        if (name === "GET warnings") {
            if (id === "") return { body: { now: "2025-07-01T00:00:00Z", warnings: this.warnings } }
            const warning = this.warnings.find((warning) => warning.id === id)
            return warning ? { body: warning } : notFound
        }
        if (name === "GET misp") {
            const warning = this.warnings.find((warning) => warning.id === id)
            return warning ? { body: { Event: { uuid: id, info: warning.title } } } : notFound
        }
        if (name === "GET copy") return this.copy(id)
        if (name === "GET receipts") return this.receipt(id)
        if (name === "POST acknowledge") return { body: { acknowledged: this.deliveries.length, receipts: [] } }
        if (name === "GET recalls") return { body: { recalls: this.recalls } }
        if (name === "POST confirm-deletion") return this.confirmDeletion(id)
        if (name === "POST test-results") {
            this.results.push({ artifact: id, ...(JSON.parse(body) as object) })
            return { body: { id: newId() } }
        }
        if (name === "POST sightings") return id === "" ? this.addSighting(body) : this.addEnvelope(body)
        if (name === "POST withdraw") return this.sightings.delete(id) ? { body: {} } : notFound
        if (name === "GET sightings") return { body: { sightings: [...this.sightings.values()] } }
        if (name === "POST protection-statuses") return this.addProtection(body, String(headers["idempotency-key"]))
        if (name === "GET protection-statuses") return { body: { protections: [...this.protections.values()] } }
        if (name === "GET me") return { body: this.me() }
        if (name === "GET keys") return { body: { keys: this.keys, changes: this.changes } }
        if (name === "POST keys") return this.addKey(body, String(headers["idempotency-key"]))
        if (name === "GET receipt-log" && id === "checkpoint") return this.readCheckpoint()
        if (name === "GET receipt-log" && id === "handovers") return { body: { handovers: this.log.handovers } }
        if (name === "GET receipt-log") return this.consistency(id)
        return notFound
    }

    private addSighting(body: string): Answer {
        const report = JSON.parse(body) as { id: string; warning: string }
        if (!this.warnings.some((warning) => warning.id === report.warning)) return notFound
        const known = this.sightings.get(report.id)
        if (known !== undefined && JSON.stringify(known) !== JSON.stringify(report)) {
            return problem(409, "sighting.id_taken", "take a new one")
        }
        this.sightings.set(report.id, report)
        return { body: { id: report.id } }
    }

    private addProtection(body: string, key: string): Answer {
        const report = JSON.parse(body) as { warning: string; state: string; since: string | null }
        if (!this.warnings.some((warning) => warning.id === report.warning)) return notFound
        if (report.state === "protected" && report.since === null) {
            return problem(400, "protection.bad_instant", "say since when")
        }
        this.protections.set(key, report)
        return { body: {} }
    }

    /** Refuses envelopes with identities. */
    private addEnvelope(body: string): Answer {
        const envelope = JSON.parse(body) as { objects: { id: string }[] }
        this.envelopes.push(envelope)
        const failed = envelope.objects.filter(({ id }) => id.startsWith("identity"))
        const failures = failed.map(({ id }) => ({ id, version: "2025-07-01T00:00:00Z", message: "not taken" }))
        const [total, failure] = [envelope.objects.length, failures.length]
        const counts = { total_count: total, success_count: total - failure, failure_count: failure, pending_count: 0 }
        const status = { id: newId(), status: "complete", ...counts, ...(failure > 0 && { failures }) }
        return { status: 202, headers: { "content-type": "application/taxii+json;version=2.1" }, body: status }
    }

    private async copy(artifact: string): Promise<Answer> {
        const text = this.texts.get(artifact)
        if (text === undefined) return notFound
        if (this.keys.length === 0) return problem(409, "delivery.no_key", "add an age key first")
        const id = newId()
        const input = this.warnings.flatMap(({ artifacts }) => artifacts).find((item) => item.id === artifact)
        const version = input?.version ?? 1
        const sealed = await sealAsServer(this.keys, Buffer.from(text))
        const sha256 = createHash("sha256").update(sealed).digest("hex")
        const batch = this.log.add({ kind: "fetched", receipt: id, artifact, version, sealed: sha256 })
        this.deliveries.push({ id, artifact, batch })
        const ending = endings[sealedFormatOf(sealed) ?? "age"]
        const disposition = `attachment; filename="${input?.name}${ending}"`
        const headers = { "tocsin-receipt": id, "tocsin-version": String(version), "content-disposition": disposition }
        return { headers, body: sealed }
    }

    private receipt(id: string): Answer {
        const delivery = this.deliveries.find((delivery) => delivery.id === id)
        if (!delivery) return notFound
        if (this.unbatched > 0) {
            this.unbatched -= 1
            return problem(409, "receipt.not_published_yet", "with the next batch")
        }
        return { body: { receipt: this.log.receipt(delivery.batch) } }
    }

    private readCheckpoint(): Answer {
        const { size, nextInSeconds } = { ...this, size: this.log.size }
        if (size === 0) return problem(404, "receipt.no_batch", "no batch was published yet")
        const { verifierKey, checkpoint } = this.log.signCheckpoint()
        const keyChanges = this.changes.length
        return { body: { size, at: "2025-07-01T00:00:00Z", verifierKey, checkpoint, nextInSeconds, keyChanges } }
    }

    private consistency(request: string): Answer {
        const [, from = 0, to = 0] = (/^consistency\?from=(\d+)&to=(\d+)$/.exec(request) ?? []).map(Number)
        if (!(0 < from && from <= to && to <= this.log.size)) return problem(400, "receipt.bad_range")
        return { body: { from, to, proof: this.log.consistency(from, to) } }
    }

    private addKey(body: string, key: string): Answer {
        const known = this.answersByKey.get(key)
        if (known) return known
        const input = JSON.parse(body) as { recipient: string } | { certificate: string }
        const recipient = "recipient" in input ? input.recipient : (recipientsOf(input.certificate)[0] ?? "")
        if (this.keys.some((key) => key.recipient === recipient))
            return problem(409, "key.already_added", "added before")
        const at = "2025-07-01T00:00:00Z"
        const lifetime = { expiresAt: "2027-07-01T00:00:00Z", revokedAt: null, testedAt: null, acceptedAt: null }
        const unconfirmed = { confirmedBy: null, confirmedAt: null }
        const added = {
            id: newId(),
            recipient,
            addedBy: newId(),
            addedAt: at,
            usableFrom: at,
            ...lifetime,
            ...unconfirmed,
        }
        this.keys.push(added)
        if (this.issuesKeyReceipts) this.changeKey(added, "key_added")
        this.answersByKey.set(key, { body: added })
        return { body: added }
    }

    /** Puts the receipt of a change of a key into the log. */
    changeKey(key: Key, kind: KeyChange["kind"], fields: Partial<KeyChange> = {}): KeyChange {
        const change: KeyChange = {
            kind,
            at: "2025-07-01T00:00:00Z",
            receipt: newId(),
            partner: "5f1d2c3b-0000-4000-8000-000000000001",
            person: key.addedBy,
            number: this.changes.length + 1,
            previous: this.head,
            key: key.id,
            recipient: recipientText(key.recipient),
            confirmedBy: key.confirmedBy,
            approval: null,
            usableFrom: key.usableFrom,
            expiresAt: key.expiresAt,
            ...fields,
        }
        const batch = this.log.add(change)
        this.head = Buffer.from(commit(Buffer.alloc(16, batch), change)).toString("hex")
        this.deliveries.push({ id: change.receipt, artifact: "", batch })
        this.changes = [...this.changes, change]
        return change
    }

    private me(): unknown {
        const person = { id: newId(), name: "Lea", mail: "lea@acme.example", roles: ["lead"], left: false }
        const facts = { id: newId(), name: "Acme", mail: "psirt@acme.example", tier: "entry", status: this.status }
        return { person, partner: { ...facts, roster: [person], keys: this.keys, acceptances: [] } }
    }
}

/** Seals to the age keys, or without one to the OpenPGP key of tests. */
async function sealAsServer(keys: readonly Key[], plain: Buffer): Promise<Buffer> {
    const recipients = keysForFile(keys, null).map((key) => key.recipient)
    if (formatOf(recipients[0] ?? "") === "age") return sealWithX25519(recipients, plain)
    const certificate = { recipient: testRecipient, text: await testCertificate() }
    return await (
        await prepareOpenPgp([certificate], Date.now())
    )(plain)
}

function send(response: ServerResponse, { status = 200, headers = {}, body = "" }: Answer): void {
    const isBytes = body instanceof Uint8Array || typeof body === "string"
    const type = isBytes ? "application/octet-stream" : "application/json"
    response.writeHead(status, { "content-type": type, ...headers })
    response.end(isBytes ? body : JSON.stringify(body))
}

/** Announces the full length, and resets the connection half-way. */
function sendHalf(response: ServerResponse, { headers = {}, body }: Answer): void {
    const whole = body instanceof Uint8Array ? body : Buffer.from(JSON.stringify(body))
    response.writeHead(200, { "content-length": whole.length, ...headers })
    response.write(whole.subarray(0, whole.length / 2), () => response.socket?.resetAndDestroy())
}
