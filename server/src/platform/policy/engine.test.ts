import fc from "fast-check"
import { describe, expect, test } from "vitest"
import type { PolicyQuestion, AttributeValue } from "../../models/policy.ts"
import { openPolicyEngine } from "./engine.ts"

const schema = `
entity Grade enum ["low", "high"];
entity Reader = { grade: Grade, member: Bool, tags: Set<String>, age: Long };
entity Book = { rare: Bool, subject: String };
action read, borrow appliesTo { principal: Reader, resource: Book };`

const policy = `
@id("read-common") @title("Members read what is not rare")
permit (principal, action == Action::"read", resource)
when { principal.member && !resource.rare };

@id("read-rare") @title("High grades read rare books")
permit (principal is Reader, action in [Action::"read", Action::"borrow"], resource)
when { resource.rare && principal.grade == Grade::"high" }
unless { principal.tags.contains("late") || resource.subject == "maps" };

@id("no-debtors") @title("Debtors read nothing")
forbid (principal, action, resource)
when { principal.tags.contains("debt") };`

interface Reader {
    grade?: string
    member?: boolean
    tags?: readonly string[]
    age?: AttributeValue
}

function question(reader: Reader, book: { rare?: boolean; subject?: string }, action = "read"): PolicyQuestion {
    const { grade = "low", member = false, tags = [], age = 1 } = reader
    const attributes = { grade: { type: "Grade", id: grade }, member, tags, age }
    const { rare = false, subject = "poems" } = book
    return {
        action,
        principal: { type: "Reader", id: "r", attributes },
        resource: { type: "Book", id: "b", attributes: { rare, subject } },
    }
}

function engine(text = policy) {
    const opened = openPolicyEngine()
    opened.load("library", text, schema)
    return opened
}

describe("a decision", () => {
    test.each([
        ["a permit", question({ member: true }, {}), "allow", ["read-common"]],
        ["another", question({ grade: "high" }, { rare: true }), "allow", ["read-rare"]],
        ["a forbid that overrides a permit", question({ member: true, tags: ["debt"] }, {}), "deny", ["no-debtors"]],
        ["no matching rule", question({}, {}), "deny", []],
        ["no rule for another action", question({ member: true }, {}, "borrow"), "deny", []],
    ])("is decided by %s", (_, question, decision, rules) => {
        const answer = engine().decide("library", question)
        expect([answer.decision, answer.determining.map((rule) => rule.id), answer.errors]).toEqual([
            decision,
            rules,
            [],
        ])
    })

    test("names errors instead of throwing", () => {
        const opened = engine()
        expect(opened.decide("nowhere", question({}, {})).errors).toEqual(["no policy `nowhere` is loaded"])
        expect(opened.decide("library", question({ age: "old" }, {}))).toMatchObject({ decision: "deny" })
        expect(opened.decide("library", question({ age: "old" }, {})).errors).toHaveLength(1)
        expect(opened.decide("library", question({ grade: "middle" }, {})).errors).toHaveLength(1)
        expect(opened.decide("library", question({}, {}, "burn")).errors).toHaveLength(1)
    })

    test("names a rule that fails during evaluation, also when another rule permits", () => {
        const overflow = `@id("old") @title("Old readers") forbid (principal, action, resource)
            when { principal.age * 9007199254740991 > 0 };`
        const answer = engine(policy + overflow).decide("library", question({ member: true, age: 9e15 }, {}))
        expect(answer.decision).toBe("allow")
        expect(answer.errors).toEqual([expect.stringMatching(/^old: .*overflow/)])
    })
})

test("two engines do not share names", () => {
    const [policyEngine, other] = [engine(), openPolicyEngine()]
    other.load("library", `@id("all") @title("All") permit (principal, action, resource);`, schema)
    expect(policyEngine.decide("library", question({}, {})).decision).toBe("deny")
    expect(other.decide("library", question({}, {})).decision).toBe("allow")
})

test("clauses list, for each rule, the conditions that were met", () => {
    const clauses = engine().clauses("library", question({ grade: "low", tags: ["late"] }, { rare: true }))
    expect(
        clauses.map((c) => `${c.met ? "+" : "-"} ${c.concernsPrincipal ? "p" : " "} ${c.rule.id}: ${c.text}`),
    ).toEqual([
        "- p read-common: principal.member",
        "-   read-common: !resource.rare",
        "+ p read-rare: permit(principal is Reader, action, resource);",
        "+   read-rare: resource.rare",
        '- p read-rare: principal.grade == Grade::"high"',
        '- p read-rare: !principal.tags.contains("late")',
        '+   read-rare: !(resource.subject == "maps")',
    ])
})

test("references list every entity that a policy names", () => {
    const text = `@id("x") @title("x") forbid (principal == Reader::"r", action == Action::"read", resource)
        when { [Grade::"high", Grade::"high"].contains(principal.grade) };`
    const named = engine(text).references("library")
    expect(named.map(({ type, id }) => `${type} ${id}`).sort()).toEqual(["Action read", "Grade high", "Reader r"])
})

test("it finds whether a policy names an entity", () => {
    const text = `@id("x") @title("x") permit (principal, action, resource) when { principal.grade == Grade::"high" };`
    const names = (name: string, id: string) => engine(text).namesEntity(name, { type: "Grade", id })
    expect([names("library", "high"), names("library", "low"), names("elsewhere", "high")]).toEqual([
        true,
        false,
        false,
    ])
})

test("it finds whether a policy reads an attribute", () => {
    const text = `@id("tags") @title("member") forbid (principal, action, resource)
        when { principal has age && {annotations: principal.grade}.annotations == Grade::"high" };`
    const asksFor = (attribute: string) => engine(text).readsAttribute("library", attribute)
    expect(["age", "grade", "tags", "member", "rare"].filter(asksFor)).toEqual(["age", "grade"])
    expect(engine(text).readsAttribute("elsewhere", "age")).toBe(false)
})

describe("the key of an entity in a policy", () => {
    const alike = ["a", "b"].map((id) => `principal.tags.contains("${id}")`).join(" || ")
    const texts = {
        library: policy,
        alike: `@id("x") @title("x") permit (principal, action, resource is Book)
            when { ${alike} } unless { if resource.rare then principal.member else resource.subject like "m*" };`,
        failing: `@id("x") @title("x") forbid (principal, action, resource)
            when { resource.rare && principal.age * 9007199254740991 > 0 };
            ${policy}`,
        both: `@id("x") @title("x") permit (principal, action, resource) when { principal.member == resource.rare };`,
        large: `@id("x") @title("x") forbid (principal, action, resource) when { principal.age == 9007199254740993 };`,
    }
    const opened = openPolicyEngine()
    for (const [name, text] of Object.entries(texts)) opened.load(name, text, schema)
    const seenOf = (name: string, { principal }: PolicyQuestion) =>
        opened.entityFingerprint(name, "principal", principal)

    test("is equal when the rules give equal results, and null when a rule compares both sides", () => {
        const [a, b, neither] = ["a", "b", "c"].map((tag) => question({ tags: [tag] }, {}))
        if (!a || !b || !neither) throw new Error("three are asked about")
        expect(seenOf("alike", a)).toBe(seenOf("alike", b))
        expect(seenOf("alike", a)).not.toBe(seenOf("alike", neither))
        expect([seenOf("both", a), seenOf("large", a), seenOf("elsewhere", a)]).toEqual([null, null, null])
        expect(seenOf("failing", question({ age: 9007 }, {}))).toBeNull()
        expect(seenOf("failing", question({ age: 1 }, {}))).not.toBeNull()
    })

    const anyQuestion = fc
        .record({
            reader: fc.record({
                grade: fc.constantFrom("low", "high"),
                member: fc.boolean(),
                tags: fc.subarray(["a", "b", "late", "debt"]),
                age: fc.constantFrom(-1, 1, 9007, 9_007_199_254_740_991),
            }),
            book: fc.record({ rare: fc.boolean(), subject: fc.constantFrom("maps", "poems") }),
            action: fc.constantFrom("read", "borrow"),
        })
        .map(({ reader, book, action }) => question(reader, book, action))

    test("determines every decision", () => {
        const answers = new Map<string, unknown>()
        let again = 0
        fc.assert(
            fc.property(fc.constantFrom(...Object.keys(texts)), anyQuestion, (name, question) => {
                const sights = [seenOf(name, question), opened.entityFingerprint(name, "resource", question.resource)]
                fc.pre(!sights.includes(null))
                const key = JSON.stringify([name, ...sights, question.action])
                const answer = [opened.decide(name, question), opened.clauses(name, question)]
                if (answers.has(key)) again++
                expect(answers.get(key) ?? answer).toEqual(answer)
                answers.set(key, answer)
            }),
            { numRuns: 400 },
        )
        expect(again).toBeGreaterThan(100)
    })
})

describe("a policy is refused", () => {
    const ok = '@id("a") @title("A")'
    test.each([
        ["when empty", "", /needs a rule/],
        ["with a syntax error", "permit (principal", /unexpected end/],
        ["with an unknown attribute", `${ok} permit (principal, action, resource) when { principal.rank };`, /rank/],
        ["with a wrong type", `${ok} permit (principal, action, resource) when { principal.member == 1 };`, /type/],
        [
            "with an unknown grade",
            `${ok} permit (principal, action, resource) when { principal.grade == Grade::"x" };`,
            /Grade/,
        ],
        ["with an unknown action", `${ok} permit (principal, action == Action::"burn", resource);`, /burn/],
        [
            "with a rule that can never apply",
            `${ok} permit (principal, action, resource) when { principal.member && false };`,
            /impossible/,
        ],
        ["without an id", `@title("A") permit (principal, action, resource);`, /@id/],
        ["without a title", `@id("a") permit (principal, action, resource);`, /@title/],
        [
            "with a repeated id",
            `${ok} permit (principal, action, resource); ${ok} forbid (principal, action, resource);`,
            /two rules/,
        ],
        ["with a template", `${ok} permit (principal == ?principal, action, resource);`, /templates/],
        ["when too long", " ".repeat(65_537), /characters at most/],
    ])("%s", (_, text, line) => {
        const opened = engine()
        expect(() => opened.load("library", text, schema)).toThrow(
            expect.objectContaining({
                kind: "invalid",
                code: "policy.invalid",
                message: expect.stringMatching(line) as string,
            }),
        )
        expect(opened.decide("library", question({ member: true }, {})).decision).toBe("allow")
    })
})

test.each([
    ["has a syntax error", "permit (principal action, resource);", 5],
    ["has a type error", "permit (principal, action, resource)\nwhen {\n  principal.rank };", 7],
    ["has a rule that can never apply", "forbid (principal, action, resource) when { principal.member && false };", 4],
])(
    "the error for a policy that %s names the line, also after multi-byte characters and other rules",
    (_, rule, line) => {
        const text =
            `// ä ö ü\n@id("a") @title("Größe")\npermit (principal, action, resource);\n@id("b") ` +
            `@title("B")\n${rule}`
        const notified = new RegExp(`^line ${line}: `)
        expect(() => engine().load("library", text, schema)).toThrow(
            expect.objectContaining({ message: expect.stringMatching(notified) as string }),
        )
    },
)
