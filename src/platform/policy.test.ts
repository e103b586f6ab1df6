import { describe, expect, test } from "vitest"
import type { Question, Value } from "../lib/policy.ts"
import { openPolicyEngine } from "./policy.ts"

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
    age?: Value
}

function question(reader: Reader, book: { rare?: boolean; subject?: string }, action = "read"): Question {
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

describe("an answer", () => {
    test.each([
        ["a permit", question({ member: true }, {}), "allow", ["read-common"]],
        ["another", question({ grade: "high" }, { rare: true }), "allow", ["read-rare"]],
        ["a forbid above a permit", question({ member: true, tags: ["debt"] }, {}), "deny", ["no-debtors"]],
        ["nothing", question({}, {}), "deny", []],
        ["nothing, for another action", question({ member: true }, {}, "borrow"), "deny", []],
    ])("is decided by %s", (_, asked, decision, rules) => {
        const answer = engine().ask("library", asked)
        expect([answer.decision, answer.determining.map((rule) => rule.id), answer.errors]).toEqual([
            decision,
            rules,
            [],
        ])
    })

    test("names errors instead of throwing", () => {
        const opened = engine()
        expect(opened.ask("nowhere", question({}, {})).errors).toEqual(["no policy `nowhere` is loaded"])
        expect(opened.ask("library", question({ age: "old" }, {}))).toMatchObject({ decision: "deny" })
        expect(opened.ask("library", question({ age: "old" }, {})).errors).toHaveLength(1)
        expect(opened.ask("library", question({ grade: "middle" }, {})).errors).toHaveLength(1)
        expect(opened.ask("library", question({}, {}, "burn")).errors).toHaveLength(1)
    })

    test("names a rule that fails while it is evaluated, even beside a yes", () => {
        const overflow = `@id("old") @title("Old readers") forbid (principal, action, resource)
            when { principal.age * 9007199254740991 > 0 };`
        const answer = engine(policy + overflow).ask("library", question({ member: true, age: 9e15 }, {}))
        expect(answer.decision).toBe("allow")
        expect(answer.errors).toEqual([expect.stringMatching(/^old: .*overflow/)])
    })
})

test("two engines do not share names", () => {
    const [one, other] = [engine(), openPolicyEngine()]
    other.load("library", `@id("all") @title("All") permit (principal, action, resource);`, schema)
    expect(one.ask("library", question({}, {})).decision).toBe("deny")
    expect(other.ask("library", question({}, {})).decision).toBe("allow")
})

test("clauses tell, rule by rule, what was met", () => {
    const clauses = engine().clauses("library", question({ grade: "low", tags: ["late"] }, { rare: true }))
    expect(clauses.map((c) => `${c.met ? "+" : "-"} ${c.asksPrincipal ? "p" : " "} ${c.rule.id}: ${c.text}`)).toEqual([
        "- p read-common: principal.member",
        "-   read-common: !resource.rare",
        "+ p read-rare: permit(principal is Reader, action, resource);",
        "+   read-rare: resource.rare",
        '- p read-rare: principal.grade == Grade::"high"',
        '- p read-rare: !principal.tags.contains("late")',
        '+   read-rare: !(resource.subject == "maps")',
    ])
})

test("references are the entities that a text names, wherever", () => {
    const text = `@id("x") @title("x") forbid (principal == Reader::"r", action == Action::"read", resource)
        when { [Grade::"high", Grade::"high"].contains(principal.grade) };`
    const named = engine(text).references("library")
    expect(named.map(({ type, id }) => `${type} ${id}`).sort()).toEqual(["Action read", "Grade high", "Reader r"])
})

describe("a text is refused", () => {
    const ok = '@id("a") @title("A")'
    test.each([
        ["that is empty", "", /needs a rule/],
        ["that does not parse", "permit (principal", /unexpected end/],
        ["with an unknown attribute", `${ok} permit (principal, action, resource) when { principal.rank };`, /rank/],
        ["with a wrong type", `${ok} permit (principal, action, resource) when { principal.member == 1 };`, /type/],
        [
            "with an unknown grade",
            `${ok} permit (principal, action, resource) when { principal.grade == Grade::"x" };`,
            /Grade/,
        ],
        ["with an unknown action", `${ok} permit (principal, action == Action::"burn", resource);`, /burn/],
        [
            "that can never apply",
            `${ok} permit (principal, action, resource) when { principal.member && false };`,
            /impossible/,
        ],
        ["without an id", `@title("A") permit (principal, action, resource);`, /@id/],
        ["without a title", `@id("a") permit (principal, action, resource);`, /@title/],
        [
            "with one id twice",
            `${ok} permit (principal, action, resource); ${ok} forbid (principal, action, resource);`,
            /two rules/,
        ],
        ["with a template", `${ok} permit (principal == ?principal, action, resource);`, /templates/],
        ["that is too long", " ".repeat(65_537), /characters at most/],
    ])("%s", (_, text, line) => {
        const opened = engine()
        expect(() => opened.load("library", text, schema)).toThrow(
            expect.objectContaining({
                kind: "invalid",
                code: "policy.invalid",
                message: expect.stringMatching(line) as string,
            }),
        )
        expect(opened.ask("library", question({ member: true }, {})).decision).toBe("allow")
    })
})
