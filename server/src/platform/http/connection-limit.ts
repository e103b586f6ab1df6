/** Keeps one network from taking every connection that a door has. */
import type { Socket } from "node:net"
import { sourceNetworkOf } from "@tocsin/rules/network"

/** Tells of each new connection whether it may stay; with more than `max` of its network open, it is cut. */
export function crowd(max: number): (socket: Socket) => boolean {
    const open = new Map<string, number>()
    return (socket) => {
        const network = sourceNetworkOf(socket.remoteAddress ?? "")
        const here = (open.get(network) ?? 0) + 1
        open.set(network, here)
        socket.on("close", () => {
            const left = (open.get(network) ?? 1) - 1
            if (left === 0) open.delete(network)
            else open.set(network, left)
        })
        if (here > max) socket.destroy()
        return here <= max
    }
}
