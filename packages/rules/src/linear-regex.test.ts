import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { type RegexFlags, linearRegex, regexFault } from "./linear-regex.ts"

const largeBudget = () => ({ remaining: 50_000_000 })

function matches(pattern: string, text: string, flags: RegexFlags = {}): boolean | null {
    const regex = linearRegex(pattern, flags)
    if (typeof regex === "string") throw new Error(`${pattern}: ${regex}`)
    return regex.test(text, largeBudget())
}

test.each([
    ["a{2,3}b", "xaab", true],
    ["a{2}", "a", false],
    ["a{2,}$", "baaa", true],
    ["a{,2}", "a{,2}", true],
    ["\\bfoo\\b", "a foo!", true],
    ["\\bfoo\\b", "afoo", false],
    ["\\Bfoo", "afoo", true],
    ["[^\\]a-c]x", "]x", false],
    ["[]a]", "]", true],
    ["[a\\-z]", "m", false],
    ["[\\d-x]", "-", true],
    ["[[:alpha:]]{3}", "12abc", true],
    ["[[:^alpha:]]", "abc", false],
    ["\\x41\\u0042\\x{43}", "ABC", true],
    ["[\\x41-\\x43]", "B", true],
    ["(?i)foo", "FOO", true],
    ["(?i:f)oo", "Foo", true],
    ["(?i:f)oo", "FOO", false],
    ["(?<name>a)|(?'other'b)", "b", true],
    ["\\p{Lu}", "é", false],
    ["a\\Z", "a\n", true],
    ["a$", "a\nb", false],
    ["(?m:a$)", "a\nb", true],
    ["(?m)^b$", "a\nb\n", true],
    ["\\s\\h\\R\\e", "\v\u00a0\r\u001b", true],
    ["[\\s][\\h][\\R][\\b]", "\v\t\n\b", true],
    ["\\S", "\v", false],
    ["\\é\\_", "é_", true],
    ["[$]", "$", true],
    ["\\$", "a", false],
    ["^$", "", true],
    ["a$", "a\n", true],
    ["a\\z", "a", true],
    [".", "\n", false],
    ["(?s).", "\n", true],
    ["a||b", "", true],
    ["(a|b*)*c", "abbac", true],
    ["😀.", "😀😀", true],
])("`%s` in %j: %s", (pattern, text, expected) => {
    expect(matches(pattern, text)).toBe(expected)
})

test.each([
    ["(", "missing closing )"],
    [")", "unexpected )"],
    ["[", "missing closing ]"],
    ["*", "missing argument"],
    ["a**", "invalid nested repetition"],
    ["a++", "invalid nested repetition"],
    ["(?=a)", "unsupported Perl syntax"],
    ["(?<!a)", "invalid named capture"],
    ["(?>a)", "unsupported Perl syntax"],
    ["(a)\\1", "invalid escape sequence"],
    ["\\k<a>", "invalid escape sequence"],
    ["(*SKIP)", "missing argument"],
    ["(?R)", "unsupported Perl syntax"],
    ["[b-a]", "invalid character class range"],
    ["[[:none:]]", "invalid character class range"],
    ["a{3,2}", "invalid repeat count"],
    ["a{1001}", "invalid repeat count"],
    ["(a{1000}){1000}", "too large"],
    ["((a{100}){100}){100}", "too large"],
    [`(?:${"ab".repeat(1500)}){1000}`, "too large"],
    ["(?:a{2}b{3}|c{1,1000}){1}".repeat(150), "too large"],
    ["\\pL{900}".repeat(500), "too large"],
    ["(".repeat(100), "missing closing )"],
    ["(".repeat(2000) + ")".repeat(2000), "nests too deeply"],
    ["a".repeat(5000), "at most"],
    ["\\", "trailing backslash"],
    ["\\y", "invalid escape sequence"],
])("`%s` is refused", (pattern, reason) => {
    expect(linearRegex(pattern)).toMatch(reason)
})

test.each(["(?=a)", "(?<!a)b", "(?>a)", "(a)\\1", "a++", "(*SKIP)a", "(?R)", "\\p{L}", "^a.*$"])(
    "`%s` is a PCRE expression",
    (pattern) => {
        expect(regexFault(pattern)).toBeNull()
    },
)

test.each(["(", "a**", "[b-a]", "a".repeat(5000)])("`%s` is not a PCRE expression", (pattern) => {
    expect(regexFault(pattern)).not.toBeNull()
})

/** Expressions that both this engine and the platform's read alike, and that do not explode there. */
const expression: fc.Memo<string> = fc.memo((n) =>
    n <= 1
        ? fc.constantFrom("a", "b", "c", ".", "[ab]", "[^a]", "\\w", "\\d", "\\s", "\\b", "^", "$", "[a-c_]")
        : fc.oneof(
              expression(1),
              fc.tuple(expression(n - 1), expression(n - 1)).map(([a, b]) => `${a}${b}`),
              fc.tuple(expression(n - 1), expression(n - 1)).map(([a, b]) => `(?:${a}|${b})`),
              fc
                  .tuple(expression(1), fc.constantFrom("*", "+", "?", "{0,2}", "{2}", "*?"))
                  .map(([a, q]) => `(?:${a})${q}`),
          ),
)

describe("compared with the platform's engine", () => {
    const texts = fc
        .array(fc.constantFrom("a", "b", "c", "A", "_", "1", " ", "-"), { maxLength: 8 })
        .map((list) => list.join(""))

    test.each([
        ["as written", {}, ""],
        ["in any case", { i: true }, "i"],
        ["line by line", { m: true, s: true }, "ms"],
    ])("matches are the same, %s", (_, flags, letters) => {
        fc.assert(
            fc.property(expression(4), texts, (pattern, text) => {
                expect(matches(pattern, text, flags)).toBe(new RegExp(pattern, letters).test(text))
            }),
            { numRuns: 500 },
        )
    })
})

describe("an expression with exponential time elsewhere", () => {
    const long = "a".repeat(20_000)
    test.each(["(a+)+$", "(a|aa)+$", "(a|a?)+b$", "(.*)*(.*)*(.*)*x", "(a*)*b", "^(([a-z])+.)+[A-Z]([a-z])+$"])(
        "`%s` ends",
        (item) => {
            const steps = { remaining: 10_000_000 }
            const regex = linearRegex(item)
            if (typeof regex === "string") throw new Error(regex)
            expect(regex.test(`${long}!`, steps)).toBe(false)
            expect(steps.remaining).toBeGreaterThan(0)
        },
    )

    test("stops when it takes more than allowed", () => {
        const regex = linearRegex("(a|b|c|d)*e")
        if (typeof regex === "string") throw new Error(regex)
        expect(regex.test(long, { remaining: 100 })).toBe(null)
    })
})

test("any text is accepted, or refused with one line", () => {
    fc.assert(
        fc.property(
            fc.string({ unit: fc.constantFrom(..."()[]{}*+?|\\^$.-:=!<>ab12,ixu😀") }),
            fc.string(),
            (pattern, text) => {
                const regex = linearRegex(pattern)
                if (typeof regex === "string") expect(regex).not.toMatch(/\n/)
                else expect(regex.test(text, largeBudget())).not.toBe(null)
            },
        ),
    )
})
