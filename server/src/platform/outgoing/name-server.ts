/** Listens for DNS by UDP and TCP on one port, with limits, and passes each packet on with its sender. */
import dgram from "node:dgram"
import net from "node:net"
import { limitConnections } from "../http/connection-limit.ts"

export interface Sender {
    readonly address: string
    /** Whether the sender's address is proven: true for TCP, while a UDP sender can be forged. */
    readonly isProven: boolean
}

/** Makes the answer to a packet; null: no answer. Must not throw. */
export type Respond = (packet: Uint8Array, from: Sender) => Uint8Array | null

export interface Server {
    readonly port: number
    stop(): Promise<void>
}

const packetBytesMax = 512
const connectionsMax = 256
const connectionsEachMax = 8
const queriesMax = 16
const idleMs = 5_000

/** Opens both listeners. Throws the system's error where the port is not available. */
export async function openNameServer(host: string, port: number, respond: Respond): Promise<Server> {
    const isAllowed = limitConnections(connectionsEachMax)
    const tcp = net.createServer({ noDelay: true }, (socket) => {
        socket.on("error", () => socket.destroy())
        if (isAllowed(socket)) answerQueries(socket, respond)
    })
    tcp.maxConnections = connectionsMax
    await listenOn(tcp, host, port)
    const { port: boundPort } = tcp.address() as net.AddressInfo
    const udp = dgram.createSocket(net.isIPv6(host) ? "udp6" : "udp4")
    udp.on("message", (packet, { address, port: senderPort }) => {
        const answer = packet.length <= packetBytesMax ? respond(packet, { address, isProven: false }) : null
        // A query that cannot be answered gets nothing. Errors in transit are ignored.
        if (answer !== null && senderPort > 0) udp.send(answer, senderPort, address, () => undefined)
    })
    try {
        await new Promise<void>((resolve, reject) => {
            udp.once("error", reject)
            udp.bind(boundPort, host, resolve)
        })
    } catch (error) {
        tcp.close()
        throw error
    }
    udp.on("error", () => undefined)
    return { port: boundPort, stop: async () => void (await Promise.all([closeServer(tcp), closeServer(udp)])) }
}

async function listenOn(server: net.Server, host: string, port: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
        server.once("error", reject)
        server.listen(port, host, resolve)
    })
    server.on("error", () => undefined)
}

function closeServer(server: { close: (done: () => void) => unknown }): Promise<void> {
    return new Promise((resolve) => server.close(() => resolve()))
}

/**
 * Answers queries one after the other, each with its length in front. Cuts the connection after a few queries or a
 * short time.
 */
function answerQueries(socket: net.Socket, respond: Respond): void {
    let [buffer, queries] = [Buffer.alloc(0), 0]
    const address = socket.remoteAddress ?? ""
    const timer = setTimeout(() => socket.destroy(), idleMs)
    socket.on("close", () => clearTimeout(timer))
    socket.on("data", (chunk) => {
        buffer = Buffer.concat([buffer, Buffer.from(chunk)])
        while (buffer.length >= 2) {
            const length = buffer.readUInt16BE(0)
            queries += 1
            if (length > packetBytesMax || queries > queriesMax) return void socket.destroy()
            if (buffer.length < 2 + length) {
                queries -= 1
                return
            }
            const answer = respond(buffer.subarray(2, 2 + length), { address, isProven: true })
            buffer = buffer.subarray(2 + length)
            if (answer === null) return void socket.destroy()
            socket.write(Buffer.concat([Buffer.of(answer.length >> 8, answer.length & 255), answer]))
        }
    })
}
