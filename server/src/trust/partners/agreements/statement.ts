/** Defines statements: attestations about obligations, and regular reports. */
import { type Static, Type } from "typebox"
import { refuse } from "@tocsin/base/refusal"
import { type Obligation, hasControls } from "./obligation.ts"
import { closed } from "../../../kernel/schemas.ts"

const noteMax = 2000
/** Daily limit for each kind, because every check of requirements reads all of them. */
export const statementsPerDayMax = 5

export const attestationShape = Type.Object(
    {
        obligations: Type.Array(
            Type.Object(
                {
                    id: Type.String({ maxLength: 40 }),
                    kept: Type.Boolean(),
                    /** For an exception: what happened, and since when. */
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
        /** A zero report: since the last report nothing was built from warnings, observed or found. */
        nothing: Type.Boolean(),
        text: Type.String({ maxLength: 8000 }),
    },
    closed,
)

/** A partner's attestation. */
export type Attestation = Readonly<Static<typeof attestationShape>>

/** A partner's regular report. */
export type RegularReport = Readonly<Static<typeof reportShape>>

/** Refuses an attestation with a missing, duplicate or unknown obligation, or with an exception without a note. */
export function validateAttestation({ obligations: entries }: Attestation, obligations: readonly Obligation[]): void {
    const ids = entries.map(({ id }) => id)
    const unknown = ids.find(
        (id, i) => ids.indexOf(id) !== i || !obligations.some((obligation) => obligation.id === id),
    )
    if (unknown !== undefined) {
        refuse(
            "invalid",
            "statement.obligation_not_found",
            `\`${unknown}\` is unknown or listed twice: name each obligation once`,
            { unknown },
        )
    }
    const missing = obligations.filter(({ id }) => !ids.includes(id)).map(({ id }) => id)
    if (missing.length > 0) {
        refuse(
            "invalid",
            "statement.incomplete",
            `obligations are missing: state whether each was met: \`${missing.join(", ")}\``,
            { missing: missing.join(", ") },
        )
    }
    for (const { id, kept, note } of entries) {
        if (hasControls(note) || (!kept && note.trim() === "")) {
            refuse(
                "invalid",
                "statement.no_exception",
                `the exception of \`${id}\` has no note: describe what happened`,
                { id },
            )
        }
    }
}

/** Refuses `statement.bad_report`: a zero report has no text, any other report has one. */
export function validateReport({ nothing, text }: RegularReport): void {
    if (nothing !== (text.trim() === "") || hasControls(text)) {
        refuse(
            "invalid",
            "statement.bad_report",
            "the report is a zero report with text, or has neither: send one of them",
        )
    }
}
