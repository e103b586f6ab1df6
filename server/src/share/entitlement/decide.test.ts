import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { dayMs, formatInstant, parseInstant } from "@tocsin/base/instant"
import type { Evaluator } from "../../models/policy.ts"
import { openPolicyEngine } from "../../platform/policy/engine.ts"
import { requirementKinds } from "../../trust/partners/requirements/requirement.ts"
import { reportings } from "../../trust/partners/reporting-duties/reporting-duties.ts"
import { type Tier, partnerStatuses, tiers } from "../../trust/partners/partner.ts"
import { type ArtifactClass, artifactClasses } from "../artifacts/artifact.ts"
import { shippedSchedule, wavesIn } from "../waves/wave.ts"
import { type Decision, decide, replay } from "./decide.ts"
import type { ArtifactFacts, DecisionRequest, Consent, WaveFacts, PartnerFacts } from "./facts.ts"
import { threeTier, threeTierWithDuty } from "./packs/three-tier.ts"
import { schemaText } from "./schema.ts"

const engine = openPolicyEngine()
engine.load("1", threeTier.text, schemaText)
engine.load("2", threeTierWithDuty.text, schemaText)

const publication = parseInstant("2025-07-08T17:00:00Z")

function partner(facts: Partial<PartnerFacts> = {}): PartnerFacts {
    const trust = { status: "active", agreement: "accepted", overdue: [], restriction: null } as const
    return { partner: "acme", tier: "entry", reporting: "never", dutyRegimes: [], ...trust, ...facts }
}

/** The shipped plan; each wave was released at its instant, for as many as `released` tells. */
function artifact(subject: ArtifactClass, facts: Partial<ArtifactFacts> = {}, end = publication): ArtifactFacts {
    const gate = (at: number): WaveFacts => ({ at, releasedAt: at, version: 1 })
    const waves = Object.fromEntries(wavesIn(shippedSchedule).map(({ tier, offsetMs }) => [tier, gate(end + offsetMs)]))
    return {
        artifact: `a-${subject}`,
        case: "toolshell",
        origins: [],
        class: subject,
        newest: 1,
        recalled: [],
        exploited: false,
        closure: null,
        waves: waves as ArtifactFacts["waves"],
        ...facts,
    }
}

function requestFor(
    subject: ArtifactClass,
    facts: Partial<PartnerFacts> = {},
    consent: Consent = "signatory",
): DecisionRequest {
    return { partner: partner(facts), consent, artifact: artifact(subject) }
}

/** `T-5`, `T-0 summary`, `-`: when by plan, and what where it is not the thing itself. */
function cell({ outcome, grantedClass: gives, from }: Decision): string {
    if (gives === null || from === null) return "-"
    const word = { full: "", at_publication: "", reduced: ` ${gives}`, withheld: "" }[outcome]
    return `T${(from - publication) / dayMs || "-0"}${word}`
}

const duty = { reporting: "always", dutyRegimes: ["RMSV"] } as const

describe("a recalled artifact", () => {
    const opened = (entry: number | null, last: number | null) => {
        const gate = (version: number | null): WaveFacts => ({
            at: 1,
            releasedAt: version === null ? null : 1,
            version,
        })
        return { validate: gate(null), advance: gate(null), entry: gate(entry), publication: gate(last) }
    }
    const every = "every" as const
    test.each([
        ["is withheld", opened(1, null), 1, [every], "withheld, recalled"],
        ["is withheld before its release", opened(null, null), 1, [1], "withheld, recalled"],
        ["stays withheld when the newest version is recalled too", opened(1, null), 2, [1, 2], "withheld, recalled"],
        ["leaves versions that were not recalled", opened(1, null), 1, [2], "open"],
        ["leaves an older open version", opened(1, null), 2, [2], "open"],
        ["is not replaced by an older version", opened(1, 2), 2, [2], "withheld, recalled"],
        ["is replaced by a planned version", opened(1, null), 2, [1], "waits, recalled"],
        ["is replaced by a released version", opened(1, 2), 2, [1], "open"],
        ["is recalled as a whole, with versions to come", opened(1, null), 7, [every], "withheld, recalled"],
    ] as const)("%s", (_, waves, newest, recalled, expected) => {
        const input = { ...requestFor("rules"), artifact: artifact("rules", { waves, newest, recalled }) }
        const decision = decide(engine, "1", input, publication)
        const form = decision.grantedClass === null ? "withheld" : decision.available ? "open" : "waits"
        expect(decision.recalled ? `${form}, recalled` : form).toBe(expected)
        expect(decision.reasons.some((reason) => reason.policy === "recall")).toBe(decision.recalled)
    })

    test("does not show as recalled to a partner that is not entitled", () => {
        const input = {
            ...requestFor("rules", { status: "suspended" }),
            artifact: artifact("rules", { recalled: [every] }),
        }
        expect(decide(engine, "1", input, publication)).toMatchObject({ outcome: "withheld", recalled: false })
    })
})

test("a case whose content was deleted gives nothing, also what was released", () => {
    const input = { ...requestFor("rules"), artifact: artifact("rules", { closure: "content_deleted" }) }
    const decision = decide(engine, "1", input, publication + dayMs)
    expect(decision).toMatchObject({ outcome: "withheld", available: false, recalled: false })
    expect(decision.reasons.map(({ policy }) => policy)).toEqual(["closure"])
})

describe("the shipped table", () => {
    const rows = (table: string) =>
        table
            .trim()
            .split("\n")
            .map((line) => line.split("|").map((word) => word.trim()))
    const free = rows(`
        summary    | T-1 | T-5 | T-14
        technical  | T-1 | T-5 | T-14
        guidance   | T-1 | T-5 | T-14
        indicators | T-1 | T-5 | T-14
        rules      | T-1 | T-5 | T-14
        poc        | T-1 | T-5 | T-14
        repro      | -   | T-5 | T-14
        patch      | T-0 | T-0 | T-14`)
    const held = rows(`
        summary    | T-0         | T-0         | T-0
        technical  | T-0 summary | T-0 summary | T-0 summary
        guidance   | T-0         | T-0         | T-0
        indicators | T-0         | T-0         | T-0
        rules      | T-0         | T-0         | T-0
        poc        | -           | -           | -
        repro      | -           | -           | -
        patch      | T-0         | T-0         | T-0`)

    test.each([
        ["1, without a duty", "1", {}, free],
        ["1, with an unknown duty", "1", duty, free],
        ["2, without a duty", "2", {}, free],
        ["2, with another duty", "2", { dutyRegimes: ["CRA"] }, free],
        ["2, with a duty to report before publication", "2", duty, held],
    ])("version %s", (_, policy, facts, table) => {
        const found = artifactClasses.map((artifactClass) => [
            artifactClass,
            ...tiers.map((tier) =>
                cell(decide(engine, policy, requestFor(artifactClass, { tier, ...facts }), publication)),
            ),
        ])
        expect(found.sort()).toEqual(table.toSorted())
    })

    test("gives nothing to a partner without a tier", () => {
        const requests = artifactClasses.flatMap((artifactClass) =>
            [{}, duty].map((facts) => requestFor(artifactClass, { tier: null, ...facts })),
        )
        expect(requests.map((request) => decide(engine, "2", request, publication).outcome)).toEqual(
            requests.map(() => "withheld"),
        )
    })
})

describe("reasons", () => {
    /** `+` permits, `-` forbids, `?` unmet: the rule, and the clause. */
    const marks = { permits: "+", forbids: "-", unmet: "?", error: "!" }
    const reason = (policy: string, request: DecisionRequest): string[] =>
        decide(engine, policy, request, publication).reasons.map((r) =>
            `${marks[r.effect]} ${r.policy} ${r.clause ?? ""}`.trim(),
        )

    test.each([
        ["a permit", "1", requestFor("poc"), ["+ wave-of-tier"]],
        [
            "the clause that was not met",
            "1",
            requestFor("repro"),
            ['? repro-for-advance [Tier::"advance", Tier::"validate"].contains(principal.tier)'],
        ],
        ["a forbid", "2", requestFor("poc", duty), ["- duty-no-wave"]],
        ["what denied more", "2", requestFor("technical", duty), ["- duty-no-wave", "+ duty-summary"]],
        [
            "both",
            "2",
            requestFor("repro", duty),
            ["- duty-no-wave", '? repro-for-advance [Tier::"advance", Tier::"validate"].contains(principal.tier)'],
        ],
        ["no tier", "1", requestFor("summary", { tier: null }), ['? wave-of-tier principal.tier != Tier::"none"']],
        [
            "every reason of a precondition",
            "1",
            requestFor("poc", { status: "suspended", agreement: "expired", overdue: ["attestation", "key"] }, "none"),
            ["- status", "? agreement", "? overdue", "? overdue", "? consent"],
        ],
    ])("name %s", (_, policy, request, expected) => {
        expect(reason(policy, request)).toEqual(expected)
    })

    test("say when no rule covers an artifact", () => {
        const text = `@id("a") @title("A") permit (principal, action, resource)
                when { resource.class == Class::"poc" };`
        engine.load("poc only", text, schemaText)
        expect(reason("poc only", requestFor("rules"))).toEqual(["? default"])
    })

    test("have texts", () => {
        for (const artifactClass of artifactClasses) {
            for (const reason of decide(engine, "2", requestFor(artifactClass, duty), publication).reasons) {
                expect(reason.title).toMatch(/^[A-Z].{10,}/)
                if (reason.clause !== undefined)
                    expect(reason.unmetCondition).toMatchObject({ parts: [{}], tier: expect.any(String) })
            }
        }
    })
})

describe("preconditions that no policy overrides", () => {
    engine.load("all", `@id("all") @title("Everything") permit (principal, action, resource);`, schemaText)
    const restriction = { withhold: [], notBeforePublication: false, cases: null }

    test.each(partnerStatuses.map((status) => [status, status === "active" || status === "restricted"]))(
        "status %s: %s",
        (status, open) => {
            const decision = decide(engine, "all", requestFor("poc", { status, restriction }), publication)
            expect([decision.outcome !== "withheld", decision.available]).toEqual([open, open])
        },
    )

    test.each<[string, DecisionRequest]>([
        ["a lapsed agreement", requestFor("poc", { agreement: "expired" })],
        ["no agreement", requestFor("poc", { agreement: "none" })],
        ...requirementKinds.map((kind): [string, DecisionRequest] => [
            `what is overdue: ${kind}`,
            requestFor("poc", { overdue: [kind] }),
        ]),
        ["no consent", requestFor("poc", {}, "none")],
        ["no answer", requestFor("poc", {}, "invited")],
        ["a lapsed consent", requestFor("poc", {}, "expired")],
        ["a consent declined", requestFor("poc", {}, "declined")],
        ["an undescribed restriction", requestFor("poc", { status: "restricted" })],
    ])("content waits for %s", (_, request) => {
        expect(decide(engine, "all", request, publication)).toMatchObject({
            outcome: "withheld",
            grantedClass: null,
            available: false,
        })
    })
})

describe("a restriction of one partner", () => {
    const restricted = (
        changes: Partial<NonNullable<PartnerFacts["restriction"]>>,
        subject: ArtifactClass = "poc",
        more = {},
    ) =>
        requestFor(subject, {
            restriction: { withhold: [], notBeforePublication: false, cases: null, ...changes },
            ...more,
        })

    test.each([
        ["withholds a class", restricted({ withhold: ["poc"] }), "-"],
        ["withholds no other class", restricted({ withhold: ["repro"] }), "T-1"],
        ["delays to publication", restricted({ notBeforePublication: true }), "T-0"],
        ["gives nothing that the policy denies", restricted({ notBeforePublication: true }, "repro"), "-"],
        ["withholds the class of a substitute, too", restricted({ withhold: ["summary"] }, "technical", duty), "-"],
        ["applies to its cases", restricted({ withhold: ["poc"], cases: ["toolshell"] }), "-"],
        ["applies to no other case", restricted({ withhold: ["poc"], cases: ["log4shell"] }), "T-1"],
    ])("%s", (_, request, expected) => {
        expect(cell(decide(engine, "2", request, publication))).toBe(expected)
    })

    test.each([
        ["the artifact's", restricted({ withhold: ["poc"] }), "poc"],
        ["that of a substitute", restricted({ withhold: ["summary"] }, "technical", duty), "summary"],
    ])("names the class that it withholds: %s", (_, request, withheldClass) => {
        const [reason] = decide(engine, "2", request, publication).reasons
        expect(reason).toMatchObject({ code: "class_restricted", withheldClass })
        expect(reason?.title).toBe(`A measure withholds the class \`${withheldClass}\` from this partner`)
    })
})

describe("schedule and release", () => {
    const at = (text: string) => parseInstant(`2025-07-${text}:00Z`)
    const planned = at("07T17:00")
    const waves = (entry: WaveFacts | null, last: WaveFacts | null) => ({
        validate: null,
        advance: null,
        entry,
        publication: last,
    })
    const end = { at: publication, releasedAt: null, version: null }
    const none = { at: null, releasedAt: null, version: null }

    test.each([
        [
            "before its instant",
            waves({ at: planned, releasedAt: null, version: null }, end),
            at("07T16:59"),
            false,
            false,
        ],
        [
            "at its instant, not released",
            waves({ at: planned, releasedAt: null, version: null }, end),
            planned,
            false,
            false,
        ],
        ["at its instant, released", waves({ at: planned, releasedAt: planned, version: 1 }, end), planned, true, true],
        [
            "released, and scheduled later",
            waves({ at: planned, releasedAt: at("06T00:00"), version: 1 }, end),
            at("07T12:00"),
            true,
            false,
        ],
        [
            "to be released later",
            waves({ at: planned, releasedAt: at("08T00:00"), version: 1 }, end),
            planned,
            false,
            false,
        ],
        ["no schedule", waves(none, none), publication, false, false],
        ["no wave", waves(null, null), publication, false, false],
        [
            "no wave for the tier, after publication",
            waves(null, { at: publication, releasedAt: publication, version: 1 }),
            publication,
            true,
            true,
        ],
        [
            "a skipped wave, after publication",
            waves(
                { at: planned, releasedAt: null, version: null },
                { at: publication, releasedAt: publication, version: 1 },
            ),
            publication,
            true,
            true,
        ],
    ])("%s", (_, gates, now, released, available) => {
        const item = { ...requestFor("poc"), artifact: artifact("poc", { waves: gates }) }
        expect(decide(engine, "1", item, now)).toMatchObject({ outcome: "full", released, available })
    })

    test("a partner delayed to publication gets nothing by the wave of its tier", () => {
        const decision = decide(engine, "2", requestFor("rules", duty), publication - 1)
        expect(decision).toMatchObject({ outcome: "at_publication", available: false, waves: ["publication"] })
        expect(decide(engine, "2", requestFor("rules", duty), publication)).toMatchObject({ available: true })
    })
})

describe("an error denies", () => {
    const answers = (decision: "allow" | "deny", errors: string[]): Evaluator => ({
        decide: () => ({ decision, determining: [{ id: "x", title: "X", effect: "permit" }], errors }),
        clauses: () => [],
        rules: () => [],
        namesEntity: () => true,
        readsAttribute: () => true,
        entityFingerprint: () => null,
    })

    test.each([
        ["next to a permit", answers("allow", ["the rule failed"])],
        ["next to a denial", answers("deny", ["the rule failed"])],
    ])("%s", (_, failing) => {
        const decision = decide(failing, "1", requestFor("summary"), publication)
        expect(decision).toMatchObject({ outcome: "withheld", available: false, reasons: [{ effect: "error" }] })
    })

    test("a permit without a rule denies", () => {
        const silent: Evaluator = {
            decide: () => ({ decision: "allow", determining: [], errors: [] }),
            clauses: () => [],
            rules: () => [],
            namesEntity: () => true,
            readsAttribute: () => true,
            entityFingerprint: () => null,
        }
        expect(decide(silent, "1", requestFor("summary"), publication).outcome).toBe("withheld")
    })

    test("a policy that is not loaded denies", () => {
        expect(decide(engine, "nowhere", requestFor("summary"), publication)).toMatchObject({ outcome: "withheld" })
    })

    test("facts outside the vocabulary deny", () => {
        const odd = requestFor("summary", { tier: "platinum" as Tier })
        expect(decide(engine, "1", odd, publication)).toMatchObject({
            outcome: "withheld",
            reasons: [{ effect: "error" }],
        })
    })

    test("a forbid that overflows denies", () => {
        const forbid = `@id("f") @title("Fails") forbid (principal, action, resource)
            when { if principal.reportsBeforePublication then 9223372036854775807 + 1 > 0 else false };`
        engine.load("fails", threeTier.text + forbid, schemaText)
        expect(decide(engine, "fails", requestFor("poc", duty), publication).outcome).toBe("withheld")
        expect(decide(engine, "fails", requestFor("poc"), publication).outcome).toBe("full")
    })
})

describe("replay: ToolShell, July 2025", () => {
    const at = parseInstant
    const shown = (policy: string, subject: ArtifactClass, facts: Partial<PartnerFacts>, when: string): string => {
        const { grantedClass: gives, from, available } = replay(engine, policy, requestFor(subject, facts), at(when))
        return `${gives ?? "nothing"} ${from === null ? "never" : formatInstant(from)} ${available ? "open" : "shut"}`
    }
    const reporting = { tier: "entry", ...duty } as const

    test.each([
        [
            "without the rule, the proof of concept is released a day early",
            "1",
            "poc",
            "2025-07-07T17:00:00Z",
            "poc 2025-07-07T17:00:00Z open",
        ],
        ["without the rule, not a second earlier", "1", "poc", "2025-07-07T16:59:59Z", "poc 2025-07-07T17:00:00Z shut"],
        ["with the rule, no proof of concept", "2", "poc", "2025-07-07T17:00:00Z", "nothing never shut"],
        ["with the rule, none after publication", "2", "poc", "2025-07-21T00:00:00Z", "nothing never shut"],
        [
            "without the rule, technical detail is released a day early",
            "1",
            "technical",
            "2025-07-07T17:00:00Z",
            "technical 2025-07-07T17:00:00Z open",
        ],
        [
            "with the rule, the summary is released with the patch",
            "2",
            "technical",
            "2025-07-08T16:59:59Z",
            "summary 2025-07-08T17:00:00Z shut",
        ],
        [
            "with the rule, at that instant",
            "2",
            "technical",
            "2025-07-08T17:00:00Z",
            "summary 2025-07-08T17:00:00Z open",
        ],
        ["with the rule, the summary too", "2", "summary", "2025-07-08T17:00:00Z", "summary 2025-07-08T17:00:00Z open"],
        ["with the rule, the patch too", "2", "patch", "2025-07-08T17:00:00Z", "patch 2025-07-08T17:00:00Z open"],
    ] as const)("%s", (_, policy, subject, when, expected) => {
        expect(shown(policy, subject, reporting, when)).toBe(expected)
    })

    test.each([
        ["validate", "2025-06-24T17:00:00Z"],
        ["advance", "2025-07-03T17:00:00Z"],
        ["entry", "2025-07-07T17:00:00Z"],
    ] as const)("the wave of %s is due at %s", (tier, falls) => {
        expect(shown("2", "poc", { tier }, falls)).toBe(`poc ${falls} open`)
        expect(shown("2", "poc", { tier }, formatInstant(at(falls) - 1000))).toBe(`poc ${falls} shut`)
    })

    test("a later release is unknown at the instant", () => {
        const late = { ...requestFor("poc"), artifact: artifact("poc", {}, publication) }
        const then = replay(engine, "1", late, publication - 2 * dayMs)
        expect([then.released, then.available]).toEqual([false, false])
    })

    test("a bypass inherits the same policy, and a measure about the first case", () => {
        const end = at("2025-07-20T00:00:00Z")
        const bypass = artifact("poc", { case: "bypass", origins: ["toolshell"] }, end)
        const stranger = artifact("poc", { case: "stranger" }, end)
        const measure = { withhold: ["poc"], notBeforePublication: false, cases: ["toolshell"] } as const
        const outcome = (facts: Partial<PartnerFacts>, artifact: ArtifactFacts, policy = "2") =>
            replay(engine, policy, { partner: partner(facts), consent: "signatory", artifact }, end).outcome
        expect(outcome({}, bypass)).toBe("full")
        expect(outcome(duty, bypass)).toBe("withheld")
        expect(outcome(duty, bypass, "1")).toBe("full")
        expect(outcome({ restriction: measure }, bypass)).toBe("withheld")
        expect(outcome({ restriction: measure }, stranger)).toBe("full")
    })

    test("a rule about a case applies to its bypasses", () => {
        const rule = `@id("no-poc-of-it") @title("No proof of concept of this case")
            forbid (principal, action, resource)
            when { resource.class == Class::"poc" && resource.cases.contains(Case::"toolshell") };`
        engine.load("case", threeTier.text + rule, schemaText)
        const outcome = (facts: Partial<ArtifactFacts>) =>
            decide(engine, "case", { ...requestFor("poc"), artifact: artifact("poc", facts) }, publication).outcome
        expect(outcome({})).toBe("withheld")
        expect(outcome({ case: "bypass", origins: ["toolshell"] })).toBe("withheld")
        expect(outcome({ case: "stranger" })).toBe("full")
    })
})

describe("with any facts", () => {
    const classOf = fc.constantFrom(...artifactClasses)
    const restriction = fc.record({
        withhold: fc.subarray([...artifactClasses]),
        notBeforePublication: fc.boolean(),
        cases: fc.constant(null),
    })
    const facts = fc.record({
        partner: fc.constant("acme"),
        tier: fc.constantFrom(null, ...tiers),
        status: fc.constantFrom(...partnerStatuses),
        reporting: fc.constantFrom(...reportings),
        dutyRegimes: fc.subarray(["RMSV", "CRA"]),
        agreement: fc.constantFrom("accepted", "expired", "none"),
        overdue: fc.subarray([...requirementKinds]),
        restriction: fc.option(restriction, { nil: null }),
    })
    const consent = fc.constantFrom<Consent>("none", "invited", "signatory", "expired", "declined")
    const now = fc.integer({ min: -16, max: 2 }).map((days) => publication + days * dayMs)
    const policy = fc.constantFrom("1", "2")

    test("open content was permitted, scheduled and released, and withheld content is not open", () => {
        fc.assert(
            fc.property(facts, consent, classOf, now, policy, (person, agreed, subject, when, by) => {
                const decision = decide(
                    engine,
                    by,
                    { partner: person, consent: agreed, artifact: artifact(subject) },
                    when,
                )
                expect(decision.grantedClass === null).toBe(decision.outcome === "withheld")
                expect(decision.reasons.length).toBeGreaterThan(0)
                if (!decision.available) return
                expect(decision.from).toBeLessThanOrEqual(when)
                expect(decision).toMatchObject({
                    released: true,
                    outcome: expect.not.stringMatching("withheld") as string,
                })
                expect([person.status === "active" || person.restriction !== null, person.agreement, agreed]).toEqual([
                    true,
                    "accepted",
                    "signatory",
                ])
            }),
        )
    })

    test("a restriction and the duty rule only withhold", () => {
        fc.assert(
            fc.property(facts, classOf, now, (person, subject, when) => {
                const open = (partner: PartnerFacts, by: string) =>
                    decide(engine, by, { partner, consent: "signatory", artifact: artifact(subject) }, when).available
                const free = { ...person, status: "active", restriction: null } as const
                if (open({ ...free, restriction: person.restriction }, "2")) expect(open(free, "2")).toBe(true)
                if (open(free, "2")) expect(open(free, "1")).toBe(true)
            }),
        )
    })
})
