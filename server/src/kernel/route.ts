/**
 * Defines routes as data: permission, input schemas and answer schema.
 *
 * The server checks the permission, opens the transaction of the handler, and sends the answer after the commit.
 */
import type { Static, TObject, TSchema } from "typebox"
import { refuse } from "@tocsin/base/refusal"
import type { Tx } from "../platform/postgres/db.ts"
import type { Answer } from "./schemas.ts"
import type { Scope } from "../models/scopes.ts"
import type { Sender } from "../models/sender.ts"
import type { Services } from "./services.ts"

export const notFoundMessage = "not found"

/** Refuses `request.not_found`: a missing object and an object that the caller may not see get the same answer. */
export function hide(): never {
    refuse("missing", "request.not_found", notFoundMessage)
}

export type Side = "console" | "portal"

/** The methods of a public read. HEAD gets the answer of GET without its body. */
export const readMethods = ["GET", "HEAD"]

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE"

/** The checked input of a request. Unknown fields are refused. */
export interface Input<Body, Query, Params> {
    readonly body: Body
    readonly query: Query
    readonly params: Params
    /** The SHA-256 of the presented credential's secret; null before sign-in. */
    readonly credential: Buffer | null
    readonly sender: Sender
    /** The cookie of the single sign-on that this browser began. */
    readonly signOnCookie: string | null
}

/**
 * An answer of bytes. It is sent after its transaction commits. `mayContinue` is checked before each further piece, in
 * its own transaction; false cuts the connection.
 */
export class Download {
    readonly bytes: Buffer
    readonly name: string
    readonly mayContinue: (tx: Tx) => Promise<boolean>
    readonly headers: Readonly<Record<string, string>>

    constructor(
        bytes: Buffer,
        name: string,
        mayContinue: (tx: Tx) => Promise<boolean>,
        headers: Readonly<Record<string, string>> = {},
    ) {
        this.bytes = bytes
        this.name = name
        this.mayContinue = mayContinue
        this.headers = headers
    }
}

/** An answer of lines, made while they are sent; for exports by staff. */
export class LinesAnswer {
    readonly lines: AsyncIterable<string>
    readonly type: string

    constructor(lines: AsyncIterable<string>, type: string) {
        this.lines = lines
        this.type = type
    }
}

/**
 * An answer of another media type than JSON, whole in memory. Header names are lower case. Pass bytes for an answer
 * that is sent often.
 */
export class TextAnswer {
    readonly text: string | Buffer
    readonly type: string
    readonly status: number
    readonly headers: Readonly<Record<string, string>>

    constructor(text: string | Buffer, type: string, headers: Readonly<Record<string, string>> = {}, status = 200) {
        this.text = text
        this.type = type
        this.status = status
        this.headers = headers
    }
}

/**
 * A text or JSON answer with a check of its own next to the guard. While more than 64 KiB are being sent, `mayContinue`
 * is called again; false cuts the answer.
 */
export class RevocableAnswer<Context, Answer = unknown> {
    readonly answer: Answer
    readonly mayContinue: (ctx: Context) => Promise<boolean>

    constructor(answer: Answer, mayContinue: (ctx: Context) => Promise<boolean>) {
        this.answer = answer
        this.mayContinue = mayContinue
    }
}

/** An answer that also sets the session cookie. */
export class SignInAnswer {
    readonly secret: string
    readonly secondsMax: number

    constructor(secret: string, secondsMax: number) {
        this.secret = secret
        this.secondsMax = secondsMax
    }
}

/** An answer that also deletes the session cookie. */
export class SignOutAnswer {
    readonly secret = null
}

/** An answer that also sets the cookie of a single sign-on, or deletes it (empty) and may set the session cookie. */
export class SignOnAnswer<Answer> {
    readonly answer: Answer
    readonly cookie: { readonly value: string; readonly secondsMax: number }
    readonly session: SignInAnswer | null

    constructor(answer: Answer, cookie: SignOnAnswer<Answer>["cookie"], session: SignInAnswer | null = null) {
        this.answer = answer
        this.cookie = cookie
        this.session = session
    }
}

export interface Route<Context> {
    readonly method: Method
    readonly path: string
    readonly side: Side | "both"
    /** A key of `permissions`. `public` is open without sign-in. */
    readonly permission: string
    /** The scope that a token needs; absent: by the permission (`scopeOf`). */
    readonly scope: Scope | undefined
    /** One line for the OpenAPI description. */
    readonly summary: string
    /** A POST that creates an object. An `Idempotency-Key` makes a repeated request return the first answer. */
    readonly creates: boolean
    /** Whether the person of a session must have signed in or confirmed with a passkey in the last 15 minutes. */
    readonly needsConfirmation: boolean
    readonly body: TSchema | undefined
    readonly query: TObject | undefined
    readonly params: TObject | undefined
    readonly answer: TSchema | undefined
    /** Maximum body in bytes; default 256 KiB. */
    readonly bodyMax: number | undefined
    /** Requests of one caller per hour, in addition to the general limit. */
    readonly perHourMax: number | undefined
    /** Whether pages of other sites may request it. */
    readonly forAnySite: boolean
    /** Whether its body is a form, as other protocols send it. */
    readonly readsForm: boolean
    /** Runs before a saved answer is repeated. It must refuse what the caller may no longer see. */
    readonly assertVisible: ((ctx: Context & Input<never, never, never>) => Promise<unknown>) | undefined
    /**
     * Runs first, without a transaction. Returns the previous answer where it is still valid, or null to run the
     * handler.
     */
    readonly reuseAnswer: ((ctx: WithoutTransaction & Input<never, never, never>) => Promise<unknown>) | undefined
    /** Serves concurrent requests in one transaction. An answer of null: this request goes to the handler. */
    readonly serveBatch:
        | ((contexts: readonly (Context & Input<never, never, never>)[]) => Promise<readonly unknown[]>)
        | undefined
    readonly handler: (ctx: Context & Input<never, never, never>) => Promise<unknown>
}

/** A route whose method, path, side and schemas are known to the compiler. Screens take their types from it. */
export interface TypedRoute<
    Context,
    Body extends TSchema,
    Shape extends TSchema,
    Verb extends Method,
    Path extends string,
    RouteSide extends Side | "both",
> extends Route<Context> {
    readonly method: Verb
    readonly path: Path
    readonly side: RouteSide
    readonly body: Body | undefined
    readonly answer: Shape | undefined
}

/** The part of the context that needs no transaction. */
export interface WithoutTransaction {
    readonly services: Services
}

/** The result of a handler: the answer of its schema, or one of the answers that no schema describes. */
type HandlerAnswer<Context, Schema extends TSchema> =
    | Answer<Schema>
    | RevocableAnswer<Context, Answer<Schema> | TextAnswer>
    | Download
    | LinesAnswer
    | TextAnswer
    | SignInAnswer
    | SignOutAnswer
    | SignOnAnswer<Answer<Schema>>
    | LiveAnswer
    | DeferredAnswer

export interface RouteDefinition<
    Context,
    Body extends TSchema,
    Query extends TObject,
    Params extends TObject,
    Shape extends TSchema,
    Verb extends Method,
    Path extends string,
    RouteSide extends Side | "both",
> {
    method: Verb
    path: Path
    side: RouteSide
    permission: string
    scope?: Scope
    summary: string
    creates?: boolean
    needsConfirmation?: boolean
    body?: Body
    query?: Query
    params?: Params
    answer?: Shape
    bodyMax?: number
    perHourMax?: number
    forAnySite?: boolean
    readsForm?: boolean
    assertVisible?: (ctx: Context & Input<Static<Body>, Static<Query>, Static<Params>>) => Promise<unknown>
    reuseAnswer?: (ctx: WithoutTransaction & Input<Static<Body>, Static<Query>, Static<Params>>) => Promise<unknown>
    serveBatch?: (
        contexts: readonly (Context & Input<Static<Body>, Static<Query>, Static<Params>>)[],
    ) => Promise<readonly unknown[]>
    /** Only fixes the type `Context`. */
    context?: Context
}

/** Declares a route. The schemas give the types of the handler's input. */
export function routeOf<Context>() {
    return <
        Body extends TSchema,
        Query extends TObject,
        Params extends TObject,
        Shape extends TSchema,
        Verb extends Method,
        Path extends string,
        RouteSide extends Side | "both",
    >(
        definition: RouteDefinition<Context, Body, Query, Params, Shape, Verb, Path, RouteSide>,
        handler: (
            ctx: Context & Input<Static<Body>, Static<Query>, Static<Params>>,
        ) => Promise<HandlerAnswer<Context, Shape>>,
    ): TypedRoute<Context, Body, Shape, Verb, Path, RouteSide> => ({
        method: definition.method,
        path: definition.path,
        side: definition.side,
        permission: definition.permission,
        scope: definition.scope,
        summary: definition.summary,
        creates: definition.creates ?? false,
        needsConfirmation: definition.needsConfirmation ?? false,
        body: definition.body,
        query: definition.query,
        params: definition.params,
        answer: definition.answer,
        bodyMax: definition.bodyMax,
        perHourMax: definition.perHourMax,
        forAnySite: definition.forAnySite ?? false,
        readsForm: definition.readsForm ?? false,
        assertVisible: definition.assertVisible as Route<Context>["assertVisible"],
        reuseAnswer: definition.reuseAnswer as Route<Context>["reuseAnswer"],
        serveBatch: definition.serveBatch as Route<Context>["serveBatch"],
        handler: handler as Route<Context>["handler"],
    })
}

/**
 * An answer of live changes. The server runs the route again and again, guard included, and notifies the client when
 * the fingerprint changes. The stream ends when the caller loses the permission.
 */
export class LiveAnswer {
    readonly fingerprint: string

    constructor(fingerprint: string) {
        this.fingerprint = fingerprint
    }
}

/**
 * Thrown by a request that needs long work outside of the database. The transaction ends and frees its locks; after
 * the work the request is served from the beginning.
 */
export class PendingWork extends Error {
    readonly work: Promise<unknown>

    constructor(work: Promise<unknown>) {
        super("this request waits for work that must hold no lock")
        this.work = work
    }
}

/** An answer that is made after the commit, because it waits for work that the request started. */
export class DeferredAnswer {
    readonly compute: () => Promise<unknown>

    constructor(compute: () => Promise<unknown>) {
        this.compute = compute
    }
}
