/**
 * The program that faults happen to: a private PostgreSQL that writes to disk, partners that fetch copies and get
 * suspended, a released wave, and one that is not due. The ledger has what the program acknowledged, and `check` reads
 * all of it back.
 */
import fs from "node:fs"
import path from "node:path"
import { setTimeout as pause } from "node:timers/promises"
import { generateX25519Identity, identityToRecipient } from "age-encryption"
import pg from "pg"
import { readContent } from "../../server/src/demo/content.ts"
import { memberActor } from "../../server/src/demo/seed.ts"
import { dayMs } from "@tocsin/base/instant"
import { databaseClock } from "../../server/src/platform/time/clock.ts"
import { openHighWater } from "../../server/src/kernel/high-water.ts"
import type { Services } from "../../server/src/kernel/services.ts"
import { createKeyFile, readKeyFile } from "../../server/src/platform/crypto/keys.ts"
import type { Settings } from "../../server/src/platform/config/settings.ts"
import { silentLog } from "../../server/src/platform/log/log.ts"
import type { Tx } from "../../server/src/platform/postgres/db.ts"
import { findRunning, startPostgres } from "../../server/src/platform/postgres/postgres.ts"
import { buildServices, openMigrated } from "../../server/src/commands/services.ts"
import { addArtifact } from "../../server/src/share/artifacts/actions/add-artifact.ts"
import { openCase } from "../../server/src/share/cases/actions/open-case.ts"
import { agreeEmbargo } from "../../server/src/share/cases/actions/negotiate-embargo.ts"
import { aliasFor } from "../../server/src/share/delivery/actions/resolve-alias.ts"
import { installPack } from "../../server/src/share/entitlement/actions/manage-policies.ts"
import { releaseWavesJob } from "../../server/src/share/release/actions/release-wave.ts"
import { planWaves } from "../../server/src/share/waves/actions.ts"
import type { ActionContext } from "../../server/src/kernel/action-context.ts"
import type { Actor, OperatorRole } from "../../server/src/kernel/actor.ts"
import { addPerson } from "../../server/src/trust/identity/actions/manage-people.ts"
import { issueCredential } from "../../server/src/trust/identity/actions/sign-in.ts"
import { acceptAgreement, addAgreement } from "../../server/src/trust/partners/agreements/actions/accept-agreement.ts"
import { addPartner } from "../../server/src/trust/partners/actions/change-partner.ts"
import { addKey } from "../../server/src/trust/partners/keys/actions/manage-keys.ts"
import type { Tier } from "../../server/src/trust/partners/partner.ts"
import {
    type CommandResult,
    type RunningCommand,
    createHome,
    runTocsin,
    startTocsin,
} from "../../test/support/command.ts"
import { markdownText, signFirstWave } from "../program.ts"

export interface FaultPartner {
    readonly id: string
    readonly token: string
    /** Path of its copy. */
    readonly copy: string
}

/** The acknowledged writes: none of them may be lost. */
export interface Ledger {
    readonly downloads: Map<string, number>
    readonly cases: Set<string>
    readonly suspended: Set<string>
}

export interface World {
    readonly home: string
    readonly flags: readonly string[]
    readonly identityFile: string
    readonly recipient: string
    readonly fetchers: readonly FaultPartner[]
    /** Of a tier whose wave is not due. */
    readonly early: FaultPartner
    readonly tokens: { readonly author: string; readonly manager: string }
    readonly ledger: Ledger
    /** The server that runs now, with the usual flags. */
    readonly current: { server: Server | null }
    /** The main file of a newer version; absent: this one. */
    readonly program?: string
}

const vulnerable = {
    vulnerabilities: [
        {
            cve: "CVE-2025-49704",
            cwe: "CWE-94",
            products: [],
            score: 8.8,
            vector: "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H",
        },
    ],
}

const system: Actor = { kind: "system", component: "faults" }

/** Creates the program. One partner can be suspended in each round. */
export async function createWorld(rounds: number): Promise<World> {
    const home = createHome()
    const [dataDir, keyFile] = [path.join(home, "data"), path.join(home, "keys/key")]
    createKeyFile(keyFile, dataDir)
    const identity = await generateX25519Identity()
    const identityFile = path.join(home, "identity.txt")
    fs.writeFileSync(identityFile, `${identity}\n`, { mode: 0o600 })
    const postgres = await startPostgres(dataDir)
    try {
        const content = await createContentAt({ databaseUrl: postgres.url, dataDir, keyFile }, rounds)
        return {
            ...content,
            home,
            flags: ["--data", dataDir, "--key-file", keyFile],
            identityFile,
            recipient: await identityToRecipient(identity),
            ledger: { downloads: new Map(), cases: new Set(), suspended: new Set() },
            current: { server: null },
        }
    } finally {
        await postgres.stop()
    }
}

export type Content = Pick<World, "early" | "fetchers" | "tokens">

/** Creates the program in a database. */
export async function createContentAt(
    { databaseUrl, dataDir, keyFile }: Pick<Settings, "dataDir" | "keyFile"> & { readonly databaseUrl: string },
    rounds: number,
): Promise<Content> {
    const { db, keys } = await openMigrated(databaseUrl, readKeyFile(keyFile, dataDir), silentLog)
    const services = buildServices(db, {
        keys,
        clock: databaseClock,
        log: silentLog,
        highWater: openHighWater(keyFile, keys),
        mail: { send: async () => undefined },
        receiptsIntervalMs: 60_000,
    })
    try {
        const content = await createContent(services, rounds)
        await services.db.transaction((tx) => addBallast(tx))
        return content
    } finally {
        await services.db.close()
    }
}

/** A table of another program, so that backups take a while. */
async function addBallast(tx: Tx): Promise<void> {
    await tx.query(
        `create table ballast as select string_agg(md5((n * 1000 + i)::text), '') as text
         from generate_series(1, ${ballastRows}) n, generate_series(1, 1000) i group by n`,
    )
}

const ballastRows = 1000

async function createContent(services: Services, rounds: number): Promise<Content> {
    const acting = <T>(actor: Actor, work: (ctx: ActionContext) => Promise<T>): Promise<T> =>
        services.db.transaction(async (tx) => await work({ tx, now: await services.clock.now(tx), actor, services }))
    const staff = async (role: OperatorRole) =>
        await acting(system, async (ctx) => {
            const details = { partner: null, name: `The ${role}`, mail: `${role}@operator.example`, roles: [role] }
            const person = await addPerson(ctx, details)
            const actor = { kind: "operator", person, roles: [role] } as const
            return { actor, token: await issueCredential(ctx, person, "token") }
        })
    const [author, manager, approver] = [await staff("author"), await staff("manager"), await staff("approver")]
    await acting(manager.actor, installPack)
    await acting(manager.actor, (ctx) => addAgreement(ctx, readContent("agreement.md"), 365))
    const members = await acting(manager.actor, async (ctx) => {
        const list = [await addMember(ctx, "early", "entry")]
        for (let n = 0; n < rounds + 4; n++) list.push(await addMember(ctx, `p${n}`, "validate"))
        return list
    })
    const { id, artifact } = await acting(author.actor, async (ctx) => {
        const opened = await openCase(ctx, { title: "The case", ...vulnerable, finder: "us" })
        await agreeEmbargo(ctx, opened, ctx.now + 13 * dayMs)
        const text = { tlp: "RED", pap: "RED", name: "technical.md", content: markdownText() } as const
        const added = await addArtifact(ctx, { case: opened, class: "technical", ...text })
        await planWaves(ctx, opened)
        return { id: opened, artifact: added }
    })
    await acting(author.actor, (ctx) => signFirstWave(ctx, approver.actor, id))
    await releaseWavesJob.run(services)
    const [early, ...fetchers] = members.map((member) => ({
        ...member,
        copy: `/api/artifacts/${aliasFor(services.keys, member.id, "artifact", artifact)}/copy`,
    }))
    if (early === undefined) throw new Error("there is no partner")
    return { early, fetchers, tokens: { author: author.token, manager: manager.token } }
}

async function addMember(ctx: ActionContext, name: string, tier: Tier): Promise<{ id: string; token: string }> {
    const id = await addPartner(ctx, { name, mail: `${name}@partner.example`, tier, status: "active" })
    const person = { partner: id, name: `Lead of ${name}`, mail: `lead@${name}.example`, roles: ["lead"] as const }
    const member = { person: await addPerson(ctx, person), name, roles: person.roles, token: "", link: "" }
    const lead = { ...ctx, actor: memberActor(id, [member], "lead") }
    await acceptAgreement(lead, 1)
    await addKey(lead, await identityToRecipient(await generateX25519Identity()))
    return { id, token: await issueCredential(ctx, member.person, "token") }
}

// --- Processes

export interface Server {
    readonly running: RunningCommand
    readonly portal: string
    readonly console: string
}

export async function serve({ home, flags, program }: World, ...more: readonly string[]): Promise<Server> {
    const ports = ["--console-port", "0", "--portal-port", "0", "--json", "--disk-free-min", "1"]
    const running = await startTocsin(home, ["serve", ...flags, ...ports, ...more], {
        env: envOf(home),
        ...(program !== undefined && { program }),
    })
    const addresses = JSON.parse(running.firstOutput) as Record<string, { host: string; port: number } | undefined>
    const at = (side: string) => `http://${addresses[side]?.host}:${addresses[side]?.port}`
    return { running, portal: at("portal"), console: at("console") }
}

/** Returns the running server, or starts one. */
export async function ensureServer(world: World): Promise<Server> {
    world.current.server ??= await serve(world)
    return world.current.server
}

export async function endServer(world: World, signal: NodeJS.Signals): Promise<void> {
    const { server } = world.current
    world.current.server = null
    await server?.running.end(signal)
}

export const run = async ({ home, flags }: World, ...args: readonly string[]): Promise<CommandResult> =>
    await runTocsin(home, [...args, ...flags], envOf(home))

/** Starts of Node are most of a round. */
export const envOf = (home: string) => ({ NODE_COMPILE_CACHE: path.join(home, "compiled") })

/** Pid of the private PostgreSQL. */
export function postgresPid({ home }: World): number {
    return Number.parseInt(fs.readFileSync(path.join(home, "data/postgres/cluster/postmaster.pid"), "latin1"), 10)
}

// --- Requests

const answerMsMax = 20_000

async function ask(base: string, token: string, at: string, body?: object): Promise<{ status: number; text: string }> {
    const answer = await fetch(base + at, {
        method: body === undefined ? "GET" : "POST",
        headers: { authorization: `Bearer ${token}`, ...(body && { "content-type": "application/json" }) },
        signal: AbortSignal.timeout(answerMsMax),
        ...(body && { body: JSON.stringify(body) }),
    })
    return { status: answer.status, text: await answer.text() }
}

/** Requests without an answer count as not acknowledged. */
const askOrNull = async (...args: Parameters<typeof ask>) => await ask(...args).catch(() => null)

/** Resolves once the load is under way. */
export async function untilLoaded({ ledger }: World): Promise<void> {
    const before = countOf(ledger)
    const giveUpAt = performance.now() + answerMsMax
    while (countOf(ledger) < before + 5 && performance.now() < giveUpAt) await pause(10)
}

/** The number of answered downloads. */
export const countOf = ({ downloads }: Ledger): number => [...downloads.values()].reduce((sum, n) => sum + n, 0)

export interface Load {
    /** Broken promises, such as an early copy. */
    readonly faults: readonly string[]
    stop(): Promise<void>
}

/** Downloads, opens cases and asks for what is not due, until it is stopped. */
export function startLoad(world: World, { portal, console }: Pick<Server, "portal" | "console">): Load {
    const { ledger, fetchers, early, tokens } = world
    const faults: string[] = []
    let isOver = false
    const repeat = async (work: () => Promise<void>) => {
        while (!isOver) {
            await work()
            await pause(20)
        }
    }
    const download = async (partner: FaultPartner) => {
        const wasSuspended = ledger.suspended.has(partner.id)
        const answer = await askOrNull(portal, partner.token, partner.copy)
        if (answer?.status !== 200) return
        ledger.downloads.set(partner.id, (ledger.downloads.get(partner.id) ?? 0) + 1)
        if (wasSuspended) faults.push("a suspended partner was served")
    }
    const open = async () => {
        const body = { title: `Case ${Math.random()}`, ...vulnerable, finder: "us" }
        const answer = await askOrNull(console, tokens.author, "/api/cases", body)
        if (answer?.status === 200) ledger.cases.add((JSON.parse(answer.text) as { id: string }).id)
    }
    const askEarly = async () => {
        if ((await askOrNull(portal, early.token, early.copy))?.status === 200) faults.push("a copy was served early")
    }
    const lanes = [
        ...fetchers.slice(-4).map((partner) => repeat(() => download(partner))),
        repeat(() => download(fetchers[ledger.suspended.size - 1] ?? early)),
        repeat(open),
        repeat(askEarly),
    ]
    return {
        faults,
        stop: async () => {
            isOver = true
            await Promise.all(lanes)
        },
    }
}

/** Suspends the next partner. Whether it was acknowledged. */
export async function suspendNext({ ledger, fetchers, tokens }: World, { console }: Server): Promise<boolean> {
    const partner = fetchers[ledger.suspended.size]
    if (partner === undefined) return false
    const body = { kind: "interim_suspension", partner: partner.id, reason: "It may have leaked." }
    const answer = await askOrNull(console, tokens.manager, "/api/measures", body)
    if (answer?.status === 200) ledger.suspended.add(partner.id)
    return answer?.status === 200
}

// --- The checker

/** Reads everything back from a running server. Returns what is wrong. */
export async function check(world: World, server: Server): Promise<string[]> {
    const { ledger, fetchers, early, tokens } = world
    const faults: string[] = []
    const verify = async () => await ask(server.console, tokens.manager, "/api/audit-log/verify")
    let verified = await verify()
    // A program that just started has no checkpoint.
    for (let n = 0; n < 50 && verified.text.includes("audit_log.no_checkpoint"); n++) {
        await pause(200)
        verified = await verify()
    }
    if (!verified.text.includes('"ok":true')) faults.push(`the audit log does not verify: ${verified.text}`)
    const quarantine = await ask(server.console, tokens.manager, "/api/quarantine")
    if (!quarantine.text.includes('"quarantine":null')) faults.push(`a quarantine: ${quarantine.text.slice(0, 200)}`)
    for (const partner of fetchers.filter(({ id }) => ledger.suspended.has(id))) {
        if ((await ask(server.portal, partner.token, partner.copy)).status === 200)
            faults.push("a suspended partner is served")
    }
    const last = fetchers.at(-1)
    if (last && (await ask(server.portal, last.token, last.copy)).status !== 200)
        faults.push("an active partner is not served")
    if ((await ask(server.portal, early.token, early.copy)).status === 200) faults.push("a copy is served early")
    return [...faults, ...(await checkEvents(world))]
}

/** Each acknowledged download and case has its event. */
async function checkEvents({ home, ledger }: World): Promise<string[]> {
    const url = await findRunning(path.join(home, "data"))
    if (url === null) return ["no PostgreSQL runs"]
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    try {
        const { rows: downloads } = await client.query<{ partner: string; count: number }>(
            `select body->>'partner' as partner, count(*)::int as count from events where kind = 'copy.delivered'
             group by 1`,
        )
        const counts = new Map(downloads.map(({ partner, count }) => [partner, count]))
        const { rows: cases } = await client.query<{ id: string }>(
            `select cases.id from cases join events on kind = 'case.opened' and body->>'case' = cases.id::text`,
        )
        const known = new Set(cases.map(({ id }) => id))
        return [
            ...[...ledger.downloads].flatMap(([partner, answered]) =>
                (counts.get(partner) ?? 0) < answered ? ["an answered download has no event"] : [],
            ),
            ...[...ledger.cases].flatMap((id) => (known.has(id) ? [] : ["an acknowledged case is lost"])),
        ]
    } finally {
        await client.end()
    }
}
