/** Request and answer types of the routes of attribution. */
import { Type } from "typebox"
import { closed, id, orNull, textOrNull, wordOf } from "../../kernel/schemas.ts"
import type { CanaryKind } from "@tocsin/marks/canary"
import type { Verdict } from "@tocsin/marks/evidence"
import type { State } from "./leak-view.ts"

const verdict = wordOf<Verdict>()

/** The owner of a copy. Both are null where it has none. */
const whoseCopy = { partner: orNull(id), person: orNull(id) }

/** Staff who reproduced that copy or received its keys. */
const remade = { madeAgain: Type.Array(id), keys: Type.Array(id) }

const attributionAnswer = Type.Object({
    id,
    evidence: id,
    at: Type.String(),
    madeBy: orNull(id),
    verdict,
    summary: Type.String(),
    caution: Type.String(),
    alpha: Type.Number(),
    tests: Type.Integer(),
    untested: Type.Integer(),
    /** The cost to the version that fits best. Null where the text fits no version. */
    budget: orNull(
        Type.Object({
            /** The number of the leak of that version, and the number of tries on it. */
            incident: Type.Integer(),
            tries: Type.Integer(),
            /** Slots that this try weighed, and slots that earlier tries counted. */
            fresh: Type.Integer(),
            before: Type.Integer(),
            /**
             * The largest α of all tries on the case, and the fraction left for later recipients, versions and leaks.
             */
            spent: Type.Number(),
            left: Type.Number(),
            words: Type.String(),
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
            looked: Type.Integer(),
            names: Type.Integer(),
            /** log10 of the e-value of each canary found. */
            log10e: Type.Number(),
            words: Type.String(),
            caution: Type.String(),
            found: Type.Array(
                Type.Object({
                    artifact: id,
                    version: Type.Integer(),
                    kind: wordOf<CanaryKind>(),
                    what: Type.String(),
                    ...whoseCopy,
                    decoy: Type.Boolean(),
                    ...remade,
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
            bar: Type.Number(),
            /**
             * About how many more slots of two forms are needed to identify the best recipient; 0 where one is
             * identified.
             */
            lacking: Type.Integer(),
            /** The unmarked text as the source: how many slots match it, and its likelihood ratio to chance. */
            unmarked: Type.Object({ fits: Type.Integer(), log10lr: Type.Number(), explains: Type.Boolean() }),
            ranking: Type.Array(
                Type.Object({
                    ...whoseCopy,
                    log10e: Type.Number(),
                    words: Type.String(),
                    identified: Type.Boolean(),
                    /** Mismatches: slots that were read differently from this copy. */
                    flips: Type.Integer(),
                }),
            ),
            together: Type.Array(
                Type.Object({ partners: Type.Array(id), persons: Type.Array(id), log10e: Type.Number() }),
            ),
            /** The typography layer, which counts for no other figure. Null where there is none. */
            tripwire: orNull(
                Type.Object({
                    total: Type.Integer(),
                    read: Type.Integer(),
                    erased: Type.Integer(),
                    mixed: Type.Integer(),
                    fits: Type.Array(Type.Object({ ...whoseCopy, log10e: Type.Number() })),
                }),
            ),
            /** How many tests share this version's part of `alpha`. */
            tests: Type.Integer(),
            runnerUp: orNull(Type.Object(whoseCopy)),
            hypotheses: Type.Array(
                Type.Object({
                    /** One of `copy`, `remade`, `other`, `unmarked`, `master`, `chance`. */
                    key: Type.String(),
                    ...whoseCopy,
                    title: Type.String(),
                    /** log10 of how much better than chance it explains the reading. */
                    log10: Type.Number(),
                    words: Type.String(),
                    /** log10 of how much better the best copy explains the reading than this hypothesis. */
                    behind: orNull(Type.Number()),
                }),
            ),
            scale: Type.String(),
            /**
             * By the audit log: staff who had the unmarked text, partners that polled it, and staff who reproduced the
             * copy or received its keys.
             */
            inside: Type.Object({ master: Type.Array(id), polled: Type.Array(id), ...remade }),
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

export const deleteEvidenceBody = Type.Object(
    { reason: Type.Optional(Type.String()), approval: Type.Optional(id) },
    closed,
)

export const deleteEvidenceAnswer = Type.Object({ done: Type.Boolean(), approval: id })

export const liftHoldBody = Type.Object({ reason: Type.Optional(Type.String()), approval: Type.Optional(id) }, closed)

export const liftHoldAnswer = Type.Object({ done: Type.Boolean(), approval: id })

export const attributionsQuery = Type.Object({ evidence: id }, closed)

export const masterAnswer = Type.Object({
    parts: Type.Array(
        Type.Array(
            Type.Object({
                text: Type.String(),
                /** One of `read`, `mixed`, `erased`; null between slots. */
                state: orNull(wordOf<State>()),
                /** The form that was read. */
                form: textOrNull,
            }),
        ),
    ),
})

export const crossCaseEvidenceAnswer = Type.Object({
    caution: Type.String(),
    scale: Type.String(),
    alpha: Type.Number(),
    /** The largest number of candidates, ever. Above it, no recipient is identified. */
    places: Type.Integer(),
    isFull: Type.Boolean(),
    /** log10 of the e-value from which a recipient is identified. */
    bar: Type.Number(),
    filed: Type.Integer(),
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
            words: Type.String(),
            /** The number of versions behind this e-value. */
            documents: Type.Integer(),
            identified: Type.Boolean(),
        }),
    ),
})
