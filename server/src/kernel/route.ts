/**
 * Routes as data. A route says what it needs and what it takes and answers; the server joins that to who may,
 * opens the transaction in which everything is read, decided and recorded, and answers after the commit.
 */
import type { Static, TObject, TSchema } from "typebox"
import { refuse } from "@tocsin/base/refusal"
import type { Tx } from "../platform/postgres/db.ts"
import type { Services } from "./services.ts"

export const nothingHere = "nothing is here for you"

/** What does not exist and what is not for the asker get this same answer. */
export function hide(): never {
    refuse("missing", "request.not_found", nothingHere)
}

export type Side = "console" | "portal"

/** The methods of a public read. HEAD gets the answer of GET without its body. */
export const reads = ["GET", "HEAD"]

export type Method = "GET" | "POST" | "PUT" | "DELETE"

/** What a route reads besides the act: parsed, checked against its schemas, unknown fields refused. */
export interface Input<Body, Query, Params> {
    readonly body: Body
    readonly query: Query
    readonly params: Params
    /** The SHA-256 of the presented credential's secret; null before sign-in. */
    readonly credential: Buffer | null
}

/**
 * Bytes instead of JSON. They are sent after the transaction that recorded them has committed; before each
 * further piece `mayGoOn` is asked in a transaction of its own, and a "no" cuts the connection.
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

/** Lines of text, produced as they are sent; for exports by operators. */
export class Lines {
    readonly lines: AsyncIterable<string>
    readonly type: string

    constructor(lines: AsyncIterable<string>, type: string) {
        this.lines = lines
        this.type = type
    }
}

/**
 * An answer of another media type than JSON, whole in memory; the names of its headers in lower case. What is sent again and
 * again is given as the bytes that it has.
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

/** An answer, Text or JSON, that is asked about beside the guard while more than 64 KiB of it are under way; a "no" cuts it. */
export class WhileSeen<Act, Answer = unknown> {
    readonly answer: Answer
    readonly mayContinue: (ctx: Act) => Promise<boolean>

    constructor(answer: Answer, mayContinue: (ctx: Act) => Promise<boolean>) {
        this.answer = answer
        this.mayContinue = mayContinue
    }
}

/** An answer that also sets or ends the session cookie; the server knows its name. */
export class SignedIn {
    readonly secret: string
    readonly secondsMax: number

    constructor(secret: string, secondsMax: number) {
        this.secret = secret
        this.secondsMax = secondsMax
    }
}

export class SignedOut {}

export interface Route<Act> {
    readonly method: Method
    readonly path: string
    readonly side: Side | "both"
    /** Stands in the access table. `public` is open to all. */
    readonly permission: string
    /** One line for the API's description. */
    readonly summary: string
    /** A POST that creates: an Idempotency-Key makes a second try answer as the first. */
    readonly creates: boolean
    readonly body: TSchema | undefined
    readonly query: TObject | undefined
    readonly params: TObject | undefined
    readonly answer: TSchema | undefined
    /** Bytes; default 256 KiB. */
    readonly bodyMax: number | undefined
    /** Of one asker, besides the listener's own limit. */
    readonly perHourMax: number | undefined
    /** For everybody, and so for pages of other sites too; elsewhere they may ask nothing. */
    readonly forAnySite: boolean
    /** Asked before an answer is given again that is remembered: hides what is no longer there for whoever asks. */
    readonly reaches: ((ask: Act & Input<never, never, never>) => Promise<unknown>) | undefined
    /** Asked first, outside of any transaction: the answer, where it is what it was a moment ago; null: as usual. */
    readonly again: ((ask: Again & Input<never, never, never>) => Promise<unknown>) | undefined
    /** Serves those who ask at the same time in one transaction; null for each that is to be served by the handler. */
    readonly together:
        | ((asks: readonly (Act & Input<never, never, never>)[]) => Promise<readonly unknown[]>)
        | undefined
    readonly handler: (ask: Act & Input<never, never, never>) => Promise<unknown>
}

/** What is there before a transaction is. */
export interface Again {
    readonly services: Services
}

export interface Definition<Act, Body extends TSchema, Query extends TObject, Params extends TObject> {
    method: Method
    path: string
    side: Side | "both"
    permission: string
    summary: string
    creates?: boolean
    body?: Body
    query?: Query
    params?: Params
    answer?: TSchema
    bodyMax?: number
    perHourMax?: number
    forAnySite?: boolean
    reaches?: (ask: Act & Input<Static<Body>, Static<Query>, Static<Params>>) => Promise<unknown>
    again?: (ask: Again & Input<Static<Body>, Static<Query>, Static<Params>>) => Promise<unknown>
    together?: (
        asks: readonly (Act & Input<Static<Body>, Static<Query>, Static<Params>>)[],
    ) => Promise<readonly unknown[]>
    /** Declared only to fix the type of `Act`. */
    act?: Act
}

/** Declares a route; the handler's `ask` has the types of the schemas. */
export function routeOf<Act>() {
    return <Body extends TSchema, Query extends TObject, Params extends TObject>(
        definition: Definition<Act, Body, Query, Params>,
        handler: (ask: Act & Input<Static<Body>, Static<Query>, Static<Params>>) => Promise<unknown>,
    ): Route<Act> => ({
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
 * Live changes: the server asks the route again and again, guard included, and tells the client whenever the
 * fingerprint is another one. A stream decides nothing by itself and ends with the right to it.
 */
export class Live {
    readonly fingerprint: string

    constructor(fingerprint: string) {
        this.fingerprint = fingerprint
    }
}

/**
 * Thrown out of a request that first needs something that takes long and reads nothing of the database. Its transaction
 * ends, and with it all that it holds locked; when the work is done the request is served from the beginning.
 */
export class Pending extends Error {
    readonly work: Promise<unknown>

    constructor(work: Promise<unknown>) {
        super("this waits for work that no lock may be held for")
        this.work = work
    }
}

/** An answer that is made after the commit: it waits for what the request has set going. */
export class After {
    readonly finish: () => Promise<unknown>

    constructor(finish: () => Promise<unknown>) {
        this.finish = finish
    }
}
