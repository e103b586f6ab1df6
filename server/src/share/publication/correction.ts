/** A correction of a published advisory, compared with what is public. The shapes are those of the answers. */
import { type Static, Type } from "typebox"
import type { PageParts } from "@tocsin/formats/advisory/page"
import { id, textOrNull } from "../../kernel/schemas.ts"

export const faultShape = Type.Object({
    ...{ test: textOrNull, where: Type.String(), says: Type.String() },
    /** The names of the documents. */
    forms: Type.Array(Type.String()),
})

/** The content of an advisory's page. Its texts are resolved. */
const pageShape = Type.Unsafe<PageParts>(
    Type.Object({
        ...{ title: Type.String(), facts: Type.String(), summary: textOrNull, plainSummary: Type.String() },
        ...{ guidance: textOrNull, acknowledgement: textOrNull, history: Type.Array(Type.String()) },
        tables: Type.Array(
            Type.Object({
                name: Type.String(),
                heads: Type.Array(Type.String()),
                rows: Type.Array(Type.Array(Type.String())),
            }),
        ),
    }),
)

/** `before` null: the document is new. `after` null: facts are missing, or the product left the advisory. */
const documentShape = Type.Object({ name: Type.String(), before: textOrNull, after: textOrNull })

const fields = {
    advisory: Type.String(),
    /** The address of its page. */
    address: Type.String(),
    /** The number of the revision that is public. */
    revision: Type.Integer(),
    before: pageShape,
    /** Equal to `before` where nothing changes. */
    after: pageShape,
    documents: Type.Array(documentShape),
    /** The faults for which the correction would be refused. */
    faults: Type.Array(faultShape),
}

export const correctionShape = Type.Object(fields)

export const proposedShape = Type.Object({
    ...fields,
    /** The artifacts whose public text changes. */
    changed: Type.Array(id),
})

export type DocumentFault = Static<typeof faultShape>
export type ComparedDocument = Static<typeof documentShape>
export type CorrectionPreview = Static<typeof correctionShape>
export type ProposedPreview = Static<typeof proposedShape>
