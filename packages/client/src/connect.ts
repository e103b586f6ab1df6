/**
 * The typed client of the portal: what a partner's own program can ask, as one object.
 *
 * It runs in browsers and on servers alike. Copies come sealed; an age identity is given to `open` alone, and never leaves it.
 */
import { refuse } from "@tocsin/base/refusal"
import type { Portal } from "./api.ts"
import { type Asking, type Limits, usualLimits } from "./requests.ts"
import { type Opener, open } from "./open.ts"
import { portalOf } from "./portal.ts"
import { type Known, type PullEvent, type WatchEvent, pull, watch } from "./pull.ts"
import type { Store } from "./store.ts"

export { ApiRefusal, NoAnswer } from "./requests.ts"
export type * from "./api.ts"
export type { Seen } from "./log.ts"
export type { Arrived, Held } from "./store.ts"
export type { Opener, PullEvent, Store, WatchEvent }

export interface Pulling extends Known {
    /** Ends it, with whatever is under way. */
    readonly signal?: AbortSignal | undefined
}

export interface Watching extends Pulling {
    /** Between two looks; 30 seconds by default. */
    readonly everyMs?: number | undefined
}

export interface Client extends Portal {
    /**
     * Fetches every copy that the store does not hold yet, and the proof of each fetch, and holds the program to its log. It tells what
     * it does, step by step, and goes on as it is asked for the next. Throws `client.log_forked`, `client.log_shrank`,
     * `client.log_key_mismatch` and whatever the store refuses of all.
     */
    readonly pull: (store: Store, how?: Pulling) => AsyncGenerator<PullEvent, void>
    /** Pulls again and again until the signal, which is no error. Outages and refusals of the moment are told, and pass. */
    readonly watch: (store: Store, how?: Watching) => AsyncGenerator<WatchEvent, void>
    /** What is in a copy; asks nobody but the openers. Throws `open.…`. */
    readonly open: (sealed: Uint8Array, openers: readonly Opener[]) => Promise<Uint8Array>
}

export interface Settings {
    /** The portal's address. */
    readonly url: string
    /** A person's token. */
    readonly token: string
    readonly fetch?: typeof fetch | undefined
    /** Ends early when the signal aborts. */
    readonly sleep?: ((ms: number, signal?: AbortSignal) => Promise<void>) | undefined
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
        sleep: settings.sleep ?? pause,
        chance: settings.chance ?? randomFraction,
        limits: { ...usualLimits, ...settings.limits },
        signal: settings.signal,
    }
    return {
        ...portalOf(asking),
        pull: (store, { signal, ...known } = {}) => pull(until(asking, signal), store, known),
        watch: (store, { signal, everyMs = 30_000, ...known } = {}) =>
            watch(until(asking, signal), store, { ...known, everyMs }),
        open,
    }
}

/** Ended by the client's own signal, or by this one. */
function until(asking: Asking, signal: AbortSignal | undefined): Asking {
    const both = [asking.signal, signal].filter((item) => item !== undefined)
    return { ...asking, signal: both.length > 1 ? AbortSignal.any(both) : both[0] }
}

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
