/**
 * A double of the partners' portal on a real socket. It answers as the real one, signs a real record, and can fail in
 * both ways: with what was asked left undone, and with it done and on record.
 */
import { once } from "node:events"
import { type IncomingMessage, type ServerResponse, createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { text } from "node:stream/consumers"
import type { Key, Warning } from "../src/client/connect.ts"
import { formatCheckpoint, formatVerifierKey, signNote } from "../src/lib/checkpoint.ts"
import type { Json } from "../src/lib/canonical.ts"
import { type Hash, leafHash, nodeHash } from "../src/lib/merkle.ts"
import { type Head, commit, leafOf, receiptText } from "../src/lib/record.ts"
import { sealFor } from "../src/platform/seal.ts"
import { signingKeyFrom } from "../src/platform/signing.ts"
import { newId } from "./database.ts"

/** A record: leaves, and heads signed with the key of this seed. */
export class TestLog {
    readonly key: ReturnType<typeof signingKeyFrom> & { readonly name: string }
    readonly leaves: { readonly at: string; readonly kind: string; readonly salt: string; readonly body: Json }[] = []

    constructor(seed = 1) {
        this.key = { ...signingKeyFrom(Buffer.alloc(32, seed)), name: `tocsin/test-${seed}` }
    }

    get verifierKey(): string {
        return formatVerifierKey(this.key)
    }

    add(kind: string, body: Json): number {
        const salt = Buffer.alloc(16, this.leaves.length).toString("hex")
        this.leaves.push({ at: "2025-07-01T00:00:00Z", kind, salt, body })
        return this.leaves.length - 1
    }

    head(size = this.leaves.length): Head {
        const root = rootOf(this.hashes(size))
        const checkpoint = signNote(formatCheckpoint({ origin: this.key.name, size, root }), this.key, (message) =>
            this.key.sign(message),
        )
        return { origin: this.key.name, verifierKey: this.verifierKey, checkpoint }
    }

    receipt(index: number): string {
        const leaf = this.leaves[index]!
        const { at, kind, salt, body } = leaf
        const opening = { salt, body }
        const entry = { index, at, kind, commitment: commitmentOf(leaf), opening }
        return receiptText(this.head(), entry, pathOf(this.hashes(), index))
    }

    private hashes(size = this.leaves.length): Hash[] {
        return this.leaves
            .slice(0, size)
            .map((leaf) => leafOf({ at: leaf.at, kind: leaf.kind, commitment: commitmentOf(leaf) }))
    }
}

function commitmentOf({ salt, body }: { readonly salt: string; readonly body: Json }): string {
    return Buffer.from(commit(Buffer.from(salt, "hex"), body)).toString("hex")
}

function rootOf(hashes: readonly Hash[]): Hash {
    if (hashes.length < 2) return hashes[0] ?? leafHash(new Uint8Array())
    const cut = cutOf(hashes.length)
    return nodeHash(rootOf(hashes.slice(0, cut)), rootOf(hashes.slice(cut)))
}

function pathOf(hashes: readonly Hash[], index: number): Hash[] {
    if (hashes.length < 2) return []
    const cut = cutOf(hashes.length)
    return index < cut
        ? [...pathOf(hashes.slice(0, cut), index), rootOf(hashes.slice(cut))]
        : [...pathOf(hashes.slice(cut), index - cut), rootOf(hashes.slice(0, cut))]
}

function cutOf(size: number): number {
    let cut = 1
    while (cut * 2 < size) cut *= 2
    return cut
}

export interface Answer {
    readonly status?: number
    readonly headers?: Readonly<Record<string, string>>
    /** Bytes as they are, or JSON. */
    readonly body?: unknown
}

/** What goes wrong with one request: another answer with nothing done, or the work done and its answer lost or cut. */
export type Fault = Answer | "lost" | "cut" | "refused connection"

export const problem = (status: number, code: string, detail = "no"): Answer => ({
    status,
    headers: { "content-type": "application/problem+json" },
    body: { type: "about:blank", title: "No", status, code, detail },
})

const nothingHere = problem(404, "request.not_found", "nothing is here for you")

export class TestPortal {
    readonly token = "t".repeat(43)
    log = new TestLog()
    warnings: Warning[] = []
    readonly texts = new Map<string, string>()
    readonly keys: Key[] = []
    /** `GET copy`, `GET warnings`, `POST keys` …, in order. */
    readonly asked: string[] = []
    /** What goes wrong with the next requests of a name, one each. */
    readonly faults = new Map<string, Fault[]>()
    /** How often a receipt is not numbered yet. */
    unnumbered = 0
    readonly deliveries: { readonly id: string; readonly artifact: string; readonly leaf: number }[] = []
    readonly urls: string[] = []
    private readonly remembered = new Map<string, Answer>()
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

    /** Of this name, how often. */
    count(name: string): number {
        return this.asked.filter((one) => one === name).length
    }

    /** A warning with one available artifact for each file name. */
    warn(title: string, ...names: string[]): Warning {
        const artifacts = names.map((name) => this.artifact(name))
        const its = { id: newId(), title, vulnerabilities: [], products: [], publication: null, published: false }
        const warning = { ...its, artifacts }
        this.warnings.push(warning)
        return warning
    }

    private artifact(name: string): Warning["artifacts"][number] {
        const id = newId()
        this.texts.set(id, `what ${name} says\n`)
        const times = { from: "2025-06-24T00:00:00Z", fetchedAt: null, acknowledgedAt: null }
        return { id, class: "technical", tlp: "RED", pap: "AMBER", name, available: true, version: 1, ...times }
    }

    private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
        const body = await text(request)
        const [, , kind = "", id = "", verb] = (request.url ?? "").split("/")
        const name = `${request.method} ${verb ?? kind}`
        this.asked.push(name)
        this.urls.push(request.url ?? "")
        const fault = this.faults.get(name)?.shift()
        if (fault === "refused connection") request.socket.destroy()
        else if (typeof fault === "object") send(response, fault)
        else {
            const answer = this.answer(name, id, body, request.headers)
            if (fault === "lost") request.socket.destroy()
            else if (fault === "cut") sendHalf(response, answer)
            else send(response, answer)
        }
    }

    private answer(name: string, id: string, body: string, headers: IncomingMessage["headers"]): Answer {
        if (headers.authorization !== `Bearer ${this.token}`)
            return problem(401, "request.not_signed_in", "sign in first")
        if (name === "GET warnings") {
            if (id === "") return { body: { now: "2025-07-01T00:00:00Z", warnings: this.warnings } }
            const warning = this.warnings.find((one) => one.id === id)
            return warning ? { body: warning } : nothingHere
        }
        if (name === "GET copy") return this.copy(id)
        if (name === "GET receipts") return this.receipt(id)
        if (name === "POST acknowledgement") return { body: { acknowledged: this.deliveries.length } }
        if (name === "GET me") return { body: this.me() }
        if (name === "POST keys") return this.addKey(body, String(headers["idempotency-key"]))
        if (name === "GET record") return this.head()
        return nothingHere
    }

    private copy(artifact: string): Answer {
        const text = this.texts.get(artifact)
        if (text === undefined) return nothingHere
        if (this.keys.length === 0) return problem(409, "delivery.no_key", "add an age key first")
        const id = newId()
        this.deliveries.push({ id, artifact, leaf: this.log.add("copy.delivered", { delivery: id }) })
        const name = this.warnings.flatMap(({ artifacts }) => artifacts).find((one) => one.id === artifact)?.name
        const sealed = sealFor(
            this.keys.map((key) => key.recipient),
            Buffer.from(text),
        )
        const disposition = `attachment; filename="${name}.age"`
        return { headers: { "tocsin-receipt": id, "content-disposition": disposition }, body: sealed }
    }

    private receipt(id: string): Answer {
        const delivery = this.deliveries.find((one) => one.id === id)
        if (!delivery) return nothingHere
        if (this.unnumbered > 0) {
            this.unnumbered -= 1
            return problem(409, "delivery.not_numbered_yet", "ask again in a second")
        }
        return { body: { receipt: this.log.receipt(delivery.leaf) } }
    }

    private head(): Answer {
        const size = this.log.leaves.length
        if (size === 0) return problem(404, "record.no_head", "nothing has been numbered yet")
        const { verifierKey, checkpoint } = this.log.head()
        return { body: { size, at: "2025-07-01T00:00:00Z", verifierKey, checkpoint } }
    }

    private addKey(body: string, key: string): Answer {
        const known = this.remembered.get(key)
        if (known) return known
        const { recipient } = JSON.parse(body) as { recipient: string }
        if (this.keys.some((one) => one.recipient === recipient)) return problem(409, "key.known", "added before")
        const at = "2025-07-01T00:00:00Z"
        const added = { id: newId(), recipient, addedBy: newId(), addedAt: at, usableFrom: at, revokedAt: null }
        this.keys.push(added)
        this.remembered.set(key, { body: added })
        return { body: added }
    }

    private me(): unknown {
        const person = { id: newId(), name: "Lea", mail: "lea@acme.example", roles: ["lead"], left: false }
        const facts = { id: newId(), name: "Acme", mail: "psirt@acme.example", tier: "entry", standing: "active" }
        return { person, partner: { ...facts, roster: [person], keys: this.keys, acceptances: [] } }
    }
}

function send(response: ServerResponse, { status = 200, headers = {}, body = "" }: Answer): void {
    const isBytes = body instanceof Uint8Array || typeof body === "string"
    const type = isBytes ? "application/octet-stream" : "application/json"
    response.writeHead(status, { "content-type": type, ...headers })
    response.end(isBytes ? body : JSON.stringify(body))
}

/** Says how much will come, and resets the connection half way. */
function sendHalf(response: ServerResponse, { headers = {}, body }: Answer): void {
    const whole = body instanceof Uint8Array ? body : Buffer.from(JSON.stringify(body))
    response.writeHead(200, { "content-length": whole.length, ...headers })
    response.write(whole.subarray(0, whole.length / 2), () => response.socket?.resetAndDestroy())
}
