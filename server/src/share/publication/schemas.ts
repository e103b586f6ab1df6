/** Request and answer types of the routes of publication. */
import { Type } from "typebox"
import { closed, id, orNull, textOrNull } from "../../kernel/schemas.ts"
import { contentField } from "../artifacts/schemas.ts"
import { detailsSchema } from "../cases/disclosed-facts.ts"
import { correctionShape, faultShape } from "./correction.ts"

export const pathPart = Type.String({ minLength: 1, maxLength: 200 })

export const previewCorrectionBody = Type.Object(
    {
        details: Type.Optional(detailsSchema),
        texts: Type.Array(Type.Object({ artifact: id, content: contentField }, closed), { maxItems: 50 }),
    },
    closed,
)

const publicTextAnswer = Type.Object({
    ...{ case: Type.String(), title: Type.String(), summary: textOrNull, guidance: textOrNull },
    /** Whether a report of exploitation is recorded. */
    exploited: Type.Boolean(),
    /** The sentences that deny it. */
    denials: Type.Array(Type.String()),
    /** The changes of the published advisory by this signature; null before publication. */
    correction: orNull(correctionShape),
})

export const publicationAnswer = Type.Object({
    state: Type.String(),
    advisory: textOrNull,
    faults: Type.Array(faultShape),
    contradictsReports: Type.Boolean(),
})

export const publicationTextAnswer = Type.Object({ text: orNull(publicTextAnswer) })
