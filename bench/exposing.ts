/**
 * The exposure of a case among millions of deliveries: the real action, next to one statement that reads the same
 * deliveries by index. Covers an ordinary case, a large one, one that bypasses both, one partner and one person.
 *
 * `DELIVERIES=10000000 node bench/main.ts exposing`: inserting as many takes minutes and 10 GB.
 */
import { openDb } from "../server/src/platform/postgres/db.ts"
import { type ExposureRequest, readExposure } from "../server/src/trace/inquiries/actions/read-exposure.ts"
import { type FilledCases, fillDeliveries } from "./deliveries.ts"
import { type Figure, compareWithLimits, readingOf, measureSeconds, formatReading } from "./measure.ts"
import { type RunningProgram, createPartners, startProgramWith, system } from "./program.ts"

const deliveriesCount = Number(process.env["DELIVERIES"] ?? 2_000_000)
const rounds = 5
const secondsMax = 1
const fillMsMax = 900_000
/** Created by the usual actions; the rest of the thousand copy the last three. */
const modelsCount = 15

export async function measureExposure(): Promise<Figure> {
    const world = await startProgramWith(async (services) => ({
        keyed: await createPartners(services, system, modelsCount),
    }))
    try {
        const db = openDb(world.databaseUrl, { connectionsMax: 1, statementMsMax: fillMsMax })
        const filled = await db.transaction((tx) => fillDeliveries(tx, deliveriesCount))
        await db.close()
        await world.acting(system, (ctx) => ctx.tx.query("analyze"))
        return await measureCases(world, filled)
    } finally {
        await world.stop()
    }
}

async function measureCases(
    world: RunningProgram,
    { large, ordinary, bypass, partner, person }: FilledCases,
): Promise<Figure> {
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
    for (const [title, filter, [caseId = ""]] of requests) {
        const {
            measured: ownReading,
            limits,
            ratios,
        } = await compareWithLimits(rounds, () => measureExposureSeconds(world, filter), [
            () => measureStatementSeconds(world, caseId),
        ])
        slowest = Math.max(slowest, ownReading.median)
        lines.push([title, formatReading(ownReading, "s", 3)])
        lines.push([
            "… limit: its deliveries counted and grouped, by one statement",
            formatReading(limits[0] ?? readingOf([]), "s", 3),
        ])
        lines.push(["… times as long as the limit", formatReading(ratios[0] ?? readingOf([]), "", 1)])
    }
    return {
        title: `Exposure, of one class, among ${deliveriesCount} deliveries`,
        lines,
        target: { text: `${secondsMax} s each`, isMet: slowest <= secondsMax },
    }
}

async function measureExposureSeconds(
    world: RunningProgram,
    filter: Partial<ExposureRequest> & { readonly case: string },
): Promise<number> {
    return await world.acting(system, (ctx) =>
        measureSeconds(async () => {
            const { cases } = await readExposure(ctx, { class: "technical", before: ctx.now + 1, ...filter })
            if (!cases.some((thisCase) => thisCase.partners.some(({ held }) => held.length > 0)))
                throw new Error("nobody held it")
        }),
    )
}

async function measureStatementSeconds(world: RunningProgram, caseId: string): Promise<number> {
    return await world.acting(system, (ctx) =>
        measureSeconds(() =>
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
