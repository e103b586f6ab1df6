import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { dayMs, hourMs } from "@tocsin/base/instant"
import { Refusal } from "@tocsin/base/refusal"
import {
    type Approval,
    type Effects,
    type PartnerVersion,
    type Signer,
    covers,
    hashOf,
    assertIndependent,
    assertCanApply,
    assertCanSign,
    recipientGroupsOf,
    partnerVersionsIn,
    normaliseEffects,
    stateOf,
} from "./approval.ts"

const effects: Effects = {
    action: "wave.release",
    recipients: ["acme", "globex"],
    artifacts: [
        { artifact: "poc", version: 2 },
        { artifact: "summary", version: 1 },
    ],
    at: 100 * dayMs,
    detail: { wave: "entry" },
}

const approval: Approval = {
    id: "a1",
    effects: normaliseEffects(effects),
    effectsHash: hashOf(effects),
    requestedBy: "olga",
    requestedAt: 10 * dayMs,
    textCiphertext: null,
    signedBy: null,
    signedAt: null,
    appliedAt: null,
    voidedAt: null,
    voidReason: null,
    withheldFrom: [],
}
const signed: Approval = { ...approval, signedBy: "omar", signedAt: 10 * dayMs + hourMs }

/** The code of what `work` refuses, or "no refusal". */
function refusalOf(work: () => void): string {
    try {
        work()
        return "no refusal"
    } catch (error) {
        return error instanceof Refusal ? error.code : String(error)
    }
}

describe("the status of an approval", () => {
    test.each<[string, Partial<Approval>, number, string]>([
        ["is open at first", {}, 0, "requested"],
        ["is open until the end of its day", {}, dayMs - 1, "requested"],
        ["is expired after its day", {}, dayMs, "expired"],
        ["stays approved without a time limit", { signedAt: 1 }, 90 * dayMs, "signed"],
        ["is applied", { signedAt: 1, appliedAt: 2 }, 3 * dayMs, "applied"],
        ["is withdrawn after the signature", { signedAt: 1, voidedAt: 2 }, 0, "voided"],
    ])("%s", (_, change, later, expected) => {
        expect(stateOf({ ...approval, ...change }, approval.requestedAt + later)).toBe(expected)
    })
})

describe("the signed effects are a ceiling", () => {
    test.each<[string, Partial<Effects>, boolean]>([
        ["the same effects", {}, true],
        ["the same effects in another order", { recipients: ["globex", "acme"] }, true],
        ["one recipient fewer", { recipients: ["globex"] }, true],
        ["no recipients left", { recipients: [] }, true],
        ["one artifact fewer", { artifacts: [{ artifact: "poc", version: 2 }] }, true],
        ["a millisecond later", { at: 100 * dayMs + 1 }, true],
        ["one recipient more", { recipients: ["acme", "globex", "initech"] }, false],
        ["another recipient", { recipients: ["initech"] }, false],
        ["another version", { artifacts: [{ artifact: "poc", version: 3 }] }, false],
        ["an older version", { artifacts: [{ artifact: "poc", version: 1 }] }, false],
        ["another artifact", { artifacts: [{ artifact: "repro", version: 1 }] }, false],
        ["a millisecond earlier", { at: 100 * dayMs - 1 }, false],
        ["immediately instead", { at: null }, false],
        ["another action", { action: "case.publish" }, false],
        ["another detail", { detail: { wave: "advance" } }, false],
    ])("%s", (_, change, expected) => {
        expect(covers(effects, { ...effects, ...change })).toBe(expected)
    })

    test("each recipient group is limited to what was signed for it", () => {
        const [poc, summary] = [
            { artifact: "poc", version: 2 },
            { artifact: "summary", version: 1 },
        ]
        const pick = (...readings: { partner: string; artifact: string; version: number }[]): Effects => ({
            action: "wave.release",
            at: null,
            ...recipientGroupsOf(readings),
        })
        const effects = pick(
            { partner: "acme", ...poc },
            { partner: "acme", ...summary },
            { partner: "globex", ...summary },
        )
        expect(covers(effects, effects)).toBe(true)
        expect(covers(effects, pick({ partner: "acme", ...poc }, { partner: "globex", ...summary }))).toBe(true)
        expect(covers(effects, pick({ partner: "globex", ...poc }))).toBe(false)
        const list = ["acme", "globex"].flatMap((partner) => [poc, summary].map((version) => ({ partner, ...version })))
        expect(covers(effects, pick(...list))).toBe(false)
        expect(covers(pick(...list), effects)).toBe(true)
        expect(pick(...list).recipientGroups).toBeUndefined()
    })

    test("each text that a reader gets was signed", () => {
        const reading = fc.record({
            partner: fc.constantFrom("a", "b", "c"),
            artifact: fc.constantFrom("x", "y", "z"),
            version: fc.constantFrom(1, 2),
        })
        const pick = (readings: PartnerVersion[]): Effects => ({
            action: "wave.release",
            at: null,
            ...recipientGroupsOf(readings),
        })
        const nameOf = (reading: PartnerVersion) => `${reading.partner} ${reading.artifact} ${reading.version}`
        fc.assert(
            fc.property(fc.array(reading, { maxLength: 9 }), fc.array(reading, { maxLength: 4 }), (signed, actual) => {
                const names = new Set(signed.map(nameOf))
                expect(covers(pick(signed), pick(actual))).toBe(actual.every((item) => names.has(nameOf(item))))
                expect(new Set(partnerVersionsIn(pick(signed)).map(nameOf))).toEqual(names)
                expect(hashOf(pick(signed.toReversed()))).toBe(hashOf(pick(signed)))
            }),
        )
    })

    test("a missing detail makes a difference", () => {
        const { detail: _, ...plain } = effects
        expect(covers(effects, plain)).toBe(false)
        expect(covers(plain, effects)).toBe(false)
        expect(covers(plain, plain)).toBe(true)
    })

    test("equal effects have equal hashes in any order, and different effects have different hashes", () => {
        const ids = fc.uniqueArray(fc.constantFrom("a", "b", "c", "d"))
        const any = fc.record({ recipients: ids, versions: ids, at: fc.option(fc.nat(3)) })
        const made = ({
            recipients,
            versions,
            at,
        }: {
            recipients: string[]
            versions: string[]
            at: number | null
        }) => ({
            action: "wave.release",
            recipients,
            artifacts: versions.map((artifact) => ({ artifact, version: 1 })),
            at,
        })
        fc.assert(
            fc.property(any, any, (item, other) => {
                const [a, b] = [made(item), made(other)]
                const turned = { ...a, recipients: a.recipients.toReversed(), artifacts: a.artifacts.toReversed() }
                expect(hashOf(turned)).toBe(hashOf(a))
                expect(hashOf(a) === hashOf(b)).toBe(covers(a, b) && covers(b, a))
            }),
        )
    })
})

describe("who may sign", () => {
    const olga: Signer = { person: "olga", creators: [] }
    test.each<[string, Signer, Effects, string]>([
        ["a second person", { person: "omar", creators: ["ines"] }, effects, "no refusal"],
        ["not the requester", olga, effects, "approval.own_request"],
        [
            "not an account that the requester added",
            { person: "o9", creators: ["olga"] },
            effects,
            "approval.related_signer",
        ],
        [
            "not an account that such an account added",
            { person: "o10", creators: ["o9", "olga"] },
            effects,
            "approval.related_signer",
        ],
        [
            "not an author of the content",
            { person: "omar", creators: [] },
            { ...effects, authors: ["omar"] },
            "approval.author_cannot_sign",
        ],
    ])("%s", (_, signer, effects, expected) => {
        expect(refusalOf(() => assertIndependent(effects, olga, signer))).toBe(expected)
    })

    test("refuses the person who added the requester", () => {
        const puppet: Signer = { person: "o9", creators: ["olga"] }
        expect(refusalOf(() => assertIndependent(effects, puppet, olga))).toBe("approval.related_signer")
    })

    test("refuses a person added by the same person", () => {
        const [signer, other]: Signer[] = [
            { person: "o9", creators: ["olga"] },
            { person: "o10", creators: ["o8", "olga"] },
        ]
        expect(refusalOf(() => assertIndependent(effects, signer as Signer, other as Signer))).toBe(
            "approval.related_signer",
        )
    })
})

describe("signing and applying", () => {
    const start = approval.requestedAt
    test.each<[string, Approval, string, number, string]>([
        ["in time", approval, approval.effectsHash, start + dayMs - 1, "no refusal"],
        ["a day late", approval, approval.effectsHash, start + dayMs, "approval.expired"],
        ["for other effects", approval, "00".repeat(32), start, "approval.effects_mismatch"],
        ["twice", signed, approval.effectsHash, start, "approval.already_signed"],
        ["after application", { ...signed, appliedAt: start }, approval.effectsHash, start, "approval.already_applied"],
        ["after withdrawal", { ...approval, voidedAt: start }, approval.effectsHash, start, "approval.already_voided"],
    ])("a signature: %s", (_, which, hash, now, expected) => {
        expect(refusalOf(() => assertCanSign(which, hash, now))).toBe(expected)
    })

    test.each<[string, Approval, Effects, string]>([
        ["when signed", signed, effects, "no refusal"],
        ["when not signed", approval, effects, "approval.not_signed"],
        ["a second time", { ...signed, appliedAt: start }, effects, "approval.already_applied"],
        ["when withdrawn", { ...signed, voidedAt: start }, effects, "approval.already_voided"],
        ["when exceeded", signed, { ...effects, recipients: ["initech"] }, "approval.effects_exceeded"],
    ])("an application: %s", (_, which, actual, expected) => {
        expect(refusalOf(() => assertCanApply(which, actual, start + 30 * dayMs))).toBe(expected)
    })
})
