/** Properties of the shipped pack for any partners at any instant, over generated programs. */
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import type { Instant } from "@tocsin/base/instant"
import { openPolicyEngine } from "../../platform/policy/engine.ts"
import { type Reporting, dutyTable, reportingOf } from "../../trust/partners/reporting-duties/reporting-duties.ts"
import { type RequirementKind, requirementKinds } from "../../trust/partners/requirements/requirement.ts"
import type { Restriction } from "../../trust/partners/facts.ts"
import { type AgreementState, type PartnerStatus, partnerStatuses, tiers } from "../../trust/partners/partner.ts"
import { artifactClasses } from "../artifacts/artifact.ts"
import { type WaveTier, waveTiers } from "../waves/wave.ts"
import { compare } from "./compare.ts"
import { type Decision, decide, replay } from "./decide.ts"
import type { ArtifactFacts, DecisionRequest, Consent, WaveFacts, PartnerFacts } from "./facts.ts"
import { type MatrixCell, type MatrixFacts, type Matrix, cellsOf, decideMatrix } from "./matrix.ts"
import { threeTier, threeTierWithDuty } from "./packs/three-tier.ts"
import { schemaText } from "./schema.ts"

const engine = openPolicyEngine()
engine.load("tiers", threeTier.text, schemaText)
engine.load("duty", threeTierWithDuty.text, schemaText)
engine.load(
    "naming",
    `${threeTierWithDuty.text}
@id("exactly") @title("Exactly these") forbid (principal, action, resource)
when { principal.dutyRegimes == [Regime::"RMSV"] && resource.cases == [Case::"second", Case::"first"] };
@id("none") @title("None at all") forbid (principal, action, resource)
when { principal.dutyRegimes.isEmpty() && resource.class == Class::"rules" };`,
    schemaText,
)

engine.load(
    "odd",
    `${threeTierWithDuty.text}
@id("either") @title("Either") forbid (principal is Partner, action, resource is Artifact)
when { if principal.dutyRegimes.isEmpty() then resource.class == Class::"poc" else
!(resource.cases.contains(Case::"first")) }
unless { action == Action::"receiveSummary" || principal.dutyRegimes.contains(Regime::"CRA") };
@id("too-much") @title("Too much") permit (principal, action, resource)
when { resource.class == Class::"repro" && (if principal.reportsBeforePublication then 9007199254740991 else 1) *
9007199254740991 > 0 };`,
    schemaText,
)
engine.load(
    "both at once",
    `${threeTierWithDuty.text}
@id("both") @title("Both at once") permit (principal, action == Action::"receive", resource)
when { principal.dutyRegimes.isEmpty() == resource.cases.contains(Case::"second") && resource.class == Class::"patch"
};`,
    schemaText,
)

const publication: Instant = 1000
const latest = 1200
const instant = fc.integer({ min: 0, max: latest })

const gateOf = (at: Instant, releasedAt: Instant | null, version: number): WaveFacts => ({
    at,
    releasedAt,
    version: releasedAt === null ? null : version,
})

/** Planned before publication at any distance; released late, on time, by mistake too early, or not at all. */
const gate = fc.option(
    fc
        .record({
            at: fc.integer({ min: 0, max: publication }),
            releasedAt: fc.option(instant),
            version: fc.integer({ min: 1, max: 3 }),
        })
        .map(({ at, releasedAt, version }): WaveFacts => gateOf(at, releasedAt, version)),
    { nil: null },
)
const lastGate = fc.option(instant).map((releasedAt): WaveFacts => gateOf(publication, releasedAt, 3))
const anyArtifact = fc
    .record({
        artifact: fc.uuid(),
        case: fc.constantFrom("first", "second"),
        origins: fc.subarray(["first"]),
        class: fc.constantFrom(...artifactClasses),
        newest: fc.integer({ min: 3, max: 4 }),
        recalled: fc.oneof(fc.constant([]), fc.subarray([1, 2, 3, 4, "every" as const])),
        exploited: mostly<boolean>(false, fc.constant(true)),
        closure: mostly<"cancelled" | "withdrawn" | null>(null, fc.constantFrom("cancelled", "withdrawn")),
        waves: fc.record({ validate: gate, advance: gate, entry: gate, publication: lastGate }),
    })
    .map((facts): ArtifactFacts => facts)
const restriction = fc.record({
    withhold: fc.subarray([...artifactClasses]),
    notBeforePublication: fc.boolean(),
    cases: fc.option(fc.subarray(["first", "second"], { minLength: 1 })),
})
/** Mostly this: where each of many things can keep content back, few would ever get to see what the rest decides. */
function mostly<T>(usual: T, others: fc.Arbitrary<T>): fc.Arbitrary<T> {
    return fc.oneof({ weight: 5, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: others })
}
const anyPartner = fc
    .record({
        partner: fc.uuid(),
        tier: fc.oneof(
            { weight: 5, arbitrary: fc.constantFrom(...tiers) },
            { weight: 1, arbitrary: fc.constant(null) },
        ),
        status: mostly<PartnerStatus>("active", fc.constantFrom(...partnerStatuses)),
        duties: fc.subarray([...dutyTable]),
        agreement: mostly<AgreementState>("accepted", fc.constantFrom("expired", "none")),
        overdue: mostly<RequirementKind[]>([], fc.subarray([...requirementKinds])),
        restriction: mostly<Restriction | null>(null, restriction),
    })
    .map(({ duties, ...rest }): PartnerFacts => {
        const dutyRegimes = duties.map((duty) => duty.regime)
        return { ...rest, dutyRegimes, reporting: reportingOf(duties) }
    })
const noConsent = fc.constantFrom<Consent>("none", "invited", "expired", "declined")
const anyConsent = mostly<Consent>("signatory", noConsent)
const request = fc.record({ partner: anyPartner, consent: anyConsent, artifact: anyArtifact })
/** Whom no measure and no lapse keeps out, so that the policy itself is seen. */
const trusted = request.map(({ partner, artifact }): DecisionRequest => {
    const free = { ...partner, status: "active", agreement: "accepted", overdue: [], restriction: null } as const
    return { partner: free, consent: "signatory", artifact: { ...artifact, recalled: [] } }
})
/** A trusted partner with exactly one obstacle. */
const withOneObstacle = trusted.chain((request) => {
    const because = (facts: Partial<PartnerFacts>): DecisionRequest => ({
        ...request,
        partner: { ...request.partner, ...facts },
    })
    return fc.oneof(
        fc
            .constantFrom(...partnerStatuses.filter((status) => status !== "active"))
            .map((status) => because({ status })),
        fc.constantFrom<AgreementState>("expired", "none").map((agreement) => because({ agreement })),
        fc.subarray([...requirementKinds], { minLength: 1 }).map((overdue) => because({ overdue })),
        noConsent.map((consent): DecisionRequest => ({ ...request, consent })),
    )
})
const withDuties = (
    request: DecisionRequest,
    dutyRegimes: readonly string[],
    reporting: Reporting,
): DecisionRequest => {
    return { ...request, partner: { ...request.partner, dutyRegimes, reporting } }
}

describe("under the duty rule", () => {
    test("a partner that reports early never has `poc`, and nothing before publication", () => {
        fc.assert(
            fc.property(fc.oneof(trusted, request), instant, (item, now) => {
                const reporting = withDuties(item, ["RMSV"], "always")
                const decision = decide(engine, "duty", reporting, now)
                expect(decision.grantedClass).not.toBe("poc")
                if (now < publication) expect(decision.available).toBe(false)
                expect(decision.from ?? publication).toBe(publication)
            }),
        )
    })

    test("a partner has everything it may have from publication on", () => {
        const gives = { summary: "summary", technical: "summary", poc: null, repro: null } as const
        fc.assert(
            fc.property(trusted, fc.constantFrom(...tiers), (request, tier) => {
                const published = {
                    ...request.artifact.waves,
                    publication: { at: publication, releasedAt: publication, version: 1 },
                }
                const facts = { ...request.partner, tier }
                const input: DecisionRequest = {
                    ...request,
                    partner: facts,
                    artifact: { ...request.artifact, waves: published },
                }
                const artifactClass = request.artifact.class
                const expected = artifactClass in gives ? gives[artifactClass as keyof typeof gives] : artifactClass
                const decision = decide(engine, "duty", withDuties(input, ["RMSV"], "always"), publication)
                expect([decision.grantedClass, decision.available]).toEqual([expected, expected !== null])
            }),
        )
    })

    test("a partner that reports only exploitation loses nothing until the case is exploited", () => {
        fc.assert(
            fc.property(trusted, instant, (request, now) => {
                const cra = decide(engine, "duty", withDuties(request, ["CRA"], "when_exploited"), now)
                const other = request.artifact.exploited
                    ? decide(engine, "duty", withDuties(request, ["RMSV"], "always"), now)
                    : decide(engine, "tiers", withDuties(request, [], "never"), now)
                expect(outcomeOf(cra)).toEqual(outcomeOf(other))
            }),
        )
    })
})

describe.each(["tiers", "duty"])("under the policy %s", (policy) => {
    test("nothing is open before its scheduled instant and its release", () => {
        fc.assert(
            fc.property(request, instant, (item, now) => {
                const decision = decide(engine, policy, item, now)
                const open = (wave: WaveTier) => {
                    const { at, releasedAt } = item.artifact.waves[wave] ?? { at: null, releasedAt: null }
                    return at !== null && at <= now && releasedAt !== null && releasedAt <= now
                }
                if (decision.available) expect(decision.waves.some(open)).toBe(true)
                if (!waveTiers.some(open)) expect(decision.available).toBe(false)
            }),
        )
    })

    test("no partner has a recalled artifact under any policy, and a recall gives nothing", () => {
        fc.assert(
            fc.property(request, instant, (item, now) => {
                const { artifact } = item
                const decision = decide(engine, policy, item, now)
                const without = decide(engine, policy, { ...item, artifact: { ...artifact, recalled: [] } }, now)
                if (artifact.recalled.includes("every"))
                    expect(decision).toMatchObject({ grantedClass: null, waves: [] })
                if (decision.available) {
                    const open = decision.waves
                        .map((wave) => artifact.waves[wave])
                        .filter((gate) => gate?.at !== null && (gate?.at ?? Infinity) <= now)
                        .filter((gate) => gate?.releasedAt !== null && (gate?.releasedAt ?? Infinity) <= now)
                    const had = Math.max(...open.map((gate) => gate?.version ?? 0))
                    expect(artifact.recalled).not.toContain(had)
                    expect(without.available).toBe(true)
                }
                if (!decision.recalled) expect(decision).toEqual(without)
                expect(without.waves).toEqual(expect.arrayContaining([...decision.waves]))
            }),
        )
    })

    test("a lapsed, invited, declined, overdue or suspended partner never has content", () => {
        fc.assert(
            fc.property(withOneObstacle, instant, (request, now) => {
                expect(decide(engine, policy, request, now)).toMatchObject({ grantedClass: null, available: false })
            }),
        )
    })

    test("many partners have content: these properties are not vacuous", () => {
        const samples = fc.sample(fc.tuple(request, instant), { numRuns: 500, seed: 1 })
        const decided = samples.map(([item, now]) => decide(engine, policy, item, now))
        expect(decided.filter((decision) => decision.grantedClass !== null).length).toBeGreaterThan(100)
        expect(decided.filter((decision) => decision.available).length).toBeGreaterThan(25)
    })

    test("each decision names its rule, or the clause or forbid that denied it", () => {
        fc.assert(
            fc.property(request, instant, (item, now) => {
                const { grantedClass: gives, reasons: reason } = decide(engine, policy, item, now)
                const effects = reason.map((reason) => reason.effect)
                if (gives !== null) expect(effects).toContain("permits")
                else expect(effects.some((effect) => effect !== "permits")).toBe(true)
                expect(reason.every((reason) => reason.title.trim().length > 0)).toBe(true)
            }),
        )
    })

    test("a replay of now equals now", () => {
        fc.assert(
            fc.property(request, instant, (item, now) => {
                expect(replay(engine, policy, item, now)).toEqual(decide(engine, policy, item, now))
            }),
        )
    })

    test("a replay of an earlier instant equals the decision then, whatever was released since", () => {
        fc.assert(
            fc.property(request, instant, instant, (item, then, later) => {
                fc.pre(then < later)
                const before = releasedUntil(item, then)
                expect(replay(engine, policy, item, then)).toEqual(decide(engine, policy, before, then))
            }),
        )
    })
})

test("the order of rules does not matter", () => {
    const rules = threeTierWithDuty.text.trim().split(/\n\n(?=@id)/)
    expect(rules).toHaveLength(7)
    fc.assert(
        fc.property(
            fc.shuffledSubarray(rules, { minLength: rules.length }),
            request,
            instant,
            (shuffled, item, now) => {
                engine.load("shuffled", shuffled.join("\n\n"), schemaText)
                const decision = decide(engine, "shuffled", item, now)
                const expected = decide(engine, "duty", item, now)
                expect(outcomeOf(decision)).toEqual(outcomeOf(expected))
                expect(new Set(decision.reasons.map(reasonKey))).toEqual(new Set(expected.reasons.map(reasonKey)))
            },
        ),
        { numRuns: 60 },
    )
})

const ground = fc
    .record({
        partners: fc.uniqueArray(anyPartner, { maxLength: 12, selector: (partner) => partner.partner }),
        artifacts: fc.uniqueArray(anyArtifact, { maxLength: 8, selector: (artifact) => artifact.artifact }),
        consents: fc.array(anyConsent, { minLength: 1, maxLength: 5 }),
    })
    .map(({ partners, artifacts, consents }): MatrixFacts => {
        const numbers = new Map(partners.map((partner, n) => [partner.partner, n]))
        const consentOf = (partner: string, value: string): Consent =>
            consents[((numbers.get(partner) ?? 0) + value.length) % consents.length] ?? "none"
        return { partners, artifacts, consentOf }
    })

describe("the matrix and the preview", () => {
    test("the matrix equals deciding each cell once", () => {
        fc.assert(
            fc.property(
                ground,
                instant,
                fc.constantFrom("duty", "naming", "odd", "both at once"),
                (ground, now, policy) => {
                    const cells = [...cellsOf(decideMatrix(engine, policy, ground, now))]
                    expect(cells).toHaveLength(ground.partners.length * ground.artifacts.length)
                    for (const { partner, artifact, decision } of cells) {
                        const [person, subject] = [
                            ground.partners.find((item) => item.partner === partner),
                            ground.artifacts.find((item) => item.artifact === artifact),
                        ]
                        if (!person || !subject) throw new Error("a cell of nobody")
                        const consent = ground.consentOf(partner, subject.case)
                        expect(decision).toEqual(
                            decide(engine, policy, { partner: person, consent, artifact: subject }, now),
                        )
                    }
                },
            ),
        )
    })

    test("the preview lists exactly the cells that differ", () => {
        fc.assert(
            fc.property(
                ground,
                instant,
                fc.shuffledSubarray(["tiers", "duty"], { minLength: 2 }),
                (ground, now, order) => {
                    const [was, is] = order.map((policy) => decideMatrix(engine, policy, ground, now))
                    if (!was || !is) throw new Error("two policies have no two matrices")
                    const foreseen = compare(was, is).flatMap(({ partners, artifacts, before, after }) =>
                        partners.flatMap((partner) =>
                            artifacts.map((artifact) => [`${partner} ${artifact}`, { before, after }] as const),
                        ),
                    )
                    expect(new Map(foreseen).size).toBe(foreseen.length)
                    expect(new Map(foreseen)).toEqual(changesBetween(was, is))
                },
            ),
        )
    })
})

function changesBetween(was: Matrix, is: Matrix): Map<string, { before: Decision; after: Decision }> {
    const keyOf = ({ partner, artifact }: MatrixCell): string => `${partner} ${artifact}`
    const before = new Map([...cellsOf(was)].map((cell) => [keyOf(cell), cell.decision]))
    return new Map(
        [...cellsOf(is)].flatMap((cell) => {
            const old = before.get(keyOf(cell))
            if (!old || outcomeOf(old).join() === outcomeOf(cell.decision).join()) return []
            return [[keyOf(cell), { before: old, after: cell.decision }] as const]
        }),
    )
}

/** What a partner gets, and when, without the reasons. A tier without a wave waits for publication. */
function outcomeOf({ outcome, grantedClass: gives, from, available, waves }: Decision) {
    return [outcome === "at_publication" ? "full" : outcome, gives, from, available, waves.length]
}

const reasonKey = (reason: Decision["reasons"][number]): string => JSON.stringify(reason)

function releasedUntil(request: DecisionRequest, then: Instant): DecisionRequest {
    const known = (gate: WaveFacts | null): WaveFacts | null =>
        gate && (gate.releasedAt !== null && gate.releasedAt <= then ? gate : gateOf(gate.at ?? publication, null, 1))
    const { validate, advance, entry, publication: last } = request.artifact.waves
    const waves = {
        validate: known(validate),
        advance: known(advance),
        entry: known(entry),
        publication: known(last),
    }
    return { ...request, artifact: { ...request.artifact, waves } }
}
