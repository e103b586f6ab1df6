/** Request and answer types of the routes of inquiries. */
import { Type } from "typebox"
import { cautions, scale } from "../attribution/caution.ts"
import { priorHypothesisKeys } from "@tocsin/marks/bundle/fixed-texts"
import { timingAssumptions } from "@tocsin/marks/bundle/timing"
import { supports } from "@tocsin/marks/evidence/hypotheses"
import { codeOf, closed, id, orNull, textOrNull, enumOf } from "../../kernel/schemas.ts"
import { confidences } from "./inquiry.ts"
import { artifactClasses } from "../../share/artifacts/artifact.ts"
import { questionKinds } from "./question.ts"
import type { WaveTier } from "../../share/waves/wave.ts"
import type { Channel } from "../../share/delivery/channel.ts"
import type { Confidence, Finding, Inquiry } from "./inquiry.ts"
import type { HistoryEntry } from "./history.ts"
import type { QuestionKind, QuestionState } from "./question.ts"

const priorHypothesisKey = codeOf(priorHypothesisKeys)

/** The strength of evidence by the verbal scale. */
const support = Type.Enum([...supports])

const ids = Type.Array(id, { maxItems: 100 })

export const newInquiryBody = Type.Object(
    {
        case: id,
        title: Type.String(),
        evidence: Type.Optional(ids),
        members: Type.Optional(ids),
        /** People with a stake, excluded permanently. */
        excluded: Type.Optional(
            Type.Array(Type.Object({ person: id, reason: Type.String() }, closed), { maxItems: 100 }),
        ),
    },
    closed,
)

export const newInquiryAnswer = Type.Object({ inquiry: id })

export const leaksAnswer = Type.Object({
    alpha: Type.Number(),
    /** The number of leaks with weight. */
    leaks: Type.Integer(),
    /** log10 of the e-value from which a recipient is identified. */
    threshold: Type.Number(),
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

export const expandInquiryBody = Type.Object({ evidence: Type.Optional(ids), members: Type.Optional(ids) }, closed)

export const setHypothesisParams = Type.Object({ id, key: Type.String() }, closed)

export const setHypothesisBody = Type.Object(
    { for: Type.String(), against: Type.String(), weight: Type.Optional(Type.Integer()) },
    closed,
)

export const proposeFindingInquiryBody = Type.Object(
    {
        partner: orNull(id),
        conclusion: Type.String(),
        confidence: Type.Enum([...confidences]),
        obligation: textOrNull,
    },
    closed,
)

export const proposeFindingInquiryAnswer = Type.Object({ finding: id, approval: id })

export const confirmFindingInquiryBody = Type.Object(
    {
        finding: id,
        /** The reason for confirmation without the partner's answer. */
        reason: Type.Optional(textOrNull),
    },
    closed,
)

export const discloseKeysAttributionBody = Type.Object(
    {
        /** The inquiry of the disclosure, visible to its members only. */
        inquiry: Type.Optional(orNull(id)),
        approval: Type.Optional(id),
    },
    closed,
)

export const discloseKeysAttributionAnswer = Type.Object({
    done: Type.Boolean(),
    approval: id,
    /** Null while a signature is missing. */
    disclosed: orNull(
        Type.Object({
            /** The whole expert file. */
            file: Type.String(),
            /** The recipients behind the numbers. */
            numbers: Type.Array(Type.Object({ number: Type.Integer(), partner: orNull(id), person: orNull(id) })),
        }),
    ),
})

export const chainOfCustodyAnswer = Type.Object({
    custody: Type.Array(
        Type.Object({
            at: Type.String(),
            kind: Type.String(),
            by: orNull(id),
            /** The index of the leaf; null until it is sequenced. */
            leaf: orNull(Type.Integer()),
            detail: textOrNull,
            inquiry: orNull(id),
            approval: orNull(id),
        }),
    ),
})

const contact = { notifiedAt: textOrNull, fetchedAt: textOrNull, acknowledgedAt: textOrNull }

const partnerExposureAnswer = Type.Object({
    partner: id,
    entitledFrom: textOrNull,
    readers: Type.Array(id),
    ...contact,
    /** The partner's people who were notified, fetched or acknowledged. */
    people: Type.Array(Type.Object({ person: id, ...contact })),
    held: Type.Array(
        Type.Object({
            artifact: id,
            version: Type.Integer(),
            at: Type.String(),
            /**
             * The person who fetched it, and the channel. `copy` is a copy sealed to the partner; the other channels
             * are polled.
             */
            person: id,
            channel: enumOf<Channel>(),
        }),
    ),
    /** Regimes. */
    duties: Type.Array(Type.String()),
    reportsBeforePublication: Type.Boolean(),
})

const timelineAnswer = Type.Object({
    waves: Type.Array(Type.Object({ tier: enumOf<WaveTier>(), at: textOrNull, releasedAt: textOrNull })),
    embargoEnds: textOrNull,
    exploitedAt: textOrNull,
    touched: orNull(Type.Object({ at: Type.String(), likelySource: Type.String() })),
})

export const exposureQuery = Type.Object(
    {
        /** The id of a case, or a CVE id. */
        case: Type.String({ maxLength: 60 }),
        before: Type.String({ maxLength: 40 }),
        /** Filters of the answer. */
        class: Type.Optional(Type.Enum([...artifactClasses])),
        partner: Type.Optional(id),
        person: Type.Optional(id),
        /** A regime. */
        duty: Type.Optional(Type.String({ maxLength: 40 })),
    },
    closed,
)

export const exposureAnswer = Type.Object({
    class: textOrNull,
    partner: orNull(id),
    person: orNull(id),
    duty: textOrNull,
    before: Type.String(),
    cases: Type.Array(
        Type.Object({
            case: id,
            isQueried: Type.Boolean(),
            partners: Type.Array(partnerExposureAnswer),
            /** Staff who wrote or read it, in a staff copy or a leak view too. */
            staff: Type.Array(id),
            /** The events of the case as they are known now. */
            timeline: timelineAnswer,
        }),
    ),
})

const inquiryFields = {
    id,
    case: id,
    title: Type.String(),
    hypotheses: Type.Array(
        Type.Object({
            key: priorHypothesisKey,
            for: Type.String(),
            against: Type.String(),
            weight: Type.Integer(),
        }),
    ),
    members: Type.Array(id),
    evidence: Type.Array(id),
    openedBy: id,
    openedAt: Type.String(),
    status: enumOf<Inquiry["status"]>(),
}

export const inquiriesAnswer = Type.Object({ inquiries: Type.Array(Type.Object(inquiryFields)) })

const findingAnswer = Type.Object({
    id,
    partner: orNull(id),
    conclusion: Type.String(),
    confidence: enumOf<Confidence>(),
    obligation: orNull(Type.Object({ agreement: Type.Integer(), id: Type.String(), text: Type.String() })),
    approval: id,
    state: enumOf<Finding["state"]>(),
    proposedBy: id,
    proposedAt: Type.String(),
    confirmedAt: textOrNull,
    /** The reason for confirmation without the partner's answer. */
    confirmedWithoutAnswer: textOrNull,
})

const questionAnswer = Type.Object({
    id,
    kind: enumOf<QuestionKind>(),
    partner: id,
    finding: orNull(id),
    text: Type.String(),
    askedBy: id,
    askedAt: Type.String(),
    answerBy: Type.String(),
    state: enumOf<QuestionState>(),
    answer: orNull(Type.Object({ text: Type.String(), deleted: orNull(Type.Boolean()), by: id, at: Type.String() })),
    readAt: textOrNull,
    /** The number of leads whose notice could not be delivered, as far as mail servers report. */
    unreached: Type.Integer(),
})

export const fullInquiryAnswer = Type.Object({
    ...inquiryFields,
    findings: Type.Array(findingAnswer),
    questions: Type.Array(questionAnswer),
    excluded: Type.Array(
        Type.Object({ person: id, wasMember: Type.Boolean(), reason: Type.String(), by: id, at: Type.String() }),
    ),
    history: Type.Array(
        Type.Object({
            kind: enumOf<HistoryEntry["kind"]>(),
            outcome: orNull(enumOf<NonNullable<HistoryEntry["outcome"]>>()),
            reason: Type.String(),
            by: id,
            at: Type.String(),
        }),
    ),
    attestations: Type.Array(
        Type.Object({
            partner: id,
            kind: Type.String(),
            at: Type.String(),
            about: id,
            affirmed: Type.Boolean(),
        }),
    ),
})

export const newQuestionBody = Type.Object(
    {
        kind: Type.Enum([...questionKinds]),
        partner: id,
        /** The finding that is summarised. */
        finding: Type.Optional(orNull(id)),
        text: Type.String(),
        answerBy: Type.String({ maxLength: 40 }),
    },
    closed,
)

export const newQuestionAnswer = Type.Object({ question: id })

export const markReadQuestionParams = Type.Object({ id, question: id }, closed)

export const markReadQuestionAnswer = Type.Object({ read: Type.Boolean() })

const partnerQuestionAnswer = Type.Object({
    id,
    kind: enumOf<QuestionKind>(),
    text: Type.String(),
    askedAt: Type.String(),
    answerBy: Type.String(),
    state: enumOf<QuestionState>(),
    answer: textOrNull,
    deleted: orNull(Type.Boolean()),
    answeredAt: textOrNull,
})

export const partnerQuestionsAnswer = Type.Object({ questions: Type.Array(partnerQuestionAnswer) })

export const answerInquiryBody = Type.Object(
    {
        text: Type.String(),
        /** Whether all copies are deleted, where the question asks that. */
        deleted: Type.Optional(orNull(Type.Boolean())),
    },
    closed,
)

export const answerInquiryAnswer = Type.Object({ answered: Type.Boolean() })

export const exportReportInquiryAnswer = Type.Object({
    bundle: Type.String(),
    page: Type.String(),
    sha256: Type.String(),
    /** The PDF in Base64; null where the report is too long for one. */
    pdf: textOrNull,
})

export const timingAnswer = Type.Object({
    caution: codeOf([cautions.timing]),
    assumptions: Type.Array(codeOf(timingAssumptions)),
    /** The numbers of the assumptions: `factorMax` is the largest likelihood ratio. */
    model: Type.Object({ medianDays: Type.Number(), windowDays: Type.Number(), factorMax: Type.Number() }),
    scale: codeOf([scale]),
    firstObservation: orNull(
        Type.Object({ evidence: id, kind: Type.String(), at: Type.String(), clock: Type.String() }),
    ),
    /** log10 of the evidence that makes one partner as likely as all else, by these weights. */
    evenAt: orNull(Type.Number()),
    rows: Type.Array(
        Type.Object({
            key: priorHypothesisKey,
            partner: orNull(id),
            since: textOrNull,
            weight: Type.Number(),
            /** Null where timing says nothing of the hypothesis. */
            log10: orNull(Type.Number()),
            support: orNull(support),
        }),
    ),
})

export const deleteEvidenceBody = Type.Object(
    { reason: Type.Optional(Type.String()), approval: Type.Optional(id) },
    closed,
)

export const deleteEvidenceAnswer = Type.Object({ done: Type.Boolean(), approval: id })
