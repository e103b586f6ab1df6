/**
 * Keeps a connection within reach while something is on its way over it. The reader may end its side, send what is no
 * request, ask for something else or stand still: each would make the server close the connection, and what the system holds
 * would be sent after that. While it is held, a close is a reset, and an end waits.
 */
import type { Socket } from "node:net"

interface Held {
    /** Called once the connection is gone. */
    readonly holders: Set<() => void>
    readonly onClose: () => void
    isEnding: boolean
}

const connections = new WeakMap<Socket, Held>()

/** Until what it answers is called, or the connection is gone. Several may hold one connection. */
export function hold(socket: Socket, gone: () => void): () => void {
    const held = connections.get(socket) ?? begin(socket)
    held.holders.add(gone)
    return () => {
        if (!held.holders.delete(gone) || held.holders.size > 0) return
        socket.off("close", held.onClose)
        letGo(socket)
        if (held.isEnding) socket.destroySoon()
    }
}

function begin(socket: Socket): Held {
    const holders = new Set<() => void>()
    const onClose = () => {
        letGo(socket)
        for (const gone of holders) gone()
    }
    const held: Held = { holders, onClose, isEnding: false }
    const endLater = () => {
        held.isEnding = true
        return socket
    }
    const reset = () => {
        letGo(socket)
        return socket.resetAndDestroy()
    }
    Object.assign(socket, { end: endLater, destroySoon: endLater, destroy: reset })
    connections.set(socket, held)
    socket.once("close", onClose)
    return held
}

function letGo(socket: Socket): void {
    connections.delete(socket)
    for (const name of ["end", "destroySoon", "destroy"]) Reflect.deleteProperty(socket, name)
}
