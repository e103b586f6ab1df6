/** Request and answer types of the routes of imports. */
import { type Static, Type } from "typebox"
import { closed, enumOf, id, orNull } from "../../../kernel/schemas.ts"
import type { ApprovalState } from "../../approvals/approval.ts"
import { partnerRoles } from "../../identity/person.ts"
import { partnerStatuses, tiers } from "../partner.ts"
import { importFormats } from "./import-format.ts"
import { importResults, importStatuses } from "./import-plan.ts"

const contentCharsMax = 2_000_000

export const importBody = Type.Object(
    {
        /** Text, or bytes in Base64. */
        content: Type.String({ minLength: 1, maxLength: contentCharsMax }),
        isBase64: Type.Optional(Type.Boolean()),
        /** By default recognised. */
        format: Type.Optional(Type.Enum([...importFormats])),
        /** The tier of new partners whose file names none; default `entry`. */
        tier: Type.Optional(Type.Enum([...tiers])),
        /** The role of people whose file names none; default `analyst`. */
        role: Type.Optional(Type.Enum([...partnerRoles])),
    },
    closed,
)

export type ImportBody = Readonly<Static<typeof importBody>>

const reason = Type.Object({
    /** The code of a refusal. */
    code: Type.String(),
    message: Type.String(),
    values: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()])),
})

const sums = Type.Object({
    partners: Type.Integer(),
    people: Type.Integer(),
    known: Type.Integer(),
    errors: Type.Integer(),
    withoutLead: Type.Integer(),
})

const newPartner = Type.Object({
    mail: Type.String(),
    tier: Type.Enum([...tiers]),
    status: Type.Enum([...importStatuses]),
    duties: Type.Array(Type.String()),
})

const knownPartner = Type.Object({
    id,
    name: Type.String(),
    mail: Type.String(),
    status: Type.Enum([...partnerStatuses]),
})

const plan = {
    format: Type.Enum([...importFormats]),
    sums,
    lines: Type.Array(
        Type.Object({
            line: Type.Integer(),
            result: Type.Enum([...importResults]),
            reason: orNull(reason),
            name: Type.String(),
            /** The partner that the line adds; null: a known one, or none. */
            partner: orNull(newPartner),
            /** The partner of the directory that the line names; null: a new one, or none. */
            knownPartner: orNull(knownPartner),
            person: orNull(Type.Object({ name: Type.String(), mail: Type.String(), role: Type.String() })),
        }),
    ),
}

export const previewAnswer = Type.Object(plan)

export const requestedImportAnswer = Type.Object({ done: Type.Literal(false), approval: id })

export const importAnswer = Type.Object({ ...plan, id, state: enumOf<ApprovalState>() })

export const appliedImportAnswer = Type.Object({ done: Type.Literal(true), approval: id, sums })
