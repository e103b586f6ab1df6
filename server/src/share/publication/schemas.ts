/** Request and answer types of the routes of publication. */
import { Type } from "typebox"
import { closed, id, orNull, textOrNull } from "../../kernel/schemas.ts"
import { contentField } from "../artifacts/schemas.ts"
import { detailsSchema } from "../cases/disclosed-facts.ts"
import type { CorrectionPreview, ProposedPreview } from "./correction.ts"

export const pathPart = Type.String({ minLength: 1, maxLength: 200 })

const faultAnswer = Type.Object({
    ...{ test: textOrNull, where: Type.String(), says: Type.String() },
    forms: Type.Array(Type.String()),
})

/** The content of an advisory's page. */
const pageAnswer = Type.Object({
    ...{ title: Type.String(), facts: Type.String(), summary: textOrNull, plainSummary: Type.String() },
    ...{ guidance: textOrNull, acknowledgement: textOrNull, history: Type.Array(Type.String()) },
    tables: Type.Array(
        Type.Object({
            name: Type.String(),
            heads: Type.Array(Type.String()),
            rows: Type.Array(Type.Array(Type.String())),
        }),
    ),
})

const correctionFields = {
    ...{ advisory: Type.String(), address: Type.String(), revision: Type.Integer() },
    ...{ before: pageAnswer, after: pageAnswer },
    documents: Type.Array(Type.Object({ name: Type.String(), before: textOrNull, after: textOrNull })),
    faults: Type.Array(faultAnswer),
}

const correction = Type.Unsafe<CorrectionPreview>(Type.Object(correctionFields))

export const correctionAnswer = Type.Unsafe<ProposedPreview>(
    Type.Object({ ...correctionFields, changed: Type.Array(id) }),
)

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
    correction: orNull(correction),
})

export const publicationAnswer = Type.Object({
    state: Type.String(),
    advisory: textOrNull,
    faults: Type.Array(faultAnswer),
    contradictsReports: Type.Boolean(),
})

export const publicationTextAnswer = Type.Object({ text: orNull(publicTextAnswer) })
