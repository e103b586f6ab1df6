/**
 * The client of the server's API. Reads are cached by address; each write refetches all reads.
 *
 * A refusal has one line and a stable code. Screens show the line, or its form in the reader's language.
 */
import { type QueryClient, type UseQueryResult, useMutation, useQuery, useQueryClient } from "@tanstack/react-query"
import type { RefusalValues } from "@tocsin/base/refusal"
import type { Problem } from "../../../server/src/platform/http/machine-routes.ts"
import type { Method, Side } from "../../../server/src/kernel/route.ts"
import { backgroundHeader } from "../../../server/src/trust/identity/sessions/session.ts"
import type { AnswerAt, BodyAt } from "../answer-at.ts"
import { refusalText, t } from "../messages/message.ts"

/** A refusal. Its message is in the reader's language where the code has a form in it. */
export class Refused extends Error {
    readonly status: number
    readonly code: string
    readonly values: RefusalValues

    constructor(status: number, code: string, detail: string, values: RefusalValues = {}) {
        super(refusalText(code, detail, values))
        this.status = status
        this.code = code
        this.values = values
    }
}

/** Sends a request that changes something. The server answers a retry with the same key with the first answer. */
export interface Write<Answer = unknown> {
    readonly send: (key?: string) => Promise<Answer>
}

interface Sent {
    readonly body?: unknown
    readonly key?: string | undefined
}

/** A request later than this after the last input is a refresh, and does not keep the session in use. */
const inputMs = 60_000
let isInUse = true
let idleTimer: number | undefined
function noteInput(): void {
    isInUse = true
    window.clearTimeout(idleTimer)
    idleTimer = window.setTimeout(() => (isInUse = false), inputMs)
}
if (globalThis.window !== undefined) {
    noteInput()
    for (const event of ["pointerdown", "keydown", "scroll"]) {
        window.addEventListener(event, noteInput, { capture: true, passive: true })
    }
}

let confirm: (() => Promise<void>) | null = null

/** Sets how the viewer confirms the session. */
export function confirmWith(ask: () => Promise<void>): void {
    confirm = ask
}

/** Sends a request. Where it needs a confirmation, asks for the viewer's passkey and sends it again. */
export async function ask(method: Method, path: string, sent: Sent = {}): Promise<Response> {
    try {
        return await askOnce(method, path, sent)
    } catch (error) {
        const isUnconfirmed = error instanceof Refused && error.code === "identity.confirmation_needed"
        if (!isUnconfirmed || confirm === null) throw error
        await confirm()
        return await askOnce(method, path, sent)
    }
}

async function askOnce(method: Method, path: string, { body, key }: Sent): Promise<Response> {
    const headers: Record<string, string> = { accept: "application/json" }
    if (!isInUse) headers[backgroundHeader] = "1"
    if (body !== undefined) headers["content-type"] = "application/json"
    if (key !== undefined) headers["idempotency-key"] = key
    const sent = body === undefined ? null : JSON.stringify(body)
    const response = await fetch(path, { method, headers, body: sent }).catch(() => {
        throw new Refused(0, "request.no_answer", t("the server does not answer"))
    })
    if (!response.ok) throw await refusalOf(response)
    return response
}

async function refusalOf(response: Response): Promise<Refused> {
    const problem = (await response.json().catch(() => ({}))) as Partial<Problem>
    const { code = "request.failed", detail = t("the request failed"), values = {} } = problem
    return new Refused(response.status, code, detail, values)
}

async function read<Answer>(path: string): Promise<Answer> {
    return await answerIn(await ask("GET", path))
}

function writeTo<Answer>(method: Method, path: string, body?: unknown): Write<Answer> {
    return { send: async (key) => await answerIn(await ask(method, path, { body, key })) }
}

/** The one place that trusts the server: it sends what its schema says. */
async function answerIn<Answer>(response: Response): Promise<Answer> {
    return (await response.json()) as Answer
}

/** `path` null: sends no request, because the viewer may not read it or the question is incomplete. */
function useRead<Answer>(path: string | null): UseQueryResult<Answer, Error> {
    return useQuery<Answer, Error>({
        queryKey: [path],
        queryFn: () => read<Answer>(path ?? ""),
        enabled: path !== null,
    })
}

/** Reads like `useRead`, and polls at this interval, because the answer can change without an event. */
function useWatched<Answer>(path: string, everyMs: number): UseQueryResult<Answer, Error> {
    return useQuery<Answer, Error>({
        queryKey: [path],
        queryFn: () => read<Answer>(path),
        refetchInterval: everyMs,
    })
}

/** Posts a question that is too long for an address. It changes nothing. `body` null: sends no request. */
function useAnswer<Answer>(path: string, body: unknown): UseQueryResult<Answer, Error> {
    return useQuery<Answer, Error>({
        queryKey: [path, body],
        queryFn: () => writeTo<Answer>("POST", path, body).send(),
        enabled: body !== null,
    })
}

/**
 * Reads something whose every view is recorded: once each time it is opened, without automatic reloads. With `until`,
 * it polls every two seconds while the answer is not ready.
 */
function useLook<Answer>(path: string | null, until?: (answer: Answer) => boolean): UseQueryResult<Answer, Error> {
    return useQuery<Answer, Error>({
        queryKey: [looked, path],
        queryFn: () => read<Answer>(path ?? ""),
        enabled: path !== null,
        staleTime: Infinity,
        gcTime: 0,
        refetchOnMount: "always",
        refetchOnWindowFocus: false,
        refetchInterval: ({ state }) =>
            until !== undefined && state.data !== undefined && !until(state.data) ? 2000 : false,
    })
}

/** The requests of one side. The address gives the types of body and answer: a screen cannot name a wrong one. */
export interface Api<Where extends Side | "both"> {
    readonly read: <Path extends string>(path: Path) => Promise<AnswerAt<Where, "GET", Path>>
    readonly useRead: <Path extends string>(path: Path | null) => Reading<AnswerAt<Where, "GET", Path>>
    readonly useWatched: <Path extends string>(path: Path, everyMs: number) => Reading<AnswerAt<Where, "GET", Path>>
    readonly useAnswer: <Path extends string>(
        path: Path,
        body: BodyAt<Where, "POST", Path> | null,
    ) => Reading<AnswerAt<Where, "POST", Path>>
    readonly useLook: <Path extends string>(
        path: Path | null,
        until?: (answer: AnswerAt<Where, "GET", Path>) => boolean,
    ) => Reading<AnswerAt<Where, "GET", Path>>
    readonly writeTo: <Verb extends Method, Path extends string>(
        method: Verb,
        path: Path,
        ...body: Sending<BodyAt<Where, Verb, Path>>
    ) => Write<AnswerAt<Where, Verb, Path>>
}

type Sending<Body> = undefined extends Body ? [] : [body: Body]

type Reading<Answer> = UseQueryResult<Answer, Error>

export const apiOf = <Where extends Side | "both">(): Api<Where> => ({
    read,
    useRead,
    useWatched,
    useAnswer,
    useLook,
    writeTo,
})

const looked = "looked"

export function askAgain(client: QueryClient): Promise<void> {
    return client.invalidateQueries({
        predicate: ({ queryKey, state }) => queryKey[0] !== looked && !isSignedOut(state.error),
    })
}

/** Returns whether the error means that the viewer is signed out. A sign-in reloads the page. */
export function isSignedOut(error: Error | null): boolean {
    return error instanceof Refused && error.status === 401
}

/** Sends one request after another, each with a key of its own. Stops at the first refusal. */
export function inOrder(writes: readonly Write[]): Write {
    return {
        send: async () => {
            for (const write of writes) await write.send(crypto.randomUUID())
        },
    }
}

/**
 * Writes. A POST carries its own key, so that a repeated click or a lost answer creates one object. Calls `onDone` even
 * if the form is no longer on the screen.
 */
export function useWrite<Answer>(onDone?: (answer: Answer) => void) {
    const client = useQueryClient()
    return useMutation<Answer, Error, Write<Answer>>({
        mutationFn: (write) => write.send(crypto.randomUUID()),
        onSuccess: (answer) => onDone?.(answer),
        onSettled: () => askAgain(client),
    })
}
