/**
 * Connects to the portal: one typed object with all calls for a partner's tools.
 *
 * It runs in browsers and on servers. Copies arrive sealed. Only `open` gets an age identity, which never leaves it.
 */
import { refuse } from "@tocsin/base/refusal"
import type { Portal } from "./api.ts"
import { type MachineClient, authorize } from "./authorization.ts"
import { type Connection, type Limits, defaultLimits } from "./requests.ts"
import { type Opener, open } from "./open.ts"
import { makePortal } from "./portal.ts"
import type { KeyCheck, KeyStore } from "./check-keys.ts"
import { type LogTrust, type PullEvent, type WatchEvent, checkAllKeys, pull, watch } from "./pull.ts"
import { type SigningKey, importSigningKey } from "./signing-key.ts"
import type { Store } from "./store.ts"

export { ApiRefusal, NoAnswer } from "./requests.ts"
export type * from "./api.ts"
export type { KeyCheck, KeyStore } from "./check-keys.ts"
export type { KeyChange, KnownKeys } from "./key-change.ts"
export type { KnownLog } from "./log.ts"
export type { FetchedCopy, HeldCopy } from "./store.ts"
export type { MachineClient, Opener, PullEvent, SigningKey, Store, WatchEvent }
export { importSigningKey }

/** Settings of one pull. */
export interface PullSettings extends LogTrust {
    /** Stops the pull, including running requests. */
    readonly signal?: AbortSignal | undefined
}

/** Settings of a watch. */
export interface WatchSettings extends PullSettings {
    /** Milliseconds between two pulls. Default: 30 seconds. */
    readonly everyMs?: number | undefined
}

/** The calls of the portal, with `pull`, `watch` and `open`. */
export interface Client extends Portal {
    /**
     * Fetches every copy that the store does not hold, with the proof of each fetch, and checks the receipt log. Yields
     * each step, and continues when the caller asks for the next. Throws `client.log_forked`, `client.log_behind`,
     * `client.log_key_mismatch`, and refusals of the store that concern all copies.
     */
    readonly pull: (store: Store, settings?: PullSettings) => AsyncGenerator<PullEvent, void>
    /**
     * Pulls repeatedly until the signal aborts, which is not an error. Outages and temporary refusals are yielded and
     * pass.
     */
    readonly watch: (store: Store, settings?: WatchSettings) => AsyncGenerator<WatchEvent, void>
    /**
     * Checks the keys that the server lists against the receipts of their changes. Refuses `keys.no_receipt`,
     * `keys.hidden`, `keys.receipt_differs`, `keys.receipt_overdue`, `keys.receipts_broken` and
     * `keys.receipts_vanished`, and throws what `pull` throws for the log.
     */
    readonly checkKeys: (store: KeyStore) => Promise<KeyCheck>
    /** Decrypts a copy with the openers only, without a request. Refuses codes `open.…`. */
    readonly open: (sealed: Uint8Array, openers: readonly Opener[]) => Promise<Uint8Array>
}

/** Settings of a connection. */
export interface ConnectionSettings {
    /** The portal's address. */
    readonly url: string
    /** The token of a person of the partner, or a machine client that gets its tokens. */
    readonly token: string | MachineClient
    /** The key to which the token is bound (DPoP). A machine client gets tokens that are bound to it. */
    readonly dpopKey?: SigningKey | undefined
    readonly fetch?: typeof fetch | undefined
    /** Ends early when the signal aborts. */
    readonly sleep?: ((ms: number, signal?: AbortSignal) => Promise<void>) | undefined
    /** The wall-clock time in milliseconds. */
    readonly now?: (() => number) | undefined
    /** Returns a number in [0, 1). It spreads the pauses of many clients. */
    readonly chance?: (() => number) | undefined
    readonly limits?: Partial<Limits> | undefined
    /** Stops all running requests. */
    readonly signal?: AbortSignal | undefined
    /** Permits sending the token unencrypted to another machine. */
    readonly allowPlainHttp?: boolean | undefined
}

/** Connects to a portal without a request. Refuses `client.bad_address`, `client.not_https` and `client.bad_token`. */
export function connect(settings: ConnectionSettings): Client {
    const connection: Connection = {
        url: parseAddress(settings),
        authorization: authorize(settings.token, settings.dpopKey, settings.now ?? Date.now),
        fetch: settings.fetch ?? ((input, init) => fetch(input, init)),
        sleep: settings.sleep ?? pause,
        chance: settings.chance ?? randomFraction,
        limits: { ...defaultLimits, ...settings.limits },
        signal: settings.signal,
    }
    return {
        ...makePortal(connection),
        pull: (store, { signal, ...trust } = {}) => pull(withSignal(connection, signal), store, trust),
        watch: (store, { signal, everyMs = 30_000, ...trust } = {}) =>
            watch(withSignal(connection, signal), store, { ...trust, everyMs }),
        checkKeys: (store) => checkAllKeys(connection, store),
        open,
    }
}

/** Combines the client's own signal with this one. */
function withSignal(connection: Connection, signal: AbortSignal | undefined): Connection {
    const signals = [connection.signal, signal].filter((signal) => signal !== undefined)
    return { ...connection, signal: signals.length > 1 ? AbortSignal.any(signals) : signals[0] }
}

function parseAddress({ url, allowPlainHttp }: ConnectionSettings): URL {
    const address = URL.parse(url)
    if (!address || !/^https?:$/.test(address.protocol) || address.username !== "" || address.password !== "") {
        refuse(
            "invalid",
            "client.bad_address",
            `\`${url}\` is not an address: write it like \`https://portal.example\``,
        )
    }
    const { hostname } = address
    const isLocal = /^(localhost|.*\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname)
    if (address.protocol === "http:" && !isLocal && allowPlainHttp !== true) {
        refuse("forbidden", "client.not_https", `\`${hostname}\` would be sent the token unencrypted: use https`)
    }
    return address
}

async function pause(ms: number, signal?: AbortSignal): Promise<void> {
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
