/**
 * Keeps a connection open for a reset while an answer is being sent.
 *
 * A reader can end its side, send an invalid request, send another request, or stop reading. Each would make the
 * server close the connection, and the system would still send its buffer. While held, a close becomes a reset, and an
 * end waits.
 */
import type { Socket } from "node:net"

interface Held {
    /** Called when the connection is closed. */
    readonly holders: Set<() => void>
    readonly onClose: () => void
    isEnding: boolean
}

const connections = new WeakMap<Socket, Held>()

/**
 * Holds a connection until the returned function is called or the connection is closed. Several holders can share one
 * connection.
 */
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
