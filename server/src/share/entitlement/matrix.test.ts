import { describe, expect, test } from "vitest"
import type { Evaluator } from "../../models/policy.ts"
import { openPolicyEngine } from "../../platform/policy/engine.ts"
import { tiers } from "../../trust/partners/partner.ts"
import { artifactClasses } from "../artifacts/artifact.ts"
import { decide, unmetPreconditionsOf } from "./decide.ts"
import type { ArtifactFacts, Consent, PartnerFacts } from "./facts.ts"
import { compare, possibleFacts, isNarrowing } from "./compare.ts"
import { type MatrixCell, type MatrixFacts, cellsOf, decideMatrix } from "./matrix.ts"
import { threeTier, threeTierWithDuty } from "./packs/three-tier.ts"
import { assertNamesNoPartner, schemaText } from "./schema.ts"

const engine = openPolicyEngine()
engine.load("1", threeTier.text, schemaText)
engine.load("2", threeTierWithDuty.text, schemaText)

const gate = (at: number) => ({ at, releasedAt: at, version: 1 })
const waves = { validate: gate(1), advance: gate(10), entry: gate(14), publication: gate(15) }
const artifacts = artifactClasses.map((artifactClass): ArtifactFacts => {
    return {
        artifact: artifactClass,
        case: "c",
        origins: [],
        class: artifactClass,
        newest: 1,
        recalled: [],
        exploited: false,
        closure: null,
        waves,
    }
})

/** Many partners, of every kind. */
function manyPartners(count: number): PartnerFacts[] {
    return Array.from({ length: count }, (_, n): PartnerFacts => {
        const reports = n % 5 === 0
        return {
            partner: `p${n}`,
            tier: tiers[n % 3] ?? null,
            status: n % 17 === 0 ? "suspended" : "active",
            reporting: reports ? "always" : "never",
            dutyRegimes: reports ? ["RMSV"] : [],
            agreement: n % 19 === 0 ? "expired" : "accepted",
            overdue: n % 29 === 0 ? ["attestation"] : [],
            restriction: n % 23 === 0 ? { withhold: ["poc"], notBeforePublication: true, cases: null } : null,
        }
    })
}

const consentOf = (partner: string): Consent => (partner.endsWith("3") ? "declined" : "signatory")
const ground: MatrixFacts = { partners: manyPartners(1000), artifacts, consentOf }

const keyOf = ({ partner, artifact }: MatrixCell): string => `${partner} ${artifact}`

describe("the matrix", () => {
    test("equals deciding one by one", () => {
        const partners = ground.partners.slice(0, 60).map((facts, n): PartnerFacts => {
            return n % 3 === 1 ? { ...facts, reporting: "when_exploited", dutyRegimes: ["CRA"] } : facts
        })
        const exploited = artifacts.map((artifact) => ({
            ...artifact,
            artifact: `${artifact.artifact}, exploited`,
            exploited: true,
        }))
        const small = { ...ground, partners, artifacts: [...artifacts, ...exploited] }
        const entry = small.partners.flatMap((partner) =>
            small.artifacts.map((artifact) => {
                const request = { partner, consent: consentOf(partner.partner), artifact }
                return {
                    partner: partner.partner,
                    artifact: artifact.artifact,
                    decision: decide(engine, "2", request, 12),
                }
            }),
        )
        const inOrder = (cells: MatrixCell[]) => cells.toSorted((a, b) => keyOf(a).localeCompare(keyOf(b)))
        expect(inOrder([...cellsOf(decideMatrix(engine, "2", small, 12))])).toEqual(inOrder(entry))
    })

    /** How often the policy is asked. */
    function questionsFor(policy: string, ground: MatrixFacts): number {
        let requested = 0
        const counting: Evaluator = {
            decide: (...question) => {
                requested++
                return engine.decide(...question)
            },
            clauses: (...question) => engine.clauses(...question),
            rules: (name) => engine.rules(name),
            namesEntity: (...entity) => engine.namesEntity(...entity),
            readsAttribute: (...attribute) => engine.readsAttribute(...attribute),
            entityFingerprint: (...thing) => engine.entityFingerprint(...thing),
        }
        decideMatrix(counting, policy, ground, 12)
        return requested
    }

    test("evaluates the policy once per class of equal facts", () => {
        expect(questionsFor("2", ground)).toBeLessThanOrEqual(tiers.length * 2 * artifacts.length * 3)
    })

    test("evaluates it once for partners it cannot distinguish, and once more for each it names", () => {
        const regimes = ground.partners.map((partner, n) => ({ ...partner, dutyRegimes: [`regime ${n % 100}`] }))
        const cases = Array.from({ length: 5 }, (_, n) =>
            artifacts.map((artifact) => ({ ...artifact, case: `case ${n}` })),
        )
        const apart: MatrixFacts = { partners: regimes, artifacts: cases.flat(), consentOf }
        expect(questionsFor("2", apart)).toBe(questionsFor("2", { ...apart, artifacts }))
        const rule = `@id("own") @title("Own") forbid (principal, action, resource)
            when { principal.dutyRegimes.contains(Regime::"regime 7") && resource.cases.contains(Case::"case 3") };`
        engine.load("regimes", threeTierWithDuty.text + rule, schemaText)
        const questions = questionsFor("regimes", apart)
        expect(questions).toBeGreaterThan(questionsFor("2", apart))
        expect(questions).toBeLessThanOrEqual(tiers.length * 2 * 2 * artifacts.length * 2 * 3)
    })

    test("evaluates it once for partners with equal conditions, whatever it names", () => {
        const regimes = Array.from({ length: 100 }, (_, n) => `Regime::"regime ${n}"`).join()
        const cases = Array.from({ length: 5 }, (_, n) => `Case::"case ${n}"`).join()
        const text = `${threeTierWithDuty.text} @id("any") @title("Any") forbid (principal, action, resource)
            when { resource.cases.containsAny([${cases}]) } unless { principal.dutyRegimes.containsAny([${regimes}]) };`
        engine.load("all named", text, schemaText)
        const partners = ground.partners.map((partner, n) => ({ ...partner, dutyRegimes: [`regime ${n % 100}`] }))
        const froms = Array.from({ length: 5 }, (_, n) =>
            artifacts.map((artifact) => ({ ...artifact, case: `case ${n}` })),
        )
        const questions = questionsFor("all named", { partners, artifacts: froms.flat(), consentOf })
        expect(questions).toBe(questionsFor("2", ground))
    })

    test("shares one decision among partners restricted in another case", () => {
        const restricted = (n: number) => ({ withhold: ["poc"], notBeforePublication: false, cases: [`case ${n}`] })
        const free = ground.partners.filter(
            (partner) => unmetPreconditionsOf({ partner, consent: "signatory" }).length === 0,
        )
        const partners = free.map((partner, n) => ({
            ...partner,
            status: "restricted" as const,
            restriction: restricted(n),
        }))
        const { rows } = decideMatrix(engine, "2", { partners, artifacts, consentOf: () => "signatory" }, 12)
        expect(rows).toHaveLength(partners.length)
        expect(new Set(rows.flatMap((row) => row.decisions)).size).toBeLessThan(rows.length)
    })
})

describe("the preview", () => {
    const preview = (before: string, after: string, item: MatrixFacts = ground) =>
        compare(decideMatrix(engine, before, item, 0), decideMatrix(engine, after, item, 0))
    const some = (partners: Partial<PartnerFacts>[]): MatrixFacts => ({
        partners: partners.map((facts, n) => {
            const trust = { status: "active", agreement: "accepted", overdue: [], restriction: null } as const
            return {
                partner: `p${n}`,
                tier: "advance",
                reporting: "never",
                dutyRegimes: [],
                ...trust,
                ...facts,
            }
        }),
        artifacts,
        consentOf: () => "signatory",
    })

    test("of the duty rule shows who loses what, and who waits", () => {
        const found = preview("1", "2", some([{}, { reporting: "always" }]))
        const lines = found.map(
            (d) =>
                `${d.partners.join()} ${d.artifacts.join()} ${d.before.from} → ${d.after.grantedClass} ` +
                `${d.after.from} ${d.change}`,
        )
        expect(lines).toEqual([
            "p1 summary 10 → summary 15 later",
            "p1 technical 10 → summary 15 narrower",
            "p1 guidance 10 → guidance 15 later",
            "p1 indicators 10 → indicators 15 later",
            "p1 rules 10 → rules 15 later",
            "p1 repro 10 → null null narrower",
            "p1 poc 10 → null null narrower",
        ])
    })

    test("needs one person for the rule, and two to remove it", () => {
        expect([isNarrowing(preview("1", "2")), isNarrowing(preview("2", "1"))]).toEqual([true, false])
        expect(new Set(preview("2", "1").map((d) => d.change))).toEqual(new Set(["wider", "earlier"]))
        expect(preview("1", "1")).toEqual([])
    })

    test("orders earlier and later without a schedule", () => {
        const none = { at: null, releasedAt: null, version: null }
        const unplanned = { validate: none, advance: none, entry: none, publication: none }
        const item = {
            ...some([{ reporting: "always" }]),
            artifacts: artifacts.map((a) => ({ ...a, waves: unplanned })),
        }
        const rules = (found: ReturnType<typeof compare>) => found.find((d) => d.artifacts.includes("rules"))?.change
        expect([rules(preview("1", "2", item)), rules(preview("2", "1", item))]).toEqual(["later", "earlier"])
    })

    test("calls less but sooner neither narrower nor wider", () => {
        const text = `@id("x") @title("Xx") permit (principal, action == Action::"receiveAtPublication", resource);`
        engine.load("all late", text, schemaText)
        expect(preview("all late", "2", some([{ tier: "entry" }])).map((d) => d.change)).toContain("earlier")
        engine.load("summary", text.replace("receiveAtPublication", "receiveSummary"), schemaText)
        const late = decideMatrix(engine, "summary", some([{}]), 0)
        const rows = late.rows.map((row) => ({
            ...row,
            decisions: row.decisions.map((decision) => ({ ...decision, from: 3 })),
        }))
        const sooner = { ...late, rows }
        const changes = compare(decideMatrix(engine, "all late", some([{}]), 0), sooner)
        expect(changes.map((d) => d.change)).toEqual(artifacts.map(() => "mixed"))
        expect(isNarrowing(changes)).toBe(false)
    })

    test("refuses two different sets of partners", () => {
        expect(() =>
            compare(decideMatrix(engine, "1", some([{}]), 0), decideMatrix(engine, "1", some([{}, {}]), 0)),
        ).toThrow("different partners")
    })
})

describe("the set of possible partners", () => {
    const narrowing = (before: string, after: string): boolean | null => {
        const references = [...engine.references(before), ...engine.references(after)]
        const ground = possibleFacts({ references, reports: true, regimes: true }, 1500)
        return (
            ground &&
            isNarrowing(compare(decideMatrix(engine, before, ground, 0), decideMatrix(engine, after, ground, 0)))
        )
    }
    const permit = (when: string) =>
        `${threeTier.text} @id("more") @title("More") permit (principal, action, resource) when { ${when} };`

    test.each([
        ["a tier without partners", 'principal.tier == Tier::"none"'],
        [
            "a duty without partners",
            'principal.dutyRegimes.contains(Regime::"CRA") && resource.class == Class::"patch"',
        ],
        ["exactly one duty", 'principal.dutyRegimes == [Regime::"CRA"] && resource.class == Class::"patch"'],
        ["no duties", 'principal.dutyRegimes.isEmpty() && resource.class == Class::"patch"'],
        ["all duties but one", '!principal.dutyRegimes.contains(Regime::"CRA") && resource.class == Class::"repro"'],
        ["a future case", 'resource.cases == [Case::"c1"] && resource.class == Class::"repro"'],
        ["a future bypass", 'resource.cases.contains(Case::"c1") && resource.cases != [Case::"c1"]'],
    ])("includes %s, so that a gain is seen", (_, when) => {
        engine.load("more", permit(when), schemaText)
        expect([narrowing("1", "more"), narrowing("more", "1")]).toEqual([false, true])
    })

    test("is not built for policies with too many distinctions", () => {
        const regimes = ["A", "B", "C", "D"].map((id) => `Regime::"${id}"`)
        engine.load("many", permit(`principal.dutyRegimes.containsAny([${regimes.join(", ")}])`), schemaText)
        expect(narrowing("1", "many")).toBe(null)
    })
})

test.each([
    ['Partner::"acme"', '(principal == Partner::"acme", action, resource)'],
    ['Artifact::"a1"', '(principal, action, resource == Artifact::"a1")'],
    ['Partner::"p"', '(principal, action, resource) when { {annotations: Partner::"p"}.annotations == principal }'],
])("a policy that names %s is refused", (named, rule) => {
    engine.load("named", `@id("x") @title("Xx") forbid ${rule};`, schemaText)
    const message = expect.stringContaining(named) as string
    expect(() => assertNamesNoPartner(engine.references("named"))).toThrow(
        expect.objectContaining({ code: "policy.names_partner", message }),
    )
    expect(() => assertNamesNoPartner(engine.references("2"))).not.toThrow()
})
