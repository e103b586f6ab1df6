/** A partner's webhook receiver on a real socket with TLS, and a network that resolves its name. */
import { once } from "node:events"
import type { IncomingMessage, RequestListener } from "node:http"
import { createServer } from "node:https"
import type { AddressInfo } from "node:net"
import { buffer } from "node:stream/consumers"
import { type Outgoing, type Network, openOutgoing } from "../../../server/src/platform/outgoing/outgoing.ts"
import { createCertificate } from "./certificate.ts"

export const publicAddress = "93.184.216.34"

export interface ReceivedRequest {
    readonly headers: IncomingMessage["headers"]
    readonly path: string
    readonly body: Buffer
}

export interface Receiver {
    readonly received: ReceivedRequest[]
    /** The connected addresses. */
    readonly dialled: string[]
    /** Resolves names; a missing name resolves to `publicAddress`. */
    readonly names: Map<string, readonly string[]>
    /** Answers the next requests. */
    answer: RequestListener
    readonly network: Network
    readonly outgoing: Outgoing
    close(): Promise<void>
}

interface ReceiverOptions {
    readonly certified?: readonly string[]
    readonly trusted?: string
    readonly msMax?: number
    readonly days?: number
}

/** Leads every address of its network to this server, so that tests see which address was dialled. */
export async function openReceiver(names: readonly string[], options: ReceiverOptions = {}): Promise<Receiver> {
    const { key, cert } = await createCertificate(options.certified ?? names, options.days)
    const received: ReceivedRequest[] = []
    const dialled: string[] = []
    const addresses = new Map<string, readonly string[]>()
    const server = createServer({ key, cert }, (request, response) => {
        void buffer(request).then((body) => {
            received.push({ headers: request.headers, path: request.url ?? "", body })
            receiver.answer(request, response)
        })
    })
    server.on("tlsClientError", () => undefined)
    server.listen(0, "127.0.0.1")
    await once(server, "listening")
    const { port } = server.address() as AddressInfo
    const dial = (address: string) => {
        dialled.push(address)
        return { host: "127.0.0.1", port }
    }
    const network: Network = {
        resolve: async (name) => addresses.get(name) ?? [publicAddress],
        dial,
        trustedCertificates: options.trusted ?? cert,
        msMax: options.msMax ?? 5_000,
    }
    const receiver: Receiver = {
        received,
        dialled,
        names: addresses,
        network,
        answer: (_, response) => void response.writeHead(204).end(),
        outgoing: openOutgoing(network),
        close: async () => {
            server.closeAllConnections()
            server.close()
            await once(server, "close")
        },
    }
    return receiver
}
