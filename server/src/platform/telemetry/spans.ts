/**
 * Reports requests, jobs and transactions as OpenTelemetry spans. They go nowhere until the operator loads an SDK.
 *
 * A span has a route template or the name of a job. It never has an address, a partner, a person, a case or an error's
 * text. A trace id that a client sends is not read.
 */
import { type Attributes, ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, context, trace } from "@opentelemetry/api"
import type { FastifyInstance } from "fastify"

const tracer = trace.getTracer("tocsin")

/** Reports each request of an app until its connection has the answer. Call it before adding routes. */
export function addRequestSpans(app: FastifyInstance, side: string): void {
    app.addHook("onRequest", (request, reply, done) => {
        const { method, routeOptions } = request
        const route = routeOptions.url ?? "none"
        const attributes = { "http.request.method": method, "http.route": route, "tocsin.side": side }
        const span = tracer.startSpan(`${method} ${route}`, { kind: SpanKind.SERVER, attributes }, ROOT_CONTEXT)
        reply.raw.once("close", () => {
            span.setAttribute("http.response.status_code", reply.statusCode)
            if (reply.statusCode >= 500) noteError(span)
            span.end()
        })
        context.with(trace.setSpan(ROOT_CONTEXT, span), done)
    })
}

/** Reports a run of a job. */
export async function inJobSpan<T>(job: string, run: () => Promise<T>): Promise<T> {
    return await inSpan("job", { "tocsin.job": job }, run)
}

/** Reports work inside of a request or a job, and no other. */
export async function inChildSpan<T>(name: string, work: () => Promise<T>): Promise<T> {
    return trace.getActiveSpan() === undefined ? await work() : await inSpan(name, {}, work)
}

async function inSpan<T>(name: string, attributes: Attributes, work: () => Promise<T>): Promise<T> {
    return await tracer.startActiveSpan(name, { attributes }, async (span) => {
        try {
            return await work()
        } catch (error) {
            noteError(span)
            throw error
        } finally {
            span.end()
        }
    })
}

/** Marks the span, without the error's text. */
const noteError = (span: Span) => span.setStatus({ code: SpanStatusCode.ERROR })
