/**
 * The listeners of canaries: DNS and HTTP on ports of their own, one memory with bounds, and a spool to write into, once a second.
 * Neither has a way to anything else: they are handed no doors.
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
    /** The first of either kind is what names resolve to. */
    readonly addresses: readonly string[]
    readonly host: string
    /** 0: any free one. */
    readonly ports: { readonly dns: number; readonly http: number }
    readonly realNow: () => number
    readonly log: Log
    /** Writes down; what throws is tried again. */
    readonly put: (entries: readonly Entry[]) => Promise<void>
}

export interface Heard {
    readonly ports: { readonly dns: number; readonly http: number }
    /** What was heard until now, written down. */
    flush(): Promise<void>
    stop(): Promise<void>
}

const flushMs = 1_000

/** As the settings say. Refuses `serve.no_zone`, `serve.no_address`: then no name would lead here. */
export async function hearBySettings(settings: Settings, db: Db, log: Log): Promise<Heard> {
    const { canaryZone: zone, canaryAddresses, canaryHost: host } = settings
    if (zone === null) refuse("invalid", "serve.no_zone", "`canaryZone` is not set: there is nothing to listen for")
    if (canaryAddresses === "") {
        refuse("invalid", "serve.no_address", "`canaryAddresses` is not set: no name would lead to the listener")
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

/** Throws `run.port_taken`, `run.port_not_allowed`. */
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
