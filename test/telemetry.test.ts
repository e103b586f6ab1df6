/** Reads the spans that an operator's OpenTelemetry SDK gets. */
import type { AddressInfo } from "node:net"
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-node"
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest"
import { aliasFor } from "../server/src/share/delivery/actions/resolve-alias.ts"
import { startWorker } from "../server/src/kernel/worker.ts"
import { createToken, openPortal, type Portal } from "./support/polled-pages.ts"
import { type Program, type TestPartner, createProgram, newCase, newPartner } from "./support/program.ts"

const exporter = new InMemorySpanExporter()
const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })

let world: Program
let portal: Portal
let partner: TestPartner
let token: string
let origin: string
let alias: string

beforeAll(async () => {
    provider.register()
    world = await createProgram()
    const caseId = await newCase(world, "toolshell")
    partner = await newPartner(world, "validate")
    token = await createToken(world, partner)
    alias = aliasFor(world.services.keys, partner.id, "warning", caseId)
    portal = await openPortal(world)
    await portal.app.listen({ host: "127.0.0.1", port: 0 })
    origin = `http://127.0.0.1:${(portal.app.server.address() as AddressInfo).port}`
}, 60_000)
afterAll(async () => {
    await portal.app.close()
    await world.database.close()
    await provider.shutdown()
})
beforeEach(() => exporter.reset())

const ask = (path: string, headers: Record<string, string> = {}) =>
    fetch(new URL(path, origin), { headers: { authorization: `Bearer ${token}`, ...headers } })

async function spansOf(name: string) {
    await expect.poll(() => exporter.getFinishedSpans().filter((span) => span.name === name)).not.toEqual([])
    return exporter.getFinishedSpans()
}

test("a request is a span with the route's template and the status, and its transactions are inside", async () => {
    expect((await ask("/api/warnings")).status).toBe(200)
    const spans = await spansOf("GET /api/warnings")
    const request = spans.find(({ name }) => name === "GET /api/warnings")
    expect(request?.attributes).toEqual({
        "http.request.method": "GET",
        "http.route": "/api/warnings",
        "http.response.status_code": 200,
        "tocsin.side": "portal",
    })
    const inside = spans.filter(({ parentSpanContext }) => parentSpanContext?.spanId === request?.spanContext().spanId)
    expect(inside.map(({ name }) => name)).toContain("transaction")
})

test("no span tells who asked for what, or belongs to the trace of a client", async () => {
    const traceId = "4bf92f3577b34da6a3ce929d0e0e4736"
    const path = `/api/warnings/${alias}`
    expect((await ask(path, { traceparent: `00-${traceId}-00f067aa0ba902b7-01` })).status).toBe(404)
    const spans = await spansOf("GET /api/warnings/:id")
    const told = JSON.stringify(
        spans.map((span) => {
            const { name, attributes, events, links, status, parentSpanContext } = span
            return [name, attributes, events, links, status, parentSpanContext, span.spanContext()]
        }),
    )
    for (const secret of [alias, partner.analyst.person, partner.id, token, traceId, "127.0.0.1"])
        expect(told).not.toContain(secret)
})

test("a job that fails is a failed span, without the error's text", async () => {
    const run = async () => await Promise.reject(new Error("Contoso waits"))
    const worker = startWorker(world.services, {}, [], [{ name: "ill", run }])
    const spans = await spansOf("job")
    await worker.stop()
    const job = spans.find(({ attributes }) => attributes["tocsin.job"] === "ill")
    expect(job).toMatchObject({ attributes: { "tocsin.job": "ill" }, status: { code: 2 }, events: [] })
    expect(JSON.stringify([job?.status, job?.attributes])).not.toContain("Contoso")
})
