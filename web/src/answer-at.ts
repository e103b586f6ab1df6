/** Types of bodies and answers by address, from the routes of the server. */
import type { Static, TSchema } from "typebox"
import type { Method, Side } from "../../server/src/kernel/route.ts"
import type { DeepReadonly } from "../../server/src/kernel/schemas.ts"
import type { routes as demoRoutes } from "../../server/src/demo/routes.ts"
import type { apiRoutes } from "../../server/src/routes.ts"

type AnyRoute = (typeof apiRoutes)[number] | (typeof demoRoutes)[number]

/** A parameter of a route (`{id}`) and an expression of an address are the same slot. */
type Slot<Part extends string> = string extends Part
    ? "{}"
    : `${number}` extends Part
      ? "{}"
      : Part extends `{${string}}`
        ? "{}"
        : Part
type Slots<Path extends string> = Path extends `${infer Part}/${infer Rest}`
    ? `${Slot<Part>}/${Slots<Rest>}`
    : Slot<Path>
type WithoutQuery<Path extends string> = Path extends `${infer Address}?${string}` ? Address : Path

/** The value of a schema. A route without a schema has `TSchema` itself: undefined. */
type ValueOf<Shape> = TSchema extends Shape ? undefined : Shape extends TSchema ? Static<Shape> : never

type RoutesOf<Where extends Side | "both", Verb extends Method> = Extract<
    AnyRoute,
    { readonly side: Where | "both"; readonly method: Verb }
>

type Exchanges<Where extends Side | "both", Verb extends Method> = {
    [Route in RoutesOf<Where, Verb> as Slots<Route["path"]>]: {
        readonly answer: ValueOf<NonNullable<Route["answer"]>>
        readonly body: DeepReadonly<ValueOf<NonNullable<Route["body"]>>>
    }
}

type At<Map, Address> = Address extends keyof Map ? Map[Address] : never

type Exchange<Where extends Side | "both", Verb extends Method, Path extends string> = At<
    Exchanges<Where, Verb>,
    Slots<WithoutQuery<Path>>
>

/** The answer at an address, with or without a query. No route: never. */
export type AnswerAt<Where extends Side | "both", Verb extends Method, Path extends string> = At<
    Exchange<Where, Verb, Path>,
    "answer"
>

/** The body that a route takes; undefined: none. */
export type BodyAt<Where extends Side | "both", Verb extends Method, Path extends string> = At<
    Exchange<Where, Verb, Path>,
    "body"
>
