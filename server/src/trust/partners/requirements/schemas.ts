/** Request and answer types of the routes of requirements. */
import { Type } from "typebox"
import { closed, id, orNull } from "../../../kernel/schemas.ts"
import { attestationShape, reportShape } from "../agreements/statement.ts"
import { requirementKinds } from "./requirement.ts"

const requirementAnswer = Type.Object({
    kind: Type.Enum([...requirementKinds]),
    dueAt: Type.String(),
    /** When it starts to withhold content. */
    withheldFrom: Type.String(),
    state: Type.Enum(["met", "due", "overdue"]),
})

const statementAnswer = Type.Object({
    id: Type.String(),
    person: Type.String(),
    kind: Type.Enum(["attestation", "regular_reports"]),
    version: Type.Integer(),
    nothing: Type.Boolean(),
    body: Type.Union([attestationShape, reportShape]),
    at: Type.String(),
})

export const requirementsOfPartnerAnswer = Type.Object({
    requirements: Type.Array(requirementAnswer),
    submitted: Type.Array(statementAnswer),
})

export const newAttestationAnswer = Type.Object({ id: Type.String() })

export const newRegularReportAnswer = Type.Object({ id: Type.String() })

export const verifyMailboxBody = Type.Object({ code: Type.String({ minLength: 1, maxLength: 60 }) }, closed)

export const requirementsAnswer = Type.Object({
    partners: Type.Array(Type.Object({ partner: Type.String(), requirements: Type.Array(requirementAnswer) })),
})

export const newBounceBody = Type.Object({ person: orNull(id) }, closed)
