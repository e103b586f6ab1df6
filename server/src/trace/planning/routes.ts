/** Routes of planning, for members of an inquiry. No partner's probability is shown. */
import { Type } from "typebox"
import type { Colluders } from "@tocsin/marks/code"
import { type Instant, formatInstant, parseInstant } from "@tocsin/base/instant"
import { type ArtifactClass, artifactClasses } from "../../share/artifacts/artifact.ts"
import { route } from "../../kernel/action-context.ts"
import { type ClassOptions, proposalsFor } from "./actions/propose-instruction.ts"
import { askToCarryOn } from "../inquiries/actions/extend-instruction.ts"
import { applyInstruction, provisionsOf } from "../inquiries/actions/tracing-instructions.ts"
import { chooseOption } from "./actions/activate-instruction.ts"
import { assumptionsOf, modelFor } from "./information-model.ts"
import { bounds, designs } from "./options.ts"
import { togetherMax } from "./instruction.ts"

const closed = { additionalProperties: false }
const id = Type.String({ format: "uuid" })
const orNull = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()])
const kinds = ["design", "polled", "slots", "canary", "window"] as const
const classShape = Type.Enum([...artifactClasses])
const designShape = Type.Enum([...designs])
const together = Type.Integer({ minimum: 1, maximum: togetherMax })

const optionAnswer = Type.Object({
    kind: Type.Enum([...kinds]),
    /** For a code design: the number of colluders. */
    colluders: orNull(Type.Integer()),
    /** For more slots: how many. */
    slots: orNull(Type.Integer()),
    /** For a staggered release: the hours and the recipients. */
    hours: orNull(Type.Integer()),
    late: Type.Array(id),
    bits: Type.Number(),
    gain: Type.Number(),
    partnerHours: Type.Number(),
    /**
     * `signatures`: two people sign here. `author` writes the text, `admin` sets what is polled, `manager` plans waves.
     */
    by: Type.String(),
})

const formatOrNull = (at: Instant | null): string | null => (at === null ? null : formatInstant(at))

const doneBy = { design: "signatures", polled: "admin", slots: "author", canary: "author", window: "manager" } as const

function presented({ documents, ranked, ...rest }: ClassOptions) {
    return {
        ...rest,
        documents: [...documents],
        options: ranked.map(({ change, bits, gain, partnerHours }) => ({
            kind: change.kind,
            bits,
            gain,
            partnerHours,
            by: doneBy[change.kind],
            colluders: change.kind === "design" ? change.colluders : null,
            slots: change.kind === "slots" ? change.more : null,
            hours: change.kind === "window" ? change.hours : null,
            late: change.kind === "window" ? [...change.late] : [],
        })),
    }
}

const proposalsRoute = route(
    {
        side: "console",
        method: "GET",
        path: "/api/inquiries/{id}/options",
        permission: "inquiry:write",
        summary:
            "Ranks options for a case's next releases, by gain in bits and cost to defenders, for members, " +
            "and records the look",
        params: Type.Object({ id }, closed),
        query: Type.Object({ case: id, together: Type.Optional(Type.String({ pattern: "^[1-8]$" })) }, closed),
        answer: Type.Object({
            assumptions: Type.Array(Type.String()),
            bounds: Type.Object({
                hoursMax: Type.Integer(),
                partnerHoursMax: Type.Integer(),
                floorHours: Type.Integer(),
            }),
            classes: Type.Array(
                Type.Object({
                    class: classShape,
                    recipients: Type.Integer(),
                    lasting: Type.Integer(),
                    documents: Type.Array(
                        Type.Object({ artifact: id, version: Type.Integer(), isDrawn: Type.Boolean() }),
                    ),
                    /** What the release reveals unchanged. */
                    bits: Type.Number(),
                    options: Type.Array(optionAnswer),
                }),
            ),
        }),
    },
    async ({ params, query, ...ctx }) => {
        const many = Number(query.together ?? "1")
        const classes = await proposalsFor(ctx, params.id, query.case, many)
        return { assumptions: assumptionsOf(modelFor(many)), bounds, classes: classes.map(presented) }
    },
)

const provisionRoutes = [
    route(
        {
            side: "console",
            method: "POST",
            path: "/api/inquiries/{id}/tracing-instructions",
            permission: "inquiry:write",
            summary:
                "Chooses the number of colluders for the next codewords of a class; needs another member's signature",
            params: Type.Object({ id }, closed),
            body: Type.Object(
                { case: id, class: classShape, colluders: designShape, together, reason: Type.String() },
                closed,
            ),
            answer: Type.Object({ provision: id, approval: id }),
        },
        async ({ params, body, ...ctx }) =>
            await chooseOption(ctx, params.id, {
                ...body,
                class: body.class as ArtifactClass,
                colluders: body.colluders as Colluders,
            }),
    ),
    route(
        {
            side: "console",
            method: "GET",
            path: "/api/inquiries/{id}/tracing-instructions",
            permission: "inquiry:read",
            summary: "Lists the tracing instructions for members, and records the look",
            params: Type.Object({ id }, closed),
            answer: Type.Object({
                provisions: Type.Array(
                    Type.Object({
                        id,
                        case: id,
                        class: Type.String(),
                        colluders: Type.Integer(),
                        together: Type.Integer(),
                        gain: Type.Number(),
                        reason: Type.String(),
                        approval: id,
                        state: Type.String(),
                        askedBy: id,
                        askedAt: Type.String(),
                        inForceAt: orNull(Type.String()),
                        endedAt: orNull(Type.String()),
                        /** Requested extensions, oldest first. */
                        carryings: Type.Array(
                            Type.Object({
                                id,
                                approval: id,
                                state: Type.String(),
                                askedBy: id,
                                askedAt: Type.String(),
                                reason: Type.String(),
                                owner: id,
                                until: Type.String(),
                                carriedAt: orNull(Type.String()),
                            }),
                        ),
                    }),
                ),
            }),
        },
        async (ask) => ({
            provisions: (await provisionsOf(ask, ask.params.id)).map(({ salt: _, ...rest }) => ({
                ...rest,
                askedAt: formatInstant(rest.askedAt),
                inForceAt: formatOrNull(rest.inForceAt),
                endedAt: formatOrNull(rest.endedAt),
                carryings: rest.carryings.map(({ salt: _salt, ...rest }) => ({
                    ...rest,
                    askedAt: formatInstant(rest.askedAt),
                    until: formatInstant(rest.until),
                    carriedAt: formatOrNull(rest.carriedAt),
                })),
            })),
        }),
    ),
    route(
        {
            side: "console",
            method: "POST",
            path: "/api/inquiries/{id}/tracing-instructions/{provision}/extend",
            permission: "inquiry:write",
            summary:
                "Requests an extension of an active tracing instruction, with a day and a responsible member; " +
                "needs another member's signature",
            params: Type.Object({ id, provision: id }, closed),
            body: Type.Object({ reason: Type.String(), owner: id, until: Type.String() }, closed),
            answer: Type.Object({ carrying: id, approval: id }),
        },
        async ({ params, body, ...ctx }) =>
            await askToCarryOn(ctx, params.id, params.provision, { ...body, until: parseInstant(body.until) }),
    ),
    route(
        {
            side: "console",
            method: "POST",
            path: "/api/inquiries/{id}/tracing-instructions/{provision}/activate",
            permission: "inquiry:write",
            summary: "Activates a signed tracing instruction: later codewords of the class use it",
            params: Type.Object({ id, provision: id }, closed),
            answer: Type.Object({}),
        },
        async ({ params, ...ctx }) => {
            await applyInstruction(ctx, params.id, params.provision)
            return {}
        },
    ),
]

export const routes = [proposalsRoute, ...provisionRoutes]
