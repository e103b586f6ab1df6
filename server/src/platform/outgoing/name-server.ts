/** Listens for DNS by UDP and TCP on one port, with limits, and passes each packet on with its sender. */
import dgram from "node:dgram"
import net from "node:net"
import { crowd } from "../http/connection-limit.ts"

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
const questionsMax = 16
const idleMs = 5_000

/** Throws what the system says of a port that cannot be had. */
export async function openNameServer(host: string, port: number, respond: Respond): Promise<Server> {
    const mayStay = crowd(connectionsEachMax)
    const tcp = net.createServer({ noDelay: true }, (socket) => {
        socket.on("error", () => socket.destroy())
        if (mayStay(socket)) converse(socket, respond)
    })
    tcp.maxConnections = connectionsMax
    await listening(tcp, host, port)
    const { port: bound } = tcp.address() as net.AddressInfo
    const udp = dgram.createSocket(net.isIPv6(host) ? "udp6" : "udp4")
    udp.on("message", (packet, { address, port: from }) => {
        const answer = packet.length <= packetBytesMax ? respond(packet, { address, isProven: false }) : null
        // A query that cannot be answered gets nothing. Errors in transit are ignored.
        if (answer !== null && from > 0) udp.send(answer, from, address, () => undefined)
    })
    try {
        await new Promise<void>((resolve, reject) => {
            udp.once("error", reject)
            udp.bind(bound, host, resolve)
        })
    } catch (error) {
        tcp.close()
        throw error
    }
    udp.on("error", () => undefined)
    return { port: bound, stop: async () => void (await Promise.all([closed(tcp), closed(udp)])) }
}

async function listening(server: net.Server, host: string, port: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
        server.once("error", reject)
        server.listen(port, host, resolve)
    })
    server.on("error", () => undefined)
}

function closed(server: { close: (done: () => void) => unknown }): Promise<void> {
    return new Promise((resolve) => server.close(() => resolve()))
}

/** Questions one after the other, each with its length before it; a few, and soon, or the line is cut. */
function converse(socket: net.Socket, respond: Respond): void {
    let [waiting, requested] = [Buffer.alloc(0), 0]
    const address = socket.remoteAddress ?? ""
    const timer = setTimeout(() => socket.destroy(), idleMs)
    socket.on("close", () => clearTimeout(timer))
    socket.on("data", (chunk) => {
        waiting = Buffer.concat([waiting, Buffer.from(chunk)])
        while (waiting.length >= 2) {
            const length = waiting.readUInt16BE(0)
            requested += 1
            if (length > packetBytesMax || requested > questionsMax) return void socket.destroy()
            if (waiting.length < 2 + length) {
                requested -= 1
                return
            }
            const answer = respond(waiting.subarray(2, 2 + length), { address, isProven: true })
            waiting = waiting.subarray(2 + length)
            if (answer === null) return void socket.destroy()
            socket.write(Buffer.concat([Buffer.of(answer.length >> 8, answer.length & 255), answer]))
        }
    })
}
