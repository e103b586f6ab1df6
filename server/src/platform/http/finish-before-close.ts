/** Lets running requests end when a process ends. */
import type { FastifyInstance, FastifyReply } from "fastify"

/** How long running requests can continue. */
const finishMsMax = 5_000

/** Thrown for a request that arrives when the process ends. */
export class Restarting extends Error {}

/**
 * Delays the end of connections until running requests are answered, and refuses new ones. Streams of changes never
 * end, and are not waited for.
 */
export function finishBeforeClose(app: FastifyInstance): void {
    const running = new Set<FastifyReply["raw"]>()
    let isClosing = false
    let onLastEnd = (): void => undefined
    app.addHook("onRequest", (request, { raw }, done) => {
        if (isClosing) return done(new Restarting())
        if (request.headers.accept !== "text/event-stream") {
            running.add(raw)
            const end = () => void (running.delete(raw) && running.size === 0 && onLastEnd())
            raw.once("finish", end).once("close", end)
        }
        done()
    })
    app.addHook("preClose", async () => {
        isClosing = true
        if (running.size === 0) return
        const { promise, resolve } = Promise.withResolvers<void>()
        onLastEnd = resolve
        const timer = setTimeout(resolve, finishMsMax)
        await promise
        clearTimeout(timer)
    })
}
