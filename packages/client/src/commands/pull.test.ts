import fs from "node:fs"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { newId } from "../../../../test/support/database.ts"
import { type Desk, modeOf, newDesk } from "../../../../test/support/partner.ts"
import { type Fault, TestLog, TestPortal, problem } from "../../../../test/support/doubles/portal.ts"
import { newKey } from "./keys.ts"
import { progressOn } from "./progress.ts"
import { type PullOptions, pull } from "./pull.ts"
import { realIo, verifyFiles } from "@tocsin/audit-log/commands/verify"

let portal: TestPortal
let desk: Desk

beforeEach(async () => {
    portal = await new TestPortal().listen()
    desk = newDesk({ TOCSIN_URL: portal.url, TOCSIN_TOKEN: portal.token })
    await newKey({}, desk.world)
    desk.take()
})
afterEach(async () => {
    await portal.close()
    desk.close()
})

/** One pull: how it ends, and what it says. */
async function pulled(options: Partial<PullOptions> = {}) {
    const exit = await pull({ out: desk.at("out"), ...options }, desk.world)
    return { exit, ...desk.take() }
}

/** Every file in the folder, without the state and its lock. */
function files(): string[] {
    const readdirSyncs = fs.readdirSync(desk.at("out"), { recursive: true, encoding: "utf8" })
    return readdirSyncs.filter((name) => name.includes("/")).sort()
}

const state = () =>
    JSON.parse(fs.readFileSync(desk.at("out", ".tocsin-pull.json"), "utf8")) as {
        log: { size: number; root: string; verifierKey: string }
        copies: { file: string; version: number; proven: boolean; receipt: string }[]
    }

/** Whatever happened before: what the state names is there, and nothing else is. */
function mustAgree(): void {
    const { copies } = state()
    const named = copies.flatMap(({ file, proven }) => (proven ? [file, `${file}.receipt`] : [file]))
    expect(files()).toEqual(named.sort())
}

describe("tocsin pull", () => {
    test("fetches what is new, once, with the proof of each fetch, for nobody else's eyes", async () => {
        const warning = portal.warn("ToolShell", "technical.md", "request.rules")
        const first = await pulled()
        expect(first.exit).toBe(0)
        expect(first.results).toEqual([
            `${desk.at("out", warning.id, "technical.md.age")}  technical, TLP:RED PAP:AMBER, of ToolShell`,
            `${desk.at("out", warning.id, "request.rules.age")}  technical, TLP:RED PAP:AMBER, of ToolShell`,
        ])
        mustAgree()
        expect(files()).toHaveLength(4)
        for (const file of files()) expect(modeOf(desk.at("out", file))).toBe("600")
        expect([modeOf(desk.at("out")), modeOf(desk.at("out", warning.id))]).toEqual(["700", "700"])
        expect(state().copies.map(({ receipt }) => receipt)).toEqual(portal.deliveries.map(({ id }) => id))

        expect(await pulled()).toEqual({ exit: 0, results: [], messages: ["nothing new: 2 held"] })
        portal.warn("Bypass", "summary.md")
        expect((await pulled()).results).toHaveLength(1)
        expect(portal.deliveries).toHaveLength(3)
    })

    test("says it in JSON", async () => {
        const warning = portal.warn("Tool\u202eShell", "technical.md")
        const { results } = await pulled({ json: true })
        expect(results).toHaveLength(1)
        expect(results[0]).not.toContain("\u202e")
        expect(JSON.parse(results[0]!)).toMatchObject({
            fetched: [{ warning: warning.id, title: "Tool\u202eShell", version: 1, proven: true, tlp: "RED" }],
            refused: [],
            held: 1,
            waiting: 0,
            log: { verifierKey: portal.log.verifierKey, size: 1 },
        })
    })

    test("shows on a terminal how far it is, takes that away at the end, and with --json shows nothing", async () => {
        portal.warn("ToolShell", "technical.md", "summary.md")
        const drawn: string[] = []
        const progress = progressOn({ isTTY: true, columns: 60, write: (text) => drawn.push(text) })
        const look = (options: PullOptions) => pull({ out: desk.at("out"), ...options }, { ...desk.world, progress })
        expect(await look({})).toBe(0)
        expect(drawn.map((text) => text.replaceAll(/\r\u001b\[K|\[[#-]+\]/g, ""))).toEqual([
            " 1/2 fetching technical.md",
            " 2/2 fetching summary.md",
            " 1/2 checking receipts",
            " 2/2 checking receipts",
            "",
        ])
        portal.warn("Bypass", "summary.md")
        drawn.splice(0)
        expect(await look({ json: true })).toBe(0)
        expect(drawn).toEqual([])
    })

    test("keeps receipts that anybody can check", async () => {
        const { id } = portal.warn("ToolShell", "technical.md")
        await pulled()
        const inputs: string[] = []
        const io = { ...realIo, result: (line: string) => inputs.push(line) }
        const receipt = desk.at("out", id, "technical.md.age.receipt")
        expect(await verifyFiles([receipt], { key: [portal.log.verifierKey] }, io)).toBe(0)
        expect(inputs[0]).toContain("accepted: receipt of what partner")
    })

    test("keeps a new version beside the old one, and namesakes apart", async () => {
        const warning = portal.warn("ToolShell", "a.md", "a.md")
        await pulled()
        const next = { ...warning, artifacts: warning.artifacts.map((artifact) => ({ ...artifact, version: 2 })) }
        portal.warnings = [next]
        await pulled()
        const [item, other] = warning.artifacts.map((artifact) => artifact.id)
        const names = state().copies.map(({ file }) => file.split("/")[1])
        expect(names).toEqual(["a.md.age", "a.v1.md.age", "a.v2.md.age", `a.${other}.v2.md.age`])
        expect(item).not.toBe(other)
        mustAgree()
    })

    test("fetches again what is gone", async () => {
        const { id } = portal.warn("ToolShell", "technical.md")
        await pulled()
        fs.rmSync(desk.at("out", id), { recursive: true })
        expect((await pulled()).results).toHaveLength(1)
        mustAgree()
    })

    test("never overwrites what it did not write, and fetches the rest", async () => {
        const { id } = portal.warn("ToolShell", "technical.md", "summary.md")
        fs.mkdirSync(desk.at("out", id), { recursive: true })
        fs.writeFileSync(desk.at("out", id, "technical.md.age"), "mine")
        const input = await pulled()
        expect(input).toMatchObject({
            exit: 1,
            messages: [expect.any(String), expect.stringContaining("files.already_exists")],
        })
        expect(fs.readFileSync(desk.at("out", id, "technical.md.age"), "utf8")).toBe("mine")
        expect(state().copies.map(({ file }) => file)).toEqual([`${id}/summary.md.age`])
        expect(portal.count("GET copy")).toBe(1)
    })

    test.each([
        ["a name that climbs", (item: { name: string | null }) => (item.name = "../../up.md"), "artifact.bad_name"],
        ["a name that hides", (item: { name: string | null }) => (item.name = ".bashrc"), "artifact.bad_name"],
        ["an id that is none", (item: { id: string }) => (item.id = "../up"), "pull.bad_id"],
    ])("saves nothing under %s", async (_, bend, code) => {
        const { artifacts } = portal.warn("ToolShell", "technical.md")
        bend(artifacts[0]!)
        const { exit, messages } = await pulled()
        expect(exit).toBe(1)
        expect(messages.join()).toContain(code)
        expect(portal.deliveries).toEqual([])
    })

    test("goes on where one is refused, and says which", async () => {
        portal.warn("ToolShell", "technical.md", "summary.md")
        portal.faults.set("GET copy", [problem(404, "request.not_found")])
        const { exit, results, messages } = await pulled()
        expect(exit).toBe(1)
        expect(results).toHaveLength(1)
        expect(messages).toContain("refused: technical.md: no (request.not_found)")
        expect((await pulled()).exit).toBe(0)
        mustAgree()
    })

    test("is refused without a key, and ends with a token that is not known", async () => {
        portal.warn("ToolShell", "technical.md")
        portal.keys.splice(0)
        expect((await pulled()).messages.join()).toContain("delivery.no_key")
        const world = { ...desk.world, env: { ...desk.world.env, TOCSIN_TOKEN: "x".repeat(43) } }
        expect(await pull({ out: desk.at("out") }, world)).toBe(1)
        expect(desk.take().messages.join()).toContain("request.not_signed_in")
    })
})

describe("a pull that fails half way", () => {
    test.each<[string, string, Fault[]]>([
        ["a copy fails", "GET copy", [problem(500, "request.failed")]],
        ["a copy is cut, though it is on record", "GET copy", ["cut"]],
        ["a copy is lost, though it is on record", "GET copy", ["lost", "lost"]],
        ["the warnings are lost", "GET warnings", ["lost"]],
        ["a receipt fails", "GET receipts", ["refused connection"]],
    ])("is none when it was tried again: %s", async (_, name, faults) => {
        portal.warn("ToolShell", "technical.md", "summary.md")
        portal.faults.set(name, faults)
        expect(await pulled()).toMatchObject({ exit: 0, results: [expect.any(String), expect.any(String)] })
        mustAgree()
    })

    test.each<[string, string, number]>([
        ["the head", "GET receipt-log", 0],
        ["the warnings", "GET warnings", 0],
        ["the copy", "GET copy", 0],
        ["the receipt", "GET receipts", 2],
    ])("keeps what it has, and the next one ends it: %s", async (_, name, kept) => {
        portal.warn("ToolShell", "technical.md", "summary.md")
        portal.faults.set(name, Array<Fault>(5).fill("lost"))
        const input = await pulled()
        expect(input.exit).toBe(1)
        expect(input.messages.join()).toContain("no answer")
        expect(input.results).toHaveLength(kept)
        if (kept > 0) mustAgree()
        expect((await pulled()).exit).toBe(0)
        mustAgree()
        expect(state().copies.map(({ proven }) => proven)).toEqual([true, true])
    })

    test("gives a file its name that wanted nothing else, and asks for it no second time", async () => {
        portal.warn("ToolShell", "technical.md")
        await pulled()
        const file = desk.at("out", state().copies[0]!.file)
        fs.renameSync(file, `${file}.unfinished`)
        expect((await pulled()).messages).toEqual(["nothing new: 1 held"])
        mustAgree()
        fs.renameSync(file, `${file}.unfinished`)
        fs.appendFileSync(`${file}.unfinished`, "x")
        expect((await pulled()).results).toHaveLength(1)
        mustAgree()
    })

    test("leaves no copy that it could not note, and takes it up again", async () => {
        portal.warn("ToolShell", "technical.md")
        const blocked = desk.at("out", ".tocsin-pull.json.unfinished", "x")
        fs.mkdirSync(blocked, { recursive: true })
        expect((await pulled()).exit).toBe(2)
        expect(files().filter((name) => name.endsWith(".age"))).toEqual([])
        fs.rmSync(desk.at("out", ".tocsin-pull.json.unfinished"), { recursive: true })
        expect((await pulled()).exit).toBe(0)
        mustAgree()
    })

    test("overwrites no file that came while it was fetching, and does not hold what it could not save", async () => {
        const { id } = portal.warn("ToolShell", "technical.md")
        const value = desk.at("out", id, "technical.md.age")
        const meanwhile: typeof fetch = async (input, init) => {
            if (input instanceof URL && input.pathname.endsWith("/copy")) {
                fs.mkdirSync(desk.at("out", id), { recursive: true })
                fs.writeFileSync(value, "mine")
            }
            return await fetch(input, init)
        }
        expect(await pull({ out: desk.at("out") }, { ...desk.world, fetch: meanwhile })).toBe(1)
        expect(desk.take().messages.join()).toContain("files.already_exists")
        expect([files(), fs.readFileSync(value, "utf8")]).toEqual([[`${id}/technical.md.age`], "mine"])
        expect(state().copies).toEqual([])
        fs.rmSync(value)
        expect((await pulled()).exit).toBe(0)
        mustAgree()
    })

    test("waits for the next batch when that is near, and leaves it to the next pull when it is not", async () => {
        portal.warn("ToolShell", "technical.md")
        portal.unbatched = 1
        expect((await pulled()).exit).toBe(0)
        expect([state().copies[0]?.proven, desk.pauses]).toEqual([true, [5500]])
        portal.warn("Bypass", "summary.md")
        portal.unbatched = 2
        expect((await pulled()).messages.join()).toContain("1 without the proof")
        expect(state().copies[1]?.proven).toBe(false)
        mustAgree()
        portal.unbatched = 1
        portal.nextInSeconds = 60
        expect((await pulled()).messages.join()).toContain("1 without the proof")
        await pulled()
        expect([state().copies[1]?.proven, desk.pauses.length]).toEqual([true, 2])
    })

    test("notes the version that came, not the one that was announced", async () => {
        const warning = portal.warn("ToolShell", "technical.md")
        const announced = { ...warning, artifacts: warning.artifacts.map((artifact) => ({ ...artifact, version: 2 })) }
        const meanwhile: typeof fetch = async (input, init) => {
            portal.warnings = [input instanceof URL && input.pathname.endsWith("/copy") ? announced : warning]
            return await fetch(input, init)
        }
        expect(await pull({ out: desk.at("out") }, { ...desk.world, fetch: meanwhile })).toBe(0)
        expect(state().copies).toMatchObject([{ version: 2, proven: true }])
    })

    test("is refused while another is at work in the folder, and takes over from a dead one", async () => {
        await pulled()
        fs.writeFileSync(desk.at("out", ".tocsin-pull.lock"), String(process.ppid))
        expect((await pulled()).messages.join()).toContain("holdings.in_use")
        fs.writeFileSync(desk.at("out", ".tocsin-pull.lock"), "2147483646")
        expect((await pulled()).exit).toBe(0)
        expect(fs.existsSync(desk.at("out", ".tocsin-pull.lock"))).toBe(false)
    })

    test.each(["", "{", "{}", '{"format":"tocsin-holdings/1","log":null,"copies":[{"file":"../x"}]}'])(
        "does not begin anew on a state that it cannot read: %j",
        async (text) => {
            portal.warn("ToolShell", "technical.md")
            fs.mkdirSync(desk.at("out"))
            fs.writeFileSync(desk.at("out", ".tocsin-pull.json"), text)
            expect((await pulled()).messages.join()).toContain("holdings.damaged")
            expect(portal.asked).toEqual(["POST keys"])
        },
    )
})

describe("the record is held to what it said", () => {
    /** The record as it would be if these deliveries had been others. */
    function otherLog(size: number, seed = 1): TestLog {
        const log = new TestLog(seed)
        for (let n = 0; n < size; n++) log.add({ kind: "fetched", receipt: newId() })
        return log
    }

    test.each<[string, () => TestLog, string]>([
        ["has another past of the same length", () => otherLog(1), "client.log_forked"],
        ["is signed with another key", () => otherLog(2, 2), "client.log_key_mismatch"],
        ["is empty again", () => otherLog(0), "client.log_shrank"],
    ])("and nothing more is fetched from one that %s", async (_, log, code) => {
        portal.warn("ToolShell", "technical.md")
        await pulled()
        const before = state()
        portal.warn("Bypass", "summary.md")
        portal.log = log()
        const { exit, messages } = await pulled()
        expect(exit).toBe(1)
        expect(messages.join()).toContain(code)
        expect(portal.deliveries).toHaveLength(1)
        expect(state()).toEqual(before)
    })

    test("the key is pinned at the first look, and said", async () => {
        portal.log.add({})
        expect((await pulled()).messages[0]).toContain(portal.log.verifierKey)
        expect((await pulled()).messages).toEqual(["nothing new: 0 held"])
    })

    test("a key that is known before is compared at the first look", async () => {
        portal.log.add({})
        const stranger = otherLog(1, 2).verifierKey
        expect((await pulled({ logKey: stranger })).messages.join()).toContain("client.log_key_mismatch")
        expect((await pulled({ logKey: portal.log.verifierKey })).messages.join()).toContain("pull.key_mismatch")
        const out = desk.at("fresh")
        expect((await pulled({ out, logKey: portal.log.verifierKey })).exit).toBe(0)
        expect((await pulled({ out, logKey: "hello" })).exit).toBe(1)
    })

    test("a longer log is believed only with the proof that it is the same", async () => {
        portal.warn("ToolShell", "technical.md")
        await pulled()
        portal.log.add({})
        portal.log.add({})
        expect((await pulled()).exit).toBe(0)
        expect(state().log.size).toBe(3)
        portal.log = otherLog(5)
        const { exit, messages } = await pulled()
        expect([exit, messages.join()]).toEqual([1, expect.stringContaining("client.log_forked")])
        expect(state().log.size).toBe(3)
    })

    test("a receipt of something else is refused, and the copy stays unproven", async () => {
        portal.warn("ToolShell", "technical.md")
        portal.log.add({ kind: "fetched", receipt: newId() })
        portal.faults.set("GET receipts", [{ body: { receipt: portal.log.receipt(0) } }])
        const { exit, messages, results } = await pulled()
        expect([exit, results.length]).toEqual([1, 1])
        expect(messages.join()).toContain("client.")
        expect(state().copies).toMatchObject([{ proven: false }])
        mustAgree()
    })
})

describe("tocsin pull --watch", () => {
    /** Plays one thing between each two looks, and stops after the last. */
    async function watched(...between: (() => void)[]) {
        const stop = new AbortController()
        const looks: number[] = []
        const sleep = async (ms: number) => {
            if (ms !== 7000) return
            looks.push(ms)
            const next = between.shift()
            if (next) next()
            else stop.abort()
        }
        const world = { ...desk.world, sleep }
        const exit = await pull({ out: desk.at("out"), watch: true, every: "7" }, world, stop.signal)
        return { exit, looks: looks.length, ...desk.take() }
    }

    test("finds what comes later, through outages, and is quiet in between", async () => {
        portal.log.add({})
        const input = await watched(
            () => undefined,
            () => portal.warn("ToolShell", "technical.md"),
            () => portal.faults.set("GET warnings", Array<Fault>(5).fill("refused connection")),
            () => portal.faults.set("GET warnings", [problem(404, "request.not_found")]),
            () => portal.warn("Bypass", "summary.md"),
        )
        expect(input).toMatchObject({ exit: 0, looks: 6, results: [expect.any(String), expect.any(String)] })
        expect(input.messages).toEqual([
            expect.stringContaining("pinned"),
            expect.stringContaining("trying again"),
            "no: trying again",
        ])
        mustAgree()
        expect(fs.existsSync(desk.at("out", ".tocsin-pull.lock"))).toBe(false)
    })

    test("says what it has fetched where it is stopped in the middle of a look", async () => {
        portal.warn("ToolShell", "technical.md")
        const stop = new AbortController()
        const meanwhile: typeof fetch = async (input, init) => {
            if (input instanceof URL && input.pathname.includes("/receipts/")) stop.abort()
            return await fetch(input, init)
        }
        const world = { ...desk.world, fetch: meanwhile }
        expect(await pull({ out: desk.at("out"), watch: true }, world, stop.signal)).toBe(0)
        expect(desk.take().results).toEqual([expect.stringContaining("technical.md.age")])
        expect(state().copies).toMatchObject([{ proven: false }])
    })

    test("ends when the record is not to be believed", async () => {
        portal.warn("ToolShell", "technical.md")
        const input = await watched(() => {
            portal.log = new TestLog()
            portal.log.add({})
        })
        expect(input).toMatchObject({ exit: 1, looks: 1 })
        expect(input.messages.join()).toContain("client.log_forked")
    })

    test.each(["0", "-1", "often", "1e9"])("takes no pause of %j seconds", async (every) => {
        expect((await pulled({ watch: true, every })).exit).toBe(2)
    })
})
