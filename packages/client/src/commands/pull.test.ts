import fs from "node:fs"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { newId } from "../../../../test/support/database.ts"
import { type PartnerMachine, modeOf, createPartnerMachine } from "../../../../test/support/partner.ts"
import { type Fault, TestLog, TestPortal, problem } from "../../../../test/support/doubles/portal.ts"
import { createKey } from "./keys.ts"
import { progressBarOn } from "./progress.ts"
import { type PullOptions, pull } from "./pull.ts"
import { processIo, verifyFiles } from "@tocsin/audit-log/commands/verify"

let portal: TestPortal
let desk: PartnerMachine

beforeEach(async () => {
    portal = await new TestPortal().listen()
    desk = createPartnerMachine({ TOCSIN_URL: portal.url, TOCSIN_TOKEN: portal.token })
    await createKey({}, desk.world)
    desk.take()
})
afterEach(async () => {
    await portal.close()
    desk.close()
})

/** One pull: how it ends, and what it says. */
async function runPull(options: Partial<PullOptions> = {}) {
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

/** After any history, exactly the files named in the state exist. */
function expectFilesOfState(): void {
    const { copies } = state()
    const named = copies.flatMap(({ file, proven }) => (proven ? [file, `${file}.receipt`] : [file]))
    expect(files()).toEqual(named.sort())
}

describe("tocsin pull", () => {
    test("fetches new copies once, with receipts, readable by their owner only", async () => {
        const warning = portal.addWarning("ToolShell", "technical.md", "request.rules")
        const first = await runPull()
        expect(first.exit).toBe(0)
        expect(first.results).toEqual([
            `${desk.at("out", warning.id, "technical.md.age")}  technical, TLP:RED PAP:AMBER, of ToolShell`,
            `${desk.at("out", warning.id, "request.rules.age")}  technical, TLP:RED PAP:AMBER, of ToolShell`,
        ])
        expectFilesOfState()
        expect(files()).toHaveLength(4)
        for (const file of files()) expect(modeOf(desk.at("out", file))).toBe("600")
        expect([modeOf(desk.at("out")), modeOf(desk.at("out", warning.id))]).toEqual(["700", "700"])
        expect(state().copies.map(({ receipt }) => receipt)).toEqual(portal.deliveries.map(({ id }) => id))

        expect(await runPull()).toEqual({ exit: 0, results: [], messages: ["nothing new (copies: 2)"] })
        portal.addWarning("Bypass", "summary.md")
        expect((await runPull()).results).toHaveLength(1)
        expect(portal.deliveries).toHaveLength(3)
    })

    test("prints JSON", async () => {
        const warning = portal.addWarning("Tool\u202eShell", "technical.md")
        const { results } = await runPull({ json: true })
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

    test("shows progress on a terminal, removes it at the end, and shows none with --json", async () => {
        portal.addWarning("ToolShell", "technical.md", "summary.md")
        const drawn: string[] = []
        const progress = progressBarOn({ isTTY: true, columns: 60, write: (text) => drawn.push(text) })
        const look = (options: PullOptions) => pull({ out: desk.at("out"), ...options }, { ...desk.world, progress })
        expect(await look({})).toBe(0)
        expect(drawn.map((text) => text.replaceAll(/\r\u001b\[K|\[[#-]+\]/g, ""))).toEqual([
            " 1/2 fetching technical.md",
            " 2/2 fetching summary.md",
            " 1/2 checking receipts",
            " 2/2 checking receipts",
            "",
        ])
        portal.addWarning("Bypass", "summary.md")
        drawn.splice(0)
        expect(await look({ json: true })).toBe(0)
        expect(drawn).toEqual([])
    })

    test("saves receipts that anyone can verify", async () => {
        const { id } = portal.addWarning("ToolShell", "technical.md")
        await runPull()
        const inputs: string[] = []
        const io = { ...processIo, result: (line: string) => inputs.push(line) }
        const receipt = desk.at("out", id, "technical.md.age.receipt")
        expect(await verifyFiles([receipt], { key: [portal.log.verifierKey] }, io)).toBe(0)
        expect(inputs[0]).toContain("accepted: receipt, partner")
    })

    test("keeps a new version next to the old one, and equal names apart", async () => {
        const warning = portal.addWarning("ToolShell", "a.md", "a.md")
        await runPull()
        const next = { ...warning, artifacts: warning.artifacts.map((artifact) => ({ ...artifact, version: 2 })) }
        portal.warnings = [next]
        await runPull()
        const [item, other] = warning.artifacts.map((artifact) => artifact.id)
        const names = state().copies.map(({ file }) => file.split("/")[1])
        expect(names).toEqual(["a.md.age", "a.v1.md.age", "a.v2.md.age", `a.${other}.v2.md.age`])
        expect(item).not.toBe(other)
        expectFilesOfState()
    })

    test("fetches a deleted copy again", async () => {
        const { id } = portal.addWarning("ToolShell", "technical.md")
        await runPull()
        fs.rmSync(desk.at("out", id), { recursive: true })
        expect((await runPull()).results).toHaveLength(1)
        expectFilesOfState()
    })

    test("never overwrites a foreign file, and fetches the rest", async () => {
        const { id } = portal.addWarning("ToolShell", "technical.md", "summary.md")
        fs.mkdirSync(desk.at("out", id), { recursive: true })
        fs.writeFileSync(desk.at("out", id, "technical.md.age"), "mine")
        const input = await runPull()
        expect(input).toMatchObject({
            exit: 1,
            messages: [expect.any(String), expect.stringContaining("files.already_exists")],
        })
        expect(fs.readFileSync(desk.at("out", id, "technical.md.age"), "utf8")).toBe("mine")
        expect(state().copies.map(({ file }) => file)).toEqual([`${id}/summary.md.age`])
        expect(portal.count("GET copy")).toBe(1)
    })

    test.each([
        [
            "a name with a parent folder",
            (item: { name: string | null }) => (item.name = "../../up.md"),
            "artifact.bad_name",
        ],
        ["a hidden name", (item: { name: string | null }) => (item.name = ".bashrc"), "artifact.bad_name"],
        ["an invalid id", (item: { id: string }) => (item.id = "../up"), "pull.bad_id"],
    ])("saves nothing under %s", async (_, bend, code) => {
        const { artifacts } = portal.addWarning("ToolShell", "technical.md")
        bend(artifacts[0]!)
        const { exit, messages } = await runPull()
        expect(exit).toBe(1)
        expect(messages.join()).toContain(code)
        expect(portal.deliveries).toEqual([])
    })

    test("continues after a refusal, and reports it", async () => {
        portal.addWarning("ToolShell", "technical.md", "summary.md")
        portal.faults.set("GET copy", [problem(404, "request.not_found")])
        const { exit, results, messages } = await runPull()
        expect(exit).toBe(1)
        expect(results).toHaveLength(1)
        expect(messages).toContain("refused: technical.md: no (request.not_found)")
        expect((await runPull()).exit).toBe(0)
        expectFilesOfState()
    })

    test("is refused without a key, and stops with an unknown token", async () => {
        portal.addWarning("ToolShell", "technical.md")
        portal.keys.splice(0)
        expect((await runPull()).messages.join()).toContain("delivery.no_key")
        const world = { ...desk.world, env: { ...desk.world.env, TOCSIN_TOKEN: "x".repeat(43) } }
        expect(await pull({ out: desk.at("out") }, world)).toBe(1)
        expect(desk.take().messages.join()).toContain("request.not_signed_in")
    })
})

describe("a pull with a failure", () => {
    test.each<[string, string, Fault[]]>([
        ["a copy fails", "GET copy", [problem(500, "request.failed")]],
        ["a copy is cut after it was recorded", "GET copy", ["cut"]],
        ["a copy is lost after it was recorded", "GET copy", ["lost", "lost"]],
        ["the warnings are lost", "GET warnings", ["lost"]],
        ["a receipt fails", "GET receipts", ["refused connection"]],
    ])("succeeds after a retry: %s", async (_, name, faults) => {
        portal.addWarning("ToolShell", "technical.md", "summary.md")
        portal.faults.set(name, faults)
        expect(await runPull()).toMatchObject({ exit: 0, results: [expect.any(String), expect.any(String)] })
        expectFilesOfState()
    })

    test.each<[string, string, number]>([
        ["the checkpoint", "GET receipt-log", 0],
        ["the warnings", "GET warnings", 0],
        ["the copy", "GET copy", 0],
        ["the receipt", "GET receipts", 2],
    ])("keeps its copies, and the next pull completes it: %s", async (_, name, kept) => {
        portal.addWarning("ToolShell", "technical.md", "summary.md")
        portal.faults.set(name, Array<Fault>(5).fill("lost"))
        const input = await runPull()
        expect(input.exit).toBe(1)
        expect(input.messages.join()).toContain("no answer")
        expect(input.results).toHaveLength(kept)
        if (kept > 0) expectFilesOfState()
        expect((await runPull()).exit).toBe(0)
        expectFilesOfState()
        expect(state().copies.map(({ proven }) => proven)).toEqual([true, true])
    })

    test("renames a complete file without a second fetch", async () => {
        portal.addWarning("ToolShell", "technical.md")
        await runPull()
        const file = desk.at("out", state().copies[0]!.file)
        fs.renameSync(file, `${file}.unfinished`)
        expect((await runPull()).messages).toEqual(["nothing new (copies: 1)"])
        expectFilesOfState()
        fs.renameSync(file, `${file}.unfinished`)
        fs.appendFileSync(`${file}.unfinished`, "x")
        expect((await runPull()).results).toHaveLength(1)
        expectFilesOfState()
    })

    test("leaves no unrecorded copy, and resumes it", async () => {
        portal.addWarning("ToolShell", "technical.md")
        const blocked = desk.at("out", ".tocsin-pull.json.unfinished", "x")
        fs.mkdirSync(blocked, { recursive: true })
        expect((await runPull()).exit).toBe(2)
        expect(files().filter((name) => name.endsWith(".age"))).toEqual([])
        fs.rmSync(desk.at("out", ".tocsin-pull.json.unfinished"), { recursive: true })
        expect((await runPull()).exit).toBe(0)
        expectFilesOfState()
    })

    test("overwrites no file created meanwhile, and does not record a copy it could not save", async () => {
        const { id } = portal.addWarning("ToolShell", "technical.md")
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
        expect((await runPull()).exit).toBe(0)
        expectFilesOfState()
    })

    test("waits for the next batch when it is near, and leaves it to the next pull when not", async () => {
        portal.addWarning("ToolShell", "technical.md")
        portal.unbatched = 1
        expect((await runPull()).exit).toBe(0)
        expect([state().copies[0]?.proven, desk.pauses]).toEqual([true, [5500]])
        portal.addWarning("Bypass", "summary.md")
        portal.unbatched = 2
        expect((await runPull()).messages.join()).toContain("copies without a receipt: 1")
        expect(state().copies[1]?.proven).toBe(false)
        expectFilesOfState()
        portal.unbatched = 1
        portal.nextInSeconds = 60
        expect((await runPull()).messages.join()).toContain("copies without a receipt: 1")
        await runPull()
        expect([state().copies[1]?.proven, desk.pauses.length]).toEqual([true, 2])
    })

    test("records the version that arrived, not the one announced", async () => {
        const warning = portal.addWarning("ToolShell", "technical.md")
        const announced = { ...warning, artifacts: warning.artifacts.map((artifact) => ({ ...artifact, version: 2 })) }
        const meanwhile: typeof fetch = async (input, init) => {
            portal.warnings = [input instanceof URL && input.pathname.endsWith("/copy") ? announced : warning]
            return await fetch(input, init)
        }
        expect(await pull({ out: desk.at("out") }, { ...desk.world, fetch: meanwhile })).toBe(0)
        expect(state().copies).toMatchObject([{ version: 2, proven: true }])
    })

    test("is refused while another runs in the folder, and takes over from a stopped one", async () => {
        await runPull()
        fs.writeFileSync(desk.at("out", ".tocsin-pull.lock"), String(process.ppid))
        expect((await runPull()).messages.join()).toContain("holdings.in_use")
        fs.writeFileSync(desk.at("out", ".tocsin-pull.lock"), "2147483646")
        expect((await runPull()).exit).toBe(0)
        expect(fs.existsSync(desk.at("out", ".tocsin-pull.lock"))).toBe(false)
    })

    test.each(["", "{", "{}", '{"format":"tocsin-holdings/1","log":null,"copies":[{"file":"../x"}]}'])(
        "does not start over on an unreadable state: %j",
        async (text) => {
            portal.addWarning("ToolShell", "technical.md")
            fs.mkdirSync(desk.at("out"))
            fs.writeFileSync(desk.at("out", ".tocsin-pull.json"), text)
            expect((await runPull()).messages.join()).toContain("holdings.damaged")
            expect(portal.requests).toEqual(["POST keys"])
        },
    )
})

describe("the log is verified against its earlier checkpoint", () => {
    /** The record as it would be if these deliveries had been others. */
    function otherLog(size: number, seed = 1): TestLog {
        const log = new TestLog(seed)
        for (let n = 0; n < size; n++) log.add({ kind: "fetched", receipt: newId() })
        return log
    }

    test.each<[string, () => TestLog, string]>([
        ["has another history of the same length", () => otherLog(1), "client.log_forked"],
        ["is signed with another key", () => otherLog(2, 2), "client.log_key_mismatch"],
        ["is empty again", () => otherLog(0), "client.log_behind"],
    ])("and nothing more is fetched when it %s", async (_, log, code) => {
        portal.addWarning("ToolShell", "technical.md")
        await runPull()
        const before = state()
        portal.addWarning("Bypass", "summary.md")
        portal.log = log()
        const { exit, messages } = await runPull()
        expect(exit).toBe(1)
        expect(messages.join()).toContain(code)
        expect(portal.deliveries).toHaveLength(1)
        expect(state()).toEqual(before)
    })

    test("the key is pinned at the first look, and shown", async () => {
        portal.log.add({})
        expect((await runPull()).messages[0]).toContain(portal.log.verifierKey)
        expect((await runPull()).messages).toEqual(["nothing new (copies: 0)"])
    })

    test("a key known before is compared at the first look", async () => {
        portal.log.add({})
        const stranger = otherLog(1, 2).verifierKey
        expect((await runPull({ logKey: stranger })).messages.join()).toContain("client.log_key_mismatch")
        expect((await runPull({ logKey: portal.log.verifierKey })).messages.join()).toContain("pull.key_mismatch")
        const out = desk.at("fresh")
        expect((await runPull({ out, logKey: portal.log.verifierKey })).exit).toBe(0)
        expect((await runPull({ out, logKey: "hello" })).exit).toBe(1)
    })

    test("a key that the former one names is adopted and shown, and the former one may still be given", async () => {
        portal.addWarning("ToolShell", "technical.md")
        const logKey = portal.log.verifierKey
        await runPull({ logKey })
        portal.addWarning("Bypass", "summary.md")
        portal.log.addKey(2)
        expect((await runPull({ logKey })).messages.join()).not.toContain("new key")
        portal.log.endFormerKeys().add({})
        const { exit, messages } = await runPull({ logKey })
        expect(exit).toBe(0)
        expect(messages.filter((message) => message.includes("new key")).join()).toContain(portal.log.verifierKey)
        expect(state().log).toMatchObject({ verifierKey: portal.log.verifierKey, formerKeys: [logKey] })
        expect((await runPull({ logKey })).messages).toEqual(["nothing new (copies: 2)"])
    })

    test("a new key is shown at each pull until one has finished", async () => {
        portal.addWarning("ToolShell", "technical.md")
        await runPull()
        portal.log.addKey(2).endFormerKeys().add({})
        for (const _ of [1, 2]) {
            portal.faults.set("GET warnings", [problem(403, "request.forbidden")])
            const { exit, messages } = await runPull()
            expect([exit, messages.join()]).toEqual([1, expect.stringContaining(portal.log.verifierKey)])
        }
        expect((await runPull()).messages.join()).toContain(portal.log.verifierKey)
        expect((await runPull()).messages).toEqual(["nothing new (copies: 1)"])
    })

    test("a former key that is given after a new one was adopted is pinned again", async () => {
        portal.log.add({})
        const logKey = portal.log.verifierKey
        await runPull()
        portal.log.addKey(2).endFormerKeys().add({})
        await runPull()
        portal.log.handovers.length = 0
        expect((await runPull({ logKey })).messages.join()).toContain("client.log_key_mismatch")
        expect(state().log.verifierKey).toBe(logKey)
    })

    test("a key that no handover leads to is adopted only where it is given", async () => {
        portal.log.add({})
        await runPull()
        portal.log.addKey(2, false).endFormerKeys().add({})
        expect((await runPull()).messages.join()).toContain("then give that key (client.log_key_mismatch)")
        expect((await runPull({ logKey: portal.log.verifierKey })).exit).toBe(0)
        expect((await runPull()).exit).toBe(0)
    })

    test("a longer log needs a consistency proof", async () => {
        portal.addWarning("ToolShell", "technical.md")
        await runPull()
        portal.log.add({})
        portal.log.add({})
        expect((await runPull()).exit).toBe(0)
        expect(state().log.size).toBe(3)
        portal.log = otherLog(5)
        const { exit, messages } = await runPull()
        expect([exit, messages.join()]).toEqual([1, expect.stringContaining("client.log_forked")])
        expect(state().log.size).toBe(3)
    })

    test("a receipt of another fetch is refused, and the copy stays unproven", async () => {
        portal.addWarning("ToolShell", "technical.md")
        portal.log.add({ kind: "fetched", receipt: newId() })
        portal.faults.set("GET receipts", [{ body: { receipt: portal.log.receipt(0) } }])
        const { exit, messages, results } = await runPull()
        expect([exit, results.length]).toEqual([1, 1])
        expect(messages.join()).toContain("client.")
        expect(state().copies).toMatchObject([{ proven: false }])
        expectFilesOfState()
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

    test("fetches new copies, survives outages, and prints nothing in between", async () => {
        portal.log.add({})
        const input = await watched(
            () => undefined,
            () => portal.addWarning("ToolShell", "technical.md"),
            () => portal.faults.set("GET warnings", Array<Fault>(5).fill("refused connection")),
            () => portal.faults.set("GET warnings", [problem(404, "request.not_found")]),
            () => portal.addWarning("Bypass", "summary.md"),
        )
        expect(input).toMatchObject({ exit: 0, looks: 6, results: [expect.any(String), expect.any(String)] })
        expect(input.messages).toEqual([
            expect.stringContaining("pinned"),
            expect.stringContaining("trying again"),
            "no: trying again",
        ])
        expectFilesOfState()
        expect(fs.existsSync(desk.at("out", ".tocsin-pull.lock"))).toBe(false)
    })

    test("reports what it fetched when stopped during a look", async () => {
        portal.addWarning("ToolShell", "technical.md")
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

    test("ends when the log cannot be verified", async () => {
        portal.addWarning("ToolShell", "technical.md")
        const input = await watched(() => {
            portal.log = new TestLog()
            portal.log.add({})
        })
        expect(input).toMatchObject({ exit: 1, looks: 1 })
        expect(input.messages.join()).toContain("client.log_forked")
    })

    test.each(["0", "-1", "often", "1e9"])("refuses a pause of %j seconds", async (every) => {
        expect((await runPull({ watch: true, every })).exit).toBe(2)
    })
})
