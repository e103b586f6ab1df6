/** Request and answer types of the routes of planning. */
import { Type } from "typebox"
import { codeOf, closed, id, orNull, textOrNull, enumOf } from "../../kernel/schemas.ts"
import { colludersMax } from "./instruction.ts"
import { planningAssumptions } from "./information-model.ts"
import { colluderCounts } from "./options.ts"
import { artifactClasses } from "../../share/artifacts/artifact.ts"
import type { ApprovalState } from "../../trust/approvals/approval.ts"

const kinds = ["code_design", "polled", "slots", "canary", "staggered_release"] as const

const classShape = Type.Enum([...artifactClasses])

const designShape = Type.Enum([...colluderCounts])

const assumedColluders = Type.Integer({ minimum: 1, maximum: colludersMax })

const optionAnswer = Type.Object({
    kind: Type.Enum([...kinds]),
    /** For a code design: the number of colluders. */
    colluders: orNull(designShape),
    /** For more slots: how many. */
    slots: orNull(Type.Integer()),
    /** For a staggered release: the hours and the recipients. */
    hours: orNull(Type.Integer()),
    late: Type.Array(id),
    bits: Type.Number(),
    gainBits: Type.Number(),
    partnerHours: Type.Number(),
    /**
     * `signatures`: two people sign here. `author` writes the text, `admin` sets what is polled, `manager` plans waves.
     */
    by: Type.Enum(["signatures", "admin", "author", "manager"]),
})

export const optionsQuery = Type.Object(
    { case: id, assumedColluders: Type.Optional(Type.String({ pattern: "^[1-8]$" })) },
    closed,
)

export const optionsAnswer = Type.Object({
    assumptions: Type.Array(codeOf(planningAssumptions)),
    /** The numbers of the assumptions: chances and shares of 1. */
    model: Type.Object({
        repeatChance: Type.Number(),
        independentChance: Type.Number(),
        colluderChances: Type.Array(Type.Object({ colluders: Type.Integer(), chance: Type.Number() })),
        copyShare: Type.Number(),
        polledShare: Type.Number(),
        quotedChance: Type.Number(),
        medianHours: Type.Number(),
        windowHours: Type.Number(),
    }),
    bounds: Type.Object({
        hoursMax: Type.Integer(),
        partnerHoursMax: Type.Integer(),
        leadHoursMin: Type.Integer(),
    }),
    classes: Type.Array(
        Type.Object({
            class: classShape,
            recipients: Type.Integer(),
            lasting: Type.Integer(),
            documents: Type.Array(Type.Object({ artifact: id, version: Type.Integer(), hasCodewords: Type.Boolean() })),
            /** The bits that the release reveals unchanged. */
            bits: Type.Number(),
            options: Type.Array(optionAnswer),
        }),
    ),
})

export const newTracingInstructionBody = Type.Object(
    { case: id, class: classShape, colluders: designShape, assumedColluders, reason: Type.String() },
    closed,
)

export const newTracingInstructionAnswer = Type.Object({ tracingInstruction: id, approval: id })

export const tracingInstructionsAnswer = Type.Object({
    tracingInstructions: Type.Array(
        Type.Object({
            id,
            case: id,
            class: Type.String(),
            colluders: Type.Integer(),
            assumedColluders: Type.Integer(),
            gainBits: Type.Number(),
            reason: Type.String(),
            approval: id,
            state: enumOf<ApprovalState>(),
            requestedBy: id,
            requestedAt: Type.String(),
            activatedAt: textOrNull,
            endedAt: textOrNull,
            /** Requested extensions, oldest first. */
            extensions: Type.Array(
                Type.Object({
                    id,
                    approval: id,
                    state: enumOf<ApprovalState>(),
                    requestedBy: id,
                    requestedAt: Type.String(),
                    reason: Type.String(),
                    owner: id,
                    until: Type.String(),
                    extendedAt: textOrNull,
                }),
            ),
        }),
    ),
})

export const extendTracingInstructionParams = Type.Object({ id, tracingInstruction: id }, closed)

export const extendTracingInstructionBody = Type.Object(
    { reason: Type.String(), owner: id, until: Type.String() },
    closed,
)

export const extendTracingInstructionAnswer = Type.Object({ extension: id, approval: id })

export const activateTracingInstructionParams = Type.Object({ id, tracingInstruction: id }, closed)
