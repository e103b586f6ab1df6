/**
 * Buffers the requests of a listener until they are stored: one entry for each name, channel and network, with a count
 * and never the name in clear.
 *
 * Senders are strangers, so the number of entries is limited, in all and for each network. UDP senders can forge their
 * address. So UDP has a share of its own. When that share is full, senders are asked to use TCP, as real resolvers can.
 */
import { bytesToHex } from "@noble/hashes/utils.js"
import { digestOf, isLabel } from "@tocsin/marks/canary"
import type { Instant } from "@tocsin/base/instant"
import { sourceNetworkOf } from "@tocsin/rules/network"
import type { Channel, TouchRequest } from "./touch.ts"

/** A request that reached the canary listener. */
export interface ListenerRequest {
    readonly channel: Channel
    /** The label below the zone; null for the zone itself or a foreign name. */
    readonly label: string | null
    readonly path: string
    readonly method: string
    readonly agent: string
    readonly address: string
    readonly isProven: boolean
}

/** An entry as stored. */
export interface BufferEntry {
    /** SHA-256 in hex; null where the name is not of our form, or the buffer is full. */
    readonly digest: string | null
    readonly channel: Channel
    readonly times: number
    readonly request: TouchRequest | null
    /** The last time, in wall-clock time. */
    readonly at: Instant
}

export const limits = {
    entries: 1000,
    proven: 1000,
    perNetwork: 200,
    networks: 4096,
    perMinute: 3000,
    rememberedPerNetwork: 8,
} as const
const minuteMs = 60_000

interface NetworkState {
    since: Instant
    requests: number
    entries: number
    readonly names: Set<string>
    readonly paths: Set<string>
}

type MutableEntry = { -readonly [Key in keyof BufferEntry]: BufferEntry[Key] }

/** Buffers the requests of the canary listener, within limits for each network. */
export class ListenerBuffer {
    readonly #entries = new Map<string, MutableEntry>()
    /** UDP entries count towards UDP limits only, since their address may be forged. */
    readonly #networks = { proven: new Map<string, NetworkState>(), packets: new Map<string, NetworkState>() }
    #proven = 0
    #unproven = 0

    /** `again`: not stored, may be repeated by TCP. `enough`: the sender exceeds the limit and gets no answer. */
    add(request: ListenerRequest, now: Instant): "kept" | "again" | "enough" {
        const network = sourceNetworkOf(request.address)
        const state = networkStateIn(this.#networks[request.isProven ? "proven" : "packets"], network, now)
        state.requests += 1
        if (state.requests > limits.perMinute) {
            if (!request.isProven && state.requests <= 2 * limits.perMinute) return "again"
            this.#count({ ...request, times: 1, at: now })
            return "enough"
        }
        if (request.label === null || !isLabel(request.label)) {
            this.#count({ ...request, times: 1, at: now })
            return "kept"
        }
        addUpToLimit(state.names, request.label)
        if (request.channel === "http") addUpToLimit(state.paths, request.path)
        const digest = bytesToHex(digestOf(request.label))
        const key = `${digest} ${request.channel} ${network}`
        const known = this.#entries.get(key)
        if (known !== undefined) {
            known.times += 1
            known.at = now
            known.request = touchRequestOf(request, state)
            return "kept"
        }
        if (state.entries >= limits.perNetwork || this.#isFull(request.isProven)) {
            if (!request.isProven) return "again"
            this.#count({ ...request, times: 1, at: now })
            return "kept"
        }
        state.entries += 1
        if (request.isProven) this.#proven += 1
        else this.#unproven += 1
        const entry = { digest, channel: request.channel, times: 1, request: touchRequestOf(request, state), at: now }
        this.#entries.set(key, entry)
        return "kept"
    }

    /** Returns and clears the buffer. */
    drain(): BufferEntry[] {
        const list = [...this.#entries.values()]
        this.#entries.clear()
        this.#proven = 0
        this.#unproven = 0
        const { proven, packets } = this.#networks
        for (const state of [...proven.values(), ...packets.values()]) state.entries = 0
        return list
    }

    /** Restores entries that could not be stored. Entries without room are only counted. */
    restore(entries: readonly BufferEntry[]): void {
        for (const [n, entry] of entries.entries()) {
            const hasRoom = this.#entries.size < limits.entries + limits.proven
            if (hasRoom && entry.digest !== null) this.#entries.set(`again ${n} ${entry.at}`, { ...entry })
            else this.#count(entry)
        }
    }

    /** The number of buffered entries and networks, for tests of the limits. */
    get counts(): { readonly entries: number; readonly networks: number } {
        return { entries: this.#entries.size, networks: this.#networks.proven.size + this.#networks.packets.size }
    }

    #isFull(isProven: boolean): boolean {
        return isProven ? this.#proven >= limits.proven : this.#unproven >= limits.entries
    }

    /** Counts names of foreign form, and touches beyond the limits, by channel. */
    #count({ channel, times, at }: Pick<BufferEntry, "channel" | "times" | "at">): void {
        const known = this.#entries.get(channel)
        if (known === undefined) {
            this.#entries.set(channel, { digest: null, channel, times, request: null, at })
        } else {
            known.times += times
            known.at = Math.max(known.at, at)
        }
    }
}

function networkStateIn(states: Map<string, NetworkState>, network: string, now: Instant): NetworkState {
    const known = states.get(network)
    if (known !== undefined && now - known.since < minuteMs) return known
    const fresh = {
        since: now,
        requests: 0,
        entries: known?.entries ?? 0,
        names: new Set<string>(),
        paths: new Set<string>(),
    }
    states.delete(network)
    const [oldest] = states.keys()
    if (states.size >= limits.networks && oldest !== undefined) states.delete(oldest)
    states.set(network, fresh)
    return fresh
}

function addUpToLimit(list: Set<string>, item: string): void {
    if (list.size < limits.rememberedPerNetwork) list.add(item)
}

function touchRequestOf({ address, agent, method }: ListenerRequest, { names, paths }: NetworkState): TouchRequest {
    return { source: address, agent, method, names: names.size, paths: paths.size }
}
