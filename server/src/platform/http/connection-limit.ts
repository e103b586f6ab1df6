/** Limits connections per network, so that one network cannot take all of them. */
import type { Socket } from "node:net"
import { sourceNetworkOf } from "@tocsin/rules/network"

/** Makes the check of new connections. A connection above `max` of its network is cut. */
export function limitConnections(max: number): (socket: Socket) => boolean {
    const open = new Map<string, number>()
    return (socket) => {
        const network = sourceNetworkOf(socket.remoteAddress ?? "")
        const count = (open.get(network) ?? 0) + 1
        open.set(network, count)
        socket.on("close", () => {
            const left = (open.get(network) ?? 1) - 1
            if (left === 0) open.delete(network)
            else open.set(network, left)
        })
        if (count > max) socket.destroy()
        return count <= max
    }
}
