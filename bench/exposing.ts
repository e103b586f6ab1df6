/**
 * The exposure of a case among millions of deliveries: the real action, next to one statement that reads the same
 * deliveries by index. Covers an ordinary case, a large one, one that bypasses both, one partner and one person.
 *
 * `DELIVERIES=10000000 node bench/main.ts exposing`: inserting as many takes minutes and 10 GB.
 */
import { openDb } from "../server/src/platform/postgres/db.ts"
import { type ExposureRequest, readExposure } from "../server/src/trace/inquiries/actions/read-exposure.ts"
import { type Filled, fill } from "./deliveries.ts"
import { type Figure, besideLimits, readingOf, secondsOf, shown } from "./measure.ts"
import { type Running, foundPartners, startWith, system } from "./program.ts"

const deliveriesCount = Number(process.env["DELIVERIES"] ?? 2_000_000)
const rounds = 5
const secondsMax = 1
const fillMsMax = 900_000
/** Created by the usual actions; the rest of the thousand copy the last three. */
const modelsCount = 15

export async function exposing(): Promise<Figure> {
    const world = await startWith(async (services) => ({ keyed: await foundPartners(services, system, modelsCount) }))
    try {
        const db = openDb(world.databaseUrl, { connectionsMax: 1, statementMsMax: fillMsMax })
        const filled = await db.transaction((tx) => fill(tx, deliveriesCount))
        await db.close()
        await world.acting(system, (ctx) => ctx.tx.query("analyze"))
        return await measured(world, filled)
    } finally {
        await world.stop()
    }
}

async function measured(world: Running, { large, ordinary, bypass, partner, person }: Filled): Promise<Figure> {
    const requests: readonly (readonly [
        string,
        Partial<ExposureRequest> & { readonly case: string },
        readonly string[],
    ])[] = [
        ["an ordinary case", { case: ordinary }, [ordinary]],
        ["the large case: 1,000 partners, 20 versions, 40,000 deliveries", { case: large }, [large]],
        ["a bypass of a bypass of it: three cases", { case: bypass }, [large]],
        ["the large case, one partner", { case: large, partner }, [large]],
        ["the large case, one person", { case: large, person }, [large]],
        ["the large case, one duty", { case: large, duty: "RMSV" }, [large]],
    ]
    const lines: [string, string][] = []
    let slowest = 0
    for (const [title, only, [subject = ""]] of requests) {
        const {
            measured: reading,
            limits,
            ratios,
        } = await besideLimits(rounds, () => answered(world, only), [() => bare(world, subject)])
        slowest = Math.max(slowest, reading.median)
        lines.push([title, shown(reading, "s", 3)])
        lines.push([
            "… limit: its deliveries counted and grouped, by one statement",
            shown(limits[0] ?? readingOf([]), "s", 3),
        ])
        lines.push(["… times as long as the limit", shown(ratios[0] ?? readingOf([]), "", 1)])
    }
    return {
        title: `Exposure, of one class, among ${deliveriesCount} deliveries`,
        lines,
        floor: { text: `${secondsMax} s each`, kept: slowest <= secondsMax },
    }
}

async function answered(world: Running, only: Partial<ExposureRequest> & { readonly case: string }): Promise<number> {
    return await world.acting(system, (ctx) =>
        secondsOf(async () => {
            const { cases } = await readExposure(ctx, { class: "technical", before: ctx.now + 1, ...only })
            if (!cases.some((thisCase) => thisCase.partners.some(({ held }) => held.length > 0)))
                throw new Error("nobody held it")
        }),
    )
}

async function bare(world: Running, caseId: string): Promise<number> {
    return await world.acting(system, (ctx) =>
        secondsOf(() =>
            ctx.tx.query(
                `select partner_id as partner, person_id as person, artifact_id as artifact, version, channel, min(at)
                 from deliveries
                 where case_id = $1 and class = 'technical'
                 group by partner_id, person_id, artifact_id, version, channel`,
                [caseId],
            ),
        ),
    )
}
