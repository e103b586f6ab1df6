/**
 * Runs the listeners of canaries: DNS and HTTP on ports of their own, one bounded buffer, and a spool written once a
 * second. They get no services.
 */
import { type Zone, answerTo, askAgain, nameIn, readQuery } from "../models/dns-message.ts"
import { addressOf } from "@tocsin/rules/network"
import { refuse } from "@tocsin/base/refusal"
import { realNow } from "../platform/time/clock.ts"
import type { Db } from "../platform/postgres/db.ts"
import { type Log, causeOf } from "../platform/log/log.ts"
import { type Respond, openNameServer } from "../platform/outgoing/name-server.ts"
import { type Hear, openQuietServer } from "../platform/http/quiet-server.ts"
import type { Settings } from "../platform/config/settings.ts"
import { spool } from "../share/canaries/actions/record-touches.ts"
import { Ear, type Entry } from "../share/canaries/listener-buffer.ts"
import { assertFree } from "./listeners.ts"

export interface Hearing {
    readonly zone: string
    /** Names resolve to the first address of each family. */
    readonly addresses: readonly string[]
    readonly host: string
    /** 0 selects any free port. */
    readonly ports: { readonly dns: number; readonly http: number }
    readonly realNow: () => number
    readonly log: Log
    /** Writes entries to the spool. A failed write is tried again. */
    readonly put: (entries: readonly Entry[]) => Promise<void>
}

export interface Heard {
    readonly ports: { readonly dns: number; readonly http: number }
    /** Writes down what was received so far. */
    flush(): Promise<void>
    stop(): Promise<void>
}

const flushMs = 1_000

/** Opens the listeners by the settings. Refuses `serve.no_zone` and `serve.no_address`. */
export async function hearBySettings(settings: Settings, db: Db, log: Log): Promise<Heard> {
    const { canaryZone: zone, canaryAddresses, canaryHost: host } = settings
    if (zone === null) refuse("invalid", "serve.no_zone", "`canaryZone` is not set: set it to listen for canaries")
    if (canaryAddresses === "") {
        refuse("invalid", "serve.no_address", "`canaryAddresses` is not set: set the addresses of this listener")
    }
    return await hear({
        zone,
        host,
        realNow,
        log,
        addresses: canaryAddresses.split(","),
        ports: { dns: settings.canaryDnsPort, http: settings.canaryHttpPort },
        put: (entries) => spool({ db }, entries),
    })
}

/** Opens the listeners. Refuses `run.port_taken` and `run.port_not_allowed`. */
export async function hear(hearing: Hearing): Promise<Heard> {
    const ear = new Ear()
    const dns = await openNameServer(hearing.host, hearing.ports.dns, respondTo(ear, hearing)).catch(
        assertFree(hearing.ports.dns),
    )
    const http = await openQuietServer(hearing.host, hearing.ports.http, hearBy(ear, hearing)).catch(
        async (error: unknown) => {
            await dns.stop()
            return assertFree(hearing.ports.http)(error)
        },
    )
    let writing: Promise<void> = Promise.resolve()
    const flush = (): Promise<void> => (writing = writing.then(() => writeDown(ear, hearing)))
    const timer = setInterval(() => void flush(), flushMs)
    return {
        ports: { dns: dns.port, http: http.port },
        flush,
        stop: async () => {
            clearInterval(timer)
            await Promise.all([dns.stop(), http.stop()])
            await flush()
        },
    }
}

async function writeDown(ear: Ear, { put, log }: Hearing): Promise<void> {
    const entries = ear.take()
    try {
        await put(entries)
    } catch (error) {
        ear.giveBack(entries)
        log.error("touches not written down", { count: entries.length, error: causeOf(error) })
    }
}

function respondTo(ear: Ear, { zone: domain, addresses, realNow }: Hearing): Respond {
    const zone = zoneOf(domain, addresses)
    return (packet, { address, isProven }) => {
        const query = readQuery(packet)
        if (query === null) return null
        const label = query.question && nameIn(query.question, zone)
        const sound = { channel: "dns", label, path: "", method: "", agent: "", address, isProven } as const
        const input = ear.hear(sound, realNow())
        if (input === "enough") return null
        return input === "again" ? askAgain(packet, query) : answerTo(packet, query, zone)
    }
}

function hearBy(ear: Ear, { zone, realNow }: Hearing): Hear {
    return ({ host, ...rest }) => {
        const before = host.endsWith(`.${zone}`) ? host.slice(0, -zone.length - 1) : null
        const label = before === null ? null : (before.split(".").at(-1) ?? null)
        ear.hear({ channel: "http", label, isProven: true, ...rest }, realNow())
    }
}

function zoneOf(domain: string, addresses: readonly string[]): Zone {
    const bytesOf = (kind: "ipv4" | "ipv6"): Uint8Array | null => {
        const found = addresses.map(addressOf).find((address) => address?.kind() === kind)
        return found ? Uint8Array.from(found.toByteArray()) : null
    }
    return { labels: domain.split("."), ipv4: bytesOf("ipv4"), ipv6: bytesOf("ipv6") }
}
