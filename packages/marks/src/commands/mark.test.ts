import { mkdtemp, readFile, readdir, rm, stat, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Command } from "commander"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { checkFor } from "./run-check.ts"
import { loadParser } from "../grammars.ts"
import { type MarkOptions, markCommand, markFile } from "./mark.ts"
import { type TraceOptions, traceCommand, traceFile } from "./trace.ts"

const partners = [
    "acme",
    "globex",
    "initech",
    "umbrella",
    "hooli",
    "stark",
    "wayne",
    "tyrell",
    "cyberdyne",
    "soylent",
    "wonka",
    "Müller & Söhne/Ω",
]
const advisory = await readFile(new URL("../../../../test/vectors/advisories/tool-pane.md", import.meta.url), "utf8")
const program = `"""A check that is harmless."""


def measure(lines, limit):
    total = 0
    longest = 0
    for number, line in enumerate(lines):
        length = len(line)
        if length > limit:
            total += length
        if length > longest:
            longest = length
        print(number, length)
    average = total / max(1, len(lines))
    return {"total": total, "average": average, "longest": longest}


def describe(result, title):
    header = title.strip().upper()
    parts = [header]
    for name, value in result.items():
        text = str(value)
        parts.append(name + ": " + text)
    footer = "-" * len(header)
    parts.append(footer)
    return "\\n".join(parts)
`

let folder = ""
const at = (name: string): string => join(folder, name)
const writeInput = (name: string, content: string | Uint8Array): Promise<void> => writeFile(at(name), content)

beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "marks-"))
    await writeInput("advisory.md", advisory)
    await writeInput("measure.py", program)
    await writeInput("partners.txt", `${partners.join("\n")}\n`)
    await writeFile(at("key"), `tocsin-mark-key-1 ${Buffer.alloc(32, 9).toString("base64url")}\n`, { mode: 0o600 })
})
afterAll(() => rm(folder, { recursive: true }))

function captured(): {
    out: string[]
    err: string[]
    io: { result: (line: string) => void; message: (line: string) => void }
} {
    const [out, err]: [string[], string[]] = [[], []]
    return { out, err, io: { result: (line) => out.push(line), message: (line) => err.push(line) } }
}

async function mark(file: string, options: Partial<MarkOptions> = {}) {
    const { out, err, io } = captured()
    const values = { recipients: at("partners.txt"), key: at("key"), out: at("copies"), ...options }
    return { code: await markFile(at(file), values, { parserFor: loadParser, checkFor }, io), out, err }
}

async function trace(leak: string, options: Partial<TraceOptions> = {}) {
    const { out, err, io } = captured()
    const values = {
        recipients: at("partners.txt"),
        key: at("key"),
        master: at("advisory.md"),
        alpha: "1e-3",
        ...options,
    }
    return { code: await traceFile(at(leak), values, loadParser, io), out, err }
}

describe("from a master to an identified copy", () => {
    test("creates a missing key, readable by its owner only", async () => {
        const own = { key: at("new-key"), out: at("first") }
        expect(await mark("advisory.md", own)).toMatchObject({
            code: 0,
            err: [expect.stringContaining("created the key")],
        })
        expect((await stat(at("new-key"))).mode & 0o777).toBe(0o600)
        expect(await mark("advisory.md", own)).toMatchObject({ code: 0, err: [] })
        expect(await mark("advisory.md", { ...own, key: at("newer-key") })).toMatchObject({ code: 1 })
    })

    test("gives each recipient a different copy", async () => {
        const { code, out, err } = await mark("advisory.md")
        expect({ code, err }).toEqual({ code: 0, err: [] })
        expect(out[0]).toBe(`12 copies in \`${at("copies")}\`; keep the master, because tracing needs it`)
        const files = await readdir(at("copies"))
        expect(files.toSorted()).toEqual(
            [...partners.slice(0, -1), "M%C3%BCller %26 S%C3%B6hne%2F%CE%A9"].map((name) => `${name}.md`).toSorted(),
        )
        const texts = await Promise.all(files.map((name) => readFile(join(at("copies"), name), "utf8")))
        expect(new Set(texts).size).toBe(partners.length)
        expect(texts.join("")).not.toContain("{{")
    })

    test("makes the same copies again, and leaves existing ones", async () => {
        const before = await readFile(at("copies/acme.md"), "utf8")
        const { code, out } = await mark("advisory.md", { json: true })
        expect(code).toBe(0)
        expect(JSON.parse(out[0] ?? "")).toMatchObject({ colluders: 2, copies: { length: 12 } })
        expect(await readFile(at("copies/acme.md"), "utf8")).toBe(before)
    })

    test("traces a whole copy at the default error", async () => {
        await writeInput("leak.txt", await readFile(at("copies/hooli.md")))
        const { code, out } = await trace("leak.txt", { alpha: undefined, json: true })
        const found = JSON.parse(out[0] ?? "")
        expect(code).toBe(0)
        expect(found).toMatchObject({ verdict: "traced", alpha: 1e-6, identified: ["hooli"], together: [] })
        expect(found.ranking.length).toBe(12)
        expect(found.slots).toEqual({ total: found.slots.total, read: found.slots.total, erased: 0, mixed: 0 })
    })

    test("traces 150 reformatted words from the middle among twelve at 1e-3", async () => {
        const words = (await readFile(at("copies/wayne.md"), "utf8")).replaceAll(/[`*#]/g, "").split(/\s+/)
        await writeInput("excerpt.txt", words.slice(200, 350).join(" "))
        const { code, out, err } = await trace("excerpt.txt")
        expect(code).toBe(0)
        expect(out[0]).toBe("traced to the copy of `wayne`")
        expect(err.join(" ")).toContain("a copy, not a culprit")
    })

    test("stores found slots in a file with the key, and uses them with a newer program version", async () => {
        const own = { key: at("older-key"), out: at("older") }
        await mark("advisory.md", own)
        const [name = ""] = await readdir(`${own.key}.slots`)
        const file = join(`${own.key}.slots`, name)
        expect((await stat(file)).mode & 0o777).toBe(0o600)
        const list = JSON.parse(await readFile(file, "utf8")) as unknown[]
        const older = list.filter((_, i) => i % 2 === 0)
        await writeFile(file, JSON.stringify(older))
        expect((await mark("advisory.md", { ...own, out: at("later") })).code).toBe(0)
        await writeInput("leak.txt", await readFile(at("later/tyrell.md")))
        const { code, out } = await trace("leak.txt", { key: own.key, json: true })
        const found = JSON.parse(out[0] ?? "")
        expect([code, found.identified]).toEqual([0, ["tyrell"]])
        expect(found.slots.total).toBeLessThan(list.length / 2 + 1)
    })

    test.each(["", "{}", "[1]", '[{"id":"a","variants":[[],[{"start":"0","end":1,"text":"b"}]]}]'])(
        "refuses stored data without slots: %j",
        async (text) => {
            const own = { key: at("broken-key"), out: at("broken") }
            await mark("advisory.md", own)
            const [name = ""] = await readdir(`${own.key}.slots`)
            await writeFile(join(`${own.key}.slots`, name), text)
            const { code, err } = await mark("advisory.md", own)
            expect([code, err.join()]).toEqual([1, expect.stringContaining("(mark.bad_slots)")])
        },
    )

    test("traces a copy of code, and a function of it with enough slots", async () => {
        expect((await mark("measure.py", { out: at("code") })).code).toBe(0)
        await writeInput("leak.py", await readFile(at("code/stark.py")))
        const { code, out } = await trace("leak.py", { master: at("measure.py"), json: true })
        const found = JSON.parse(out[0] ?? "")
        expect(found.slots.read).toBe(found.slots.total)
        expect(found.ranking[0].recipient).toBe("stark")
        expect([code, found.identified]).toEqual([0, ["stark"]])
    })

    test("identifies no copy from a few words, and exits with 1", async () => {
        const text = await readFile(at("copies/acme.md"), "utf8")
        await writeInput("short.txt", text.slice(text.indexOf("## Summary"), text.indexOf("## Summary") + 260))
        const { code, out, err } = await trace("short.txt")
        expect([code, out[0]]).toEqual([1, "undecided"])
        expect(err[0]).toContain("too few slots were read")
    })

    test("identifies no copy from another text or the master", async () => {
        const { code, out } = await trace("measure.py")
        expect([code, out[0]]).toEqual([1, "unrelated"])
        const own = await trace("advisory.md", { json: true })
        expect(JSON.parse(own.out[0] ?? "")).toMatchObject({
            verdict: "undecided",
            identified: [],
            unmarked: { explains: true },
        })
        expect(own.err[0]).toContain("as the unmarked master")
    })

    test("identifies no copy under another key", async () => {
        await writeInput("other-key", `tocsin-mark-key-1 ${Buffer.alloc(32, 1).toString("base64url")}\n`)
        const { code } = await trace("leak.txt", { key: at("other-key") })
        expect(code).toBe(1)
    })

    test("shows how many slots survive which changes", async () => {
        const { out } = await mark("measure.py", { out: at("told"), json: true })
        const { lasts, merged, slots } = JSON.parse(out[0] ?? "")
        expect(Object.keys(lasts)).toEqual(["value", "wording", "order", "fragile", "typography"])
        expect(lasts.value + lasts.wording + lasts.order + lasts.fragile).toBe(slots)
        expect(merged.map(({ colluders }: { colluders: number }) => colluders)).toEqual([2, 3])
        expect(merged[0].needed).toBeGreaterThan(merged[0].worth)
        const plain = await mark("measure.py", { out: at("told") })
        expect(plain.out.join("\n")).toMatch(/lasting slots: \d+ wording.*\n/)
        expect(plain.out.join("\n")).toMatch(
            /2 colluders who merge their copies: about \d+ lasting slots needed, \d+ present: too few/,
        )
    })

    test("states the limits against colluders", async () => {
        const { code, err } = await mark("advisory.md", { colluders: "3", out: at("for-three") })
        expect(code).toBe(0)
        expect(err.join(" ")).toContain("may stay unidentified")
    })
})

describe("the author's check command", () => {
    const checked = (check: string, more: Partial<MarkOptions> = {}) =>
        mark("measure.py", { check, out: at(`checked-${check.length}`), ...more })
    const isThere = (name: string): Promise<boolean> =>
        stat(at(name)).then(
            () => true,
            () => false,
        )

    test("passes on private sample copies, which are then deleted, and all copies are written", async () => {
        const log = at("paths")
        const check =
            `f() { ls -l "$1" >> ${log}; dirname "$1" | xargs ls -ld >> ${log}; grep -q "def measure" "$1"; }; ` + "f"
        const { code, err } = await checked(check)
        expect([code, err[0]]).toEqual([0, expect.stringMatching(/^the check passes on (1[0-3]|[5-9]) copies$/)])
        const lines = (await readFile(log, "utf8")).trim().split("\n")
        expect(lines.length).toBeGreaterThanOrEqual(10)
        expect(lines.filter((line) => !/^[-d]rwx------/.test(line))).toEqual([])
        const paths = lines.flatMap((line) => line.match(/\/\S+measure\.py$/)?.[0] ?? [])
        expect(await Promise.all(paths.map((path) => stat(path).catch(() => null)))).toEqual(paths.map(() => null))
        expect(await isThere(`checked-${check.length}`)).toBe(true)
    })

    test("fails with line and form, and nothing is written", async () => {
        const check = "grep -q 'longest = 0'"
        const { code, err } = await checked(check)
        expect([code, err.length]).toEqual([1, 1])
        expect(err[0]).toMatch(/line `6` has `\w+` in place of `longest` \(`local-name`\), .* \(mark\.check_failed\)$/)
        expect(await isThere(`checked-${check.length}`)).toBe(false)
    })

    test("fails on the text itself, and says so", async () => {
        const { code, err } = await checked("echo it is broken; false")
        expect([code, err]).toEqual([1, [expect.stringContaining("it is broken")]])
        expect(err[0]).toContain("(mark.check_fails_unmarked)")
    })

    test("is stopped with all its processes when it does not end", async () => {
        const left = at("left-behind")
        const { code, err } = await checked(`(sleep 1; touch ${left}) & sleep 20 #`, { checkTime: "0.3" })
        expect([code, err[0]]).toEqual([1, expect.stringContaining("does not end in time")])
        await new Promise((resolve) => setTimeout(resolve, 1300))
        expect(await isThere("left-behind")).toBe(false)
    })

    test("refuses an invalid time limit", async () => {
        expect(await checked("true", { checkTime: "soon" })).toMatchObject({ code: 2, out: [] })
    })
})

describe("a refusal", () => {
    test.each<[string, string | Uint8Array, string]>([
        ["of an empty leak", "", "trace.empty"],
        ["of a leak of spaces", " \n\t ", "trace.empty"],
        ["of a leak with zero bytes", "a\0b", "trace.not_text"],
        ["of a leak that is not UTF-8", Uint8Array.of(0x61, 0xff, 0xfe, 0x62), "trace.not_text"],
        ["of a leak of over a million bytes", "a".repeat(1024 * 1024 + 1), "trace.too_long"],
    ])("%s", async (_, content, refusal) => {
        await writeInput("bad.txt", content)
        const { code, out, err } = await trace("bad.txt")
        expect([code, out]).toEqual([1, []])
        expect(err[0]).toContain(`(${refusal})`)
    })

    test("of canaries, which have no listener here: no copy contains braces", async () => {
        await writeInput("canary.md", "It asks {{canary:host}}.\n")
        const { code, err } = await mark("canary.md")
        expect(code).toBe(1)
        expect(err[0]).toContain("(mark.canary_not_allowed)")
    })

    test.each<[string, string, string]>([
        ["of no recipients", "\n", "mark.no_recipients"],
        ["of an empty name", "acme\n\nglobex\n", "mark.recipient_empty"],
        ["of a repeated name", "acme\nglobex\nacme\n", "mark.duplicate_recipient"],
        ["of a name repeated in other letter case", "acme\nACME\n", "mark.duplicate_recipient"],
        ["of a name with an invisible character", "ac\u200bme\n", "mark.bad_recipient"],
        ["of a name that is too long", `${"a".repeat(201)}\n`, "mark.bad_recipient"],
    ])("%s", async (_, list, refusal) => {
        await writeInput("bad-list.txt", list)
        const { code, err } = await mark("advisory.md", {
            recipients: at("bad-list.txt"),
            key: at("no-key"),
            out: at("none"),
        })
        expect([code, err.length]).toEqual([1, 1])
        expect(err[0]).toContain(`(${refusal})`)
        await expect(stat(at("no-key"))).rejects.toThrow("ENOENT")
        await expect(stat(at("none"))).rejects.toThrow("ENOENT")
    })

    test.each<[string, string, string]>([
        ["of a file type without a carrier", "picture.png", "mark.unsupported_format"],
        ["of a text without alternatives", "plain.md", "mark.no_slots"],
        ["of invalid alternatives", "braces.md", "mark.bad_alternative"],
        ["of code that does not parse", "broken.py", "mark.not_parsed"],
    ])("%s", async (_, name, refusal) => {
        const content = { "plain.md": "Yes.", "braces.md": "It {{is|}} so.", "broken.py": "def (:\n" }[name] ?? "x"
        await writeInput(name, content)
        const { code, err } = await mark(name, { key: at("no-key"), out: at("none") })
        expect([code, err[0]]).toEqual([1, expect.stringContaining(`(${refusal})`)])
        await expect(stat(at("no-key"))).rejects.toThrow("ENOENT")
    })

    test("of an invalid key", async () => {
        await writeInput("bad-key", "secret")
        expect(await mark("advisory.md", { key: at("bad-key"), out: at("none") })).toMatchObject({ code: 1 })
        expect((await trace("leak.txt", { key: at("bad-key") })).err.join()).toContain("(mark.bad_key)")
    })

    test("of a folder with foreign files, which stay unchanged", async () => {
        await writeInput("edited.md", `${advisory}\nFor example, this was added.\n`)
        const before = await readFile(at("copies/acme.md"), "utf8")
        const { code, err } = await mark("edited.md")
        expect([code, err[0]]).toEqual([1, expect.stringContaining("(mark.copy_exists)")])
        expect(await readFile(at("copies/acme.md"), "utf8")).toBe(before)
    })

    test.each<[string, () => Promise<{ code: number; err: string[] }>]>([
        ["a missing master", () => mark("nowhere.md")],
        ["a missing leak", () => trace("nowhere.txt")],
        ["a folder as leak", () => trace("copies")],
        ["a missing key", () => trace("leak.txt", { key: at("nowhere") })],
        ["an invalid error probability", () => trace("leak.txt", { alpha: "often" })],
        ["an error probability of 1", () => trace("leak.txt", { alpha: "1" })],
        ["half a colluder", () => mark("advisory.md", { colluders: "0.5" })],
    ])("of %s as wrong usage", async (_, run) => {
        const { code, err } = await run()
        expect([code, err.length]).toEqual([2, 1])
    })
})

describe("edge cases", () => {
    test("an edited master has other codewords: a copy of the former draft identifies no partner by it", async () => {
        const { out } = await trace("leak.txt", { master: at("edited.md"), json: true })
        expect(JSON.parse(out[0] ?? "")).toMatchObject({ verdict: "undecided", identified: [] })
    })

    test("both commands accept their documented options", async () => {
        const root = new Command().exitOverride().configureOutput({ writeErr: () => undefined })
        markCommand(root, { parserFor: loadParser, checkFor })
        traceCommand(root, loadParser)
        const options = root.commands.map((command) => [command.name(), command.options.map((option) => option.long)])
        expect(options).toEqual([
            [
                "mark",
                [
                    "--recipients",
                    "--key",
                    "--out",
                    "--colluders",
                    "--check",
                    "--check-shell",
                    "--check-time",
                    "--no-typography",
                    "--json",
                ],
            ],
            ["trace", ["--master", "--recipients", "--key", "--alpha", "--colluders", "--json"]],
        ])
        await expect(root.parseAsync(["node", "tocsin", "mark", "x.md"])).rejects.toThrow("--recipients")
    })

    test("plain text is marked in its prose only", async () => {
        const text =
            "Advisory XYZ\n\nFor example, the attacker is known to us, and often returns.\n\n    for example, " +
            "a command\n\n+ for example, a patch.\n"
        await writeInput("note.txt", text)
        const { out } = await mark("note.txt", { out: at("notes"), json: true })
        expect(JSON.parse(out[0] ?? "").slots).toBe(3)
        expect(await readFile(at("notes/acme.txt"), "utf8")).toContain(
            "    for example, a command\n\n+ for example, a patch.\n",
        )
    })
})
