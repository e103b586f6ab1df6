import type { AddressInfo } from "node:net"
import Fastify from "fastify"
import { expect, test } from "vitest"
import { finishBeforeClose } from "./finish-before-close.ts"

async function listen() {
    const app = Fastify({ forceCloseConnections: true, return503OnClosing: false })
    finishBeforeClose(app)
    const { promise: began, resolve: begin } = Promise.withResolvers<void>()
    const { promise: ended, resolve: end } = Promise.withResolvers<void>()
    app.get("/slow", async () => {
        begin()
        await ended
        return "whole"
    })
    await app.listen({ host: "127.0.0.1", port: 0 })
    return { app, began, end, url: `http://127.0.0.1:${(app.server.address() as AddressInfo).port}/slow` }
}

test("a request that runs when the process ends is answered whole", async () => {
    const { app, began, end, url } = await listen()
    const answer = fetch(url).then((response) => response.text())
    await began
    const closing = app.close()
    end()
    expect(await answer).toBe("whole")
    await closing
})

test("a stream of changes is not waited for", async () => {
    const { app, began, end, url } = await listen()
    const answer = fetch(url, { headers: { accept: "text/event-stream" } }).catch(() => "cut")
    await began
    await app.close()
    expect(await answer).toBe("cut")
    end()
})
