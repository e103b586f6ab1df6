/**
 * How much of a connection the other side has acknowledged, as the kernel knows it: what it still holds of ours, a
 * reset throws away. Linux tells it in a table of all connections; elsewhere it is not known.
 */
import { once } from "node:events"
import fs from "node:fs/promises"
import net, { type AddressInfo, type Socket } from "node:net"
import os from "node:os"
import { setTimeout as pause } from "node:timers/promises"
import { addressOf } from "@tocsin/rules/network"
import { gathered } from "../../kernel/coalesce.ts"

const tables = ["/proc/net/tcp", "/proc/net/tcp6"]
/** One read of the tables at a time serves all callers that wait. A read lists every connection of the machine. */
const reads = { waysMax: 1, togetherMax: 10_000 }
const betweenReadsMs = 100
let rested: Promise<void> = Promise.resolve()
const kernel = {}
const acknowledgedOf = gathered(reads, async (_: typeof kernel, sockets: readonly Socket[]) => {
    await rested
    rested = pause(betweenReadsMs)
    // The order matters: bytes that are passed on later may be in the queue, and count as not acknowledged.
    const handed = sockets.map(handedOver)
    const queues = await queuesNow()
    return sockets.map((socket, n) => {
        const queue = queues.get(nameOf(socket) ?? "")
        return queue === undefined ? null : (handed[n] ?? 0) - queue
    })
})

/** Bytes of ours, at least so many, since the connection was opened. Null where it is not known. */
export async function acknowledged(socket: Socket): Promise<number | null> {
    return (await isTold()) ? await acknowledgedOf(kernel, socket) : null
}

/** Our own buffer counts characters; each is up to three bytes. */
const handedOver = ({ bytesWritten, writableLength }: Socket): number => bytesWritten - 3 * writableLength

async function queuesNow(): Promise<ReadonlyMap<string, number>> {
    const texts = await Promise.all(tables.map((table) => fs.readFile(table, "latin1").catch(() => "")))
    const queues = new Map<string, number>()
    for (const [, name = "", queue = ""] of texts.join("\n").matchAll(/^ *\d+: (\S+ \S+) \S+ ([0-9A-F]+):/gm)) {
        queues.set(name, Number.parseInt(queue, 16))
    }
    return queues
}

/** Returns the name of a connection in the system's table: both ends, in the machine's byte order. */
function nameOf({ localAddress, localPort, remoteAddress, remotePort }: Socket): string | null {
    const [here, there] = [endOf(localAddress, localPort), endOf(remoteAddress, remotePort)]
    return here === null || there === null ? null : `${here} ${there}`
}

function endOf(address: string | undefined, port: number | undefined): string | null {
    const read = addressOf(address?.replace(/%.*$/, "") ?? "")
    if (read === null || port === undefined) return null
    const words = Buffer.from(read.toByteArray())
    if (os.endianness() === "LE") words.swap32()
    return `${words.toString("hex")}:${port.toString(16).padStart(4, "0")}`.toUpperCase()
}

let tried: Promise<boolean> | null = null

/**
 * Some sandboxes show the table with a zero in place of each queue: it is believed once it has shown what was not read.
 */
const isTold = (): Promise<boolean> => (tried ??= tryOut().catch(() => false))

/** More than any receiver takes unasked. */
const unreadBytes = 8 * 1024 * 1024

async function tryOut(): Promise<boolean> {
    const server = net.createServer({ pauseOnConnect: true }).listen(0, "127.0.0.1")
    await once(server, "listening")
    const client = net.connect((server.address() as AddressInfo).port, "127.0.0.1")
    const [[unread]] = (await Promise.all([once(server, "connection"), once(client, "connect")])) as [[Socket], unknown]
    for (const socket of [client, unread]) socket.on("error", () => undefined)
    client.write(Buffer.alloc(unreadBytes))
    try {
        for (let tries = 0; tries < 100; tries++) {
            if (((await queuesNow()).get(nameOf(client) ?? "") ?? 0) > 0) return true
            await pause(10)
        }
        return false
    } finally {
        for (const it of [client, unread]) it.destroy()
        server.close()
    }
}
