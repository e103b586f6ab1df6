/** Forged bundles with valid leaves: leaves dropped, ignored or contradicted. */
import { createPrivateKey, createPublicKey, sign, verify } from "node:crypto"
import { sha256 } from "@noble/hashes/sha2.js"
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js"
import { describe, expect, test } from "vitest"
import { type Bundle, bundleFormat, readBundle, writeBundle } from "./bundle.ts"
import { type Json, canonicalBytes } from "@tocsin/base/canonical"
import { formatCheckpoint, formatVerifierKey, signNote } from "@tocsin/audit-log/checkpoint"
import { commitmentKind } from "../expert.ts"
import { parseInstant } from "@tocsin/base/instant"
import { nodeHash } from "@tocsin/audit-log/merkle"
import { leafOf } from "@tocsin/audit-log/export"
import { Refusal } from "@tocsin/base/refusal"
import { commit } from "@tocsin/audit-log/signed-note"
import { caution, priorHypotheses } from "./fixed-texts.ts"
import { assumptionsOf, cautionOfTiming, evenAt, shippedModel, timeHypotheses } from "./timing.ts"
import { verifyBundle } from "./verify.ts"

const der = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), Buffer.alloc(32, 7)])
const secret = createPrivateKey({ key: der, format: "der", type: "pkcs8" })
const publicKey = new Uint8Array(createPublicKey(secret).export({ format: "der", type: "spki" }).subarray(-32))
const key = { name: "tocsin/test", publicKey }
const trust = {
    keys: [key],
    verify: (_: Uint8Array, message: Uint8Array, signature: Uint8Array) =>
        verify(null, message, createPublicKey(secret), signature),
}

const at = "2026-11-01T00:00:00Z"
const later = "2026-11-02T00:00:00Z"
const salt = "00".repeat(16)
const commitmentOf = (input: Json) => bytesToHex(commit(hexToBytes(salt), input))

interface Event {
    readonly kind: string
    readonly at?: string
    readonly body: { readonly [name: string]: Json }
}

/** Under a signed head of 32 leaves, of which the last are of others. */
function bundleUnder(events: readonly Event[], notified: Partial<Bundle>): Bundle {
    const sealed = ({ kind, body, at: when = at }: Event) =>
        leafOf({ at: when, kind: "confidential", commitment: bytesToHex(commit(hexToBytes(salt), { kind, body })) })
    const others = Array.from({ length: 32 - events.length }, (_, i) => sha256(new Uint8Array([i])))
    const levels = [[...events.map(sealed), ...others]]
    for (let level = levels[0] ?? []; level.length > 1; levels.push(level)) {
        level = level.flatMap((hash, i) => (i % 2 === 0 ? [nodeHash(hash, level[i + 1] ?? hash)] : []))
    }
    const path = (index: number) =>
        levels.slice(0, -1).map((level, height) => bytesToHex(level[(index >> height) ^ 1] ?? new Uint8Array()))
    const head = formatCheckpoint({ origin: key.name, size: 32, root: levels.at(-1)?.[0] ?? new Uint8Array() })
    const bundle = {
        format: bundleFormat,
        origin: key.name,
        verifierKey: formatVerifierKey(key),
        checkpoint: signNote(head, key, (message) => sign(null, message, secret)),

        createdAt: later,
        caution,
        inquiry: "I",
        case: "C",
        title: "t",
        openedBy: "P1",
        openedAt: at,
        status: "open",
        members: ["P1", "P2"],
        excluded: [],
        history: [],
        names: [],
        evidence: [],
        attributions: [],
        hypotheses: priorHypotheses.map((explanation) => ({ ...explanation, for: "", against: "", salt: null })),
        questions: [],
        attestations: [],
        findings: [],
        touches: [],
        tracingInstructions: [],
        leaves: events.map(({ kind, body, at: when = at }, index) => ({
            index,
            at: when,
            kind,
            confidential: true,
            salt,
            body: { ...body },
            path: path(index),
        })),
        ...notified,
    } satisfies Omit<Bundle, "timing">
    return { ...bundle, timing: timingOf(bundle) }
}

/** The timing that follows if no partner has a copy and nothing is public. */
function timingOf({ evidence, hypotheses }: Pick<Bundle, "evidence" | "hypotheses">): Bundle["timing"] {
    const first = evidence.find(({ deletedAt }) => deletedAt === null)
    const seen = first ? { evidence: first.id, at: first.observedAt, clock: first.clock } : null
    const observation = seen && { at: parseInstant(seen.at), clock: "synchronised" as const }
    const rows = timeHypotheses(hypotheses, { observation, holdings: [], publicSince: null }, shippedModel)
    return {
        caution: cautionOfTiming,
        assumptions: assumptionsOf(shippedModel),
        model: { ...shippedModel, offMs: { ...shippedModel.offMs } },
        firstObservation: seen,
        rows: rows.map(({ key, partner, weight, log10 }) => ({ key, partner, since: null, weight, log10 })),
        evenAt: evenAt(rows),
    }
}

/** The result of `tocsin verify`: the code of the refusal, or `accepted`. */
function verdictOf(input: unknown): unknown {
    try {
        verifyBundle(readBundle(writeBundle(input as Bundle)), trust)
        return "accepted"
    } catch (error) {
        return error instanceof Refusal ? error.code : `a bug: ${String(error)}`
    }
}

const proven = "accepted"
const opened: Event = { kind: "inquiry.opened", body: { inquiry: "I", case: "C", by: "P1" } }
const widened: Event = {
    kind: "inquiry.expanded",
    body: { inquiry: "I", members: ["P2", "P3"], evidence: [], by: "P1" },
}
const brought: Event = { kind: "inquiry.expanded", body: { inquiry: "I", members: [], evidence: ["E"], by: "P1" } }
const out = { person: "P3", wasMember: true, reason: "it is his text", by: "P1", at, salt }
const excluded: Event = {
    kind: "inquiry.person_excluded",
    body: { inquiry: "I", person: "P3", wasMember: true, by: "P1", text: commitmentOf({ reason: out.reason }) },
}
const base = [opened, widened, excluded]
const bundle = (events: readonly Event[], notified: Partial<Bundle>) =>
    bundleUnder([...base, ...events], { excluded: [out], ...notified })

describe("hypotheses", () => {
    const input = { for: "weak", against: "strong" }
    const weighed = (body: object): Event => ({
        kind: "inquiry.hypothesis_weighted",
        body: { inquiry: "I", hypothesis: "partner", by: "P1", ...body },
    })
    const describe = (input: object) =>
        priorHypotheses.map((explanation) => ({
            ...explanation,
            for: "",
            against: "",
            salt: null,
            ...(explanation.key === "partner" && input),
        }))
    const withLeaf = [weighed({ text: commitmentOf(input) })]

    test.each<[string, readonly Event[], unknown, unknown]>([
        ["as last written", withLeaf, describe({ ...input, salt }), proven],
        ["with none considered", [], describe({}), proven],
        [
            "with the prior weight that was set",
            [weighed({ text: commitmentOf({ ...input, weight: 3 }) })],
            describe({ ...input, salt, weight: 3 }),
            proven,
        ],
        [
            "with another prior weight",
            [weighed({ text: commitmentOf({ ...input, weight: 3 }) })],
            describe({ ...input, salt, weight: 90 }),
            "bundle.not_recorded",
        ],
        [
            "without the prior weight that was set",
            [weighed({ text: commitmentOf({ ...input, weight: 3 }) })],
            describe({ ...input, salt }),
            "bundle.not_recorded",
        ],
        [
            "with a prior weight that was never set",
            withLeaf,
            describe({ ...input, salt, weight: 3 }),
            "bundle.not_recorded",
        ],
        ["with a prior weight without a leaf", [], describe({ weight: 0 }), "bundle.not_recorded"],
        ["with a text without a leaf", [], describe({ for: "It confessed." }), "bundle.not_recorded"],
        ["with a salt without a leaf", [], describe({ ...input, salt }), "bundle.not_recorded"],
        ["without the salt", withLeaf, describe({ for: "It confessed." }), "bundle.not_recorded"],
        ["by a leaf of another inquiry", [weighed({ inquiry: "J" })], describe({ for: "a" }), "bundle.not_recorded"],
        ["by a leaf without a commitment", [weighed({})], describe({ for: "a" }), "bundle.not_recorded"],
        ["with one added", [], [...describe({}), { ...describe({})[0], key: "confession" }], "bundle.not_recorded"],
        ["with one repeated", [], [...describe({}), describe({})[5]], "bundle.not_recorded"],
        ["with one missing", [], describe({}).slice(1), "bundle.not_recorded"],
        ["under another title", [], describe({ title: "A partner did it" }), "bundle.not_recorded"],
    ])("%s", (_, events, input, verdict) => {
        expect(verdictOf(bundle(events, { hypotheses: input as Bundle["hypotheses"] }))).toEqual(verdict)
    })
})

describe("a finding", () => {
    const input = { finding: "F", partner: "A", conclusion: "It cannot be told.", confidence: "low", obligation: null }
    const effects = {
        action: "finding.confirm",
        artifacts: [],
        at: null,
        onlyFor: ["P1", "P2"],
        recipients: [],
        detail: { inquiry: "I", finding: "F", digest: commitmentOf(input) },
    }
    const eventsOf = (effects: Json): Event[] => {
        const effectsHash = bytesToHex(sha256(canonicalBytes(effects)))
        const signed = { approval: "AP", action: "finding.confirm", effectsHash }
        const about = { finding: "F", inquiry: "I", partner: "A" }
        return [
            { kind: "finding.proposed", body: { ...about, approval: "AP", by: "P1" } },
            { kind: "approval.requested", body: { ...signed, by: "P1" } },
            { kind: "approval.signed", body: { ...signed, by: "P2" } },
            { kind: "approval.applied", body: { ...signed, by: "P1" } },
            { kind: "finding.confirmed", body: { ...about, text: null, by: "P1" } },
        ]
    }
    const make = (more: object) => ({
        id: "F",
        partner: "A",
        conclusion: input.conclusion,
        confidence: "low",
        obligation: null,
        salt,
        proposedBy: "P1",
        proposedAt: at,
        signedBy: "P2",
        confirmedAt: at,
        confirmedWithoutAnswer: null,
        approval: "AP",
        effects,
        ...more,
    })
    const sold = { conclusion: "It sold it.", confidence: "high" }
    const fewer = (effects: Json) => eventsOf(effects).slice(0, 3)
    const unconfirmed = { confirmedAt: null, signedBy: null }

    test.each<[string, Json, readonly object[], unknown]>([
        ["as two people signed it", effects, [make({})], proven],
        ["with another text", effects, [make(sold)], "bundle.text_mismatch"],
        ["without a salt", effects, [make({ salt: null })], "bundle.malformed"],
        ["repeated", effects, [make({}), make(sold)], "bundle.duplicate_entry"],
    ])("%s", (_, effects, findings, verdict) => {
        expect(verdictOf(bundle(eventsOf(effects), { findings: findings as Bundle["findings"] }))).toEqual(verdict)
    })

    test.each<[string, object, unknown]>([
        ["as proposed", {}, proven],
        ["with a second signature", { signedBy: "P2" }, "bundle.not_recorded"],
        [
            "with a reason for no answer",
            { confirmedWithoutAnswer: { reason: "It fled.", salt } },
            "bundle.not_recorded",
        ],
    ])("unconfirmed, %s", (_, more, verdict) => {
        const findings = [make({ ...unconfirmed, ...more })] as Bundle["findings"]
        expect(verdictOf(bundle(fewer(effects), { findings }))).toEqual(verdict)
    })
})

const filed: Event = {
    kind: "evidence.added",
    body: {
        evidence: "E",
        evidenceKind: "leak",
        case: "C",
        sha256: "00".repeat(32),
        observedAt: parseInstant(at),
        clock: "synchronised",
        by: "P1",
    },
}
const evidence = {
    id: "E",
    kind: "leak",
    name: "n",
    source: "s",
    note: "",
    clock: "synchronised",
    sha256: "00".repeat(32),
    size: 1,
    observedAt: at,
    addedBy: "P1",
    addedAt: at,
    deletedAt: null,
}
const attributionEvent = (more: object): Event => ({
    kind: "attribution.created",
    body: {
        attribution: "T",
        evidence: "E",
        artifact: "D1",
        version: 1,
        verdict: "traced",
        alpha: 0.01,
        identified: ["A"],
        quoted: [],
        by: null,
        ...more,
    },
})

describe("an attribution", () => {
    const committed = (artifact: string): Event => ({
        kind: commitmentKind,
        body: { artifact, version: 1, epoch: 0, manifest: "11".repeat(32), by: null },
    })
    const document = (artifact: string, identified: number[], verdict = "traced") => ({
        artifact,
        version: 1,
        epoch: 0,
        manifest: "11".repeat(32),
        read: [0],
        stated: {
            verdict,
            slots: { total: 10, read: 10, erased: 0, mixed: 0 },
            threshold: 4,
            log10e: [],
            identified,
            together: [],
            unmarked: { fits: 0, log10lr: -5, explains: false },
        },
    })
    const numbers = ["A", "B"].map((recipient, i) => ({ number: i + 1, recipient }))
    const swapped = ["B", "A"].map((recipient, i) => ({ number: i + 1, recipient }))
    const make = (documents: readonly object[], more: object = {}) => ({
        id: "T",
        evidence: "E",
        verdict: "traced",
        at,
        alpha: 0.01,
        versions: 2,
        untested: 0,
        shares: { whole: 0.5, joint: 0.3, parts: 0.2 },
        numbers,
        quoted: [] as string[],
        documents,
        ...more,
    })
    const judged = (leaf: object, attributions: readonly object[]) => {
        const events = [brought, filed, attributionEvent(leaf), committed("D1"), committed("D2")]
        return verdictOf(bundle(events, { evidence: [evidence], attributions: attributions as Bundle["attributions"] }))
    }
    const [d1, d2] = [document("D1", [1]), document("D2", [])]
    const elsewhere = { identifiedElsewhere: ["D2:1 B"] }
    const none = { identifiedElsewhere: [] }

    test.each<[string, object, object, unknown]>([
        ["as made", none, make([d1, d2]), proven],
        ["with other numbers", none, make([d1, d2], { numbers: swapped }), "bundle.identified_mismatch"],
        ["with another document first", none, make([d2, d1], { numbers: swapped }), "bundle.identified_mismatch"],
        ["with another document first, identifying the same copy", none, make([d2, d1]), "bundle.identified_mismatch"],
        ["that identifies by another document", none, make([d1, document("D2", [2])]), "bundle.identified_mismatch"],
        ["with its recorded exclusions", elsewhere, make([d1, document("D2", [2])]), proven],
        ["that omits exclusions", elsewhere, make([d1, d2]), "bundle.identified_mismatch"],
        ["without recorded exclusions", {}, make([d1, document("D2", [2])]), "bundle.identified_mismatch"],
        [
            "that states another verdict",
            none,
            make([document("D1", [1], "unrelated"), d2]),
            "bundle.identified_mismatch",
        ],
        [
            "that identifies without a verdict",
            { ...none, identified: [] },
            make([d1, d2]),
            "bundle.identified_mismatch",
        ],
        ["with a quotation", { ...none, quoted: ["B", "A"] }, make([d1, d2], { quoted: ["A", "B"] }), proven],
        ["with a hidden quotation", { ...none, quoted: ["B"] }, make([d1, d2]), "bundle.identified_mismatch"],
        [
            "with a quotation of another",
            { ...none, quoted: ["B"] },
            make([d1, d2], { quoted: ["A"] }),
            "bundle.identified_mismatch",
        ],
        [
            "with a repeated number",
            none,
            make([d1, d2], { numbers: [...numbers, { number: 1, recipient: "C" }] }),
            "bundle.duplicate_entry",
        ],
    ])("%s", (_, leaf, attribution, verdict) => {
        expect(judged(leaf, [attribution])).toEqual(verdict)
    })

    test("without its best document and its leaf", () => {
        const notified = {
            evidence: [evidence],
            attributions: [make([d2], { numbers: swapped })] as Bundle["attributions"],
        }
        expect(verdictOf(bundle([brought, filed, attributionEvent(none), committed("D2")], notified))).toBe(
            "bundle.identified_mismatch",
        )
    })

    test("repeated", () => {
        expect(judged(none, [make([d1, d2]), make([d1, d2])])).toBe("bundle.duplicate_entry")
    })
})

describe("evidence", () => {
    const deleted: Event = {
        kind: "evidence.deleted",
        at: later,
        body: { evidence: "E", sha256: "00".repeat(32), approval: "X", by: "P1" },
    }
    const gone = { ...evidence, deletedAt: later }
    const other: Event = { ...filed, body: { ...filed.body, evidence: "E2" } }

    test.each<[string, readonly Event[], readonly object[], unknown]>([
        ["as added", [filed], [evidence], proven],
        ["with another clock", [filed], [{ ...evidence, clock: "unknown" }], "bundle.not_recorded"],
        ["that was deleted, with its attribution", [filed, attributionEvent({}), deleted], [gone], proven],
        [
            "that was deleted without saying so",
            [filed, attributionEvent({}), deleted],
            [evidence],
            "bundle.count_mismatch",
        ],
        ["that was not deleted though it says so", [filed, attributionEvent({})], [gone], "bundle.not_recorded"],
        ["without its attribution", [filed, attributionEvent({})], [evidence], "bundle.count_mismatch"],
        ["repeated", [filed], [evidence, evidence], "bundle.duplicate_entry"],
        ["without an added piece", [], [], "bundle.not_recorded"],
        [
            "with a piece that was never added",
            [filed, other],
            [evidence, { ...evidence, id: "E2" }],
            "bundle.not_recorded",
        ],
    ])("%s", (_, events, entries, verdict) => {
        expect(verdictOf(bundle([brought, ...events], { evidence: entries as Bundle["evidence"] }))).toEqual(verdict)
    })
})

describe("an attestation", () => {
    const asks = { text: "Are they deleted?" }
    const says = { text: "They are.", deleted: true }
    const about = { question: "Q", inquiry: "I", partner: "A" }
    const events: Event[] = [
        {
            kind: "question.asked",
            body: {
                ...about,
                asks: "deletion",
                finding: null,
                answerBy: parseInstant(later),
                by: "P1",
                text: commitmentOf(asks),
            },
        },
        {
            kind: "question.answered",
            body: { ...about, by: "L", text: commitmentOf({ deleted: true, text: says.text }) },
        },
        { kind: "deletion.confirmed", body: { case: "C", artifact: "D1", partner: "A", by: "L" } },
    ]
    const question = {
        id: "Q",
        kind: "deletion",
        partner: "A",
        finding: null,
        ...asks,
        salt,
        askedBy: "P1",
        askedAt: at,
        answerBy: later,
        answer: { ...says, by: "L", at, salt },
    }
    const request = { partner: "A", kind: "question", at, about: "Q", affirmed: true }
    const recall = { partner: "A", kind: "recall", at, about: "D1", affirmed: true }

    test.each<[string, object, unknown]>([
        ["given when requested", request, proven],
        ["that was not given", { ...request, affirmed: false }, "bundle.not_recorded"],
        ["of another partner", { ...request, partner: "B" }, "bundle.not_recorded"],
        ["at another time", { ...request, at: later }, "bundle.not_recorded"],
        ["without a request", { ...request, about: "R" }, "bundle.not_recorded"],
        ["of a recall", recall, proven],
        ["of a recall by another person", { ...recall, partner: "B" }, "bundle.not_recorded"],
        ["of another artifact", { ...recall, about: "D2" }, "bundle.not_recorded"],
        ["of a recall, denied", { ...recall, affirmed: false }, "bundle.not_recorded"],
        ["of another kind", { ...request, kind: "oath" }, "bundle.malformed"],
        ["under the agreement, without a leaf", { ...recall, kind: "agreement" }, proven],
    ])("%s", (_, input, verdict) => {
        const notified = { questions: [question], attestations: [input] as Bundle["attestations"] }
        expect(verdictOf(bundle(events, notified))).toEqual(verdict)
    })
})

describe("the inquiry itself", () => {
    const turn = (kind: string, outcome: string | null) => ({ kind, outcome, reason: "so", salt, by: "P1", at })
    const leaf = ({ kind, outcome }: ReturnType<typeof turn>): Event => ({
        kind: `inquiry.${kind}`,
        body: { inquiry: "I", by: "P1", text: commitmentOf({ outcome, reason: "so" }) },
    })
    const [closed, reopened] = [turn("closed", "undecided"), turn("reopened", null)]
    const events = [leaf(closed), leaf(reopened)]

    test.each<[string, object, unknown]>([
        ["as recorded", {}, proven],
        ["closed though it is open", { status: "closed" }, "bundle.not_recorded"],
        ["in another order", { history: [reopened, closed], status: "closed" }, "bundle.not_recorded"],
        ["with a repeated entry", { history: [closed, reopened, closed], status: "closed" }, "bundle.not_recorded"],
        ["with another member", { members: ["P1", "P2", "P9"] }, "bundle.not_recorded"],
        ["with an excluded person", { members: ["P1", "P2", "P3"] }, "bundle.not_recorded"],
        ["without a member", { members: ["P1"] }, "bundle.not_recorded"],
        ["with another warning", { caution: "It proves guilt." }, "bundle.malformed"],
    ])("%s", (_, notified, verdict) => {
        expect(verdictOf(bundle(events, { history: [closed, reopened], ...notified }))).toEqual(verdict)
    })
})
