/** Request and answer types of the routes of marking. */
import { Type } from "typebox"
import { closed, id, orNull, textOrNull, enumOf } from "../../kernel/schemas.ts"
import { textKinds } from "./text-kind.ts"
import { readinesses } from "../../trust/partners/keys/key.ts"
import type { Robustness } from "@tocsin/marks/carriers/carrier"
import { artifactFields, contentField } from "../artifacts/schemas.ts"
import type { MarkingLevel } from "./marking-level.ts"
import type { FileState } from "./strength.ts"

const count = Type.Integer({ minimum: 0 })

/** How each version is marked. Not part of the signed hash. */
const marks = Type.Array(
    Type.Object({
        artifact: id,
        version: Type.Integer(),
        class: Type.String(),
        /** The number of recipients that get the version by this action. */
        recipients: count,
        /**
         * `fewer`: than the partners with case access or the declared colluders. `unidentifiable`: a copy identifies no
         * recipient.
         */
        level: enumOf<MarkingLevel>(),
        /** The reason: `kind`, `slots` or `late`; null where the version is marked. */
        unmarkedReason: textOrNull,
        lasting: count,
        /** The number of recipients among which a whole copy identifies its recipient, at the error `alpha`. */
        identifiableAmong: count,
        alpha: orNull(Type.Number()),
        description: Type.String(),
    }),
)

const mergedCopies = Type.Array(Type.Object({ colluders: count, needed: count, worth: count }))

const strength = Type.Object({
    /** The number of colluding recipients that the marks must identify. */
    colluders: count,
    /** The number of partners with case access. */
    recipients: count,
    slots: count,
    /** The number of slots that survive each kind of change. */
    lastingSlots: Type.Object({ value: count, wording: count, order: count, fragile: count, typography: count }),
    errors: Type.Array(
        Type.Object({
            alpha: Type.Number(),
            /** The number of recipients among which one whole copy identifies its recipient; 0: none. */
            identifiableAmong: count,
            /** The approximate number of lasting two-form slots that merged copies need, and the number available. */
            merged: mergedCopies,
        }),
    ),
})

/** Recipients that may be unable to decrypt the copy. Not part of the signed hash. */
const unready = Type.Array(Type.Object({ partner: id, readiness: Type.Enum([...readinesses]) }))

const findings = Type.Array(
    Type.Object({
        severity: Type.Union([Type.Literal("error"), Type.Literal("warning")]),
        line: Type.Integer(),
        column: Type.Integer(),
        code: Type.String(),
        message: Type.String(),
    }),
)

export const checkDraftBody = Type.Object({ ...artifactFields, content: contentField }, closed)

export const checkDraftAnswer = Type.Object({
    findings,
    /** Whether the text may be released as it is; samples are not run. */
    valid: Type.Boolean(),
    /** The counted slots, in the order of the text. */
    slots: Type.Array(
        Type.Object({
            kind: Type.String(),
            robustness: enumOf<Robustness>(),
            /** Where its forms differ, in UTF-16 units of the text as written. */
            ranges: Type.Array(Type.Object({ start: count, end: count })),
            /** The forms of the first range, at most 12; the first form is the text as written. */
            forms: Type.Array(Type.String()),
            /** The number of all forms: a copy has one of them. */
            size: count,
        }),
    ),
    /** The text without marks, as it is published. */
    unmarked: Type.String(),
    /** The text as a recipient would read it. The codeword is an example and belongs to no recipient. */
    exampleCopy: Type.String(),
})

export const readAnswer = Type.Object({
    id,
    name: Type.String(),
    version: Type.Integer(),
    /** `staff_copy`: the reader's copy; `master`: the author's text; `unmarked`: the same text for all. */
    textKind: Type.Enum([...textKinds]),
    content: Type.String(),
    /** Issues of the master; in a copy, line numbers can differ. */
    findings,
    /** Whether the version may be released as it is. */
    valid: Type.Boolean(),
})

export const readMasterArtifactBody = Type.Object(
    { reason: Type.Optional(Type.String({ maxLength: 500 })), approval: Type.Optional(id) },
    closed,
)

export const readMasterArtifactAnswer = Type.Object({ done: Type.Boolean(), approval: id, master: orNull(readAnswer) })

export const effectsAnswer = Type.Object({
    action: Type.String(),
    recipients: Type.Array(id),
    artifacts: Type.Array(Type.Object({ artifact: id, version: Type.Integer() })),
    /** In milliseconds since 1970, as hashed. */
    at: orNull(Type.Integer()),
    detail: Type.Unsafe<unknown>(Type.Object({ wave: id, tier: Type.String(), revision: Type.Integer() })),
    authors: Type.Array(id),
    marks,
    unready,
})

export const marksAnswer = Type.Object({ marks, unready })

export const alternativeParams = Type.Object({ id, artifact: id }, closed)

export const alternativeAnswer = Type.Object({
    version: Type.Integer(),
    /** In the order of the text; for a `value`, the lowest and the highest. */
    alternatives: Type.Array(Type.Object({ kind: Type.String(), forms: Type.Array(Type.String()) })),
})

export const packageStrengthAnswer = Type.Object({
    /** The newest version of each artifact of the case. */
    files: Type.Array(
        Type.Object({
            artifact: id,
            /** The counted slots; null where copies of such a file carry no marks, or the slots cannot be found. */
            slots: orNull(count),
            /** The worst issue of the version. */
            state: enumOf<FileState>(),
        }),
    ),
    alpha: Type.Number(),
    /** The number of partners with case access, one of which must be identified. */
    recipients: count,
    /** The different sets of artifacts that partners get in full, the most slots first. */
    packages: Type.Array(
        Type.Object({
            artifacts: Type.Array(id),
            /** The number of partners that get these artifacts and no other. */
            partners: count,
            slots: count,
            /** For one colluder and more: about how many lasting two-form slots are needed, and how many there are. */
            merged: mergedCopies,
        }),
    ),
})

export const strengthAnswer = Type.Object({
    strength: orNull(strength),
    /** Whether TAXII carries the partner's own copies. */
    isPolledMarked: Type.Boolean(),
})
