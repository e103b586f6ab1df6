/** Request and answer types of the routes of publication. */
import { Type } from "typebox"
import { orNull, textOrNull } from "../../kernel/schemas.ts"

export const pathPart = Type.String({ minLength: 1, maxLength: 200 })

const faultAnswer = Type.Object({
    ...{ test: textOrNull, where: Type.String(), says: Type.String() },
    forms: Type.Array(Type.String()),
})

const publicTextAnswer = Type.Object({
    ...{ case: Type.String(), title: Type.String(), summary: textOrNull, guidance: textOrNull },
    /** Whether a report of exploitation is recorded. */
    exploited: Type.Boolean(),
    /** The sentences that deny it. */
    denials: Type.Array(Type.String()),
})

export const publicationAnswer = Type.Object({
    state: Type.String(),
    advisory: textOrNull,
    faults: Type.Array(faultAnswer),
    contradictsReports: Type.Boolean(),
})

export const publicationTextAnswer = Type.Object({ text: orNull(publicTextAnswer) })
