/**
 * Defines routes as data: permission, input schemas and answer schema.
 *
 * The server checks the permission, opens the transaction of the handler, and sends the answer after the commit.
 */
import type { Static, TObject, TSchema } from "typebox"
import { refuse } from "@tocsin/base/refusal"
import type { Tx } from "../platform/postgres/db.ts"
import type { Answer } from "./schemas.ts"
import type { Services } from "./services.ts"

export const nothingHere = "nothing is here for you"

/** Refuses `request.not_found`: a missing object and an object that the caller may not see get the same answer. */
export function hide(): never {
    refuse("missing", "request.not_found", nothingHere)
}

export type Side = "console" | "portal"

/** The methods of a public read. HEAD gets the answer of GET without its body. */
export const reads = ["GET", "HEAD"]

export type Method = "GET" | "POST" | "PUT" | "DELETE"

/** The checked input of a request. Unknown fields are refused. */
export interface Input<Body, Query, Params> {
    readonly body: Body
    readonly query: Query
    readonly params: Params
    /** The SHA-256 of the presented credential's secret; null before sign-in. */
    readonly credential: Buffer | null
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
export class Lines {
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
export class Text {
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
 * A text or JSON answer with a check of its own next to the guard. `mayContinue` is asked again while more than 64 KiB
 * are being sent; false cuts the answer.
 */
export class WhileSeen<Act, Answer = unknown> {
    readonly answer: Answer
    readonly mayContinue: (ctx: Act) => Promise<boolean>

    constructor(answer: Answer, mayContinue: (ctx: Act) => Promise<boolean>) {
        this.answer = answer
        this.mayContinue = mayContinue
    }
}

/** An answer that also sets the session cookie. */
export class SignedIn {
    readonly secret: string
    readonly secondsMax: number

    constructor(secret: string, secondsMax: number) {
        this.secret = secret
        this.secondsMax = secondsMax
    }
}

/** An answer that also deletes the session cookie. */
export class SignedOut {
    readonly secret = null
}

export interface Route<Act> {
    readonly method: Method
    readonly path: string
    readonly side: Side | "both"
    /** A key of `permissions`. `public` is open without sign-in. */
    readonly permission: string
    /** One line for the OpenAPI description. */
    readonly summary: string
    /** A POST that creates an object. An `Idempotency-Key` makes a repeated request return the first answer. */
    readonly creates: boolean
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
    /** Runs before a saved answer is repeated. It must refuse what the caller may no longer see. */
    readonly reaches: ((ask: Act & Input<never, never, never>) => Promise<unknown>) | undefined
    /**
     * Runs first, without a transaction. Returns the previous answer where it is still valid, or null to run the
     * handler.
     */
    readonly again: ((ask: Again & Input<never, never, never>) => Promise<unknown>) | undefined
    /** Serves concurrent requests in one transaction. An answer of null: this request goes to the handler. */
    readonly together:
        | ((asks: readonly (Act & Input<never, never, never>)[]) => Promise<readonly unknown[]>)
        | undefined
    readonly handler: (ask: Act & Input<never, never, never>) => Promise<unknown>
}

/** A route whose method, path, side and schemas are known to the compiler. Screens take their types from it. */
export interface TypedRoute<
    Act,
    Body extends TSchema,
    Shape extends TSchema,
    Verb extends Method,
    Path extends string,
    Where extends Side | "both",
> extends Route<Act> {
    readonly method: Verb
    readonly path: Path
    readonly side: Where
    readonly body: Body | undefined
    readonly answer: Shape | undefined
}

/** What is available without a transaction. */
export interface Again {
    readonly services: Services
}

/** The result of a handler: the answer of its schema, or one of the answers that no schema describes. */
type Answered<Act, Schema extends TSchema> =
    | Answer<Schema>
    | WhileSeen<Act, Answer<Schema> | Text>
    | Download
    | Lines
    | Text
    | SignedIn
    | SignedOut
    | Live
    | After

export interface Definition<
    Act,
    Body extends TSchema,
    Query extends TObject,
    Params extends TObject,
    Shape extends TSchema,
    Verb extends Method,
    Path extends string,
    Where extends Side | "both",
> {
    method: Verb
    path: Path
    side: Where
    permission: string
    summary: string
    creates?: boolean
    body?: Body
    query?: Query
    params?: Params
    answer?: Shape
    bodyMax?: number
    perHourMax?: number
    forAnySite?: boolean
    reaches?: (ask: Act & Input<Static<Body>, Static<Query>, Static<Params>>) => Promise<unknown>
    again?: (ask: Again & Input<Static<Body>, Static<Query>, Static<Params>>) => Promise<unknown>
    together?: (
        asks: readonly (Act & Input<Static<Body>, Static<Query>, Static<Params>>)[],
    ) => Promise<readonly unknown[]>
    /** Only fixes the type of `Act`. */
    act?: Act
}

/** Declares a route. The schemas give the types of the handler's input. */
export function routeOf<Act>() {
    return <
        Body extends TSchema,
        Query extends TObject,
        Params extends TObject,
        Shape extends TSchema,
        Verb extends Method,
        Path extends string,
        Where extends Side | "both",
    >(
        definition: Definition<Act, Body, Query, Params, Shape, Verb, Path, Where>,
        handler: (ask: Act & Input<Static<Body>, Static<Query>, Static<Params>>) => Promise<Answered<Act, Shape>>,
    ): TypedRoute<Act, Body, Shape, Verb, Path, Where> => ({
        method: definition.method,
        path: definition.path,
        side: definition.side,
        permission: definition.permission,
        summary: definition.summary,
        creates: definition.creates ?? false,
        body: definition.body,
        query: definition.query,
        params: definition.params,
        answer: definition.answer,
        bodyMax: definition.bodyMax,
        perHourMax: definition.perHourMax,
        forAnySite: definition.forAnySite ?? false,
        reaches: definition.reaches as Route<Act>["reaches"],
        again: definition.again as Route<Act>["again"],
        together: definition.together as Route<Act>["together"],
        handler: handler as Route<Act>["handler"],
    })
}

/**
 * An answer of live changes. The server runs the route again and again, guard included, and notifies the client when
 * the fingerprint changes. The stream ends when the caller loses the permission.
 */
export class Live {
    readonly fingerprint: string

    constructor(fingerprint: string) {
        this.fingerprint = fingerprint
    }
}

/**
 * Thrown by a request that needs long work outside of the database. The transaction ends and frees its locks; after
 * the work the request is served from the beginning.
 */
export class Pending extends Error {
    readonly work: Promise<unknown>

    constructor(work: Promise<unknown>) {
        super("this request waits for work that must hold no lock")
        this.work = work
    }
}

/** An answer that is made after the commit, because it waits for work that the request started. */
export class After {
    readonly finish: () => Promise<unknown>

    constructor(finish: () => Promise<unknown>) {
        this.finish = finish
    }
}
