/** Statements: what a partner attests about its obligations, and what it reports regularly. */
import { type Static, Type } from "typebox"
import { refuse } from "@tocsin/base/refusal"
import { type Obligation, hasControls } from "./obligation.ts"

const closed = { additionalProperties: false }
const noteMax = 2000
/** Of each kind: all of them are read whenever it is asked what is owed. */
export const statementsADayMax = 5

export const attestationShape = Type.Object(
    {
        obligations: Type.Array(
            Type.Object(
                {
                    id: Type.String({ maxLength: 40 }),
                    kept: Type.Boolean(),
                    /** Of an exception: what happened, and since when. */
                    note: Type.String({ maxLength: noteMax }),
                },
                closed,
            ),
            { minItems: 1, maxItems: 40 },
        ),
    },
    closed,
)

export const reportShape = Type.Object(
    {
        /** A zero report: nothing was built from warnings, seen or found since the last one. */
        nothing: Type.Boolean(),
        text: Type.String({ maxLength: 8000 }),
    },
    closed,
)

export type Attestation = Readonly<Static<typeof attestationShape>>
export type RegularReport = Readonly<Static<typeof reportShape>>

/** Refuses an attestation that leaves an obligation out, names one twice or an unknown one, or an exception unsaid. */
export function assertCovers({ obligations: inputs }: Attestation, obligations: readonly Obligation[]): void {
    const ids = inputs.map(({ id }) => id)
    const unknown = ids.find(
        (id, i) => ids.indexOf(id) !== i || !obligations.some((obligation) => obligation.id === id),
    )
    if (unknown !== undefined) {
        refuse("invalid", "statement.obligation_not_found", `\`${unknown}\` is no obligation, or stands there twice`)
    }
    const missing = obligations.filter(({ id }) => !ids.includes(id)).map(({ id }) => id)
    if (missing.length > 0) {
        refuse(
            "invalid",
            "statement.incomplete",
            `say of each obligation whether it was kept: \`${missing.join(", ")}\``,
        )
    }
    for (const { id, kept, note } of inputs) {
        if (hasControls(note) || (!kept && note.trim() === "")) {
            refuse("invalid", "statement.no_exception", `say in words what was not kept of \`${id}\``)
        }
    }
}

/** A zero report has no text, any other has one. */
export function validateReport({ nothing, text }: RegularReport): void {
    if (nothing !== (text.trim() === "") || hasControls(text)) {
        refuse("invalid", "statement.bad_report", "report nothing, or say in words what there is; not both")
    }
}
