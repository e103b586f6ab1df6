import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { readSuricata } from "./suricata.ts"

const good =
    `alert http any any -> any any (msg:"A rule"; flow:established,to_server; http.uri; content:"/x"; nocase; ` +
    "sid:1005301; rev:1;)"

function codes(text: string): string[] {
    return readSuricata(text).issues.map(({ line, column, code }) => `${line}:${column} ${code}`)
}

/** The codes alone, of a rule in which one thing was replaced. */
function issuesAfterReplacing(from: string, to: string): string[] {
    expect(good).toContain(from)
    return [...new Set(readSuricata(good.replace(from, () => to)).issues.map(({ code }) => code))]
}

test("a valid rule has no issue", () => {
    expect(readSuricata(`# a comment\n\n${good}\n`)).toEqual({ rules: 1, issues: [] })
})

describe("a rule head", () => {
    test.each([
        ["tcp $HOME_NET any -> $EXTERNAL_NET 80", []],
        ["tcp [10.0.0.0/8,!10.1.0.0/16,[192.168.1.1,fe80::/10]] any -> !$HOME_NET [80,443,!8080,1024:]", []],
        ["tcp any :1023 <> any 1:2", []],
        ["ip 10.0.0.1-10.0.0.9 any -> any any", []],
        ["tcp [ 10.0.0.1, 10.0.0.2 ] any -> any any", []],
        ["tcp any any <- any any", ["suricata.bad_direction"]],
        ["tcpp any any -> any any", ["suricata.bad_protocol"]],
        ["tcp any -> any any", ["suricata.bad_header"]],
        ["tcp any any -> any any any", ["suricata.bad_header"]],
        ["tcp 10.0.0.256 any -> any any", ["suricata.bad_address"]],
        ["tcp 10.0.0.0/33 any -> any any", ["suricata.bad_address"]],
        ["tcp 10.0.0.9-10.0.0.1 any -> any any", ["suricata.bad_address"]],
        ["tcp [10.0.0.1 any -> any any", ["suricata.bad_header"]],
        ["tcp [10.0.0.1,] any -> any any", ["suricata.bad_address"]],
        ["tcp !any any -> any any", ["suricata.bad_address"]],
        ["tcp HOME_NET any -> any any", ["suricata.bad_address"]],
        ["tcp any 65536 -> any any", ["suricata.bad_port"]],
        ["tcp any 9:1 -> any any", ["suricata.bad_port"]],
        ["tcp any : -> any any", ["suricata.bad_port"]],
        [`tcp ${"[".repeat(20)}any${"]".repeat(20)} any -> any any`, ["suricata.bad_address"]],
    ])("`alert %s`: %j", (head, expected) => {
        expect(issuesAfterReplacing("http any any -> any any", head)).toEqual(expected)
    })

    test("has an action", () => {
        expect(issuesAfterReplacing("alert", "alarm")).toEqual(["suricata.bad_action"])
    })
})

/** The text to replace, its replacement, and the reported issues. */
const options: readonly (readonly [string, string, string[]])[] = [
    [`msg:"A rule"; `, "", ["suricata.no_msg"]],
    [" sid:1005301;", "", ["suricata.no_sid"]],
    [" rev:1;", "", ["suricata.no_rev"]],
    ["rev:1;", "rev:1; rev:2;", ["suricata.duplicate_option"]],
    ["sid:1005301", "sid:0", ["suricata.bad_value"]],
    ["sid:1005301", "sid:4294967296", ["suricata.bad_value"]],
    ["sid:1005301", "sid:x", ["suricata.bad_value"]],
    ["sid:1005301", "sid:77", ["suricata.sid_reserved"]],
    ["sid:1005301;", "sid;", ["suricata.bad_value"]],
    [`"A rule"`, "A rule", ["suricata.not_quoted"]],
    [`"A rule"`, `""`, ["suricata.bad_value"]],
    [`"A rule"`, `"A; rule"`, ["suricata.bad_options"]],
    [`"A rule"`, `"A\\; rule"`, []],
    [`"A rule"`, `"A\\" rule"`, []],
    [`"A rule"`, `"A" rule"`, ["suricata.bad_options"]],
    ["rev:1;)", "rev:1;", ["suricata.bad_options"]],
    ["rev:1;)", "rev:1)", ["suricata.bad_options"]],
    ["nocase;", "nocase;;", ["suricata.bad_options"]],
    ["nocase;", "nocase:1;", ["suricata.bad_value"]],
    ["nocase;", "nocase; nocase;", ["suricata.duplicate_option"]],
    ["nocase;", "nocasee;", ["suricata.unknown_keyword"]],
    ["http.uri;", "http.urii;", ["suricata.unknown_keyword"]],
    [`content:"/x"; nocase;`, "", ["suricata.empty_buffer"]],
    [`content:"/x"; nocase;`, "nocase;", ["suricata.no_content", "suricata.empty_buffer"]],
    [`"/x"`, `""`, ["suricata.bad_content"]],
    [`"/x"`, `"|41 4|"`, ["suricata.bad_content"]],
    [`"/x"`, `"|41 42"`, ["suricata.bad_content"]],
    [`"/x"`, `"|4g|"`, ["suricata.bad_content"]],
    [`"/x"`, `"a|0d 0A|b\\:\\;\\\\\\""`, []],
    [`"/x"`, `"a\\nb"`, ["suricata.bad_content"]],
    [`content:"/x"`, `content:!"/x"`, []],
    [`content:"/x"`, "content:/x", ["suricata.not_quoted"]],
    ["nocase;", "depth:1;", ["suricata.bad_modifier"]],
    ["nocase;", "depth:2;", []],
    ["nocase;", "offset:1; distance:0;", ["suricata.bad_modifier"]],
    ["nocase;", "startswith; depth:9;", ["suricata.bad_modifier"]],
    ["nocase;", "endswith; within:9;", ["suricata.bad_modifier"]],
    ["nocase;", "depth:many more;", ["suricata.bad_value"]],
    ["nocase;", "fast_pattern; content:y; fast_pattern;", ["suricata.duplicate_option", "suricata.not_quoted"]],
    ["nocase;", `pcre:"/a[)]b/Ui";`, []],
    ["nocase;", `pcre:"/a(b/";`, ["suricata.bad_pcre"]],
    ["nocase;", `pcre:"/a[b/";`, ["suricata.bad_pcre"]],
    ["nocase;", `pcre:"/a/Z";`, ["suricata.bad_pcre"]],
    ["nocase;", `pcre:"a";`, ["suricata.bad_pcre"]],
    ["nocase;", `pcre:"//";`, ["suricata.bad_pcre"]],
    ["established,to_server", "established,to_sever", ["suricata.bad_value"]],
    ["established,to_server", "established,established", ["suricata.bad_value"]],
    ["established,to_server", "to_client,from_client", ["suricata.bad_value"]],
    ["established,to_server", "to_client,from_server", []],
    ["established,to_server", "established,stateless", ["suricata.bad_value"]],
    ["nocase;", "nocase; flowbits:set,tocsin.pane;", []],
    ["nocase;", "nocase; flowbits:sets,x;", ["suricata.bad_value"]],
    ["nocase;", "nocase; metadata:created_at 2025_06_20, deployment Internal;", []],
    ["nocase;", "nocase; metadata:created_at;", ["suricata.bad_value"]],
    ["nocase;", "nocase; classtype:web-application-attack;", []],
    ["nocase;", "nocase; classtype:web-attack;", ["suricata.unknown_classtype"]],
    ["nocase;", "nocase; reference:cve,2025-49706; reference:url,a.example/b,c;", []],
    ["nocase;", "nocase; reference:cve,49706;", ["suricata.bad_value"]],
    ["nocase;", "nocase; reference:own,1;", ["suricata.unknown_reference"]],
    ["nocase;", "nocase; threshold:type limit, track by_src, count 1, seconds 60;", []],
    ["nocase;", "nocase; threshold:type limit, track by_src;", ["suricata.bad_value"]],
    ["nocase;", "nocase; lua:own.lua;", ["suricata.needs_file"]],
    ["nocase;", "nocase; dataset:isset,own,type string,load own.lst;", ["suricata.needs_file"]],
]

test.each(options)("`%s` as `%s`: %j", (from, to, expected) => {
    expect(issuesAfterReplacing(from, to).toSorted()).toEqual(expected.toSorted())
})

describe("a file", () => {
    test("has each sid once per generator", () => {
        expect(codes(`${good}\n\n${good}`)).toEqual([`3:${good.indexOf("sid") + 1} suricata.duplicate_sid`])
        expect(codes(`${good}\n${good.replace("rev:1;", "rev:1; gid:2;")}`)).toEqual([])
        expect(codes(`${good}\n# ${good}`)).toEqual([])
    })

    test("may break a rule over lines, and places stay right", () => {
        const broken = good.replace("http.uri;", "\\\n    http.urii;")
        expect(codes(broken)).toEqual(["2:5 suricata.unknown_keyword"])
        expect(codes(good.replace("http.uri;", "\\\r\n http.uri;"))).toEqual([])
    })

    test.each([
        ["nothing", "", "suricata.empty"],
        ["only comments", "# x\n", "suricata.empty"],
        ["words", "these are words", "suricata.no_options"],
        ["brackets", "(".repeat(8000), "suricata.bad_options"],
        ["a long rule", `alert ${"x".repeat(9000)}`, "suricata.too_large"],
        ["too many rules", "x".repeat(1_000_001), "suricata.too_large"],
        ["escaping backslashes", `alert http any any -> any any (${"\\".repeat(8000)})`, "suricata.bad_options"],
    ])("of %s is refused", (_, text, expected) => {
        expect(readSuricata(text).issues.map((finding) => finding.code)).toContain(expected)
    })
})

test("any text is checked without an error", () => {
    const parts = [
        "alert ",
        "http ",
        "any ",
        "-> ",
        "(",
        ")",
        ";",
        ":",
        '"',
        "\\",
        "content:",
        "|",
        "\n",
        "[",
        "]",
        "!",
        "sid:1",
        "x",
    ]
    fc.assert(
        fc.property(fc.array(fc.constantFrom(...parts), { maxLength: 40 }), (list) => {
            for (const finding of readSuricata(list.join("")).issues) {
                expect(finding.code).toMatch(/^suricata\.[a-z_]+$/)
                expect(finding.message).not.toMatch(/\n/)
            }
        }),
    )
})

test("an escaped content is read back as the same bytes", () => {
    fc.assert(
        fc.property(fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 1, maxLength: 50 }), (bytes) => {
            const text = bytes.map((byte) => `|${byte.toString(16).padStart(2, "0")}|`).join("")
            const at = good.replace('"/x"; nocase;', () => `"${text}"; depth:${bytes.length};`)
            expect(codes(at)).toEqual([])
            expect(codes(at.replace(`depth:${bytes.length}`, `depth:${bytes.length - 1}`))).toHaveLength(1)
        }),
    )
})
