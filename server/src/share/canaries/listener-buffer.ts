/**
 * Buffers what a listener receives until it is stored: one entry for each name, channel and network, with a count and
 * never the name in clear.
 *
 * Senders are strangers, so the number of entries is limited, in all and for each network. UDP senders can forge their
 * address. So UDP has a share of its own, and when that is full, senders are asked to use TCP, as real resolvers can.
 */
import { bytesToHex } from "@noble/hashes/utils.js"
import { digestOf, isLabel } from "@tocsin/marks/canary"
import type { Instant } from "@tocsin/base/instant"
import { sourceNetworkOf } from "@tocsin/rules/network"
import type { Channel, Heard } from "./touch.ts"

/** A request that reached the canary listener. */
export interface Sound {
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
export interface Entry {
    /** SHA-256 in hex; null where the name is not of our form, or the buffer is full. */
    readonly digest: string | null
    readonly channel: Channel
    readonly times: number
    readonly heard: Heard | null
    /** The last time, in wall-clock time. */
    readonly at: Instant
}

export const limits = {
    entries: 1000,
    proven: 1000,
    perNetwork: 200,
    networks: 4096,
    perMinute: 3000,
    remembered: 8,
} as const
const minuteMs = 60_000

interface Neighbour {
    since: Instant
    asked: number
    kept: number
    readonly names: Set<string>
    readonly paths: Set<string>
}

type Kept = { -readonly [Key in keyof Entry]: Entry[Key] }

/** Buffers the requests of the canary listener, within limits for each network. */
export class Ear {
    readonly #kept = new Map<string, Kept>()
    /** UDP entries count towards UDP limits only, since their address may be forged. */
    readonly #neighbours = { proven: new Map<string, Neighbour>(), packets: new Map<string, Neighbour>() }
    #proven = 0
    #unproven = 0

    /** `again`: not stored, may be repeated by TCP. `enough`: the sender exceeds the limit and gets no answer. */
    hear(sound: Sound, now: Instant): "kept" | "again" | "enough" {
        const network = sourceNetworkOf(sound.address)
        const neighbour = neighbourIn(this.#neighbours[sound.isProven ? "proven" : "packets"], network, now)
        neighbour.asked += 1
        if (neighbour.asked > limits.perMinute) {
            if (!sound.isProven && neighbour.asked <= 2 * limits.perMinute) return "again"
            this.#count({ ...sound, times: 1, at: now })
            return "enough"
        }
        if (sound.label === null || !isLabel(sound.label)) {
            this.#count({ ...sound, times: 1, at: now })
            return "kept"
        }
        remember(neighbour.names, sound.label)
        if (sound.channel === "http") remember(neighbour.paths, sound.path)
        const digest = bytesToHex(digestOf(sound.label))
        const key = `${digest} ${sound.channel} ${network}`
        const known = this.#kept.get(key)
        if (known !== undefined) {
            known.times += 1
            known.at = now
            known.heard = heardOf(sound, neighbour)
            return "kept"
        }
        if (neighbour.kept >= limits.perNetwork || this.#isFull(sound.isProven)) {
            if (!sound.isProven) return "again"
            this.#count({ ...sound, times: 1, at: now })
            return "kept"
        }
        neighbour.kept += 1
        if (sound.isProven) this.#proven += 1
        else this.#unproven += 1
        const entry = { digest, channel: sound.channel, times: 1, heard: heardOf(sound, neighbour), at: now }
        this.#kept.set(key, entry)
        return "kept"
    }

    /** Returns and clears the buffer. */
    take(): Entry[] {
        const list = [...this.#kept.values()]
        this.#kept.clear()
        this.#proven = 0
        this.#unproven = 0
        const { proven, packets } = this.#neighbours
        for (const neighbour of [...proven.values(), ...packets.values()]) neighbour.kept = 0
        return list
    }

    /** Takes entries back that could not be stored. What has no room is counted only. */
    giveBack(entries: readonly Entry[]): void {
        for (const [n, entry] of entries.entries()) {
            const hasRoom = this.#kept.size < limits.entries + limits.proven
            if (hasRoom && entry.digest !== null) this.#kept.set(`again ${n} ${entry.at}`, { ...entry })
            else this.#count(entry)
        }
    }

    /** The number of buffered entries and networks, for tests of the limits. */
    get held(): { readonly entries: number; readonly networks: number } {
        return { entries: this.#kept.size, networks: this.#neighbours.proven.size + this.#neighbours.packets.size }
    }

    #isFull(isProven: boolean): boolean {
        return isProven ? this.#proven >= limits.proven : this.#unproven >= limits.entries
    }

    /** Counts names of foreign form, and touches beyond the limits, by channel. */
    #count({ channel, times, at }: Pick<Entry, "channel" | "times" | "at">): void {
        const known = this.#kept.get(channel)
        if (known === undefined) {
            this.#kept.set(channel, { digest: null, channel, times, heard: null, at })
        } else {
            known.times += times
            known.at = Math.max(known.at, at)
        }
    }
}

function neighbourIn(neighbours: Map<string, Neighbour>, network: string, now: Instant): Neighbour {
    const known = neighbours.get(network)
    if (known !== undefined && now - known.since < minuteMs) return known
    const fresh = {
        since: now,
        asked: 0,
        kept: known?.kept ?? 0,
        names: new Set<string>(),
        paths: new Set<string>(),
    }
    neighbours.delete(network)
    const [oldest] = neighbours.keys()
    if (neighbours.size >= limits.networks && oldest !== undefined) neighbours.delete(oldest)
    neighbours.set(network, fresh)
    return fresh
}

function remember(list: Set<string>, item: string): void {
    if (list.size < limits.remembered) list.add(item)
}

function heardOf({ address, agent, method }: Sound, { names, paths }: Neighbour): Heard {
    return { source: address, agent, method, names: names.size, paths: paths.size }
}
