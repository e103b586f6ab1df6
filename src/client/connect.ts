/**
 * The typed client of the portal: what a partner's own program can ask, as one object.
 *
 * It runs in browsers and on servers alike. It never sees an age identity: copies come sealed and stay so.
 */
import type { presentedRecall } from "../channels/portal/recalls.ts"
import type { presented } from "../channels/portal/routes.ts"
import type { presentedOwn } from "../channels/portal/sightings.ts"
import type { Status } from "../channels/taxii/posting.ts"
import { refuse } from "../lib/refusal.ts"
import type { OwnCircle } from "../trust/partners/actions/own-circles.ts"
import type { Result } from "../share/delivery/result.ts"
import type { ProtectionState } from "../trace/sightings/protection.ts"
import type { presentedProtection } from "../trace/sightings/routes.ts"
import type { ClockQuality } from "../trace/sightings/sighting.ts"
import type { ShownHead } from "../trust/receipts/actions/showing.ts"
import type { presentAcceptance, presentFacts, presentKey, presentPerson } from "../trust/partners/routes/answers.ts"
import { type Asking, type Limits, NoAnswer, type Request, ask, bytesOf, objectOf, usualLimits } from "./asking.ts"

/** What the partner may see of a case; instants are written as RFC 3339, in UTC. */
export type Warning = ReturnType<typeof presented>
export type WarnedArtifact = Warning["artifacts"][number]
/** What the partner holds, or held, of what the operator called back; `confirmedAt`: its word that it was deleted. */
export type Recall = ReturnType<typeof presentedRecall>
export type Person = ReturnType<typeof presentPerson>
export type Key = ReturnType<typeof presentKey>
export type Head = Omit<ShownHead, "at"> & { readonly at: string }

export interface Me {
    readonly person: Person
    readonly partner: ReturnType<typeof presentFacts> & {
        readonly name: string
        readonly mail: string
        readonly roster: readonly Person[]
        readonly keys: readonly Key[]
        readonly acceptances: readonly ReturnType<typeof presentAcceptance>[]
    }
}

export interface Copy {
    /** An age file, sealed to the partner's keys. */
    readonly bytes: Uint8Array
    /** The version that was fetched. */
    readonly version: number
    /** What `receipt` is asked with. */
    readonly receipt: string
    /** The file's name as the program calls it. From outside: check it before it becomes a path. */
    readonly name: string
}

export interface Confirmed {
    /** How many artifacts were confirmed for the first time. */
    readonly acknowledged: number
    /** What `receipt` is asked with, of all that is confirmed of the warning. */
    readonly receipts: readonly string[]
}

export interface NewResult extends Result {
    readonly version: number
}

/** What was seen of the exploitation of what a warning is of. */
export interface NewSighting {
    /** A UUID of your own: told again with it, also after an outage, it is one report. Without one, it is made. */
    readonly id?: string
    /** RFC 3339, with its offset; of a zero report, until when you looked. */
    readonly seenAt: string
    /** Makes it a zero report: you looked since then, and saw nothing. */
    readonly lookedSince?: string | null
    readonly clock: ClockQuality
    readonly product?: string
    readonly indicators?: readonly string[]
    /** In percent. */
    readonly confidence?: number | null
    readonly note?: string
}

/** How far this partner is with protection against what a warning is of. */
export interface NewProtection {
    readonly state: ProtectionState
    /** RFC 3339, with its offset: of `protected` since when, of `coming` from when, where that is known. */
    readonly since?: string | null
    /** Of `need more`: what is missing. */
    readonly note?: string
}

export type OwnProtection = ReturnType<typeof presentedProtection> & { readonly warning: string }

/** What this partner reported; `id` is its own. */
export type OwnSighting = ReturnType<typeof presentedOwn>
/** An event of MISP, in its core format. */
export interface MispEvent {
    readonly Event: object
}
/** What became of each STIX object that was posted. */
export type SightingStatus = Status

/** Every verb throws `ApiRefusal` when the program says no, and `NoAnswer` when nothing could be had from it. */
export interface Client {
    /** Everything that the partner may see now. */
    readonly warnings: () => Promise<Warning[]>
    readonly warning: (id: string) => Promise<Warning>
    /** A warning for the partner's MISP, with its texts unmarked. Each is put on record. */
    readonly misp: (warning: string) => Promise<MispEvent>
    /** Which of the partner's persons see a warning; a lead's to ask, as is the next. */
    readonly circle: (warning: string) => Promise<OwnCircle>
    /** Lets only these persons see it, a lead among them; null: everybody on the roster again. */
    readonly setCircle: (warning: string, persons: readonly string[] | null) => Promise<void>
    /** The partner's own copy. Each fetch is put on record, one that is cut short too. */
    readonly copy: (artifact: string) => Promise<Copy>
    /** Confirms what was fetched of a warning. */
    readonly acknowledge: (warning: string) => Promise<Confirmed>
    /** The recalls that last, of what the partner holds, the newest first. */
    readonly recalls: () => Promise<Recall[]>
    /** A person's word that the partner's copies of what was recalled are gone; gives what `receipt` is asked with. */
    readonly confirmDeletion: (recall: string) => Promise<string>
    /** What a tester found of a version that it holds; a later result takes the place of the earlier. Gives its id. */
    readonly reportResult: (artifact: string, result: NewResult) => Promise<string>
    /** Reports exploitation of what a warning is of, or that none was seen. Gives the report's id. */
    readonly reportSighting: (warning: string, sighting: NewSighting) => Promise<string>
    /** Takes back what was reported; the operator still sees it, as withdrawn. */
    readonly withdrawSighting: (id: string) => Promise<void>
    /**
     * Reports by STIX 2.1: sightings of what the warnings show, by its id there, and what they carry. Each object is taken or
     * not by itself; what was taken before is a success.
     */
    readonly postSightings: (objects: readonly object[]) => Promise<SightingStatus>
    /** What this partner reported, the newest first. */
    readonly sightings: () => Promise<OwnSighting[]>
    /** Says how far the partner is; the newest counts, and said again it is nothing new, unless it is owed anew. */
    readonly protect: (warning: string, protection: NewProtection) => Promise<void>
    /** What this partner said of its protection, the newest first. */
    readonly protections: () => Promise<OwnProtection[]>
    /** The proof of a fetch, an acknowledgement or a deletion, as text; refused with `receipt.not_yet` until the next batch is out. */
    readonly receipt: (id: string) => Promise<string>
    readonly me: () => Promise<Me>
    /** Adds an age recipient (`age1…`); the first is usable at once, later ones after a day. */
    readonly addKey: (recipient: string) => Promise<Key>
    /** An age file that is sealed to this key alone, with a code in it. */
    readonly testCopy: (key: string) => Promise<Uint8Array>
    /** Tells by that code that it was opened. */
    readonly proveKey: (key: string, code: string) => Promise<void>
    /** The newest signed head of the partners' log; refused with `receipt.no_batch` before the first. */
    readonly checkpoint: () => Promise<Head>
    /** The proof (RFC 6962), in hex, that the log of `to` batches contains that of `from`. */
    readonly consistency: (from: number, to: number) => Promise<readonly string[]>
}

export interface Settings {
    /** The portal's address. */
    readonly url: string
    /** A person's token. */
    readonly token: string
    readonly fetch?: typeof fetch | undefined
    readonly sleep?: ((ms: number) => Promise<void>) | undefined
    /** In [0, 1): spreads the pauses of many clients. */
    readonly chance?: (() => number) | undefined
    readonly limits?: Partial<Limits> | undefined
    /** Ends whatever is under way. */
    readonly signal?: AbortSignal | undefined
    /** Lets the token travel unencrypted to another machine. */
    readonly allowPlainHttp?: boolean | undefined
}

/** Throws `client.bad_address`, `client.not_https`, `client.bad_token`; asks nothing yet. */
export function connect(settings: Settings): Client {
    const asking: Asking = {
        url: addressOf(settings),
        token: tokenOf(settings.token),
        fetch: settings.fetch ?? ((input, init) => fetch(input, init)),
        sleep: settings.sleep ?? ((ms) => pause(ms, settings.signal)),
        chance: settings.chance ?? randomFraction,
        limits: { ...usualLimits, ...settings.limits },
        signal: settings.signal,
    }
    const get = <Of>(path: string, ...fields: (keyof Of & string)[]) =>
        json<Of>(asking, { method: "GET", path }, fields)
    return {
        warnings: async () => (await get<{ warnings: Warning[] }>("/api/warnings", "warnings")).warnings,
        warning: (id) => get<Warning>(`/api/warnings/${part(id)}`, "id", "artifacts"),
        misp: (id) => get<MispEvent>(`/api/warnings/${part(id)}/misp`, "Event"),
        circle: (id) => get<OwnCircle>(circlePath(id), "narrowed", "persons"),
        setCircle: async (id, persons) => {
            await json<object>(asking, { method: "PUT", path: circlePath(id), body: { persons } }, [])
        },
        copy: (artifact) => fetchCopy(asking, artifact),
        acknowledge: (warning) => {
            const path = `/api/warnings/${part(warning)}/acknowledgement`
            return json<Confirmed>(asking, { method: "POST", path }, ["acknowledged", "receipts"])
        },
        recalls: async () => (await get<{ recalls: Recall[] }>("/api/recalls", "recalls")).recalls,
        confirmDeletion: async (recall) => {
            const path = `/api/recalls/${part(recall)}/deletion`
            return (await json<{ receipt: string }>(asking, { method: "POST", path }, ["receipt"])).receipt
        },
        ...reporting(asking),
        receipt: async (id) => (await get<{ receipt: string }>(`/api/receipts/${part(id)}`, "receipt")).receipt,
        me: () => get<Me>("/api/me", "person", "partner"),
        addKey: (recipient) => {
            const idempotencyKey = crypto.randomUUID()
            const request: Request = { method: "POST", path: "/api/keys", body: { recipient }, idempotencyKey }
            return json<Key>(asking, request, ["id", "recipient", "usableFrom"])
        },
        testCopy: async (key) => {
            const path = `/api/keys/${part(key)}/test`
            return await ask(asking, { method: "GET", path }, (response) =>
                sealedIn(response, asking.limits.answerBytesMax),
            )
        },
        proveKey: async (key, code) => {
            await json<object>(asking, { method: "POST", path: `/api/keys/${part(key)}/test`, body: { code } }, [])
        },
        checkpoint: () => get<Head>("/api/record/checkpoint", "size", "verifierKey", "checkpoint"),
        consistency: async (from, to) => {
            const path = `/api/record/consistency?from=${from}&to=${to}`
            const { proof } = await get<{ readonly proof: unknown }>(path, "proof")
            if (Array.isArray(proof) && proof.every((one) => typeof one === "string")) return proof
            throw new NoAnswer("what came is no proof: is this the portal's address?", 200)
        },
    }
}

/** What a partner has to say of what it was warned of. */
function reporting(
    asking: Asking,
): Pick<
    Client,
    "reportResult" | "reportSighting" | "withdrawSighting" | "postSightings" | "sightings" | "protect" | "protections"
> {
    return {
        reportResult: async (artifact, body) => {
            const path = `/api/artifacts/${part(artifact)}/result`
            const request: Request = { method: "POST", path, body, idempotencyKey: crypto.randomUUID() }
            return (await json<{ id: string }>(asking, request, ["id"])).id
        },
        reportSighting: async (warning, { id = crypto.randomUUID(), ...its }) => {
            const body = { id, warning, ...its }
            return (await json<{ id: string }>(asking, { method: "POST", path: "/api/sightings", body }, ["id"])).id
        },
        withdrawSighting: async (id) => {
            await json(asking, { method: "POST", path: `/api/sightings/${part(id)}/withdrawal` }, [])
        },
        postSightings: (objects) => {
            const path = "/taxii2/api/collections/sightings/objects/"
            const request: Request = { method: "POST", path, body: { objects }, type: taxiiType }
            return json<SightingStatus>(asking, request, ["total_count", "success_count", "failure_count"])
        },
        sightings: async () => {
            const request: Request = { method: "GET", path: "/api/sightings" }
            return (await json<{ sightings: OwnSighting[] }>(asking, request, ["sightings"])).sightings
        },
        protect: async (warning, its) => {
            const [path, body] = ["/api/protections", { warning, ...its }]
            await json(asking, { method: "POST", path, body, idempotencyKey: crypto.randomUUID() }, [])
        },
        protections: async () => {
            const request: Request = { method: "GET", path: "/api/protections" }
            return (await json<{ protections: OwnProtection[] }>(asking, request, ["protections"])).protections
        },
    }
}

function json<Of>(asking: Asking, request: Request, fields: readonly (keyof Of & string)[]): Promise<Of> {
    return ask(asking, request, (response) => objectOf<Of>(response, fields, asking.limits.answerBytesMax))
}

const taxiiType = "application/taxii+json;version=2.1"
const ageStart = "age-encryption.org/v1\n"

async function fetchCopy(asking: Asking, artifact: string): Promise<Copy> {
    const { copyTimeoutMs: timeoutMs, copyBytesMax } = asking.limits
    const path = `/api/artifacts/${part(artifact)}/copy`
    return await ask(asking, { method: "GET", path, timeoutMs }, async (response) => {
        const receipt = response.headers.get("tocsin-receipt")
        const version = Number(/^[1-9]\d{0,8}$/.exec(response.headers.get("tocsin-version") ?? "")?.[0] ?? 0)
        const name = /filename="([^"]+)"/.exec(response.headers.get("content-disposition") ?? "")?.[1]
        const bytes = await sealedIn(response, copyBytesMax)
        if (receipt === null || version === 0 || name === undefined) {
            throw new NoAnswer("what came is no sealed copy with a receipt: is this the portal's address?", 200)
        }
        return { bytes, version, receipt, name }
    })
}

async function sealedIn(response: Response, bytesMax: number): Promise<Uint8Array> {
    const bytes = await bytesOf(response, bytesMax)
    const isAge = new TextDecoder("latin1").decode(bytes.subarray(0, ageStart.length)) === ageStart
    if (!isAge) throw new NoAnswer("what came is no sealed copy: is this the portal's address?", 200)
    return bytes
}

const circlePath = (warning: string): string => `/api/warnings/${part(warning)}/circle`

const part = (id: string): string => encodeURIComponent(id)

function addressOf({ url, allowPlainHttp }: Settings): URL {
    const address = URL.parse(url)
    if (!address || !/^https?:$/.test(address.protocol) || address.username !== "" || address.password !== "") {
        refuse("invalid", "client.bad_address", `\`${url}\` is no address: write it like \`https://portal.example\``)
    }
    const { hostname } = address
    const isLocal = /^(localhost|.*\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname)
    if (address.protocol === "http:" && !isLocal && allowPlainHttp !== true) {
        refuse("forbidden", "client.not_https", `\`${hostname}\` would be sent the token unencrypted: use https`)
    }
    return address
}

function tokenOf(token: string): string {
    if (/^[A-Za-z0-9_-]{40,64}$/.test(token)) return token
    return refuse("invalid", "client.bad_token", "this is no token: it has 40 to 64 letters, digits, `_` and `-`")
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
    if (signal?.aborted) return
    const { promise, resolve } = Promise.withResolvers<void>()
    const wake = () => resolve()
    const timer = setTimeout(wake, ms)
    signal?.addEventListener("abort", wake)
    await promise
    clearTimeout(timer)
    signal?.removeEventListener("abort", wake)
}

function randomFraction(): number {
    return (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) / 2 ** 32
}
