import * as fc from "fast-check"
import { Check } from "typebox/value"
import { describe, expect, test } from "vitest"
import { Refusal } from "@tocsin/base/refusal"
import { type Criterion, assertCriteriaMet, validateCriteria, shippedCriteria, tallyScores } from "./admission.ts"
import {
    type Application,
    type OrganisationFacts,
    applicationShape,
    validateApplication,
    assertUnrelated,
} from "./application.ts"
import {
    type Measurements,
    type TierRules,
    validateTierRules,
    proposalFor,
    shippedTierRules,
} from "../requirements/qualification.ts"
import { type Tier, tiers } from "../partner.ts"
import { type Rules, relaxesRequirements, validateRules, rulesShapes, shippedRules } from "../program-rules.ts"

function codeOrResult(work: () => unknown): unknown {
    try {
        return work()
    } catch (error) {
        if (error instanceof Refusal) return error.code
        throw error
    }
}

const story = "Two engineers on call read it; one acts within the hour."
const form: Application = {
    organisation: "Marrowfield",
    mail: "warnings@marrowfield.example",
    contact: { name: "Ottilie Brandt", mail: "ottilie@marrowfield.example" },
    productClasses: ["network_detection"],
    products: ["Marrow Gate"],
    regions: ["Northern Europe"],
    inHouseProtection: story,
    workedExample: { cve: "CVE-2024-3400", text: story },
    dataUse: `${story}\n\t${story}`,
    mailboxReaders: story,
    automation: "None.",
}

describe("an application", () => {
    test.each<[string, Partial<Application>, string | undefined]>([
        ["valid", {}, undefined],
        ["an invalid address", { mail: "marrowfield" }, "partner.bad_mail"],
        ["a header in the contact", { contact: { name: "O", mail: "a@b.example\nBcc: c@d" } }, "partner.bad_mail"],
        ["a name of spaces", { organisation: "  " }, "partner.bad_name"],
        ["a product of spaces", { products: ["Gate", " "] }, "application.bad_text"],
        ["a control character in a story", { dataUse: `${story}\u0007` }, "application.bad_text"],
        ["an escape character in a region", { regions: ["\u009b31m"] }, "application.bad_text"],
    ])("%s", (_, part, expected) => {
        expect(codeOrResult(() => validateApplication({ ...form, ...part }))).toBe(expected)
        if (expected === undefined) expect(Check(applicationShape, { ...form, ...part })).toBe(true)
    })

    const another: OrganisationFacts = { partner: "p2", name: "Halcyon", mails: ["psirt@halcyon.example"], owners: [] }
    const itself = "application.own_vouch"
    test.each<[string, Partial<OrganisationFacts>, string | undefined, string[]?]>([
        ["another partner", {}, undefined],
        ["itself", { partner: "p1" }, itself],
        ["a person of its own domain", { mails: ["a@halcyon.example", "b@MARROWFIELD.example"] }, itself],
        ["a look-alike domain", { mails: ["a@marrowfield.example.org"] }, undefined],
        ["a domain with the same ending", { mails: ["a@notmarrowfield.example"] }, undefined],
        ["a subdomain of its own", { mails: ["a@labs.marrowfield.example"] }, itself],
        ["a parent domain of its own", { mails: ["a@halcyon.example", "a@example."] }, itself],
        ["its owner", {}, itself, ["Halcyon Group plc"]],
        ["its owner, by a shorter name", { name: "Halcyon Group plc" }, itself, ["HALCYON"]],
        ["another partner than its owner", { name: "Halcyonic" }, undefined, ["Halcyon", "—"]],
        ["a partner that it owns", { owners: ["Somebody", "Marrowfield Ltd."] }, itself],
        ["a partner with the same owner", { owners: ["Marrow & Sons"] }, undefined],
    ])("vouched for by %s", (_, house, expected, owners = []) => {
        const applicant = { partner: "p1", name: "Marrowfield", mails: [form.mail, form.contact.mail], owners }
        expect(codeOrResult(() => assertUnrelated(applicant, { ...another, ...house }))).toBe(expected)
    })
})

describe("scores", () => {
    const criteria: Criterion[] = [
        { id: "a", text: "A", weight: 3, required: true },
        { id: "b", text: "B", weight: 1, required: false },
    ]
    let seq = 0
    const score = (criterion: string, person: string, points: number) => ({
        criterion,
        person,
        score: points,
        seq: ++seq,
    })

    test.each([
        ["no scores", [], { total: 0, unscored: ["a"], unmet: [] }],
        ["full scores", [score("a", "x", 4), score("b", "x", 4)], { total: 100, unscored: [], unmet: [] }],
        ["a low required score", [score("a", "x", 1), score("b", "x", 4)], { total: 44, unscored: [], unmet: ["a"] }],
        ["the mean of two people", [score("a", "x", 1), score("a", "y", 3)], { total: 38, unscored: [], unmet: [] }],
        [
            "the later score of one person",
            [score("a", "x", 4), score("a", "x", 0)],
            { total: 0, unscored: [], unmet: ["a"] },
        ],
        ["a score for an unknown criterion", [score("c", "x", 4)], { total: 0, unscored: ["a"], unmet: [] }],
    ])("%s", (_, scores, expected) => {
        expect(tallyScores(criteria, scores)).toEqual(expected)
        const carried = expected.unscored.length + expected.unmet.length === 0
        expect(codeOrResult(() => assertCriteriaMet(expected)) === undefined).toBe(carried)
    })

    test("a total is at most 100, grows with each score, and ignores the order", () => {
        const item = fc.record({
            criterion: fc.constantFrom("a", "b"),
            person: fc.constantFrom("x", "y", "z"),
            score: fc.integer({ min: 0, max: 3 }),
        })
        fc.assert(
            fc.property(fc.array(item), fc.nat(), (rows, n) => {
                const scores = rows.map((row, i) => ({ ...row, seq: i }))
                const { total } = tallyScores(criteria, scores)
                expect(total).toBeGreaterThanOrEqual(0)
                expect(total).toBeLessThanOrEqual(100)
                expect(tallyScores(criteria, scores.toReversed()).total).toBe(total)
                const raised = scores.map((row, i) => (i === n % rows.length ? { ...row, score: row.score + 1 } : row))
                expect(tallyScores(criteria, raised).total).toBeGreaterThanOrEqual(total)
            }),
        )
    })

    test("invalid criteria are refused", () => {
        const [item] = criteria as [Criterion, ...Criterion[]]
        expect(codeOrResult(() => validateCriteria([]))).toBe("admission.bad_criteria")
        expect(codeOrResult(() => validateCriteria([item, item]))).toBe("admission.duplicate_criterion")
        expect(codeOrResult(() => validateCriteria([{ ...item, text: " " }]))).toBe("admission.bad_text")
        expect(codeOrResult(() => validateCriteria(shippedCriteria))).toBeUndefined()
    })
})

describe("tiers", () => {
    const good: Measurements = {
        months_active: 30,
        usable_keys: 1,
        leads: 1,
        attested: 1,
        overdue: 0,
        late_in_a_year: 0,
        percent_acknowledged: 100,
    }

    test.each<[string, Tier, Partial<Measurements>, Tier | null]>([
        ["all met, one tier at a time", "entry", {}, "advance"],
        ["all met, the next tier", "advance", {}, "validate"],
        ["no higher tier", "validate", {}, null],
        ["too new for a higher tier", "entry", { months_active: 5 }, null],
        ["unknown, so not raised", "entry", { percent_acknowledged: null }, null],
        ["unknown, so not lowered", "validate", { percent_acknowledged: null }, null],
        ["lowered by its own tier's criteria", "validate", { attested: 0 }, "advance"],
        ["lowered by a lower tier's criteria", "validate", { usable_keys: 0 }, "entry"],
        ["late too often", "advance", { late_in_a_year: 3 }, "entry"],
        ["an active partner has the lowest tier", "entry", { overdue: 3, usable_keys: 0 }, null],
    ])("%s", (_, tier, part, expected) => {
        expect(proposalFor(shippedTierRules, tier, { ...good, ...part })?.to ?? null).toBe(expected)
    })

    test("a proposal lists everything that was checked", () => {
        const found = proposalFor(shippedTierRules, "validate", { ...good, late_in_a_year: 1 })
        expect(found).toMatchObject({ from: "validate", to: "advance" })
        expect(found?.findings).toHaveLength(shippedTierRules.advance.length + shippedTierRules.validate.length)
        expect(found?.findings).toContainEqual({ tier: "validate", criterion: "always-in-time", value: 1, met: false })
    })

    test("accepted proposals settle: they never repeat in a circle", () => {
        const value = fc.option(fc.integer({ min: 0, max: 120 }))
        const facts = fc.record(Object.fromEntries(Object.keys(good).map((fact) => [fact, value])))
        fc.assert(
            fc.property(facts, fc.constantFrom(...tiers), (measured, start) => {
                let [tier, steps] = [start, 0]
                for (let next = proposalFor(shippedTierRules, tier, measured as Measurements); next; steps++) {
                    tier = next.to
                    next = proposalFor(shippedTierRules, tier, measured as Measurements)
                    expect(steps).toBeLessThan(3)
                }
            }),
        )
    })

    test("invalid rules are refused", () => {
        const [item] = shippedTierRules.advance
        const twice: TierRules = { entry: [], advance: item ? [item] : [], validate: item ? [item] : [] }
        expect(codeOrResult(() => validateTierRules(twice))).toBe("qualification.duplicate_criterion")
    })
})

describe("rules", () => {
    test("the shipped rules are valid", () => {
        for (const kind of ["admission", "tiers", "testing", "requirements", "consent", "embargo"] as const) {
            expect(Check(rulesShapes[kind], shippedRules[kind])).toBe(true)
            expect(codeOrResult(() => validateRules(kind, shippedRules[kind]))).toBeUndefined()
        }
    })

    const { requirements } = shippedRules
    const withKey = (key: Rules["requirements"]["kinds"]["key"]): Rules["requirements"] => ({
        ...requirements,
        kinds: { ...requirements.kinds, key },
    })
    test.each<[string, Rules["requirements"], boolean]>([
        ["the same rules", requirements, false],
        ["a longer grace period", withKey({ graceDays: 15, remindDays: [1] }), true],
        ["a shorter grace period", withKey({ graceDays: 13, remindDays: [1] }), false],
        ["other reminders", withKey({ graceDays: 14, remindDays: [1] }), false],
        ["a less frequent mailbox check", { ...requirements, mailboxEveryDays: 366 }, true],
        ["a more frequent mailbox check", { ...requirements, mailboxEveryDays: 30 }, false],
    ])("%s: two people %s", (_, after, expected) => {
        expect(relaxesRequirements(requirements, after)).toBe(expected)
    })

    test("access is withheld only after a reminder", () => {
        expect(codeOrResult(() => validateRules("requirements", withKey({ graceDays: 14, remindDays: [] })))).toBe(
            "program_rules.reminder_missing",
        )
    })
})
