/** Routes of planning, for members of an inquiry. No partner's probability is shown. */
import type { Colluders } from "@tocsin/marks/code"
import { type Instant, formatInstant, parseInstant } from "@tocsin/base/instant"
import { type ArtifactClass } from "../../share/artifacts/artifact.ts"
import { route } from "../../kernel/action-context.ts"
import { type ClassOptions, listOptions } from "./actions/list-options.ts"
import { requestExtension } from "../inquiries/actions/extend-instruction.ts"
import { activateInstruction, readInstructions } from "../inquiries/actions/propose-instruction.ts"
import { chooseCodeDesign } from "./actions/choose-code-design.ts"
import { modelFor, planningAssumptions } from "./information-model.ts"
import { bounds } from "./options.ts"

import { byId } from "../../kernel/schemas.ts"
import { emptyAnswer } from "../../kernel/schemas.ts"
import {
    activateTracingInstructionParams,
    extendTracingInstructionAnswer,
    extendTracingInstructionBody,
    extendTracingInstructionParams,
    newTracingInstructionAnswer,
    newTracingInstructionBody,
    optionsAnswer,
    optionsQuery,
    tracingInstructionsAnswer,
} from "./schemas.ts"

const formatOrNull = (at: Instant | null): string | null => (at === null ? null : formatInstant(at))

const roleFor = {
    code_design: "signatures",
    polled: "admin",
    slots: "author",
    canary: "author",
    staggered_release: "manager",
} as const

function presentClass({ documents, ranked, ...rest }: ClassOptions) {
    return {
        ...rest,
        documents: [...documents],
        options: ranked.map(({ change, bits, gainBits, partnerHours }) => ({
            kind: change.kind,
            bits,
            gainBits,
            partnerHours,
            by: roleFor[change.kind],
            colluders: change.kind === "code_design" ? change.colluders : null,
            slots: change.kind === "slots" ? change.count : null,
            hours: change.kind === "staggered_release" ? change.hours : null,
            late: change.kind === "staggered_release" ? [...change.late] : [],
        })),
    }
}

function presentModel(colluders: number) {
    const { alpha: _, colluderChances, ...model } = modelFor(colluders)
    return { ...model, colluderChances: colluderChances.map((each) => ({ ...each })) }
}

const optionsRoute = route(
    {
        side: "console",
        method: "GET",
        path: "/api/inquiries/{id}/options",
        permission: "inquiry:write",
        summary:
            "Ranks options for a case's next releases, by gain in bits and cost to defenders, for members, " +
            "and records the read",
        params: byId,
        query: optionsQuery,
        answer: optionsAnswer,
    },
    async ({ params, query, ...ctx }) => {
        const colluders = Number(query.assumedColluders ?? "1")
        const classes = await listOptions(ctx, params.id, query.case, colluders)
        return {
            assumptions: [...planningAssumptions],
            model: presentModel(colluders),
            bounds,
            classes: classes.map(presentClass),
        }
    },
)

const instructionRoutes = [
    route(
        {
            side: "console",
            method: "POST",
            path: "/api/inquiries/{id}/tracing-instructions",
            permission: "inquiry:write",
            summary:
                "Chooses the number of colluders for the next codewords of a class; needs another member's signature",
            params: byId,
            body: newTracingInstructionBody,
            answer: newTracingInstructionAnswer,
        },
        async ({ params, body, ...ctx }) =>
            await chooseCodeDesign(ctx, params.id, {
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
            summary: "Lists the tracing instructions for members, and records the read",
            params: byId,
            answer: tracingInstructionsAnswer,
        },
        async (ctx) => ({
            tracingInstructions: (await readInstructions(ctx, ctx.params.id)).map(({ salt: _, ...rest }) => ({
                ...rest,
                requestedAt: formatInstant(rest.requestedAt),
                activatedAt: formatOrNull(rest.activatedAt),
                endedAt: formatOrNull(rest.endedAt),
                extensions: rest.extensions.map(({ salt: _salt, ...rest }) => ({
                    ...rest,
                    requestedAt: formatInstant(rest.requestedAt),
                    until: formatInstant(rest.until),
                    extendedAt: formatOrNull(rest.extendedAt),
                })),
            })),
        }),
    ),
    route(
        {
            side: "console",
            method: "POST",
            path: "/api/inquiries/{id}/tracing-instructions/{tracingInstruction}/extend",
            permission: "inquiry:write",
            summary:
                "Requests an extension of an active tracing instruction, with a day and a responsible member; " +
                "needs another member's signature",
            params: extendTracingInstructionParams,
            body: extendTracingInstructionBody,
            answer: extendTracingInstructionAnswer,
        },
        async ({ params, body, ...ctx }) =>
            await requestExtension(ctx, params.id, params.tracingInstruction, {
                ...body,
                until: parseInstant(body.until),
            }),
    ),
    route(
        {
            side: "console",
            method: "POST",
            path: "/api/inquiries/{id}/tracing-instructions/{tracingInstruction}/activate",
            permission: "inquiry:write",
            summary: "Activates a signed tracing instruction: later codewords of the class use it",
            params: activateTracingInstructionParams,
            answer: emptyAnswer,
        },
        async ({ params, ...ctx }) => {
            await activateInstruction(ctx, params.id, params.tracingInstruction)
            return {}
        },
    ),
]

export const routes = [optionsRoute, ...instructionRoutes]
