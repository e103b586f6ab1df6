/**
 * Counts the bytes of a connection that the other side has acknowledged, by the kernel's table of connections. A reset
 * discards the other bytes. Only Linux has this table.
 */
import { once } from "node:events"
import fs from "node:fs/promises"
import net, { type AddressInfo, type Socket } from "node:net"
import os from "node:os"
import { setTimeout as pause } from "node:timers/promises"
import { addressOf } from "@tocsin/rules/network"
import { coalesce } from "../../kernel/coalesce.ts"

const tables = ["/proc/net/tcp", "/proc/net/tcp6"]
/** One read of the tables at a time serves all callers that wait. A read lists every connection of the machine. */
const readLimits = { roundTripsMax: 1, callsMax: 10_000 }
const betweenReadsMs = 100
let nextReadAllowed: Promise<void> = Promise.resolve()
const sharedKey = {}
const readAcknowledged = coalesce(readLimits, async (_: typeof sharedKey, sockets: readonly Socket[]) => {
    await nextReadAllowed
    nextReadAllowed = pause(betweenReadsMs)
    // The order matters: bytes that are passed to the system later may be in the queue, and then count as not
    // acknowledged.
    const handedOverBytes = sockets.map(handedOver)
    const queueLengths = await readQueueLengths()
    return sockets.map((socket, n) => {
        const queue = queueLengths.get(tableKeyOf(socket) ?? "")
        return queue === undefined ? null : (handedOverBytes[n] ?? 0) - queue
    })
})

/** Returns a lower bound of the acknowledged bytes since the connection was opened. Null where it is unknown. */
export async function countAcknowledgedBytes(socket: Socket): Promise<number | null> {
    return (await isTableReliable()) ? await readAcknowledged(sharedKey, socket) : null
}

/**
 * Returns a lower bound of the bytes passed to the system. Node's buffer counts characters, of up to three bytes each.
 */
const handedOver = ({ bytesWritten, writableLength }: Socket): number => bytesWritten - 3 * writableLength

async function readQueueLengths(): Promise<ReadonlyMap<string, number>> {
    const texts = await Promise.all(tables.map((table) => fs.readFile(table, "latin1").catch(() => "")))
    const lengths = new Map<string, number>()
    for (const [, name = "", queue = ""] of texts.join("\n").matchAll(/^ *\d+: (\S+ \S+) \S+ ([0-9A-F]+):/gm)) {
        lengths.set(name, Number.parseInt(queue, 16))
    }
    return lengths
}

/** Returns the name of a connection in the system's table: both ends, in the machine's byte order. */
function tableKeyOf({ localAddress, localPort, remoteAddress, remotePort }: Socket): string | null {
    const [here, there] = [endOf(localAddress, localPort), endOf(remoteAddress, remotePort)]
    return here === null || there === null ? null : `${here} ${there}`
}

function endOf(address: string | undefined, port: number | undefined): string | null {
    const parsed = addressOf(address?.replace(/%.*$/, "") ?? "")
    if (parsed === null || port === undefined) return null
    const addressBytes = Buffer.from(parsed.toByteArray())
    if (os.endianness() === "LE") addressBytes.swap32()
    return `${addressBytes.toString("hex")}:${port.toString(16).padStart(4, "0")}`.toUpperCase()
}

let reliability: Promise<boolean> | null = null

/**
 * Whether the table is reliable: some sandboxes show zero for each queue. It is relied on once it has shown unread
 * bytes.
 */
const isTableReliable = (): Promise<boolean> => (reliability ??= probeTable().catch(() => false))

/** More bytes than any receiver buffers. */
const unreadBytes = 8 * 1024 * 1024

async function probeTable(): Promise<boolean> {
    const server = net.createServer({ pauseOnConnect: true }).listen(0, "127.0.0.1")
    await once(server, "listening")
    const client = net.connect((server.address() as AddressInfo).port, "127.0.0.1")
    const [[receiver]] = (await Promise.all([once(server, "connection"), once(client, "connect")])) as [
        [Socket],
        unknown,
    ]
    for (const socket of [client, receiver]) socket.on("error", () => undefined)
    client.write(Buffer.alloc(unreadBytes))
    try {
        for (let attempts = 0; attempts < 100; attempts++) {
            if (((await readQueueLengths()).get(tableKeyOf(client) ?? "") ?? 0) > 0) return true
            await pause(10)
        }
        return false
    } finally {
        for (const openSocket of [client, receiver]) openSocket.destroy()
        server.close()
    }
}
