/**
 * Publication with ten thousand documents in the feed, next to publication with few; and that feed over HTTP, next to a
 * bare server that sends as many bytes.
 *
 * The ten thousand are copies of one published advisory's rows under other ids, because publishing them takes minutes.
 */
import http from "node:http"
import { hourMs } from "@tocsin/base/instant"
import type { Actor } from "../server/src/kernel/actor.ts"
import { openCase } from "../server/src/share/cases/actions/open-case.ts"
import { agreeEmbargo, terminateEmbargo, endEmbargo } from "../server/src/share/cases/actions/negotiate-embargo.ts"
import { publishCase } from "../server/src/share/publication/actions/publish-case.ts"
import { type Servers, sendRequest, measureAnswersPerSecond } from "./asking.ts"
import { type Figure, compareWithLimits, formatPercent, readingOf, formatReading } from "./measure.ts"
import type { BenchProgram } from "./program.ts"

const documentsCount = 10_000
const casesPerRound = 20
const rounds = 5
const readMs = 1_500
const feedPath = "/csaf/white/feed-white.json"

export async function measurePublication(world: BenchProgram, servers: Servers): Promise<Figure> {
    const author = world.author
    await measurePublishedPerSecond(world, author)
    const few = readingOf(await repeatRounds(() => measurePublishedPerSecond(world, author)))
    await fillFeed(world)
    const many = readingOf(await repeatRounds(() => measurePublishedPerSecond(world, author)))
    const agent = new http.Agent({ keepAlive: true })
    const { bytes } = await sendRequest({ port: servers.portal, path: feedPath, agent })
    agent.destroy()
    const portal = { port: servers.portal, path: feedPath }
    const bare = { port: servers.bare, path: `/bytes/${bytes}` }
    const read = await compareWithLimits(rounds, () => measureAnswersPerSecond([portal, portal], readMs), [
        () => measureAnswersPerSecond([bare, bare], readMs),
    ])
    const ratio = many.median / few.median
    return {
        title: `Publication with ${documentsCount} documents in the feed, one transaction each`,
        lines: [
            [`published with few documents there`, formatReading(few, "/s", 1)],
            [`published with ${documentsCount} there`, formatReading(many, "/s", 1)],
            ["… of the former", `${(ratio * 100).toFixed(0)} %`],
            [`the feed of ${(bytes / 1e6).toFixed(1)} MB read by two clients`, formatReading(read.measured, "/s", 1)],
            ["a bare server sends as many bytes", formatReading(read.limits[0] ?? readingOf([]), "/s", 1)],
            ["… of it", formatPercent(read.ratios[0] ?? readingOf([]))],
        ],
        target: {
            text: "20 documents/s, 70 % of what it was with few; the feed at 20 % of the bare server",
            isMet: many.median >= 20 && ratio >= 0.7 && (read.ratios[0]?.median ?? 0) >= 0.2,
        },
    }
}

async function repeatRounds(work: () => Promise<number>): Promise<number[]> {
    const values: number[] = []
    for (let n = 0; n < rounds; n++) values.push(await work())
    return values
}

/**
 * Cases whose embargo ends in the same transaction before the timing starts, so that the worker publishes none of them
 * earlier.
 */
async function measurePublishedPerSecond(world: BenchProgram, author: Actor): Promise<number> {
    const services = { ...world.services, portalOrigin: "https://portal.example" }
    let ms = 0
    for (let n = 0; n < casesPerRound; n++) {
        const from = await world.acting(author, async (ctx) => {
            const id = await addEndedCase(ctx)
            const start = performance.now()
            await publishCase({ ...ctx, services }, id)
            return start
        })
        ms += performance.now() - from
    }
    return (casesPerRound * 1000) / ms
}

async function addEndedCase(ctx: Parameters<typeof openCase>[0]): Promise<string> {
    const vulnerabilities = [
        {
            cve: "CVE-2025-49704",
            cwe: "CWE-94",
            score: 8.8,
            vector: "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H",
            products: [{ vendor: "Example", name: "Server", fixedIn: "16.0.1" }],
        },
    ]
    const id = await openCase(ctx, { title: "One of many", vulnerabilities, finder: "us" })
    await agreeEmbargo(ctx, id, ctx.now + hourMs)
    await terminateEmbargo(ctx, id, "it is measured")
    await endEmbargo(ctx, id)
    return id
}

async function fillFeed(world: BenchProgram): Promise<void> {
    await world.services.db.transaction(async (tx) => {
        await tx.query(`create temporary table filling on commit drop as
            select a.case_id, a.id, gen_random_uuid() as new_case, a.year, 100000 + n as new_number,
                replace(a.id, '-' || lpad(a.number::text, 4, '0'), '-' || (100000 + n)) as new_id, n
            from (select * from advisories
            order by generation limit 1) as a, generate_series(1, ${documentsCount}) as n`)
        await copyRows(tx, "cases", { id: "f.new_case" }, "t.id = f.case_id")
        await copyRows(
            tx,
            "advisories",
            { case_id: "f.new_case", id: "f.new_id", number: "f.new_number", generation: "1000000 + f.n" },
            "t.id = f.id",
        )
        await copyRows(tx, "advisory_revisions", { advisory_id: "f.new_id" }, "t.advisory_id = f.id")
        const body = "replace(replace(t.body, f.id, f.new_id), lower(f.id), lower(f.new_id))"
        const path = "replace(t.path, lower(f.id), lower(f.new_id))"
        await copyRows(tx, "advisory_documents", { advisory_id: "f.new_id", path, body }, "t.advisory_id = f.id")
        await copyRows(tx, "advisory_entries", { advisory_id: "f.new_id", body }, "t.advisory_id = f.id")
    })
    await world.services.db.transaction((tx) => tx.query("analyze"))
}

type Tx = Parameters<Parameters<BenchProgram["services"]["db"]["transaction"]>[0]>[0]

/** Copies rows, except for some columns. */
async function copyRows(
    tx: Tx,
    table: string,
    replacements: Readonly<Record<string, string>>,
    condition: string,
): Promise<void> {
    const rows = await tx.query<{ name: string }>(
        `select column_name as name from information_schema.columns
         where table_name = $1 and table_schema = current_schema() and is_generated = 'NEVER'`,
        [table],
    )
    const names = rows.map(({ name }) => name)
    const values = names.map((name) => replacements[name] ?? `t.${name}`)
    await tx.query(
        `insert into ${table} (${names.join()}) select ${values.join()} from ${table} t, filling f where ${condition}`,
    )
}
