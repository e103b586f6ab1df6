/**
 * Sends the answer of a route.
 *
 * Also decides when to cut an answer in flight. While a long answer is sent, its caller and its content are checked
 * again.
 */
import { type ServingOptions, authorize, credentialOf, isOpen, senderOf, useOf } from "./authorize.ts"
import type { FastifyReply, FastifyRequest } from "fastify"
import {
    DeferredAnswer,
    Download,
    LinesAnswer,
    LiveAnswer,
    RevocableAnswer,
    type Route,
    SignInAnswer,
    SignOnAnswer,
    SignOutAnswer,
    TextAnswer,
} from "./kernel/route.ts"
import type { ActionContext } from "./kernel/action-context.ts"
import { sendDownload, sendJson, sendLines, sendLive, sendText } from "./platform/http/send-download.ts"
import { setSessionCookie, setSignOnCookies } from "./platform/http/session-cookie.ts"
import { isServingStopped } from "./trust/continuity/actions/stop-serving.ts"
import type { Tx } from "./platform/postgres/db.ts"
import { scopeOf } from "./models/scopes.ts"
import { findActor } from "./trust/identity/actions/sign-in.ts"

export async function sendAnswer(
    options: ServingOptions,
    reply: FastifyReply,
    result: unknown,
    { route, serve }: { readonly route: Route<ActionContext>; readonly serve: () => Promise<unknown> },
): Promise<unknown> {
    const { countLong } = options
    const revocable = result instanceof RevocableAnswer ? (result as RevocableAnswer<ActionContext>) : null
    const answer = revocable === null ? result : revocable.answer
    const mayStillSee = revocable?.mayContinue ?? null
    const { name } = await options.callerOf(reply.request)
    if (answer instanceof Download) {
        return await countLong(name, () =>
            sendDownload(reply, answer, makeDownloadCheck(options, reply.request, name, answer)),
        )
    }
    // A public answer is never cut off.
    const mayContinue = isOpen(route) ? null : makeAccessCheck(options, route, reply.request, mayStillSee)
    if (mayContinue !== null) reply.header("cache-control", "no-store")
    if (answer instanceof LinesAnswer) return await sendLines(reply, answer, mayContinue)
    if (answer instanceof TextAnswer) return await sendText(reply, answer, mayContinue)
    if (answer instanceof LiveAnswer) return await countLong(name, () => sendLive(reply, answer, serve))
    const json = await jsonOf(options, reply, answer)
    options.watch?.(route, json)
    return mayContinue === null ? json : await sendJson(reply, json, mayContinue)
}

async function jsonOf(options: ServingOptions, reply: FastifyReply, answer: unknown): Promise<unknown> {
    if (answer instanceof DeferredAnswer) return await answer.compute()
    if (answer instanceof SignInAnswer || answer instanceof SignOutAnswer)
        return setSessionCookie(options, reply, answer)
    if (answer instanceof SignOnAnswer) return setSignOnCookies(options, reply, answer)
    return answer ?? {}
}

/**
 * Checks, while a long answer is sent, whether its route would still serve the same caller and the answer may still be
 * seen. Holds no lock on the answer.
 */
function makeAccessCheck(
    options: ServingOptions,
    route: Route<ActionContext>,
    request: FastifyRequest,
    mayStillSee: RevocableAnswer<ActionContext>["mayContinue"] | null,
): () => Promise<boolean> {
    const { services, runningChecks, runQueued } = options
    const runCheck = async () => {
        if (isServingStopped(options)) return false
        const { name } = await options.callerOf(request)
        const decide = async (tx: Tx) => {
            const ctx = await authorize(options, tx, { route, request })
            return mayStillSee === null || (await mayStillSee(ctx))
        }
        return await runQueued(name, () => services.db.transaction(decide), "continued")
    }
    return async () => {
        if (mayStillSee !== null) return await runCheck()
        const check = `${await useOf(options, request)} ${route.permission} ${scopeOf(route)}`
        const result = runningChecks.get(check) ?? runCheck().finally(() => runningChecks.delete(check))
        runningChecks.set(check, result)
        return await result
    }
}

/** Checks, while a download is sent, whether partner, person and credential may still have it. */
function makeDownloadCheck(
    options: ServingOptions,
    request: FastifyRequest,
    name: string,
    download: Download,
): () => Promise<boolean> {
    const { services, side, runQueued } = options
    const credential = credentialOf(request, options)
    const useForDownload = async () => ({ sender: await senderOf(options, request), scope: null })
    const decide = async (tx: Tx): Promise<boolean> =>
        credential !== null &&
        !isServingStopped(options) &&
        (await findActor(tx, side, credential, services.realNow(), await useForDownload())) !== null &&
        (await download.mayContinue(tx))
    return () => runQueued(name, () => services.db.transaction(decide), "continued")
}
