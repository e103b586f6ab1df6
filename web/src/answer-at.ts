/** Types of answers by address, from the routes of the server. */
import type { Static, TSchema } from "typebox"
import type { Method, Side } from "../../server/src/kernel/route.ts"
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

type AnswerOf<Route> = Route extends { readonly answer: (infer Shape) | undefined }
    ? Shape extends TSchema
        ? Static<Shape>
        : never
    : never

type RoutesOf<Where extends Side | "both", Verb extends Method> = Extract<
    AnyRoute,
    { readonly side: Where | "both"; readonly method: Verb }
>

type Answers<Where extends Side | "both", Verb extends Method> = {
    [Route in RoutesOf<Where, Verb> as Slots<Route["path"]>]: AnswerOf<Route>
}

/** The answer at an address, with or without a query. No route: never. */
export type AnswerAt<Where extends Side | "both", Verb extends Method, Path extends string> = At<
    Answers<Where, Verb>,
    Slots<WithoutQuery<Path>>
>

type At<Map, Key> = Key extends keyof Map ? Map[Key] : never
