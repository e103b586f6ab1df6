/**
 * Keeps a connection open while an answer is being sent, so that it can be reset.
 *
 * A reader can end its side, send an invalid request, send another request, or stop reading. Each would make the server
 * close the connection, and the system would still send its buffer. While the connection is held, a close becomes a
 * reset, and an end waits.
 */
import type { Socket } from "node:net"

interface HeldConnection {
    /** Called when the connection is closed. */
    readonly onClosed: Set<() => void>
    readonly onClose: () => void
    isEnding: boolean
}

const connections = new WeakMap<Socket, HeldConnection>()

/**
 * Holds a connection until the returned function is called or the connection is closed. Several holders can share one
 * connection.
 */
export function holdConnection(socket: Socket, onClosed: () => void): () => void {
    const held = connections.get(socket) ?? startHold(socket)
    held.onClosed.add(onClosed)
    return () => {
        if (!held.onClosed.delete(onClosed) || held.onClosed.size > 0) return
        socket.off("close", held.onClose)
        endHold(socket)
        if (held.isEnding) socket.destroySoon()
    }
}

function startHold(socket: Socket): HeldConnection {
    const holders = new Set<() => void>()
    const onClose = () => {
        endHold(socket)
        for (const notifyHolder of holders) notifyHolder()
    }
    const held: HeldConnection = { onClosed: holders, onClose, isEnding: false }
    const endLater = () => {
        held.isEnding = true
        return socket
    }
    const reset = () => {
        endHold(socket)
        return socket.resetAndDestroy()
    }
    Object.assign(socket, { end: endLater, destroySoon: endLater, destroy: reset })
    connections.set(socket, held)
    socket.once("close", onClose)
    return held
}

function endHold(socket: Socket): void {
    connections.delete(socket)
    for (const name of ["end", "destroySoon", "destroy"]) Reflect.deleteProperty(socket, name)
}
