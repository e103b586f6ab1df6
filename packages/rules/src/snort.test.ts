import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { isSnortFile, readSnort, snortRules } from "./snort.ts"

/**
 * As Snort 2 has it, modifiers in places of their own; and as Snort 3 has it, over lines, with a service for a head.
 */
const two =
    `alert tcp $EXTERNAL_NET any -> $HOME_NET [80,8080] (msg:"A rule"; flow:to_server,established; ` +
    `content:"POST"; http_method; content:"/x|3B|y"; nocase; http_uri; pcre:"/a=[^&]{9}/Ui"; metadata:policy ` +
    "balanced-ips drop, service http; reference:cve,2025-1001; classtype:web-application-attack; sid:1005301; rev:1;)"
const three = `alert http (
    msg:"A rule";
    flow:to_server,established;
    # what is asked for
    http_method;
    content:"POST", fast_pattern;
    http_uri: path;
    content:"/x)", nocase, depth 4;
    bufferlen:<200;
    service:http;
    sid:1005302; rev:1;
)`

const codes = (text: string): string[] => readSnort(text).issues.map(({ line, code }) => `${line} ${code}`)

test.each([
    ["Snort 2", two, 1],
    ["Snort 3, over several lines", three, 1],
    [
        "both, with continued lines and comments",
        `# ours\n${two.replace("; flow", "; \\\n  flow")}\r\n\n${three}\r\n`,
        2,
    ],
    ["a file", `alert file (msg:"f"; file_data; content:"MZ", depth 2; sid:1000001; rev:1;)`, 1],
    ["an option unknown to Suricata", two.replace("alert tcp", "sdrop tcp").replace("http_uri", "http_raw_uri"), 1],
])("a valid rule has no issue: %s", (_, text, rules) => {
    expect(readSnort(text)).toEqual({ rules, issues: [] })
})

test("each rule has its place, and its length in the file", () => {
    const text = `# one\n${two}\n\n${three}\n`
    const list = snortRules(text)
    expect(list.map(({ from }) => from)).toEqual([6, 6 + two.length + 2])
    expect(list.map((snortRule) => snortRule.text.length)).toEqual([two.length, three.length])
})

/** The text to replace, its replacement, and the reported issues. */
const spoiled: readonly (readonly [string, string, string[]])[] = [
    [" sid:1005301;", "", ["1 snort.no_sid"]],
    [`msg:"A rule"; `, "", ["1 snort.no_msg"]],
    [" rev:1;", "", ["1 snort.no_rev"]],
    ["rev:1;", "rev:1; rev:2;", ["1 snort.duplicate_option"]],
    ["sid:1005301", "sid:x", ["1 snort.bad_value"]],
    ["sid:1005301", "sid:5", ["1 snort.sid_reserved"]],
    ["alert", "alarm", ["1 snort.bad_action"]],
    ["->", "=>", ["1 snort.bad_direction"]],
    ["tcp", "tcpp", ["1 snort.unknown_protocol"]],
    ["$HOME_NET [", "[", ["1 snort.bad_header"]],
    ["[80,8080]", "[80,80800]", ["1 snort.bad_port"]],
    [`content:"POST"`, "content:POST", ["1 snort.bad_value"]],
    ["|3B|", "|3|", ["1 snort.bad_value"]],
    ["{9}/Ui", "{9}", ["1 snort.bad_value"]],
    ["established", "once", ["1 snort.bad_value"]],
    ["cve,2025-1001", "cve", ["1 snort.bad_value"]],
    [`content:"POST"; http_method;`, "nocase;", ["1 snort.no_content"]],
    ["http_method", "http_methods", ["1 snort.unknown_keyword"]],
    ["rev:1;)", "rev:1)", ["1 snort.bad_options"]],
    [two, "alert", ["1 snort.no_options"]],
    [two, "# nothing", ["1 snort.empty"]],
    [two, `${two}\n${two}`, ["2 snort.duplicate_sid"]],
    [two, `${two}\nalert tcp (msg:"never closed"\n${two.replace("5301", "5303")}`, ["2 snort.bad_options"]],
    [two, "x".repeat(1_000_001), ["1 snort.too_large"]],
]
test.each(spoiled)("`%s` written `%s` is reported", (from, to, expected) => {
    expect(two).toContain(from)
    expect(codes(two.replace(from, () => to))).toEqual(expected)
})

test.each([
    ["a.snort.rules", true],
    ["A.SNORT.RULES", true],
    ["snort.rules", false],
    ["a.snort.rules.md", false],
    ["a-snort.rules", false],
])("whether %s is recognised as Snort: %s", (name, expected) => {
    expect(isSnortFile(name)).toBe(expected)
})

describe("any text", () => {
    test("is read in bounded time, and each issue is of Snort and has a place", () => {
        const piece = fc.constantFrom(
            "alert",
            " tcp ",
            "any",
            "(",
            ")",
            '"',
            "\\",
            ";",
            ":",
            "\n",
            "#",
            "sid:1;",
            "|",
            "[",
        )
        fc.assert(
            fc.property(fc.array(fc.oneof(piece, fc.string())), (pieces) => {
                for (const { code, line } of readSnort(pieces.join("")).issues) {
                    expect(code).toMatch(/^snort\./)
                    expect(line).toBeGreaterThan(0)
                }
            }),
        )
    })

    test.each(["(", "(\n", '"', "\\", "a\n", "a\\\n", "alert (\n", "[", "|", " ", "#\n"])(
        "is read in the same time with a million of %j",
        (item) => {
            // A reader that takes more than linear time does not end within the test's own limit.
            expect(readSnort(item.repeat(1_000_000 / item.length)).issues.length).toBeLessThan(1_000_001)
        },
    )
})
