/**
 * Defines the bundle of an inquiry: what its members wrote, asked and concluded, the evidence by hash, and the basis of
 * each e-value. It also has the leaves of the audit log about all of this, each opened and with its proof. It is one
 * line of canonical JSON and is verified without a server. docs/reference/formats/inquiry.md specifies it.
 *
 * This module defines the shape; `bundle/verify.ts` verifies a bundle.
 */
import { type Static, Type } from "typebox"
import { Check } from "typebox/value"
import { caution } from "./fixed-texts.ts"
import { cautionOfTiming } from "./timing.ts"
import { type Json, canonical, parseCanonical } from "@tocsin/base/canonical"
import { commitmentKind, conclusionFields } from "../expert.ts"
import { refuse } from "@tocsin/base/refusal"

/** The format identifier. */
export const bundleFormat = "tocsin-inquiry-bundle/1"

const closed = { additionalProperties: false }
const text = Type.String()
const orNull = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()])
const hex = (bytes: number) => Type.String({ pattern: `^[0-9a-f]{${2 * bytes}}$` })
const count = Type.Integer({ minimum: 0 })
/** Opens the commitment of the audit log, together with the text. */
const salt = hex(16)
const authorship = { by: text, at: text, salt }

const attestationKind = Type.Union([Type.Literal("recall"), Type.Literal("question"), Type.Literal("agreement")])

const evidence = Type.Object(
    {
        id: text,
        kind: text,
        name: text,
        source: text,
        note: text,
        clock: text,
        sha256: orNull(hex(32)),
        size: orNull(count),
        observedAt: text,
        addedBy: orNull(text),
        addedAt: text,
        /** When its text, its content and its analysis were deleted; null if they were not. */
        deletedAt: orNull(text),
    },
    closed,
)

const attribution = Type.Object(
    {
        id: text,
        evidence: text,
        verdict: text,
        at: text,
        /** The error over all versions that the leak was compared with. Each has an equal part. */
        alpha: Type.Number(),
        versions: count,
        untested: count,
        shares: Type.Object({ whole: Type.Number(), joint: Type.Number(), parts: Type.Number() }, closed),
        /** The recipients of the numbers: a partner's id, or `person`, a space and the id of a staff member. */
        numbers: Type.Array(Type.Object({ number: Type.Integer({ minimum: 1 }), recipient: text }, closed)),
        /** Recipients whose canaries it quotes, and decoys. */
        quoted: Type.Array(text),
        documents: Type.Array(
            Type.Object(
                { artifact: text, version: count, epoch: count, manifest: hex(32), ...conclusionFields },
                closed,
            ),
        ),
    },
    closed,
)

const question = Type.Object(
    {
        id: text,
        kind: text,
        partner: text,
        finding: orNull(text),
        text,
        salt,
        askedBy: text,
        askedAt: text,
        answerBy: text,
        answer: orNull(Type.Object({ text, deleted: orNull(Type.Boolean()), ...authorship }, closed)),
    },
    closed,
)

const finding = Type.Object(
    {
        id: text,
        partner: orNull(text),
        conclusion: text,
        confidence: text,
        salt,
        obligation: orNull(Type.Object({ agreement: count, id: text, text }, closed)),
        proposedBy: text,
        proposedAt: text,
        signedBy: orNull(text),
        confirmedAt: orNull(text),
        /** The reason why the finding was confirmed without the partner's answer. */
        confirmedWithoutAnswer: orNull(Type.Object({ reason: text, salt }, closed)),
        approval: text,
        /** The signed effects, whose hash is in the audit log. */
        effects: Type.Record(Type.String(), Type.Unknown()),
    },
    closed,
)

/** Requested by one person, and signed by another over these effects. */
const request = {
    id: text,
    reason: text,
    salt,
    requestedBy: text,
    requestedAt: text,
    approval: text,
    signedBy: orNull(text),
    effects: Type.Record(Type.String(), Type.Unknown()),
}

/** A tracing instruction for a class of artifacts. */
const tracingInstruction = Type.Object(
    {
        ...request,
        case: text,
        class: text,
        colluders: count,
        assumedColluders: count,
        gainBits: Type.Number(),
        activatedAt: orNull(text),
        endedAt: orNull(text),
        /** Extensions beyond the closure of the inquiry. */
        extensions: Type.Array(Type.Object({ ...request, owner: text, until: text, extendedAt: orNull(text) }, closed)),
    },
    closed,
)

/** A touched canary, which is evidence in itself. */
const touch = Type.Object(
    {
        touch: text,
        evidence: text,
        case: text,
        artifact: text,
        version: count,
        kind: text,
        what: text,
        /** SHA-256 of the core of the name. */
        name: hex(32),
        channel: text,
        likelySource: text,
        reasons: Type.Array(text),
        times: count,
        firstAt: text,
        lastAt: text,
        /** The recipient whose copy has the name; null for a decoy, which no recipient has. */
        recipient: orNull(text),
        /**
         * How many decoys were touched with this likely source, and an upper bound on the share of names touched by
         * people without a copy.
         */
        background: Type.Object({ decoys: count, touched: count, rateMax: Type.Number() }, closed),
    },
    closed,
)

const timing = Type.Object(
    {
        caution: Type.Literal(cautionOfTiming),
        assumptions: Type.Array(text),
        model: Type.Object(
            {
                medianDays: Type.Number(),
                windowDays: Type.Number(),
                most: Type.Number(),
                least: Type.Number(),
                offMs: Type.Object({ synchronised: count, estimated: count, unknown: count }, closed),
            },
            closed,
        ),
        firstObservation: orNull(Type.Object({ evidence: text, at: text, clock: text }, closed)),
        rows: Type.Array(
            Type.Object(
                {
                    key: text,
                    partner: orNull(text),
                    since: orNull(text),
                    weight: Type.Number(),
                    log10: orNull(Type.Number()),
                },
                closed,
            ),
        ),
        evenAt: orNull(Type.Number()),
    },
    closed,
)

/**
 * An event of the audit log, opened, with its proof under the head. For a confidential event, the audit log shows no
 * kind.
 */
const leaf = Type.Object(
    {
        index: count,
        at: text,
        kind: text,
        confidential: Type.Boolean(),
        salt: hex(16),
        body: Type.Record(Type.String(), Type.Unknown()),
        path: Type.Array(hex(32)),
    },
    closed,
)

const bundle = Type.Object(
    {
        format: Type.Literal(bundleFormat),
        origin: text,
        verifierKey: text,
        checkpoint: text,
        createdAt: text,
        caution: Type.Literal(caution),
        inquiry: text,
        case: text,
        title: text,
        openedBy: text,
        openedAt: text,
        status: Type.Union([Type.Literal("open"), Type.Literal("closed")]),
        members: Type.Array(text),
        excluded: Type.Array(
            Type.Object({ person: text, wasMember: Type.Boolean(), reason: text, ...authorship }, closed),
        ),
        history: Type.Array(Type.Object({ kind: text, outcome: orNull(text), reason: text, ...authorship }, closed)),
        /** The names of people and partners that are named by id. */
        names: Type.Array(Type.Object({ id: text, name: text }, closed)),
        hypotheses: Type.Array(
            Type.Object(
                {
                    key: text,
                    title: text,
                    for: text,
                    against: text,
                    /** Null if there is no text. */
                    salt: orNull(salt),
                    /** The weight, if its members have set it. */
                    weight: Type.Optional(count),
                },
                closed,
            ),
        ),
        evidence: Type.Array(evidence),
        attributions: Type.Array(attribution),
        questions: Type.Array(question),
        attestations: Type.Array(
            Type.Object(
                { partner: text, kind: attestationKind, at: text, about: text, affirmed: Type.Boolean() },
                closed,
            ),
        ),
        findings: Type.Array(finding),
        touches: Type.Array(touch),
        timing,
        tracingInstructions: Type.Array(tracingInstruction),
        leaves: Type.Array(leaf),
    },
    closed,
)

/** The content of a bundle. */
export type Bundle = Static<typeof bundle>
/** A leaf in a bundle. */
export type Leaf = Bundle["leaves"][number]

/** The kind of the event of a touched canary. */
export const touchKind = "canary.touched"

/** The kinds of event that each stand for one thing in a bundle, so that none can be omitted. */
export const statedKinds = [
    "inquiry.opened",
    "inquiry.person_excluded",
    "inquiry.closed",
    "inquiry.reopened",
    "evidence.added",
    "evidence.deleted",
    "attribution.created",
    commitmentKind,
    "question.asked",
    "question.answered",
    "finding.proposed",
    "finding.confirmed",
    touchKind,
    "tracing_instruction.proposed",
    "tracing_instruction.activated",
    "tracing_instruction.extension_requested",
    "tracing_instruction.extended",
    "tracing_instruction.ended",
]

/** Writes a bundle as one line. */
export function writeBundle(content: Bundle): string {
    return `${canonical(content)}\n`
}

/**
 * Reads a bundle. Refuses `bundle.malformed` and codes `canonical.…`. From here on, the file's author is not trusted.
 */
export function readBundle(file: string): Bundle {
    if (!file.endsWith("\n")) refuseMalformed()
    const value: Json = parseCanonical(file.slice(0, -1))
    return Check(bundle, value) ? value : refuseMalformed()
}

function refuseMalformed(): never {
    refuse("invalid", "bundle.malformed", "the file is not a valid inquiry bundle")
}
