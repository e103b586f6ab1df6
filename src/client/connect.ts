/**
 * The typed client of the portal: what a partner's own program can ask, as one object.
 *
 * It runs in browsers and on servers alike. It never sees an age identity: copies come sealed and stay so.
 */
import type { presented } from "../channels/portal/routes.ts"
import { refuse } from "../lib/refusal.ts"
import type { PublishedHead } from "../trust/audit/actions/exporting.ts"
import type { presentAcceptance, presentFacts, presentKey, presentPerson } from "../trust/partners/routes/answers.ts"
import { type Asking, type Limits, NoAnswer, type Request, ask, bytesOf, objectOf, usualLimits } from "./asking.ts"

/** What the partner may see of a case; instants are written as RFC 3339, in UTC. */
export type Warning = ReturnType<typeof presented>
export type WarnedArtifact = Warning["artifacts"][number]
export type Person = ReturnType<typeof presentPerson>
export type Key = ReturnType<typeof presentKey>
export type Head = Omit<PublishedHead, "at"> & { readonly at: string }

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
    /** What `receipt` is asked with. */
    readonly receipt: string
    /** The file's name as the program calls it. From outside: check it before it becomes a path. */
    readonly name: string
}

/** Every verb throws `ApiRefusal` when the program says no, and `NoAnswer` when nothing could be had from it. */
export interface Client {
    /** Everything that the partner may see now. */
    readonly warnings: () => Promise<Warning[]>
    readonly warning: (id: string) => Promise<Warning>
    /** The partner's own copy. Each fetch is put on record, one that is cut short too. */
    readonly copy: (artifact: string) => Promise<Copy>
    /** Confirms what was fetched of a warning; gives how many artifacts were confirmed for the first time. */
    readonly acknowledge: (warning: string) => Promise<number>
    /** The proof of a fetch, as text; refused with `….not_numbered_yet` for about a second after it. */
    readonly receipt: (id: string) => Promise<string>
    readonly me: () => Promise<Me>
    /** Adds an age recipient (`age1…`); the first is usable at once, later ones after a day. */
    readonly addKey: (recipient: string) => Promise<Key>
    /** The newest signed head of the record. */
    readonly checkpoint: () => Promise<Head>
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
        copy: (artifact) => fetchCopy(asking, artifact),
        acknowledge: async (warning) => {
            const path = `/api/warnings/${part(warning)}/acknowledgement`
            const fields = ["acknowledged"] as const
            return (await json<{ acknowledged: number }>(asking, { method: "POST", path }, fields)).acknowledged
        },
        receipt: async (id) => (await get<{ receipt: string }>(`/api/receipts/${part(id)}`, "receipt")).receipt,
        me: () => get<Me>("/api/me", "person", "partner"),
        addKey: (recipient) => {
            const idempotencyKey = crypto.randomUUID()
            const request: Request = { method: "POST", path: "/api/keys", body: { recipient }, idempotencyKey }
            return json<Key>(asking, request, ["id", "recipient", "usableFrom"])
        },
        checkpoint: () => get<Head>("/api/record/checkpoint", "size", "verifierKey", "checkpoint"),
    }
}

function json<Of>(asking: Asking, request: Request, fields: readonly (keyof Of & string)[]): Promise<Of> {
    return ask(asking, request, (response) => objectOf<Of>(response, fields, asking.limits.answerBytesMax))
}

const ageStart = "age-encryption.org/v1\n"

async function fetchCopy(asking: Asking, artifact: string): Promise<Copy> {
    const { copyTimeoutMs: timeoutMs, copyBytesMax } = asking.limits
    const path = `/api/artifacts/${part(artifact)}/copy`
    return await ask(asking, { method: "GET", path, timeoutMs }, async (response) => {
        const receipt = response.headers.get("tocsin-receipt")
        const name = /filename="([^"]+)"/.exec(response.headers.get("content-disposition") ?? "")?.[1]
        const bytes = await bytesOf(response, copyBytesMax)
        const isAge = new TextDecoder("latin1").decode(bytes.subarray(0, ageStart.length)) === ageStart
        if (receipt === null || name === undefined || !isAge) {
            throw new NoAnswer("what came is no sealed copy with a receipt: is this the portal's address?", 200)
        }
        return { bytes, receipt, name }
    })
}

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
