/**
 * Runs the canary listeners: DNS and HTTP on ports of their own, one bounded buffer, and a spool that is written once a
 * second. They get no services.
 */
import { type Zone, answerTo, truncatedAnswer, labelBelowZone, readQuery } from "../models/dns-message.ts"
import { addressOf } from "@tocsin/rules/network"
import { refuse } from "@tocsin/base/refusal"
import { realNow } from "../platform/time/clock.ts"
import type { Db } from "../platform/postgres/db.ts"
import { type Log, causeOf } from "../platform/log/log.ts"
import { type Respond, openNameServer } from "../platform/outgoing/name-server.ts"
import { type ObserveReceived, openQuietServer } from "../platform/http/quiet-server.ts"
import type { Settings } from "../platform/config/settings.ts"
import { spoolTouches } from "../share/canaries/actions/record-touches.ts"
import { ListenerBuffer, type BufferEntry } from "../share/canaries/listener-buffer.ts"
import { refusePortError } from "./listeners.ts"

export interface CanaryListenerOptions {
    readonly zone: string
    /** Names resolve to the first address of each family. */
    readonly addresses: readonly string[]
    readonly host: string
    /** 0 selects any free port. */
    readonly ports: { readonly dns: number; readonly http: number }
    readonly realNow: () => number
    readonly log: Log
    /** Writes entries to the spool. A failed write is tried again. */
    readonly save: (entries: readonly BufferEntry[]) => Promise<void>
}

export interface CanaryListeners {
    readonly ports: { readonly dns: number; readonly http: number }
    /** Writes the buffered entries. */
    flush(): Promise<void>
    stop(): Promise<void>
}

const flushMs = 1_000

/** Opens the listeners by the settings. Refuses `serve.no_zone` and `serve.no_address`. */
export async function openConfiguredListeners(settings: Settings, db: Db, log: Log): Promise<CanaryListeners> {
    const { canaryZone: zone, canaryAddresses, canaryHost: host } = settings
    if (zone === null) refuse("invalid", "serve.no_zone", "`canaryZone` is not set: set it to listen for canaries")
    if (canaryAddresses === "") {
        refuse("invalid", "serve.no_address", "`canaryAddresses` is not set: set the addresses of this listener")
    }
    return await openCanaryListeners({
        zone,
        host,
        realNow,
        log,
        addresses: canaryAddresses.split(","),
        ports: { dns: settings.canaryDnsPort, http: settings.canaryHttpPort },
        save: (entries) => spoolTouches({ db }, entries),
    })
}

/** Opens the listeners. Refuses `run.port_taken` and `run.port_not_allowed`. */
export async function openCanaryListeners(options: CanaryListenerOptions): Promise<CanaryListeners> {
    const buffer = new ListenerBuffer()
    const dns = await openNameServer(options.host, options.ports.dns, makeDnsResponder(buffer, options)).catch(
        refusePortError(options.ports.dns),
    )
    const http = await openQuietServer(options.host, options.ports.http, makeHttpObserver(buffer, options)).catch(
        async (error: unknown) => {
            await dns.stop()
            return refusePortError(options.ports.http)(error)
        },
    )
    let lastFlush: Promise<void> = Promise.resolve()
    const flush = (): Promise<void> => (lastFlush = lastFlush.then(() => saveBuffer(buffer, options)))
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

async function saveBuffer(buffer: ListenerBuffer, { save, log }: CanaryListenerOptions): Promise<void> {
    const entries = buffer.drain()
    try {
        await save(entries)
    } catch (error) {
        buffer.restore(entries)
        log.error("touches were not written", { count: entries.length, error: causeOf(error) })
    }
}

function makeDnsResponder(
    buffer: ListenerBuffer,
    { zone: domain, addresses, realNow }: CanaryListenerOptions,
): Respond {
    const zone = zoneOf(domain, addresses)
    return (packet, { address, isProven }) => {
        const query = readQuery(packet)
        if (query === null) return null
        const label = query.question && labelBelowZone(query.question, zone)
        const touch = { channel: "dns", label, path: "", method: "", agent: "", address, isProven } as const
        const outcome = buffer.add(touch, realNow())
        if (outcome === "enough") return null
        return outcome === "again" ? truncatedAnswer(packet, query) : answerTo(packet, query, zone)
    }
}

function makeHttpObserver(buffer: ListenerBuffer, { zone, realNow }: CanaryListenerOptions): ObserveReceived {
    return ({ host, ...rest }) => {
        const prefix = host.endsWith(`.${zone}`) ? host.slice(0, -zone.length - 1) : null
        const label = prefix === null ? null : (prefix.split(".").at(-1) ?? null)
        buffer.add({ channel: "http", label, isProven: true, ...rest }, realNow())
    }
}

function zoneOf(domain: string, addresses: readonly string[]): Zone {
    const bytesOf = (kind: "ipv4" | "ipv6"): Uint8Array | null => {
        const match = addresses.map(addressOf).find((address) => address?.kind() === kind)
        return match ? Uint8Array.from(match.toByteArray()) : null
    }
    return { labels: domain.split("."), ipv4: bytesOf("ipv4"), ipv6: bytesOf("ipv6") }
}
