/** Request and answer types of the routes of attribution. */
import { Type } from "typebox"
import { codeOf, closed, id, orNull, textOrNull, enumOf } from "../../kernel/schemas.ts"
import type { CanaryKind } from "@tocsin/marks/canary"
import type { Verdict } from "@tocsin/marks/evidence"
import { hypothesisKeys, supports } from "@tocsin/marks/evidence/hypotheses"
import { cautions, scale } from "./caution.ts"
import type { SlotState } from "./leak-view.ts"

const verdict = enumOf<Verdict>()

/** The strength of evidence by the verbal scale. */
const support = Type.Enum([...supports])

/** The owner of a copy. Both are null where it has none. */
const copyOwner = { partner: orNull(id), person: orNull(id) }

/** Staff who reproduced that copy or received its keys. */
const copyMakers = { reproducedBy: Type.Array(id), keyHolders: Type.Array(id) }

const attributionAnswer = Type.Object({
    id,
    evidence: id,
    at: Type.String(),
    createdBy: orNull(id),
    verdict,
    summary: Type.String(),
    caution: codeOf([cautions.copy]),
    alpha: Type.Number(),
    tests: Type.Integer(),
    untested: Type.Integer(),
    /** The cost to the version that fits best. Null where the text fits no version. */
    budget: orNull(
        Type.Object({
            /** The number of the leak of that version, and the number of tries on it. */
            incident: Type.Integer(),
            attempts: Type.Integer(),
            /** Slots that this try weighed, and slots that earlier tries counted. */
            fresh: Type.Integer(),
            before: Type.Integer(),
            /**
             * The largest α of all tries on the case, and the fraction left for later recipients, versions and leaks.
             */
            spent: Type.Number(),
            left: Type.Number(),
            /** Whether a part of it was spent before the database was restored. */
            restored: Type.Boolean(),
            text: Type.String(),
        }),
    ),
    documents: Type.Array(
        Type.Object({
            artifact: id,
            version: Type.Integer(),
            verdict,
            slotsRead: Type.Integer(),
            /** Partners; staff are in `identifiedPeople`. */
            identified: Type.Array(id),
            identifiedPeople: Type.Array(id),
        }),
    ),
    /** Versions served unmarked whose text this is. All listed partners hold the same text. */
    polled: Type.Array(Type.Object({ artifact: id, version: Type.Integer(), partners: Type.Array(id) })),
    /** Canaries in the text. Null where none was looked for. */
    quoted: orNull(
        Type.Object({
            /** Words of the text with the form of a canary, and the number of issued canaries. */
            wordsChecked: Type.Integer(),
            canariesIssued: Type.Integer(),
            /** log10 of the e-value of each canary found. */
            log10e: Type.Number(),
            support,
            caution: codeOf([cautions.canary]),
            found: Type.Array(
                Type.Object({
                    artifact: id,
                    version: Type.Integer(),
                    kind: enumOf<CanaryKind>(),
                    what: Type.String(),
                    ...copyOwner,
                    decoy: Type.Boolean(),
                    ...copyMakers,
                }),
            ),
        }),
    ),
    best: orNull(
        Type.Object({
            artifact: id,
            version: Type.Integer(),
            slots: Type.Object({
                total: Type.Integer(),
                read: Type.Integer(),
                erased: Type.Integer(),
                mixed: Type.Integer(),
            }),
            /** log10 of the e-value from which a recipient is identified. */
            threshold: Type.Number(),
            /**
             * About how many more slots of two forms are needed to identify the best recipient; 0 where one is
             * identified.
             */
            missingSlots: Type.Integer(),
            /** The unmarked text as the source: how many slots match it, and its likelihood ratio to chance. */
            unmarked: Type.Object({ fits: Type.Integer(), log10lr: Type.Number(), explains: Type.Boolean() }),
            ranking: Type.Array(
                Type.Object({
                    ...copyOwner,
                    log10e: Type.Number(),
                    support,
                    identified: Type.Boolean(),
                    /** Mismatches: slots that were read differently from this copy. */
                    mismatches: Type.Integer(),
                }),
            ),
            together: Type.Array(
                Type.Object({ partners: Type.Array(id), people: Type.Array(id), log10e: Type.Number() }),
            ),
            /** The typography layer, which counts for no other figure. Null where there is none. */
            typographyLayer: orNull(
                Type.Object({
                    total: Type.Integer(),
                    read: Type.Integer(),
                    erased: Type.Integer(),
                    mixed: Type.Integer(),
                    fits: Type.Array(Type.Object({ ...copyOwner, log10e: Type.Number() })),
                }),
            ),
            /** How many tests share this version's part of `alpha`. */
            tests: Type.Integer(),
            runnerUp: orNull(Type.Object(copyOwner)),
            hypotheses: Type.Array(
                Type.Object({
                    key: codeOf(hypothesisKeys),
                    ...copyOwner,
                    /** log10 of how much better than chance it explains the reading. */
                    log10: Type.Number(),
                    support,
                    /** log10 of how much better the best copy explains the reading than this hypothesis. */
                    behind: orNull(Type.Number()),
                }),
            ),
            scale: codeOf([scale]),
            /**
             * By the audit log: staff who had the unmarked text, partners that polled it, and staff who reproduced the
             * copy or received its keys.
             */
            otherHolders: Type.Object({ masterReaders: Type.Array(id), polled: Type.Array(id), ...copyMakers }),
        }),
    ),
})

export const attributionsAnswer = Type.Object({ attributions: Type.Array(attributionAnswer) })

export const attributeEvidenceBody = Type.Object(
    {
        alpha: Type.Optional(Type.Number()),
        reason: Type.Optional(Type.String()),
        approval: Type.Optional(id),
    },
    closed,
)

export const attributeEvidenceAnswer = Type.Object({
    done: Type.Boolean(),
    approval: orNull(id),
    attributions: Type.Array(attributionAnswer),
})

export const liftHoldBody = Type.Object({ reason: Type.Optional(Type.String()), approval: Type.Optional(id) }, closed)

export const liftHoldAnswer = Type.Object({ done: Type.Boolean(), approval: id })

export const attributionsQuery = Type.Object({ evidence: id }, closed)

export const masterAnswer = Type.Object({
    /** The state of each slot that counts, in the master's order. */
    slots: Type.Array(enumOf<SlotState>()),
    parts: Type.Array(
        Type.Array(
            Type.Object({
                text: Type.String(),
                /** One of `read`, `mixed`, `erased`; null between slots. */
                state: orNull(enumOf<SlotState>()),
                /** The form that was read. */
                form: textOrNull,
            }),
        ),
    ),
})

export const crossCaseEvidenceAnswer = Type.Object({
    caution: codeOf([cautions.copy]),
    scale: codeOf([scale]),
    alpha: Type.Number(),
    /** The largest number of candidates, ever. Above it, no recipient is identified. */
    places: Type.Integer(),
    isFull: Type.Boolean(),
    /** log10 of the e-value from which a recipient is identified. */
    threshold: Type.Number(),
    added: Type.Integer(),
    deleted: Type.Integer(),
    leaks: Type.Array(
        Type.Object({
            evidence: id,
            artifact: id,
            version: Type.Integer(),
            /** The leak's share among leaks of this version; 0 where an earlier leak read the same. */
            share: Type.Number(),
        }),
    ),
    ranking: Type.Array(
        Type.Object({
            partner: orNull(id),
            person: orNull(id),
            log10e: Type.Number(),
            support,
            /** The number of versions behind this e-value. */
            documents: Type.Integer(),
            identified: Type.Boolean(),
        }),
    ),
})
