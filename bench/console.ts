/**
 * The console's first page with many partners, people and cases: each panel's request separately, over HTTP on
 * loopback, next to a bare server with one statement. Half of the cases have a due wave without a request, which costs
 * most.
 */
import http from "node:http"
import type { AddressInfo } from "node:net"
import pg from "pg"
import { readContent } from "../server/src/demo/content.ts"
import { dayMs, formatInstant } from "@tocsin/base/instant"
import type { Services } from "../server/src/kernel/services.ts"
import { makeServer } from "../server/src/server.ts"
import { addArtifact } from "../server/src/share/artifacts/actions/add-artifact.ts"
import { openCase } from "../server/src/share/cases/actions/open-case.ts"
import { agreeEmbargo } from "../server/src/share/cases/actions/negotiate-embargo.ts"
import { planWaves } from "../server/src/share/waves/actions.ts"
import type { ActionContext } from "../server/src/kernel/action-context.ts"
import type { Actor, OperatorRole } from "../server/src/kernel/actor.ts"
import { addPerson } from "../server/src/trust/identity/actions/manage-people.ts"
import { issueCredential } from "../server/src/trust/identity/actions/sign-in.ts"
import { listNamesAndMails } from "../server/src/trust/partners/actions/load-facts.ts"
import { sendRequest } from "./asking.ts"
import { type Figure, readingOf } from "./measure.ts"
import { type RunningProgram, createPartners, startProgramWith, system } from "./program.ts"

export interface ConsoleSize {
    readonly partners: number
    readonly peopleEach: number
    readonly cases: number
}

export const consoleSizes: readonly ConsoleSize[] = [
    { partners: 300, peopleEach: 5, cases: 200 },
    { partners: 1_000, peopleEach: 5, cases: 500 },
]
const rounds = 100
const medianMsMax = 200
const panels = [
    "/api/me",
    "/api/alarms",
    "/api/clock",
    "/api/tasks",
    "/api/waves",
    "/api/approvals",
    "/api/deputies",

    "/api/staff-names",
    "/api/cases",
    "/api/artifacts",
    "/api/partners",
    "/api/agreements",
    "/api/embargo-proposals",
]

export async function measureFirstPage(size: ConsoleSize): Promise<Figure> {
    const { partners, peopleEach, cases } = size
    const program = await startProgramWith((services) => createContent(services, size))
    const bare = await startBareServer(program.databaseUrl)
    const app = await makeServer({
        services: program.services,
        side: "console",
        web: null,
        secureCookies: false,
        requestsPerMinuteMax: 1e9,
    })
    try {
        await app.listen({ host: "127.0.0.1", port: 0 })
        const { port } = app.server.address() as AddressInfo
        const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
        const until = formatInstant(Date.now() + 21 * dayMs)
        const lines: (readonly [string, string])[] = []
        let isMet = true
        for (const panel of panels) {
            const path = panel === "/api/waves" ? `${panel}?before=${until}` : panel
            const msOf = (target: { port: number; path: string }) =>
                measureRequestMs({ ...target, token: program.token, agent })
            const [percentiles, limit] = [await msOf({ port, path }), await msOf({ port: bare.port, path: "/" })]
            isMet &&= percentiles.p50 <= medianMsMax
            lines.push([
                panel,
                `${shownMs(percentiles)} × ${(percentiles.p50 / limit.p50).toFixed(0)} (bare ${shownMs(limit)})`,
            ])
        }
        agent.destroy()
        return {
            title:
                `The console's first page: ${partners} partners, ${partners * peopleEach} people, ${cases} cases; ` +
                "p50 / p99",
            lines,
            target: { text: `${medianMsMax} ms for each panel`, isMet },
        }
    } finally {
        await app.close()
        await bare.stop()
        await program.stop()
    }
}

interface Percentiles {
    readonly p50: number
    readonly p99: number
}

const shownMs = ({ p50, p99 }: Percentiles): string => `${p50.toFixed(1)} / ${p99.toFixed(1)} ms`

async function measureRequestMs(request: Parameters<typeof sendRequest>[0]): Promise<Percentiles> {
    const list: number[] = []
    for (let n = -3; n < rounds; n++) {
        const start = performance.now()
        const { status, isComplete } = await sendRequest(request)
        if (status !== 200 || !isComplete) throw new Error(`${request.path}: ${status}`)
        if (n >= 0) list.push(performance.now() - start)
    }
    const sorted = list.toSorted((a, b) => a - b)
    return { p50: readingOf(list).median, p99: sorted[Math.floor(rounds * 0.99)] ?? 0 }
}

/** The cost of one statement and one answer. */
async function startBareServer(databaseUrl: string) {
    const pool = new pg.Pool({ connectionString: databaseUrl, max: 1 })
    const server = http.createServer((_, response) => {
        pool.query("select 1").then(
            () => response.end("{}"),
            () => response.destroy(),
        )
    })
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    return {
        port: (server.address() as AddressInfo).port,
        stop: async () => {
            server.closeAllConnections()
            await new Promise((resolve) => server.close(resolve))
            await pool.end()
        },
    }
}

export async function createContent(
    services: Services,
    { partners, peopleEach, cases }: ConsoleSize,
): Promise<{ readonly token: string; readonly actor: Actor & { readonly person: string } }> {
    const acting: RunningProgram["acting"] = (actor, work) =>
        services.db.transaction(async (tx) => await work({ tx, now: await services.clock.now(tx), actor, services }))
    const roles: OperatorRole[] = ["author", "manager", "approver"]
    const staff = { partner: null, name: "The staff member", mail: "staff@operator.example", roles }
    const person = await acting(system, (ctx) => addPerson(ctx, staff))
    const actor = { kind: "operator" as const, person, roles }
    await createPartners(services, actor, partners)
    await acting(system, (ctx) => addPeople(ctx, peopleEach - 1))
    for (let n = 0; n < cases; n++) await acting(actor, (ctx) => addCase(ctx, n, cases))
    return { token: await acting(actor, (ctx) => issueCredential(ctx, person, "token")), actor }
}

/** People per partner, in addition to its lead. */
async function addPeople(ctx: ActionContext, countEach: number): Promise<void> {
    for (const partner of (await listNamesAndMails(ctx)).keys()) {
        for (let n = 0; n < countEach; n++) {
            const mail = `analyst${n}@${partner}.example`
            await addPerson(ctx, { partner, name: `Analyst ${n}`, mail, roles: ["analyst"] })
        }
    }
}

/** Cases published between tomorrow and four weeks from now; half of them have a due wave. */
async function addCase(ctx: ActionContext, n: number, total: number): Promise<void> {
    const vector = "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H"
    const vulnerabilities = [{ cve: `CVE-2025-${10_000 + n}`, cwe: "CWE-94", score: 8.8, vector, products: [] }]
    const id = await openCase(ctx, { title: `Case ${n}`, vulnerabilities, finder: "us" })
    await agreeEmbargo(ctx, id, ctx.now + dayMs + Math.floor((27 * dayMs * n) / total))
    for (const [kind, file] of [
        ["summary", "summary.md"],
        ["technical", "technical.md"],
        ["guidance", "guidance.md"],
    ] as const) {
        const content = readContent(`toolshell/${file}`)
        await addArtifact(ctx, { case: id, class: kind, tlp: "AMBER", pap: "AMBER", name: file, content })
    }
    await planWaves(ctx, id)
}
