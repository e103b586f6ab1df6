/**
 * The bundle of an inquiry: what its members wrote, asked, were told and concluded, the evidence by its hashes, how each
 * e-value came about, and the leaves of the record that tell of all of it, each opened and with its proof. It is one line of
 * canonical JSON, and needs no server to be checked. docs/reference/formats/inquiry.md tells it to whoever writes another reader.
 *
 * Here is its shape; `bundle/judging.ts` judges it.
 */
import { type Static, Type } from "typebox"
import { Check } from "typebox/value"
import { caution } from "./fixed-texts.ts"
import { cautionOfTiming, formerCaution } from "./timing.ts"
import { type Json, canonical, parseCanonical } from "@tocsin/base/canonical"
import { committedKind, concluded } from "../expert.ts"
import { refuse } from "@tocsin/base/refusal"

export const bundleFormat = "tocsin-inquiry-bundle/1"

const closed = { additionalProperties: false }
const text = Type.String()
const orNull = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()])
const hex = (bytes: number) => Type.String({ pattern: `^[0-9a-f]{${2 * bytes}}$` })
const count = Type.Integer({ minimum: 0 })
/** With the words beside it, what the record commits to; null where they were written before that was kept. */
const salt = hex(16)
const input = { by: text, at: text, salt }

const attested = Type.Union([Type.Literal("recall"), Type.Literal("question"), Type.Literal("agreement")])

const evidence = Type.Object(
    {
        ...{ id: text, kind: text, name: text, source: text, note: text, clock: text },
        ...{ sha256: orNull(hex(32)), size: orNull(count), seenAt: text, filedBy: orNull(text), filedAt: text },
        /** Its words, its content and what was found out from it are gone since then. */
        deletedAt: orNull(text),
    },
    closed,
)

const attribution = Type.Object(
    {
        ...{ id: text, evidence: text, verdict: text, at: text },
        /** Over all versions that the leak was held against, of which each has an equal part. */
        ...{ alpha: Type.Number(), versions: count, untested: count },
        shares: Type.Object({ whole: Type.Number(), joint: Type.Number(), parts: Type.Number() }, closed),
        /** Whose numbers they are: a partner's id, or `person`, a space and the id of a person of the operator. */
        numbers: Type.Array(Type.Object({ number: Type.Integer({ minimum: 1 }), recipient: text }, closed)),
        /** Recipients whose canaries it quotes, and decoys. */
        quoted: Type.Array(text),
        documents: Type.Array(
            Type.Object(
                { ...{ artifact: text, version: count, epoch: count, manifest: hex(32) }, ...concluded },
                closed,
            ),
        ),
    },
    closed,
)

const question = Type.Object(
    {
        ...{ id: text, kind: text, partner: text, finding: orNull(text), text, salt },
        ...{ askedBy: text, askedAt: text, answerBy: text },
        answer: orNull(Type.Object({ text, deleted: orNull(Type.Boolean()), ...input }, closed)),
    },
    closed,
)

const finding = Type.Object(
    {
        ...{ id: text, partner: orNull(text), conclusion: text, confidence: text, salt: orNull(salt) },
        obligation: orNull(Type.Object({ agreement: count, id: text, text }, closed)),
        ...{ proposedBy: text, proposedAt: text, signedBy: orNull(text), confirmedAt: orNull(text) },
        /** Why its partner's answer was not waited for. */
        unheard: orNull(Type.Object({ reason: text, salt }, closed)),
        approval: text,
        /** What was signed, whose hash is on record. */
        effects: Type.Record(Type.String(), Type.Unknown()),
    },
    closed,
)

/** Asked for by one, and signed by another over these effects. */
const request = {
    ...{ id: text, reason: text, salt, askedBy: text, askedAt: text, approval: text, signedBy: orNull(text) },
    effects: Type.Record(Type.String(), Type.Unknown()),
}

/** How the words of a class were to be drawn next. */
const provision = Type.Object(
    {
        ...request,
        ...{ case: text, class: text, colluders: count, together: count, gain: Type.Number() },
        ...{ inForceAt: orNull(text), endedAt: orNull(text) },
        /** That it goes on when the inquiry is closed. */
        carryings: Type.Array(Type.Object({ ...request, owner: text, until: text, carriedAt: orNull(text) }, closed)),
    },
    closed,
)

/** A canary that was touched, which is evidence by itself. */
const touch = Type.Object(
    {
        ...{ touch: text, evidence: text, case: text, artifact: text, version: count, kind: text, what: text },
        /** SHA-256 of what of the name is looked for. */
        name: hex(32),
        ...{ channel: text, grade: text, reasons: Type.Array(text), times: count, firstAt: text, lastAt: text },
        /** Whose copy holds the name; null: a decoy's, which nobody has. */
        recipient: orNull(text),
        /** Of names of decoys, how many were touched at this grade, and up to which share of names would be by whoever has no copy. */
        background: Type.Object({ decoys: count, touched: count, upTo: Type.Number() }, closed),
    },
    closed,
)

const timing = Type.Object(
    {
        caution: Type.Union([Type.Literal(cautionOfTiming), Type.Literal(formerCaution)]),
        assumptions: Type.Array(text),
        model: Type.Object(
            {
                ...{ medianDays: Type.Number(), windowDays: Type.Number(), most: Type.Number(), least: Type.Number() },
                offMs: Type.Object({ synchronised: count, estimated: count, unknown: count }, closed),
            },
            closed,
        ),
        seen: orNull(Type.Object({ evidence: text, at: text, clock: text }, closed)),
        rows: Type.Array(
            Type.Object(
                {
                    ...{ key: text, partner: orNull(text), since: orNull(text), weight: Type.Number() },
                    log10: orNull(Type.Number()),
                },
                closed,
            ),
        ),
        evenAt: orNull(Type.Number()),
    },
    closed,
)

/** An event of the record, opened, and its proof under the head. Of a sealed one the record tells the kind to nobody. */
const leaf = Type.Object(
    {
        ...{ index: count, at: text, kind: text, sealed: Type.Boolean(), salt: hex(16) },
        body: Type.Record(Type.String(), Type.Unknown()),
        path: Type.Array(hex(32)),
    },
    closed,
)

const bundle = Type.Object(
    {
        format: Type.Literal(bundleFormat),
        ...{ origin: text, verifierKey: text, checkpoint: text },
        madeAt: text,
        caution: Type.Literal(caution),
        ...{ inquiry: text, case: text, title: text, openedBy: text, openedAt: text },
        course: Type.Union([Type.Literal("open"), Type.Literal("closed")]),
        members: Type.Array(text),
        excluded: Type.Array(Type.Object({ person: text, wasMember: Type.Boolean(), reason: text, ...input }, closed)),
        turns: Type.Array(Type.Object({ kind: text, outcome: orNull(text), reason: text, ...input }, closed)),
        /** Of the persons and partners that are named by id. */
        names: Type.Array(Type.Object({ id: text, name: text }, closed)),
        explanations: Type.Array(
            Type.Object(
                {
                    ...{ key: text, title: text, for: text, against: text, salt: orNull(salt) },
                    /** Where its members have set it. */
                    weight: Type.Optional(count),
                },
                closed,
            ),
        ),
        evidence: Type.Array(evidence),
        attributions: Type.Array(attribution),
        questions: Type.Array(question),
        attestations: Type.Array(
            Type.Object({ partner: text, of: attested, at: text, about: text, affirmed: Type.Boolean() }, closed),
        ),
        findings: Type.Array(finding),
        /** These three are missing where a bundle is older than that. */
        touches: Type.Optional(Type.Array(touch)),
        timing: Type.Optional(timing),
        provisions: Type.Optional(Type.Array(provision)),
        leaves: Type.Array(leaf),
    },
    closed,
)

export type Bundle = Static<typeof bundle>
export type Leaf = Bundle["leaves"][number]

/** The kinds of event that stand for one thing in a bundle each, so that none can be left out beside its leaf. */
export const toldKinds = [
    ...["inquiry.opened", "inquiry.person_excluded", "inquiry.closed", "inquiry.reopened", "evidence.added"],
    "evidence.deleted",
    ...["attribution.created", committedKind, "question.asked", "question.answered", "finding.proposed"],
    "finding.confirmed",
]

/** The same, of what older bundles do not tell. */
export const touchedKind = "canary.touched"
export const providedKinds = [
    ...[
        "tracing_instruction.proposed",
        "tracing_instruction.activated",
        "tracing_instruction.extension_requested",
        "tracing_instruction.extended",
        "tracing_instruction.ended",
    ],
]

export function writeBundle(input: Bundle): string {
    return `${canonical(input)}\n`
}

/** Throws `canonical.…`; `bundle.malformed`. From here on the file is in the hands of whoever made it. */
export function readBundle(file: string): Bundle {
    if (!file.endsWith("\n")) malformed()
    const value: Json = parseCanonical(file.slice(0, -1))
    return Check(bundle, value) ? value : malformed()
}

function malformed(): never {
    refuse("invalid", "bundle.malformed", "this is no bundle of an inquiry, or not a whole one")
}
